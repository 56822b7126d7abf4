"""`profanityFilter`: rude words keep their first letter (PLIVO XML GetInput)."""

import re
from typing import Final

_RUDE: Final = frozenset({
    "arse", "arsehole", "ass", "asshole", "bastard", "bitch", "bollocks", "bullshit", "cock",
    "crap", "cunt", "damn", "dick", "fuck", "fucked", "fucker", "fucking", "motherfucker", "piss",
    "prick", "shit", "shitty", "slut", "twat", "wanker", "whore",
})  # fmt: skip
_WORD: Final = re.compile(r"[^\W\d_]+")


def masked(text: str) -> str:
    """Return the text with English rude words as `f***`."""
    return _WORD.sub(_mask, text)


def _mask(found: re.Match[str]) -> str:
    word = found.group()
    return word[0] + "*" * (len(word) - 1) if word.lower() in _RUDE else word
