"""Writes everything that derives from the schemas and topics; `--check` only tells what differs."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from learning_contracts.folder import contracts_folder
from learning_contracts.generation.asyncapi import asyncapi_document
from learning_contracts.generation.avro import avro_twin
from learning_contracts.generation.model import load_event_schemas
from learning_contracts.generation.python import event_modules
from learning_contracts.generation.topic_table import topic_page
from learning_contracts.topics import load_topics

COMMAND = "python -m learning_contracts.generate"
_NOTE = f"Generated from topics/ and schemas/ by `{COMMAND}`; do not edit."


def generated_files(folder: Path) -> dict[Path, str]:
    """Path relative to `folder` -> text, of every generated file."""
    topics, schemas = load_topics(folder), load_event_schemas(folder)
    events = Path("src/learning_contracts/events")
    return {
        **{events / name: text for name, text in event_modules(topics, schemas, f"# {_NOTE}").items()},
        **{Path(f"schemas/{schema.type}.avsc"): avro_twin(schema, _NOTE) for schema in schemas},
        Path("asyncapi.yaml"): asyncapi_document(folder, topics, _NOTE),
        Path("TOPICS.md"): topic_page(topics, schemas, _NOTE),
    }


def drift(folder: Path) -> Iterator[str]:
    """What differs between the files and what would be generated, one line each."""
    expected = generated_files(folder)
    for path, text in expected.items():
        if not (folder / path).is_file():
            yield f"{path} is missing"
        elif (folder / path).read_text(encoding="utf-8") != text:
            yield f"{path} differs from its source"
    for path in _present(folder):
        if path not in expected:
            yield f"{path} has no source any more"


def write(folder: Path) -> None:
    """Bring every generated file up to date and remove those without a source."""
    expected = generated_files(folder)
    for path, text in expected.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    for path in _present(folder):
        if path not in expected:
            (folder / path).unlink()


def _present(folder: Path) -> list[Path]:
    found = [*folder.glob("src/learning_contracts/events/*.py"), *folder.glob("schemas/*.avsc")]
    return [path.relative_to(folder) for path in found]


def main() -> int:
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--check", action="store_true", help="only report what differs; exit status 1 if anything does")
    if not parser.parse_args().check:
        write(contracts_folder())
        return 0
    problems = list(drift(contracts_folder()))
    sys.stderr.writelines(f"{problem}: run `{COMMAND}`\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
