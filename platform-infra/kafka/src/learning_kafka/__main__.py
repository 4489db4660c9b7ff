"""`python -m learning_kafka KIND VERB …`: see `--help`, or README.md."""

import sys

from learning_kafka.cli import main

if __name__ == "__main__":
    sys.exit(main())
