"""`python -m learning_local COMMAND`, which is what every target of the Makefile runs."""

import sys

from learning_local.cli import main

if __name__ == "__main__":
    sys.exit(main())
