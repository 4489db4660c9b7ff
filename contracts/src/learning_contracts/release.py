"""Makes what is here the state that later changes are held against. Refuses while any check complains."""

import shutil
import sys
from pathlib import Path

from learning_contracts.check import complaints
from learning_contracts.folder import contracts_folder


def release(folder: Path) -> None:
    """Copies topics and schemas, with their Avro twins, into `folder/released`."""
    for name in ("topics", "schemas"):
        shutil.rmtree(folder / "released" / name, ignore_errors=True)
        shutil.copytree(folder / name, folder / "released" / name)


def main() -> int:
    folder = contracts_folder()
    found = list(complaints(folder))
    sys.stderr.writelines(f"{complaint}\n" for complaint in found)
    if not found:
        release(folder)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
