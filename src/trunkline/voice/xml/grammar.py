"""The words in which the table of elements is written, and how a value is read by them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from trunkline.voice.keys import keys_of

Value = bool | int | str | None
Content = Literal["nothing", "text", "markup"]
"""What text an element holds: none (it is passed over), plain, or speech with markup."""

MOST = 10_000_000
"""No number is larger: so many seconds outlast every call, and clocks and codecs can count them."""
_WHOLE = re.compile(r"[+-]?[0-9]+")


class WrongValue(Exception):
    """A value the attribute cannot have; the text goes after the attribute's name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a written value means; `doubt` says what was amended, "" when nothing was."""

    value: Value
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its default, how it is read, and under which other names it is written.

    The value `none` (PHP writes it for false, 0 and "", Ruby for nil) and the empty one mean what
    `unset` says: mostly the default, of a flag false.
    """

    name: str
    default: Value
    read: Callable[[str], Reading]
    aliases: tuple[str, ...] = ()
    unset: Value = None
    none_is_a_value: bool = False
    required: bool = False
    idle: str = ""  # why nothing obeys it: said when it is given and is not its default


@dataclass(frozen=True, slots=True)
class Rule:
    """One element: its attributes, what may be in it, and whether its text must not be empty."""

    name: str
    attributes: tuple[Attribute, ...] = ()
    children: frozenset[str] = frozenset()
    content: Content = "nothing"
    text_required: bool = False

    def attribute(self, name: str) -> Attribute | None:
        """Find an attribute by its name or an alias."""
        for one in self.attributes:
            if name == one.name or name in one.aliases:
                return one
        return None


def flag(name: str, default: bool, *aliases: str) -> Attribute:
    """Either true or false, in any case; 1 and 0 as well."""
    return Attribute(name, default, _flag, aliases, unset=False)


def whole(
    name: str,
    default: int | None,
    low: int = 0,
    high: int = MOST,
    *,
    aliases: tuple[str, ...] = (),
    auto: bool = False,
) -> Attribute:
    """A whole number: an error below `low`, cut to `high` with a doubt.

    With `auto` it may also be written `auto`, which means the default.
    """

    def read(text: str) -> Reading:
        if auto and text.strip().lower() == "auto":
            return Reading(default)
        if not _WHOLE.fullmatch(text.strip()):
            raise WrongValue(f"must be a whole number, not {shown(text)}")
        number = _bounded(text.strip())
        if number < low:
            raise WrongValue(f"must be at least {low}, not {shown(text)}")
        if number > high:
            return Reading(high, f"is at most {high}, not {shown(text)}")
        return Reading(number)

    return Attribute(name, default, read, aliases, unset=default)


def text(name: str, default: str = "", *, most: int | None = None) -> Attribute:
    """Any text; cut to `most` characters with a doubt."""

    def read(written: str) -> Reading:
        if most is not None and len(written) > most:
            return Reading(written[:most], f"has at most {most} characters")
        return Reading(written)

    return Attribute(name, default, read, unset=default)


def url(name: str, *aliases: str) -> Attribute:
    """An address; one that cannot be used has a code of its own then, and a doubt before."""

    def read(written: str) -> Reading:
        return Reading(written.strip(), relative(written))

    return Attribute(name, "", read, aliases, unset="")


def idle(attribute: Attribute, why: str) -> Attribute:
    """Return an attribute that is read and obeyed by nothing, with the reason."""
    return replace(attribute, idle=why)


def relative(written: str) -> str:
    """Return what is wrong with an address that is not absolute, "" when nothing is."""
    # PLIVO XML: allowed values of all URLs: a fully qualified URL.
    if not written.strip() or written.strip().lower().startswith(("http://", "https://")):
        return ""
    return f"must be an absolute URL, http:// or https://, not {shown(written.strip())}"


def method(name: str, default: str = "POST", *aliases: str) -> Attribute:
    """GET or POST in any case; others are found out when used, for they have codes of their own."""
    return Attribute(name, default, _capital, aliases, unset=default)


def choice(name: str, default: str, *values: str, required: bool = False) -> Attribute:
    """One of a few words, in any case; others are an error."""
    return Attribute(name, default, _chooser(values, None), unset=default, required=required,
                     none_is_a_value="none" in values)  # fmt: skip


def leaning(name: str, default: str, *values: str) -> Attribute:
    """One of a few words, in any case; for others stands the default, with a doubt."""
    return Attribute(name, default, _chooser(values, default), unset=default,
                     none_is_a_value="none" in values)  # fmt: skip


def words(name: str, default: str, *values: str) -> Attribute:
    """A list of words with commas or spaces; unknown ones are left out with a doubt."""

    def read(written: str) -> Reading:
        asked = [word for word in written.lower().replace(",", " ").split() if word]
        known = [word for word in values if word in asked]
        strange = [word for word in asked if word not in values]
        doubt = f"does not have {shown(strange[0])}" if strange else ""
        return Reading(",".join(known) or default, doubt)

    return Attribute(name, default, read, unset=default)


def keys(name: str, default: str, allowed: str = "0123456789*#") -> Attribute:
    """Keys of a telephone; `none` and the empty text: no key. Others are dropped with a doubt."""

    def read(written: str) -> Reading:
        kept = "".join(dict.fromkeys(key for key in written if key in allowed))
        strange = "".join(key for key in written if key not in allowed and key not in ", ")
        doubt = f"has keys of a telephone only, not {shown(strange)}" if strange else ""
        return Reading(kept or (default if strange else ""), doubt)

    return Attribute(name, default, read, unset="")


def digits(name: str) -> Attribute:
    """Keys to be sent, with pauses w and W, perhaps with @ and milliseconds; others are dropped."""

    def read(written: str) -> Reading:
        keys, at, length = written.partition("@")
        kept = "".join(key for key in keys if key in "0123456789*#ABCDwW")
        strange = "".join(key for key in keys if key not in kept and not key.isspace())
        doubt = f"has keys and pauses only, not {shown(strange)}" if strange else ""
        try:
            keys_of(at + length.strip())
        except ValueError as error:
            return Reading(kept, f"cannot have tones of {shown(length)}: {error}")
        return Reading(kept + at + length.strip(), doubt)

    return Attribute(name, "", read, unset="")


def sound(name: str, default: str = "", *beeps: str) -> Attribute:
    """The address of a document with sounds, or one of the named beeps, or none."""
    named = {beep.lower() for beep in beeps}

    def read(written: str) -> Reading:
        bare = written.strip()
        if bare.lower() in named or bare.lower().startswith(("http://", "https://")):
            return Reading(bare.lower() if bare.lower() in named else bare)
        return Reading("", f"must be an address, not {shown(bare)}: there is no sound")

    return Attribute(name, default, read, unset="")


def shown(written: str) -> str:
    """Quote what was written, shortened."""
    return repr(written if len(written) <= 40 else written[:39] + "…")


def _bounded(written: str) -> int:
    """Read a number; of one with very many digits only that it is too large, or too small."""
    digits = written.lstrip("+-").lstrip("0")[: len(str(MOST)) + 1]
    return -int(digits or 0) if written.startswith("-") else int(digits or 0)


def _flag(written: str) -> Reading:
    lowered = written.strip().lower()
    if lowered in ("true", "1"):
        return Reading(value=True)
    if lowered in ("false", "0"):
        return Reading(value=False)
    raise WrongValue(f"must be true or false, not {shown(written)}")


def _capital(written: str) -> Reading:
    return Reading(written.strip().upper())


def _chooser(values: tuple[str, ...], otherwise: str | None) -> Callable[[str], Reading]:
    by_lowered = {value.lower(): value for value in values}

    def read(written: str) -> Reading:
        found = by_lowered.get(" ".join(written.lower().split()))
        if found is not None:
            return Reading(found)
        problem = f"must be one of {', '.join(values)}, not {shown(written)}"
        if otherwise is None:
            raise WrongValue(problem)
        return Reading(otherwise, problem)

    return read
