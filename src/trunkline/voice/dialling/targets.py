"""Whom a `<Dial>` calls: numbers and SIP addresses, each with what is its own."""

import re
from dataclasses import dataclass

from trunkline.voice.causes import CAUSES, INVALID_DESTINATION, Cause
from trunkline.voice.keys import keys_of
from trunkline.voice.session.facts import bare
from trunkline.voice.session.session import Session
from trunkline.voice.telephony import Destination
from trunkline.voice.xml.document import Element
from trunkline.voice.xml.headers import read_headers

_PUNCTUATION = str.maketrans("", "", " -./()")
_NUMBER = re.compile(r"[0-9]{3,15}")  # ITU-T E.164: at most 15 digits
_SIP = re.compile(r"sips?:[^\s@<>]+@[^\s@<>]+", re.IGNORECASE)
MOST_TARGETS = 20  # of one Dial
TOO_MANY = CAUSES[1020]
NO_WHATSAPP = CAUSES[5020]  # no call is carried by WhatsApp here
_MOST_CHARS = 64  # of what is no address, in the record


@dataclass(frozen=True, slots=True)
class Target:
    """One to be called, and the keys it is sent; `barred` says why it is not called at all."""

    destination: Destination
    send_digits: str = ""
    tone_ms: int = 0  # of each of them; 0: the usual length
    send_early: bool = False
    inband: bool = False
    barred: Cause | None = None


def targets_of(dial: Element, session: Session) -> list[Target]:
    """Return whom to call, those who cannot be called as well: the record has all of them."""
    found: list[Target] = []
    for number, child in enumerate(dial.children):
        address = address_of(child.text) if child.name == "Number" else sip_address_of(child.text)
        barred = None if address else INVALID_DESTINATION
        if number >= MOST_TARGETS:
            barred = TOO_MANY
        elif dial.string("callType") == "whatsapp":
            barred = barred or NO_WHATSAPP
        found.append(_target(dial, child, address or child.text[:_MOST_CHARS], session, barred))
    return found


def address_of(written: str) -> str:
    """Return a number as digits without "+", "" when it is none; SIP addresses are taken too."""
    number = written.translate(_PUNCTUATION).removeprefix("+")
    return number if _NUMBER.fullmatch(number) else sip_address_of(written)


def sip_address_of(written: str) -> str:
    """Return a SIP address, "" when it is none."""
    return written if _SIP.fullmatch(written) else ""


def _target(
    dial: Element, child: Element, address: str, session: Session, barred: Cause | None
) -> Target:
    # PLIVO XML Dial: without callerId the caller's own number is shown.
    caller_id = child.string("callerId") or dial.string("callerId") or session.facts.sender
    name = child.string("callerName") or dial.string("callerName")
    headers = dict(session.facts.headers)
    headers |= read_headers(dial.string("sipHeaders")) | read_headers(child.string("sipHeaders"))
    user = child.name == "User"
    digits, tone_ms = keys_of(child.string("sendDigits"))
    return Target(
        Destination(
            address,
            address_of(caller_id) or bare(caller_id),
            name or ("" if dial.string("callerId") else session.facts.caller_name),
            headers,
            session.facts.account_id,
            child.string("sipAuthUsername") if user else "",
            child.string("sipAuthPassword") if user else "",
        ),
        digits,
        tone_ms,
        child.flag("sendOnPreanswer"),
        not user and child.string("sendDigitsMode") == "inband",
        barred,
    )
