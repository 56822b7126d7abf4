"""Opt-out, opt-in and help words in inbound messages (PLIVO messaging: DND service)."""

from typing import Final

# The whole message, in any case, blanks around it ignored; punctuation breaks the match.
OPT_OUT: Final = frozenset({"STOP", "END", "QUIT", "CANCEL", "UNSUBSCRIBE", "UNSUB", "STOP ALL"})
OPT_IN: Final = frozenset({"START", "YES", "RESUME", "UNSTOP", "GO"})
HELP: Final = frozenset({"HELP", "INFO"})

OPT_OUT_REPLY: Final = (
    "You have been unsubscribed and will receive no more messages from this number. "
    "Reply START to resubscribe."
)
OPT_IN_REPLY: Final = (
    "You have been resubscribed and will receive messages from this number again. "
    "Reply HELP for help, STOP to unsubscribe."
)
HELP_REPLY: Final = "Reply STOP to unsubscribe from this number. Msg&Data rates may apply."


def intent(text: str | None) -> str:
    """Name what a message asks for: optout, optin, help or "" (PLIVO messaging: MessageIntent)."""
    if text is None or len(text := text.strip()) > 16:
        return ""
    word = " ".join(text.upper().split())
    if word in OPT_OUT:
        return "optout"
    if word in OPT_IN:
        return "optin"
    return "help" if word in HELP else ""
