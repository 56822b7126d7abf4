"""Fetching documents: tuning by fragment, retries, what each failure is called, signatures."""

import plivo.utils.signature_v3 as sdk
import pytest

from trunkline.engines.http.errors import ConnectFailed, ConnectTimedOut, HttpError, TimedOut
from trunkline.engines.http.message import HttpResponse, Timeouts
from trunkline.engines.http.url import Url
from trunkline.runtime.clock import ControlledClock
from trunkline.voice.causes import Errand
from trunkline.voice.documents.fetch import Asked, Fetcher
from trunkline.voice.documents.tuning import Tuning, read, split
from trunkline.voice.session.ports import FetchFailed
from trunkline.voice.xml.decode import MAX_BYTES
from trunkline.webhooks import Credentials

TOKEN, MAIN = "owner-token", "main-token"
GOOD = b"<Response><Speak>Hello</Speak></Response>"


class Server:
    """Answers from a list: a status, a body, or an error; the last one again and again."""

    def __init__(self, clock: ControlledClock, *answers: int | bytes | HttpError) -> None:
        self.clock = clock
        self.answers = list(answers)
        self.requests: list[tuple[str, str, dict[str, str], bytes, Timeouts]] = []
        self.takes_s = 0.0

    async def request(
        self,
        method: str,
        url: str | Url,
        headers: list[tuple[bytes, bytes]],
        body: bytes = b"",
        *,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - the client's own signature
    ) -> HttpResponse:
        sent = {name.decode(): value.decode() for name, value in headers}
        self.requests.append((method, str(url), sent, body, timeouts))
        self.clock.advance(self.takes_s)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, HttpError):
            raise answer
        status, content = (answer, b"") if isinstance(answer, int) else (200, answer)
        kept = content[: MAX_BYTES + 10]
        return HttpResponse(status, [], kept, len(kept) < len(content), 0.0, 0.0, str(url))


@pytest.fixture
def clock() -> ControlledClock:
    return ControlledClock(1_000.0)


async def fetch(
    server: Server,
    url: str = "https://app.test/answer",
    method: str = "POST",
    errand: Errand = Errand.ANSWER,
    asked: list[Asked] | None = None,
) -> str:
    """Return the first element's text, or the code of the cause."""
    fetcher = Fetcher(
        clock=server.clock,
        http=server,
        credentials=lambda account: Credentials(TOKEN, MAIN) if account == "SA1" else None,
        asked=None if asked is None else asked.append,
    )
    try:
        document = await fetcher.fetch("SA1", url, method, {"CallUUID": "u", "To": "1 2"}, errand)
    except FetchFailed as failure:
        return str(failure.cause.code)
    return document.elements[0].text


async def test_parameters_are_posted_and_signed(clock: ControlledClock) -> None:
    server = Server(clock, GOOD)
    assert await fetch(server, "https://app.test/answer?a=1#rc=2") == "Hello"
    ((method, url, headers, body, _),) = server.requests
    assert (method, url) == ("POST", "https://app.test/answer?a=1")
    assert body == b"CallUUID=u&To=1+2"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "X-Plivo-Signature-V2" in headers
    for name, token in (("X-Plivo-Signature-V3", TOKEN), ("X-Plivo-Signature-Ma-V3", MAIN)):
        assert sdk.validate_v3_signature(
            "POST", url, headers["X-Plivo-Signature-V3-Nonce"], token, headers[name],
            {"CallUUID": "u", "To": "1 2"},
        )  # fmt: skip


async def test_parameters_of_get_are_in_the_query(clock: ControlledClock) -> None:
    server = Server(clock, GOOD)
    assert await fetch(server, "https://app.test:8443/answer?b=2", "GET") == "Hello"
    ((method, url, headers, body, _),) = server.requests
    assert (method, body) == ("GET", b"")
    assert url == "https://app.test:8443/answer?b=2&CallUUID=u&To=1+2"
    assert sdk.validate_v3_signature(
        "GET", url, headers["X-Plivo-Signature-V3-Nonce"], TOKEN, headers["X-Plivo-Signature-V3"]
    )


@pytest.mark.parametrize(
    ("errand", "unreachable", "url", "xml"),
    [
        (Errand.ANSWER, 7011, 7011, 8011),
        (Errand.ACTION, 7012, 7022, 8012),
        (Errand.TRANSFER, 7013, 7023, 8013),
        (Errand.REDIRECT, 7014, 7024, 8014),
    ],
)
async def test_each_failure_has_its_code(
    clock: ControlledClock, errand: Errand, unreachable: int, url: int, xml: int
) -> None:
    assert await fetch(Server(clock, 500), errand=errand) == str(unreachable)
    assert await fetch(Server(clock, 302), errand=errand) == str(unreachable)
    assert await fetch(Server(clock, ConnectFailed("no")), errand=errand) == str(unreachable)
    assert await fetch(Server(clock, GOOD), "ftp://x.test/", errand=errand) == str(url)
    for body in (b"", b"OK", b"<Response>", b"x" * (MAX_BYTES + 1), b"<Response><Foo/></Response>"):
        assert await fetch(Server(clock, body), errand=errand) == str(xml)


@pytest.mark.parametrize(
    ("fragment", "answers", "requests", "ends"),
    [
        ("", [500, GOOD], 1, "7011"),
        ("", [ConnectFailed("no"), GOOD], 2, "Hello"),
        ("", [TimedOut("slow"), GOOD], 2, "Hello"),
        ("", [ConnectFailed("no")], 2, "7011"),
        ("rc=0", [ConnectFailed("no"), GOOD], 1, "7011"),
        ("rc=5", [ConnectFailed("no")], 6, "7011"),
        ("rc=6", [ConnectFailed("no")], 2, "7011"),
        ("rp=5xx", [503, GOOD], 2, "Hello"),
        ("rp=5xx", [404, GOOD], 1, "7011"),
        ("rp=4xx,5xx&rc=2", [404, 503, GOOD], 3, "Hello"),
        ("rp=5xx", [ConnectFailed("no"), GOOD], 1, "7011"),
        ("rp=rt", [ConnectTimedOut("no"), GOOD], 1, "7011"),
        ("rp=rt&rt=500", [TimedOut("slow"), GOOD], 2, "Hello"),
        ("rp=ct", [ConnectTimedOut("no"), GOOD], 2, "Hello"),
        ("rp=ct&rt=500", [TimedOut("slow"), GOOD], 1, "7011"),
        ("rp=all", [HttpError("what"), GOOD], 2, "Hello"),
        ("rp=nonsense", [ConnectFailed("no"), GOOD], 2, "Hello"),
    ],
)
async def test_retries(
    clock: ControlledClock, fragment: str, answers: list[int | bytes | HttpError], requests: int,
    ends: str,
) -> None:  # fmt: skip
    server = Server(clock, *answers)
    assert await fetch(server, f"https://app.test/#{fragment}") == ends
    assert len(server.requests) == requests
    nonces = {headers["X-Plivo-Signature-V3-Nonce"] for _, _, headers, _, _ in server.requests}
    assert len(nonces) == requests


async def test_time_limits(clock: ControlledClock) -> None:
    server = Server(clock, GOOD)
    await fetch(server, "https://app.test/#ct=500&rt=3000")
    await fetch(server)
    assert [one[4] for one in server.requests] == [
        Timeouts(0.5, 55.0, 3.0),
        Timeouts(2.0, 55.0, 40.0),
    ]


async def test_the_total_time_ends_retries(clock: ControlledClock) -> None:
    server = Server(clock, TimedOut("slow"))
    server.takes_s = 4.0
    assert await fetch(server, "https://app.test/#rc=5&tt=10000&rt=4000") == "7011"
    assert len(server.requests) == 3
    assert server.requests[-1][4].total_s == pytest.approx(2.0)


async def test_attempts_are_told_of(clock: ControlledClock) -> None:
    asked: list[Asked] = []
    await fetch(Server(clock, TimedOut("slow"), GOOD), asked=asked)
    assert [(one.status, one.error) for one in asked] == [(None, "slow"), (200, "")]
    assert asked[1].body == GOOD.decode()
    assert asked[0].url == "https://app.test/answer"


DEFAULT = Tuning(2.0, 40.0, 55.0, 1, frozenset({"ct", "rt"}))


@pytest.mark.parametrize(
    "fragment",
    ["", "top", "ct=99&rt=40001&tt=0&rc=6", "ct=-1", "ct=1e3", "ct=²", "rc=", "er=frankfurt",
     "ct=9999999", "=&==&%", "rp="],
)  # fmt: skip
def test_what_cannot_be_read_leaves_the_defaults(fragment: str) -> None:
    assert read(fragment) == DEFAULT


def test_fragments_are_read_and_cut_off() -> None:
    url, tuning = split("https://app.test/a?b=1#ct=100&rt=100&tt=100&rc=0&rp=4XX, ct&ct=200")
    assert url == "https://app.test/a?b=1"
    assert tuning == Tuning(0.1, 0.1, 0.1, 0, frozenset({"4xx", "ct"}))
