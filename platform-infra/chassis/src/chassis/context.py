"""Who and what the current work belongs to, carried by context variables into logs and events."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)
causation_id: ContextVar[str | None] = ContextVar("causation_id", default=None)
owner_id: ContextVar[str | None] = ContextVar("owner_id", default=None)

_VARIABLES: dict[str, ContextVar[str | None]] = {
    variable.name: variable for variable in (request_id, correlation_id, causation_id, owner_id)
}


@contextmanager
def bind(**values: str | None) -> Iterator[None]:
    """Set some of the variables for the block; those not named keep their value. Unknown names raise KeyError."""
    tokens = [(_VARIABLES[name], _VARIABLES[name].set(value)) for name, value in values.items()]
    try:
        yield
    finally:
        for variable, token in reversed(tokens):
            variable.reset(token)


def current() -> dict[str, str]:
    """The variables that are set, by name."""
    return {name: value for name, variable in _VARIABLES.items() if (value := variable.get()) is not None}
