import pytest

from trunkline.intercept.catches import Catches
from trunkline.intercept.front import UNTRUSTED
from trunkline.intercept.watch import Caught


def one(status: int, host: str = "api.plivo.com", *, refused: bool = False) -> Caught:
    return Caught("GET", host, "/v1/", "mine/1", status, refused)


@pytest.mark.parametrize(
    ("caught", "words"),
    [
        ([], "no request to Plivo was made"),
        ([one(200)], "caught 1 request to Plivo (api.plivo.com 1); none left this machine"),
        (
            [one(200), one(404), one(404, "zt.plivo.com", refused=True)],
            "caught 3 requests to Plivo (api.plivo.com 2, zt.plivo.com 1); none left this machine;"
            " 1 refused: not served here",
        ),
    ],
)
def test_the_last_line(caught: list[Caught], words: str) -> None:
    catches = Catches()
    for request in caught:
        catches.tell(request)
    assert catches.summary() == words


def test_what_the_program_must_change_is_said() -> None:
    catches = Catches()
    for request in (one(401), one(UNTRUSTED)):
        catches.tell(request)
    assert "1 answered 401: the credentials are not those of an account here" in catches.summary()
    assert "1 ended in the TLS handshake: the program does not trust" in catches.summary()
