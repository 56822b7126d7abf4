"""Trunks by TLS: baresip is the carrier; who cannot prove its name is not called."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from baresip import Baresip, level_at, tone, wav
from certificates import Authority
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_waiting import until

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

NUMBER = "14155550100"
TRUNK = """
[[trunks]]
name = "{name}"
host = "localhost"
port = {port}
transport = "tls"
plus = false
routes = ["{prefix}"]
networks = ["127.0.0.1"]
"""
CALLED = {"good": "14155550177", "misnamed": "12065550177", "stranger": "13125550177"}


class Carriers(NamedTuple):
    program: Program
    phones: dict[str, Baresip]


@pytest.fixture
def carriers(launch: Callable[..., Program], tmp_path: Path) -> Iterator[Carriers]:
    """Three carriers at localhost: by its name, by another name, by a stranger's word."""
    known, stranger = Authority(tmp_path, "known"), Authority(tmp_path, "stranger")
    certificates = {
        "good": known.certificate("localhost", "good-leaf.pem"),
        "misnamed": known.certificate("elsewhere.example", "misnamed-leaf.pem"),
        "stranger": stranger.certificate("localhost", "stranger-leaf.pem"),
    }
    own = str(known.certificate("127.0.0.1", "own.pem"))
    with ExitStack() as stack:
        phones: dict[str, Baresip] = {}
        config = '[voice]\ncountries = "US"\n'
        for name, certificate in certificates.items():
            phone = Baresip(
                CALLED[name], "none", "127.0.0.1", transport="tls", regint=0,
                certificate=certificate, sound=tone(700.0, 60.0),
            )  # fmt: skip
            stack.callback(phone.stop)
            phones[name] = phone.start(registered=False)
            config += TRUNK.format(name=name, port=phone.port + 1, prefix=CALLED[name][:4])
        program = launch(
            config=config, sip_udp="", sip_tls="127.0.0.1:0", sip_certificate=own, sip_key=own,
            sip_authority=str(known.path), simulator="false",
        )  # fmt: skip
        yield Carriers(program, phones)


def hears(sink: Sink, body: str) -> str:
    sink.answers["/answer"] = Answer(body=f"<Response>{body}</Response>", content_type="text/xml")
    return sink.url("/answer")


def test_calls_by_tls_both_ways_and_no_further(carriers: Carriers, sink: Sink) -> None:
    program, phones = carriers
    api, carrier = program.api(), phones["good"]
    sink.answers["/tone.wav"] = Answer(body=wav(tone(1_000.0, 0.5)), content_type="audio/wav")
    answer = hears(sink, f'<Play loop="0">{sink.url("/tone.wav")}</Play>')

    def call(name: str) -> str:
        made = api.post("Call/", **{"from": NUMBER}, to=CALLED[name], answer_url=answer)
        assert made.status == 201, made
        return made["request_uuid"]

    uuid = call("good")
    carrier.wait(lambda: level_at(carrier.hears_next(0.5), 1_000.0) > -25.0, "the prompt")
    carrier.hang_up()
    until(lambda: api.get(f"Call/{uuid}/").body.get("call_state") == "ANSWER", "the record")
    # the certificate is for another name, or signed by somebody unknown
    for name, why in (("misnamed", "Hostname mismatch"), ("stranger", "unable to get")):
        uuid = call(name)
        until(lambda: api.get(f"Call/{uuid}/").body.get("hangup_cause_code") == 5000, name)  # noqa: B023
        events = [one for one in program.log_events() if one.get("leg") == uuid]
        (told,) = [one for one in events if one["event"] == "leg.unreached"]
        assert told["way"] == name
        assert why in told["reason"]
        assert not phones[name].seen("CALL_INCOMING")
    # the carrier brings a call
    app = api.post("Application/", app_name="tls", answer_url=hears(sink, '<Wait length="20"/>'))
    assert api.post(f"Number/{NUMBER}/", app_id=app["app_id"]).status == 202
    sink.seen.clear()
    carrier.dial(f"sip:{NUMBER}@{program.sip};transport=tls")
    (asked,) = until(lambda: sink.at("/answer"), "the answer URL")
    assert (asked.params["Direction"], asked.params["To"]) == ("inbound", NUMBER)
    carrier.hang_up()
    assert np.abs(carrier.hearing()).max() > 0
