"""Structured logs on standard error: JSON lines for machines, colours for people.

Secrets never get there: values of the keys in `SECRET_KEYS` are masked wherever they stand.
"""

import json
import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO, cast

import msgspec
import structlog
from structlog.typing import Processor

SECRET_KEYS = frozenset(
    {
        "admin_token",
        "auth_token",
        "authorization",
        "cookie",
        "database_url",
        "password",
        "secret",
        "token",
    }
)
MASK = "***"

_TALKATIVE = ("alembic", "uvicorn")  # libraries whose info is our debug
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_encoder = msgspec.json.Encoder(enc_hook=str)


def configure(level: str, form: str, stream: TextIO | None = None) -> None:
    """Set up structlog, and the standard library's logging to pass through it.

    Args:
        level: debug, info, warning or error.
        form: json, console, or auto: console when `stream` is a terminal.
        stream: where lines go; standard error when not given.
    """
    out: TextIO = stream or sys.stderr
    console = form == "console" or (form == "auto" and out.isatty())
    number = _LEVELS[level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            mask_secrets,
            *_renderers(console, out),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,  # a test or a child process may configure again
    )
    root = logging.getLogger()
    root.handlers[:] = [_Bridge()]
    root.setLevel(max(number, logging.INFO))
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


def mask_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace what must not be logged; looks into one level of mappings (headers, forms)."""
    for key, value in event.items():
        if key in SECRET_KEYS:
            event[key] = MASK
        elif isinstance(value, Mapping):
            event[key] = _masked(cast("Mapping[object, object]", value))
    return event


def _masked(inner: Mapping[object, object]) -> dict[object, object]:
    return {
        key: MASK if str(key).lower().replace("-", "_") in SECRET_KEYS else value
        for key, value in inner.items()
    }


def _renderers(console: bool, stream: TextIO) -> list[Processor]:
    if console:
        renderer = structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
        return [renderer]
    # Without locals: they hold secrets.
    frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [structlog.processors.ExceptionRenderer(frames), _json_line]


def _json_line(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    try:
        return _encoder.encode(event).decode()
    except UnicodeEncodeError:  # what a peer wrote that is no UTF-8: escaped, as `\udce9`
        return json.dumps(event, default=str, separators=(",", ":"))


class _Bridge(logging.Handler):
    """Hands records of libraries (asyncio, uvicorn) to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        logger = structlog.get_logger()
        logger.log(record.levelno, record.getMessage(), logger=record.name, exc_info=error)
