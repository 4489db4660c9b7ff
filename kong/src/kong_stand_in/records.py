"""Strict reading of parsed YAML into dataclasses: an unknown field, a missing one or a wrong type is an error.

What Kong would take and the stand-in does not implement is no field of the dataclass, so it is refused by name.
"""

import types
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from kong_stand_in.errors import ConfigError

Record = TypeVar("Record")


def read_record(cls: type[Record], value: object, where: str) -> Record:
    """A `cls` made from the mapping `value`; `where` is how messages call the place in the file."""
    if not isinstance(value, dict):
        raise ConfigError([f"{where}: expected a mapping, found {_shown(value)}"])
    known: dict[str, Field[Any]] = {item.name: item for item in fields(cls)}  # type: ignore[arg-type]
    hints = get_type_hints(cls)
    problems = [f"{where}: the field {key!r} is not implemented by the stand-in" for key in value if key not in known]
    problems += [
        f"{where}: the field {name!r} is required"
        for name, item in known.items()
        if name not in value and _required(item)
    ]
    arguments: dict[str, object] = {}
    for name in known.keys() & value.keys():
        try:
            arguments[name] = _read(hints[name], value[name], f"{where}.{name}")
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(sorted(problems))
    return cls(**arguments)


def _required(item: Field[Any]) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def _read(hint: Any, value: object, where: str) -> object:
    if get_origin(hint) in (Union, types.UnionType):
        return (
            None if value is None else _read(next(arm for arm in get_args(hint) if arm is not type(None)), value, where)
        )
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise ConfigError([f"{where}: expected a list, found {_shown(value)}"])
        return tuple(_read(get_args(hint)[0], item, f"{where}[{_label(item, at)}]") for at, item in enumerate(value))
    if get_origin(hint) is dict:
        if not isinstance(value, dict):
            raise ConfigError([f"{where}: expected a mapping, found {_shown(value)}"])
        return value
    if is_dataclass(hint):
        return read_record(hint, value, where)  # type: ignore[arg-type]
    if type(value) is not hint:  # not isinstance: True is no number here
        raise ConfigError([f"{where}: expected {hint.__name__}, found {_shown(value)}"])
    return value


def _label(item: object, at: int) -> object:
    return item.get("name", at) if isinstance(item, dict) else at


def _shown(value: object) -> str:
    return f"{type(value).__name__} {value!r}"[:80]
