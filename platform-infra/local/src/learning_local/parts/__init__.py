"""One file per part of the stack, all of the same shape: see `base`."""
