"""An SMPP carrier that is down or closed: what it was given finds its way back."""

from typing import Any, cast

from trunkline.engines.smpp import ClientConfig, LinkConfig
from trunkline.messaging.carriers.pdus import PduRules
from trunkline.messaging.carriers.port import Outcome, Refused, Unsent
from trunkline.messaging.carriers.smpp import SmppCarrier
from trunkline.messaging.model import Dispatch
from trunkline.runtime.clock import ControlledClock


def dispatch(uuid: str = "uuid", body: str = "Hi") -> Dispatch:
    return Dispatch(
        uuid, "MA1", "MA1", "sending", "a", 0.0, 0, "me", 9e9, 0.0, None, "14155550100",
        "14155550123", "US", body, 1, 350, "", "POST", "", "", "", "",
    )  # fmt: skip


def unbound(clock: ControlledClock, told: list[tuple[str, Outcome]]) -> SmppCarrier:
    """A carrier whose client was never started: it takes nothing."""
    link = LinkConfig(name="a", host="127.0.0.1", port=1, system_id="me", password="x")
    return SmppCarrier(
        name="a",
        config=ClientConfig(link=link),
        rules=PduRules(),
        clock=clock,
        inbound=cast(Any, None),
        on_outcome=lambda row, outcome: told.append((row.message_uuid, outcome)),
        on_room=lambda: None,
    )


async def test_while_down_it_has_no_room_and_gives_back(clock: ControlledClock) -> None:
    told: list[tuple[str, Outcome]] = []
    carrier = unbound(clock, told)
    assert not carrier.is_up
    carrier.submit(dispatch("1"))
    carrier.submit(dispatch("2", body="x" * 400))
    assert told == []
    assert carrier.capacity() == 0
    assert told == [("1", Unsent()), ("2", Unsent())]
    await carrier.close(0)
    assert len(told) == 2


async def test_closing_gives_back_what_never_left(clock: ControlledClock) -> None:
    told: list[tuple[str, Outcome]] = []
    carrier = unbound(clock, told)
    carrier.submit(dispatch("1"))
    await carrier.close(0)
    assert told == [("1", Unsent())]
    carrier.submit(dispatch("2"))  # the lane had claimed it meanwhile
    assert told == [("1", Unsent()), ("2", Unsent())]


async def test_what_cannot_be_written_as_a_pdu_is_refused(clock: ControlledClock) -> None:
    told: list[tuple[str, Outcome]] = []
    carrier = unbound(clock, told)
    carrier.submit(dispatch("1", body="x" * 2_000))
    ((uuid, outcome),) = told
    assert isinstance(outcome, Refused)
    assert (uuid, outcome.status.plivo_code) == ("1", 110)
    await carrier.close(0)
