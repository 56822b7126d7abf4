"""What a log line looks like, and what never gets into one."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from trunkline.runtime import log


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    for name in ("alembic", "uvicorn"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


def configured(level: str = "info", form: str = "json") -> io.StringIO:
    stream = io.StringIO()
    log.configure(level, form, stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object() -> None:
    stream = configured()
    structlog.get_logger().info("message.sent", parts=2, network=frozenset({1}))
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["parts"]) == ("message.sent", "info", 2)
    assert str(line["timestamp"]).endswith("Z")


def test_lesser_events_are_left_out() -> None:
    stream = configured(level="warning")
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_octets_that_are_no_text_are_logged_too() -> None:
    stream = configured()
    structlog.get_logger().info("leg", sip="caf\udce9", hosts=frozenset({1}))
    (line,) = lines(stream)
    assert line["sip"] == "caf\udce9"
    stream.getvalue().encode("ascii")


@pytest.mark.parametrize("form", ["json", "console"])
def test_secrets_are_masked(form: str) -> None:
    stream = configured(form=form)
    structlog.get_logger().info(
        "request", auth_token="hush", headers={"Authorization": "hush", "Accept": "text"}
    )
    assert "hush" not in stream.getvalue()
    assert "text" in stream.getvalue()


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_shows_no_variables(form: str) -> None:
    stream = configured(form=form)
    try:
        password = "hu" + "sh"
        raise LookupError(len(password))
    except LookupError:
        structlog.get_logger().exception("broken")
    assert "LookupError" in stream.getvalue()
    assert "hush" not in stream.getvalue()


def test_talkative_libraries_are_heard_from_warning_on() -> None:
    stream = configured()
    logging.getLogger("alembic.runtime.migration").info("Context impl")
    logging.getLogger("uvicorn.error").warning("too many")
    assert [line["event"] for line in lines(stream)] == ["too many"]


def test_libraries_write_through_it() -> None:
    stream = configured()
    logging.getLogger("asyncio").warning("slow %s", "loop")
    (line,) = lines(stream)
    assert (line["event"], line["logger"], line["level"]) == ("slow loop", "asyncio", "warning")
