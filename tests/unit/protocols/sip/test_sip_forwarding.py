"""Who forwarded a call, from what carriers write of it."""

import pytest

from trunkline.protocols.sip import Headers, forwarded_from


def found(*pairs: tuple[str, str]) -> str:
    uri = forwarded_from(Headers(pairs))
    return "" if uri is None else uri.username


@pytest.mark.parametrize(
    ("value", "user"),
    [
        ("<sip:+14155550111@carrier.example>;reason=unconditional;counter=1", "+14155550111"),
        ('"Ada" <tel:+1-415-555-0111>;reason=no-answer', "+1-415-555-0111"),
        ("sip:ada@example.com;reason=user-busy", "ada"),
        ("<sip:1@a.example>;reason=away, <sip:2@a.example>", "1"),
        ("<sip:14155550111@a.example>;privacy=off", "14155550111"),
        ('<sip:14155550111@a.example>;privacy="full"', ""),
        ("<sip:14155550111@a.example>;privacy=URI", ""),
        ("<sip:unknown@unknown.invalid>", ""),
        ("<sip:a.example>", ""),
        ("<mailto:ada@example.com>", ""),
        ("<sip:14155550111@a.example", ""),
        ("rubbish", ""),
        ("", ""),
    ],
)
def test_diversion(value: str, user: str) -> None:
    assert found(("Diversion", value)) == user


def test_the_last_diversion_is_on_top() -> None:
    assert found(("Diversion", "<sip:2@a.example>"), ("Diversion", "<sip:1@a.example>")) == "2"


@pytest.mark.parametrize(
    ("lines", "user"),
    [
        (["<sip:1@a.example>;index=1"], ""),
        (["<sip:1@a.example>;index=1, <sip:2@a.example>;index=1.1;mp=1"], "1"),
        (["<sip:3@a>;index=1.1.1", "<sip:1@a>;index=1",
          "<sip:2@a?Reason=SIP%3Bcause%3D302>;index=1.1"], "2"),
        (["<sip:10@a>;index=1.10", "<sip:9@a>;index=1.9", "<sip:8@a>;index=1.2"], "9"),
        (["<sip:1@a>", "<sip:2@a>;index=x.y"], "1"),
        (["<sip:1@a>;index=1, <sip:2@a"], ""),
        ([f"<sip:1@a>;index={'9' * 5_000}", "<sip:2@a>;index=1.1"], "1"),
    ],
)  # fmt: skip
def test_history(lines: list[str], user: str) -> None:
    assert found(*(("History-Info", line) for line in lines)) == user


@pytest.mark.parametrize(
    ("entry", "privacy", "user"),
    [
        ("<sip:1@a?Privacy=history>;index=1", "", ""),
        ("<sip:1@a?Reason=SIP%3Bcause%3D302&privacy=session%3BHistory>;index=1", "", ""),
        ("<sip:1@a>;index=1", "id;History", ""),
        ("<sip:1@a>;index=1", "header", ""),
        ("<sip:1@a?Privacy=none>;index=1", "none", "1"),
        ("<sip:1@a>;index=1", "id", "1"),
    ],
)
def test_a_history_that_wants_privacy(entry: str, privacy: str, user: str) -> None:
    history = [("History-Info", line) for line in (entry, "<sip:2@a>;index=1.1")]
    assert found(*history, ("Privacy", privacy)) == user


def test_a_diversion_says_more_than_the_history() -> None:
    history = ("History-Info", "<sip:1@a>;index=1, <sip:2@a>;index=1.1")
    assert found(history, ("Diversion", "<sip:7@a>")) == "7"
