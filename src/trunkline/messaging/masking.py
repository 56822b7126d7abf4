"""What a message's record keeps readable (PLIVO messaging: log)."""

HIDES_NUMBER = frozenset({"false", "content_only"})
HIDES_CONTENT = frozenset({"false", "number_only"})


def number(digits: str) -> str:
    """Mask the middle of a destination: 14155550528 → 141XXXXX528."""
    if len(digits) <= 6:
        return "X" * len(digits)
    return f"{digits[:3]}{'X' * (len(digits) - 6)}{digits[-3:]}"


def inbound_sender(digits: str) -> str:
    """Redact the last three digits (PLIVO account: log_incoming_messages)."""
    return digits[:-3] + "XXX" if len(digits) > 3 else "X" * len(digits)
