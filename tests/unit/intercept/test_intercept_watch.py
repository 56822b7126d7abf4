import pytest

from trunkline.intercept.watch import Caught, Watch

POST = (
    b"POST /v1/Account/MA1/Message/?a=b HTTP/1.1\r\nHost: api.plivo.com\r\nUser-Agent: mine/1\r\n"
    b"Content-Length: 2\r\n\r\n{}"
)
ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}"
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


def watched(*sides: tuple[str, bytes]) -> list[Caught]:
    seen: list[Caught] = []
    watch = Watch("api.plivo.com", seen.append)
    for side, octets in sides:
        (watch.asked if side == ">" else watch.answered)(octets)
    watch.close()
    return seen


def line(status: int, method: str = "POST", agent: str = "mine/1") -> Caught:
    return Caught(method, "api.plivo.com", "/v1/Account/MA1/Message/", agent, status)


def test_a_request_and_its_answer() -> None:
    assert watched((">", POST), ("<", ACCEPTED)) == [line(202)]


def test_octet_by_octet() -> None:
    sides = [(">", bytes([one])) for one in POST] + [("<", bytes([one])) for one in ACCEPTED]
    assert watched(*sides) == [line(202)]


def test_several_on_one_connection() -> None:
    sides = [(">", POST + POST), ("<", NO_CONTENT + ACCEPTED), (">", POST), ("<", ACCEPTED)]
    assert [one.status for one in watched(*sides)] == [204, 202, 202]


def test_a_provisional_answer_is_none() -> None:
    sides = [(">", POST), ("<", b"HTTP/1.1 100 Continue\r\n\r\n"), ("<", ACCEPTED)]
    assert watched(*sides) == [line(202)]


def test_an_answer_to_head_has_no_body() -> None:
    head = b"HEAD /v1/Account/MA1/Message/ HTTP/1.1\r\nHost: x\r\n\r\n"
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
    sides = [(">", head), ("<", long), (">", POST), ("<", ACCEPTED)]
    assert watched(*sides) == [line(200, "HEAD", ""), line(202)]


def test_a_request_without_an_answer_is_told() -> None:
    assert watched((">", POST)) == [line(0)]


@pytest.mark.parametrize("rubbish", [b"\x16\x03\x01", b"\r\n\r\n\r\n", b"GET\r\n", b"a" * 70_000])
def test_rubbish_ends_the_telling_alone(rubbish: bytes) -> None:
    assert watched((">", POST), ("<", ACCEPTED), (">", rubbish), ("<", rubbish)) == [line(202)]
