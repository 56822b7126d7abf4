"""Calls that are live while they are asked for things: to handsets of the simulator."""

import itertools
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from e2e_sink import Answer, Sink
from e2e_waiting import until

ANSWERS, RINGS_ON = "15005558000", "15005558002"
CALLER = "14155550100"
_numbers = itertools.count(1)


class Surroundings(Protocol):
    """What a call needs of the world."""

    sink: Sink

    def post(self, path: str, **body: Any) -> dict[str, Any]: ...

    def get(self, path: str, **query: Any) -> dict[str, Any]: ...


def _call(world: Surroundings, to: str, document: str) -> str:
    path = f"/live-{next(_numbers)}"
    body = f"<Response>{document}</Response>"
    world.sink.answers[path] = Answer(body=body, content_type="text/xml")
    fields = {"from": CALLER, "to": to, "answer_url": world.sink.url(path)}
    return world.post("Call/", **fields)["request_uuid"]


def talking(world: Surroundings, document: str = '<Wait length="3600"/>') -> str:
    """Return the id of a call that is answered, and does a document."""
    uuid = _call(world, ANSWERS, document)

    def is_answered() -> bool:
        live = world.get("Call/", status="live")["calls"]
        return uuid in live and world.get(f"Call/{uuid}/", status="live")["call_status"] == (
            "in-progress"
        )

    until(is_answered, "a call to be answered")
    return uuid


def _ringing(world: Surroundings) -> str:
    uuid = _call(world, RINGS_ON, "<Hangup/>")
    until(lambda: uuid in world.get("Call/", status="live")["calls"], "a call to ring")
    return uuid


def _conference(world: Surroundings) -> str:
    name = f"Room {next(_numbers)}"
    talking(world, f"<Conference>{name}</Conference>")
    until(lambda: name in world.get("Conference/")["conferences"], "a conference")
    return name


def _multiparty(world: Surroundings) -> str:
    name = f"Sales {next(_numbers)}"
    talking(world, f'<MultiPartyCall role="agent">{name}</MultiPartyCall>')

    def is_there() -> bool:
        found = world.get("MultiPartyCall/", friendly_name=name)["objects"]
        path = f"MultiPartyCall/name_{name.replace(' ', '%20')}/Participant/"
        return bool(found) and bool(world.get(path)["objects"])

    until(is_there, "a multiparty call")
    return name


LIVE: Mapping[str, Callable[[Any], str]] = {
    "talking_call": talking,
    "ringing_call": _ringing,
    "conference": _conference,
    "multiparty": _multiparty,
}
