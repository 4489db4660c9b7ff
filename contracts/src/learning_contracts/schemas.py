"""The JSON Schemas of event data. As written they let unknown fields pass, so that old readers meet new writers."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs

Schema = dict[str, Any]


def load_schema(folder: Path, event_type: str) -> Schema:
    """The schema of `document.uploaded.v1` under `folder/schemas`."""
    schema: Schema = json.loads((folder / "schemas" / f"{event_type}.schema.json").read_text(encoding="utf-8"))
    return schema


def closed(schema: Schema) -> Schema:
    """The same schema, refusing fields that it does not name, at every depth."""
    closed_schema = {**schema}
    if "properties" in schema:
        closed_schema["additionalProperties"] = False
    if "$defs" in schema:
        closed_schema["$defs"] = {name: closed(definition) for name, definition in schema["$defs"].items()}
    return closed_schema


def validator(schema: Schema) -> jsonschema_rs.Validator:
    """Formats are checked; values are masked in its messages, because people's texts do not belong into logs."""
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, mask="value")
