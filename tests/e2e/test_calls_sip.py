"""What SIP says of calls, and what becomes of its odder answers: digests, redirects, forwarding."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from e2e_api import Api
from e2e_loop import BackgroundLoop
from e2e_phone import Phone
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_waiting import until

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

NUMBER = "14155550100"
ANSWERS = "14155550188"  # a simulated phone


@pytest.fixture
def far_phone(loop: BackgroundLoop, program: Program) -> Iterator[Callable[..., Phone]]:
    """Phones of others, called at their own address."""
    made: list[Phone] = []

    def make(**options: Any) -> Phone:
        made.append(Phone(loop, program.sip, **options).start())
        return made[-1]

    yield make
    for phone in made:
        phone.stop()


def dial(api: Api, sink: Sink, address: str, attributes: str = "") -> dict[str, str]:
    """Let a call dial a SIP address; return what the Dial's action was told."""
    sink.seen.clear()
    user = f"<User {attributes}>{address}</User>"
    body = f'<Dial action="{sink.url("/dialled")}" timeout="20">{user}</Dial>'
    for path, inside in (("/answer", body), ("/dialled", "<Hangup/>")):
        sink.answers[path] = Answer(body=f"<Response>{inside}</Response>", content_type="text/xml")
    made = api.post("Call/", **{"from": NUMBER}, to=ANSWERS, answer_url=sink.url("/answer"))
    assert made.status == 201, made
    (told,) = until(lambda: sink.at("/dialled"), "the action")
    return dict(told.params)


def cause_of(api: Api, told: dict[str, str], phone: Phone) -> int:
    """Look up the called leg's hangup cause by its parent."""
    found = until(
        lambda: api.get("Call/", parent_call_uuid=told["DialALegUUID"]).body["objects"], "the leg"
    )
    assert str(phone.port) in found[0]["to_number"]
    return found[0]["hangup_cause_code"]


def test_who_is_called_by_digest(api: Api, sink: Sink, far_phone: Callable[..., Phone]) -> None:
    phone = far_phone(secrets={"ada": "lovelace-1815"})
    address = f"sip:bob@127.0.0.1:{phone.port}"
    for attributes, cause in (
        ("", 4240),
        ("sipAuthUsername='ada' sipAuthPassword='wrong-1815'", 3040),  # it says 403
        ("sipAuthUsername='eve' sipAuthPassword='lovelace-1815'", 3040),
    ):
        told = dial(api, sink, address, attributes)
        assert cause_of(api, told, phone) == cause
        assert told["DialStatus"] == "failed"
    assert phone.calls == []
    sink.answers["/dialled"] = Answer(body="<Response/>", content_type="text/xml")
    proved = "sipAuthUsername='ada' sipAuthPassword='lovelace-1815' sipHeaders='shoe=42'"
    body = f"<Response><Dial timeLimit='1'><User {proved}>{address}</User></Dial></Response>"
    sink.answers["/answer"] = Answer(body=body, content_type="text/xml")
    api.post("Call/", **{"from": NUMBER}, to=ANSWERS, answer_url=sink.url("/answer"))
    call = until(lambda: phone.calls, "the call")[0]
    until(lambda: call.over, "its end")
    assert call.answered
    assert call.headers["X-PH-shoe"] == "42"


def test_a_redirect_is_a_refusal(api: Api, sink: Sink, far_phone: Callable[..., Phone]) -> None:
    """Where it leads is for the account to say, who pays for it."""
    elsewhere = far_phone()
    for status in (300, 302, 380):
        phone = far_phone(answer=status, moved_to=f"sip:bob@127.0.0.1:{elsewhere.port}")
        told = dial(api, sink, f"sip:bob@127.0.0.1:{phone.port}")
        assert told["DialStatus"] == "failed"
        assert cause_of(api, told, phone) == 5020
        assert len(phone.calls) == 1
    assert elsewhere.calls == []
