"""One module per Kong plugin the stand-in knows: its settings with Kong's defaults, and what it does."""
