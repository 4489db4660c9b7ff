"""Every check of this folder in one command: whole, generated files up to date, nothing broken that was released."""

import sys
from collections.abc import Iterator
from pathlib import Path

from learning_contracts.compatibility import breaks
from learning_contracts.consistency import problems
from learning_contracts.folder import contracts_folder
from learning_contracts.generate import drift
from learning_contracts.generation.model import UnsupportedSchema
from learning_contracts.topics import InvalidTopic


def complaints(folder: Path) -> Iterator[str]:
    """What is wrong, one line each. A file that cannot be understood hides what the later checks would say."""
    try:
        yield from problems(folder)
        yield from drift(folder)
        yield from breaks(folder / "released", folder)
    except (InvalidTopic, UnsupportedSchema) as error:
        yield str(error)


def main() -> int:
    found = list(complaints(contracts_folder()))
    sys.stderr.writelines(f"{complaint}\n" for complaint in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
