import pytest

from trunkline.messaging.keywords import HELP, OPT_IN, OPT_OUT, intent


@pytest.mark.parametrize(
    ("words", "meant"), [(OPT_OUT, "optout"), (OPT_IN, "optin"), (HELP, "help")]
)
def test_every_word_counts_in_any_case_with_blanks_around(
    words: frozenset[str], meant: str
) -> None:
    for word in words:
        for written in (
            word,
            word.lower(),
            word.title(),
            f"  {word.lower()} \r\n",
            word + " " * 40,
        ):
            assert intent(written) == meant, written


def test_blanks_inside_are_one() -> None:
    assert intent("stop   all") == "optout"
    assert intent("stop\nall") == "optout"


@pytest.mark.parametrize(
    "text",
    [
        "STOP!", "stop.", "'stop'", "STOPALL", "please stop", "stop it", "unstop me", "", "   ",
        "yes please", "st op", "STОP",  # the O is Cyrillic
    ],
)  # fmt: skip
def test_only_the_whole_message_counts_and_punctuation_breaks_it(text: str) -> None:
    assert intent(text) == ""


def test_a_binary_message_asks_for_nothing() -> None:
    assert intent(None) == ""


def test_no_word_means_two_things() -> None:
    assert len(OPT_OUT | OPT_IN | HELP) == len(OPT_OUT) + len(OPT_IN) + len(HELP)
