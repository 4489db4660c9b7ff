"""One module per kind of thing: each function answers one command with a report."""
