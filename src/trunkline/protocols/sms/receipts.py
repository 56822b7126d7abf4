"""Delivery receipts: TLVs, and the text of SMPP34 appendix B as carriers really write it."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

ESM_TYPE: Final = 0x3C  # SMPP34 5.2.12: bits 5–2, message type
ESM_RECEIPT: Final = 0x04
ESM_INTERMEDIATE: Final = 0x20

# SMPP34 5.2.28; 0, 8 and 9 come from SMPP50 4.7.15.
STATES: Final[dict[int, str]] = {
    0: "SCHEDULED",
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
    9: "SKIPPED",
}
STATE_NUMBERS: Final = {name: number for number, name in STATES.items()}

_DATE: Final = "date"
# SMPP34 appendix B to the letter, which is nearly every receipt there is.
_STANDARD: Final = re.compile(
    "id:([^ ]*) sub:([^ ]*) dlvrd:([^ ]*) submit date:([^ ]*) done date:([^ ]*)"
    " stat:([^ ]*) err:([^ ]*) text:(.*)",
    re.DOTALL,
)
_NAMES: Final = ("id", "sub", "dlvrd", "submit date", "done date", "stat", "err", "text")
_FIELDS: Final = frozenset(_NAMES) - {"text"}


class Receipt(NamedTuple):
    """What a carrier says became of a message; text fields are "" when it did not say.

    `message_id` is raw, up to 65 characters; `stat` upper-case, unknown words kept;
    `err` raw; dates raw, 10–14 digits in the carrier's own time zone.
    """

    message_id: str
    stat: str
    err: str = ""
    sub: str = ""
    dlvrd: str = ""
    submit_date_raw: str = ""
    done_date_raw: str = ""
    text: str = ""
    message_state: int | None = None
    intermediate: bool = False


def is_receipt(esm_class: int) -> bool:
    """Tell a receipt or intermediate notification from a handset's message (SMPP34 5.2.12)."""
    return esm_class & ESM_TYPE in (ESM_RECEIPT, ESM_INTERMEDIATE)


def is_intermediate(esm_class: int) -> bool:
    return esm_class & ESM_TYPE == ESM_INTERMEDIATE


def parse(
    text: str,
    *,
    receipted_message_id: str | None = None,
    message_state: int | None = None,
    network_error_code: bytes | None = None,
    intermediate: bool = False,
) -> Receipt | None:
    """Read a receipt, TLVs first and its text for the rest; None when neither names a message.

    `network_error_code` is the raw TLV: one octet of network type, two of code (SMPP34 5.3.2.31).
    """
    written_id, sub, dlvrd, submitted, done, stat, err, rest = _fields(text)
    message_id = (receipted_message_id or "").strip(" \0") or written_id
    if not message_id:
        return None
    named = STATES.get(message_state, "") if message_state is not None else ""
    return Receipt(
        message_id,
        named or stat.upper(),
        _error(network_error_code, err),
        _digits(sub),
        _digits(dlvrd),
        _digits(submitted),
        _digits(done),
        rest,
        message_state,
        intermediate,
    )


def _error(network_error_code: bytes | None, written: str) -> str:
    if network_error_code is None or len(network_error_code) != 3:
        return written
    code = int.from_bytes(network_error_code[1:], "big")
    # Many carriers send the TLV zeroed and the real code in the text.
    return str(code) if code or not written else written


def _digits(value: str) -> str:
    return value if value.isdigit() else ""


def _fields(text: str) -> Sequence[str]:
    """Split `id:… stat:…` into the fields of appendix B; text is everything after its colon."""
    standard = _STANDARD.fullmatch(text)
    if standard is not None:
        return standard.groups()
    found = _any_fields(text)
    return [found.get(name, "") for name in _NAMES]


def _any_fields(text: str) -> dict[str, str]:
    """Split in one walk over the words, whatever their order, case and blanks."""
    out: dict[str, str] = {}
    head = text
    at = _find_text(text)
    if at >= 0:
        out["text"] = text[at + 5 :]
        head = text[:at]
    previous = open_field = ""
    for word in head.split():
        name, colon, value = word.partition(":")
        name = name.lower()
        if name == _DATE:
            name = f"{previous} {_DATE}"
        if colon and name in _FIELDS:
            # Some carriers write a space after the colon; then the value is the next word.
            open_field = "" if value else name
            out.setdefault(name, value)
        elif open_field:
            out[open_field] = word
            open_field = ""
        previous = name
    return out


def _find_text(text: str) -> int:
    """Find where `text:` or `Text:` begins as a word of its own, or -1."""
    for word in ("text:", "Text:", "TEXT:"):
        if text.startswith(word):
            return 0
        at = text.find(" " + word)
        if at >= 0:
            return at + 1
    return -1


def render(receipt: Receipt) -> str:
    """Write the text form of SMPP34 appendix B."""
    return (
        f"id:{receipt.message_id} sub:{receipt.sub or '001'} dlvrd:{receipt.dlvrd or '000'}"
        f" submit date:{receipt.submit_date_raw} done date:{receipt.done_date_raw}"
        f" stat:{receipt.stat} err:{receipt.err or '000'} text:{receipt.text}"
    )
