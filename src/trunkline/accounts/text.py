"""Text that people typed, as the stores take it."""

from trunkline.contract.errors import InvalidParameter


def checked_text(field: str, value: str) -> str:
    """Return `value` as it is.

    Raises:
        InvalidParameter: it holds control characters, which no name has and PostgreSQL refuses
            in part (NUL).
    """
    if value.isprintable() or not any(char < " " or char == "\x7f" for char in value):
        return value
    raise InvalidParameter(field, "control characters are not allowed")


def checked_lines(field: str, value: str) -> str:
    """Return `value`, which may have line breaks and tabs, such as a postal address.

    Raises:
        InvalidParameter: it holds other control characters.
    """
    checked_text(field, value.translate({10: None, 13: None, 9: None}))
    return value
