import pytest

from trunkline.protocols.sip import Headers, Request, Response
from trunkline.protocols.sip.digest import (
    Absent,
    Challenge,
    Credentials,
    Digester,
    Passed,
    Refused,
    Secret,
    Stale,
    authorise,
    choose,
    claim_of,
)
from trunkline.protocols.sip.digest.compute import digest_response, hash_user

ALICE = Credentials("alice", "secret")
KNOWN = Secret("secret")


def register(*headers: tuple[str, str], body: bytes = b"") -> Request:
    return Request("REGISTER", "sip:example.com", Headers(headers), body)


def challenged(digester: Digester, now: float = 0.0, realm: str = "r") -> Response:
    lines = digester.challenge(realm, now)
    return Response(401, "", Headers([("WWW-Authenticate", line) for line in lines]))


def answered(digester, now=0.0, count=1, credentials=ALICE, algorithm=None, **more) -> Request:
    response = challenged(digester, now)
    if algorithm:
        lines = [line for line in response.headers.lines("www-authenticate") if algorithm in line]
        response.headers.set("WWW-Authenticate", lines[0])
    challenge = choose(response)
    request = register(body=more.get("body", b""))
    request.uri = more.get("uri", request.uri)
    request.headers.add(*authorise(challenge, credentials, request, cnonce="c", count=count))
    return request


def test_the_example_of_rfc_7616():
    for algorithm, expected in (
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ):
        realm = "http-auth@example.org"
        assert expected == digest_response(
            algorithm,
            hash_user(algorithm, "Mufasa", realm, "Circle of Life"),
            nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            method="GET",
            uri="/dir/index.html",
            qop="auth",
            nc="00000001",
            cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        )


def test_the_strongest_challenge_is_answered():
    response = Response(
        407,
        "",
        Headers(
            [
                ("Proxy-Authenticate", 'Digest realm="a, b", nonce="n", qop="auth"'),
                ("Proxy-Authenticate", 'Digest realm="a, b", nonce="m", algorithm=SHA-256'),
                ("Proxy-Authenticate", 'Digest realm="x", nonce="m", algorithm=TIGER'),
                ("Proxy-Authenticate", 'Basic realm="x"'),
                ("Proxy-Authenticate", 'Digest realm="x'),
            ]
        ),
    )
    challenge = choose(response)
    assert challenge == Challenge("Proxy-Authorization", "a, b", "m", "SHA-256")
    assert choose(response, "other") is None
    header, value = authorise(challenge, ALICE, register(), cnonce="c")
    assert header == "Proxy-Authorization"
    assert 'realm="a, b"' in value


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_right_answer_passes_once(algorithm):
    digester = Digester(b"key")
    request = answered(digester, algorithm=algorithm)
    claim = claim_of(request, "r")
    assert claim is not None
    assert digester.check(request, claim, KNOWN, 1.0) == Passed("alice")
    assert digester.check(request, claim, KNOWN, 1.0) == Stale("alice")  # a replay


def test_counts_may_come_out_of_order_but_never_twice():
    digester = Digester(b"key")
    challenge = choose(challenged(digester))
    verdicts = []
    for count in (1, 3, 2, 3, 100, 2, 36, 37, 37):
        request = register()
        request.headers.add(*authorise(challenge, ALICE, request, cnonce="c", count=count))
        verdict = digester.check(request, claim_of(request, "r"), KNOWN, 1.0)
        verdicts.append(isinstance(verdict, Passed))
    assert verdicts == [True, True, True, False, True, False, False, True, False]


@pytest.mark.parametrize("now", [7.0004, 7.0005, 7.0006, 7.0009])
def test_an_answer_within_the_same_millisecond_passes(now):
    digester = Digester(b"key")
    request = answered(digester, now=now)
    assert digester.check(request, claim_of(request, "r"), KNOWN, now) == Passed("alice")


def test_nonces_grow_old_and_cannot_be_made():
    digester = Digester(b"key", lifetime_s=10)
    request = answered(digester, now=0.0)
    assert digester.check(request, claim_of(request, "r"), KNOWN, 11.0) == Stale("alice")
    other = answered(Digester(b"other"))
    assert digester.check(other, claim_of(other, "r"), KNOWN, 1.0) == Stale("alice")


def test_a_forgotten_nonce_is_not_taken_again():
    digester = Digester(b"key", remembered=2)
    first = answered(digester)
    assert isinstance(digester.check(first, claim_of(first, "r"), KNOWN, 1.0), Passed)
    for at in (1.0, 2.0):
        request = answered(digester, now=at)
        assert isinstance(digester.check(request, claim_of(request, "r"), KNOWN, 3.0), Passed)
    assert digester.check(first, claim_of(first, "r"), KNOWN, 3.0) == Stale("alice")


@pytest.mark.parametrize("secret", [Secret("wrong"), None, Secret(ha1={"TIGER": "x"})])
def test_wrong_and_unknown_are_refused_alike(secret):
    digester = Digester(b"key")
    request = answered(digester)
    verdict = digester.check(request, claim_of(request, "r"), secret, 1.0)
    assert verdict == Refused("alice", "a wrong password")


def test_an_unknown_user_does_not_pass_with_no_password():
    digester = Digester(b"key")
    request = answered(digester, credentials=Credentials("ghost", ""))
    assert isinstance(digester.check(request, claim_of(request, "r"), None, 1.0), Refused)


def test_hashes_are_enough():
    digester = Digester(b"key")
    request = answered(digester, algorithm="MD5")
    secret = Secret(ha1={"MD5": hash_user("MD5", "alice", "r", "secret")})
    assert digester.check(request, claim_of(request, "r"), secret, 1.0) == Passed("alice")


def test_the_body_counts_with_auth_int():
    digester = Digester(b"key")
    response = challenged(digester)
    response.headers.set(
        "WWW-Authenticate",
        response.headers.lines("www-authenticate")[0].replace("auth,auth-int", "auth-int"),
    )
    request = register(body=b"one")
    request.headers.add(*authorise(choose(response), ALICE, request, cnonce="c"))
    claim = claim_of(request, "r")
    request.body = b"two"
    assert isinstance(digester.check(request, claim, KNOWN, 1.0), Refused)
    request.body = b"one"
    assert digester.check(request, claim, KNOWN, 1.0) == Passed("alice")


def test_an_answer_for_another_user_part_is_refused():
    digester = Digester(b"key")
    request = answered(digester, uri="sip:bob@example.com")
    request.uri = "sip:900123@example.com"
    request._target = None
    assert isinstance(digester.check(request, claim_of(request, "r"), KNOWN, 1.0), Refused)


def test_an_answer_may_name_the_server_alone_and_still_serves_once():
    digester = Digester(b"key")
    request = answered(digester)
    request.uri = "sip:900123@example.com"
    request._target = None
    claim = claim_of(request, "r")
    assert digester.check(request, claim, KNOWN, 1.0) == Passed("alice")
    assert digester.check(request, claim, KNOWN, 1.0) == Stale("alice")


@pytest.mark.parametrize(
    "value",
    [
        "NoOneKnowsThisScheme opaque-data=here",
        'Digest realm="other", username="alice"',
        'Digest realm="r"',
        'Digest realm="r, username="alice',
        "",
    ],
)
def test_what_is_no_answer_to_us_is_passed_over(value):
    assert claim_of(register(("Authorization", value)), "r") is None
    assert Digester(b"k").check(register(), None, None, 0.0) == Absent()


@pytest.mark.parametrize(
    "change",
    [
        ("algorithm=SHA-256", "algorithm=TIGER"),
        ("qop=auth", "qop=weird"),
        ("nc=00000001", "nc=zzzzzzzz"),
        ('response="', 'response="é'),
    ],
)
def test_rubbish_in_an_answer_is_refused(change):
    digester = Digester(b"key")
    request = answered(digester)
    value = (request.headers.get("authorization") or "").replace(*change)
    request.headers.set("Authorization", value)
    verdict = digester.check(request, claim_of(request, "r"), KNOWN, 1.0)
    assert isinstance(verdict, Refused)
