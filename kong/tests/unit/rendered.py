"""A rendered kong.yml for tests that spoil it: read as plain data, changed, checked."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from issuer import Issuer
from prepare import TEMPLATE, settings

from kong_stand_in.config import Config
from kong_stand_in.errors import ConfigError
from kong_stand_in.plan import Plan, build
from kong_stand_in.records import read_record
from kong_stand_in.render import render

ISSUER = Issuer()
TEXT = render(Path(TEMPLATE).read_text(), settings(ISSUER, "http://documents:8004", "http://quiz:8005"))
_DOCUMENT = yaml.safe_load(TEXT)


def plan(change: Callable[[dict[str, Any]], object] = lambda _: None) -> Plan:
    """The plan of the file after `change` has been made to its data."""
    document = copy.deepcopy(_DOCUMENT)
    change(document)
    return build(read_record(Config, document, "file"))


def problems(change: Callable[[dict[str, Any]], object]) -> str:
    """What is said of the file after `change`; nothing if it is taken."""
    try:
        plan(change)
    except ConfigError as error:
        return "\n".join(error.problems)
    return ""


def plugin(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in document["plugins"] if item["name"] == name)
    return found


def route(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        item for service in document["services"] for item in service["routes"] if item["name"] == name
    )
    return found
