"""Logs: one JSON object a line on standard output, each with the ids of the request or message it belongs to."""

import logging
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from chassis import context

# Libraries that tell every single call at INFO.
_TALKATIVE = ("httpx", "httpcore", "botocore", "boto3", "s3transfer", "urllib3", "alembic.runtime.plugins")


def configure(service: str, level: str = "INFO") -> None:
    """Send structlog's and the standard library's logs the same way; calling it again replaces the earlier setting."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_context,
        _add_fixed({"service": service}),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # A plain traceback: the structured one would also print local variables, secrets among them.
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    _configure_standard_library(shared, level)


def _configure_standard_library(shared: list[Processor], level: str) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _add_context(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for name, value in context.current().items():
        event.setdefault(name, value)
    return event


def _add_fixed(values: Mapping[str, Any]) -> Processor:
    def add(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event.update(values)
        return event

    return add
