"""Readers of single values: from TOML's types or from an environment variable's text.

Each raises ValueError with what is wrong; its docstring's first line says what is right.
"""

from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast, get_args

from trunkline.values.money import parse_amount
from trunkline.values.networks.countries import parse_countries

Network = IPv4Network | IPv6Network

RETRY_PRESETS: Mapping[str, tuple[float, ...]] = {
    # PLIVO callbacks: three retries after 60, 120 and 240 s
    "current": (60.0, 120.0, 240.0),
    # PLIVO older documentation: each 5 min for 1 h, then hourly to 24 h
    "legacy": (300.0,) * 12 + (3600.0,) * 23,
}


class HostPort(NamedTuple):
    """Where to listen; port 0 lets the system choose one."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def string(value: object) -> str:
    """Text."""
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")
    return value


def optional_text(value: object) -> str | None:
    """Text, or empty for none."""
    return string(value) or None


def boolean(value: object) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    words = {"true": True, "1": True, "yes": True, "on": True}
    words |= {"false": False, "0": False, "no": False, "off": False}
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise ValueError("must be true or false")


def optional_boolean(value: object) -> bool | None:
    """True or false, or empty for neither."""
    return None if value == "" else boolean(value)


def integer(low: int, high: int) -> Callable[[object], int]:
    """Make a reader of whole numbers within limits."""

    def read(value: object) -> int:
        number = _whole(value)
        if not low <= number <= high:
            raise ValueError(f"must be from {low} to {high}")
        return number

    read.__doc__ = f"A whole number from {low} to {high}."
    return read


def optional_integer(low: int, high: int) -> Callable[[object], int | None]:
    """Make a reader of whole numbers within limits, or none when empty."""
    read_integer = integer(low, high)

    def read(value: object) -> int | None:
        return None if value is None or value == "" else read_integer(value)

    read.__doc__ = f"A whole number from {low} to {high}, or nothing."
    return read


def real(low: float, high: float) -> Callable[[object], float]:
    """Make a reader of numbers within limits."""

    def read(value: object) -> float:
        number = _number(value)
        if not low <= number <= high:
            raise ValueError(f"must be from {low:g} to {high:g}")
        return number

    read.__doc__ = f"A number from {low:g} to {high:g}."
    return read


def choice(literal: object) -> Callable[[object], Any]:
    """Make a reader of one of the words of a `Literal`."""
    words = cast("tuple[str, ...]", get_args(literal))

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return value

    read.__doc__ = f"One of {', '.join(words)}."
    return read


def folder(value: object) -> Path:
    """A folder; relative to the working folder, ~ is your home."""
    return Path(string(value)).expanduser()


def optional_path(value: object) -> Path | None:
    """A file; relative to the working folder, ~ is your home; empty for none."""
    text = string(value)
    return Path(text).expanduser() if text else None


def paths(value: object) -> tuple[Path, ...]:
    """A list of files; relative to the working folder, ~ is your home."""
    return tuple(Path(text).expanduser() for text in texts(value) if text)


def countries(value: object) -> frozenset[str]:
    """Countries' two letters, comma-joined; * for all of them."""
    return parse_countries(string(value))


def host_port(value: object) -> HostPort:
    """Host:port, such as 127.0.0.1:8600 or [::1]:8600; port 0 takes a free one."""
    host, colon, port = string(value).rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host:
        raise ValueError("must be host:port")
    return HostPort(host, integer(0, 65535)(port))


def optional_host_port(value: object) -> HostPort | None:
    """Host:port, such as 127.0.0.1:5060, or empty for none; port 0 takes a free one."""
    return None if value == "" else host_port(value)


def optional_address(value: object) -> str:
    """An IP address, or empty for none."""
    text = string(value).strip()
    if not text:
        return ""
    try:
        return str(ip_address(text))
    except ValueError:
        raise ValueError("must be an IP address") from None


def networks(value: object) -> tuple[Network, ...]:
    """A list of networks, such as ["10.0.0.0/8"] (in the environment: separated by commas)."""
    try:
        return tuple(ip_network(text) for text in texts(value))
    except ValueError as error:
        raise ValueError(f"is not a network: {error}") from None


def texts(value: object) -> tuple[str, ...]:
    """A list of texts (in the environment: separated by commas)."""
    return tuple(string(item) for item in _items(value))


def numbers(value: object) -> frozenset[str]:
    """A list of phone numbers or their beginnings, the country code first, with or without +."""
    found = [text.strip().removeprefix("+") for text in texts(value) if text.strip()]
    wrong = next((text for text in found if not (text.isascii() and text.isdigit())), None)
    if wrong is not None:
        raise ValueError(f"has {wrong[:40]!r}, which is not digits")
    return frozenset(found)


def retries(value: object) -> tuple[float, ...]:
    """The word current or legacy, or a list of waits in seconds, each 0 to 86400, at most 50."""
    if isinstance(value, str) and value in RETRY_PRESETS:
        return RETRY_PRESETS[value]
    if isinstance(value, str) and value.isalpha():
        raise ValueError("must be current, legacy or a list of seconds")
    waits = tuple(real(0, 86_400)(item) for item in _items(value))
    if len(waits) > 50:
        raise ValueError("must be at most 50 waits")
    return waits


def money(value: object) -> int:
    """An amount in US dollars with at most five decimals, in quotes."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return parse_amount(string(value))


def error_codes(value: object) -> Mapping[str, int]:
    """A table of the carrier's err value in quotes = Plivo error code 0 to 9999."""
    if not isinstance(value, Mapping):
        raise ValueError('must be a table such as { "001" = 80 }')
    read = integer(0, 9_999)
    pairs = cast("Mapping[str, object]", value)
    return {code: read(number) for code, number in pairs.items()}


def phone_number_ids(value: object) -> Mapping[str, str]:
    """A table of phone numbers in quotes = Meta's phone_number_id in quotes."""
    pairs = _texts_by_text(value, '{ "14155550100" = "106540352242922" }')
    read = {number.removeprefix("+"): id_ for number, id_ in pairs.items()}
    for number, id_ in read.items():
        if not number.isdigit() or not id_.isdigit():
            raise ValueError(f"{number} = {id_} is not made of digits")
    return read


def folders_by_language(value: object) -> Mapping[str, Path]:
    """A table of language = folder in quotes."""
    pairs = _texts_by_text(value, '{ de = "/models/vosk-de" }')
    for language in pairs:
        if not language.replace("-", "").isalnum():
            raise ValueError(f"{language} is no language such as de or en-IN")
    return {language: Path(folder).expanduser() for language, folder in pairs.items()}


def categories(value: object) -> Mapping[str, str]:
    """A table of template name = "marketing", "utility" or "authentication"."""
    pairs = _texts_by_text(value, '{ order_update = "utility" }')
    known = get_args(WhatsappCategory)
    for name, category in pairs.items():
        if category not in known:
            raise ValueError(f"{name} is of none of {', '.join(known)}")
    return pairs


def _texts_by_text(value: object, example: str) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError(f"must be a table such as {example}")
    pairs = cast("Mapping[str, object]", value)
    return {key: str(text).strip() for key, text in pairs.items()}


def _items(value: object) -> Sequence[object]:
    if isinstance(value, str):
        return [item.strip() for item in value.split(",") if item.strip()]
    if isinstance(value, list | tuple):
        return cast("Sequence[Any]", value)
    raise ValueError("must be a list")


def _whole(value: object) -> int:
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            raise ValueError("must be a whole number") from None
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    return value


def _number(value: object) -> float:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            raise ValueError("must be a number") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")
    return float(value)


LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["auto", "json", "console"]
Synchronous = Literal["FULL", "NORMAL"]
Uncertain = Literal["resend", "mark"]
SipTransport = Literal["udp", "tcp", "tls"]
SmppKind = Literal["smpp"]
Mm7Kind = Literal["mm7"]
WhatsappKind = Literal["whatsapp"]
WhatsappCategory = Literal["marketing", "utility", "authentication"]
BindMode = Literal["transceiver", "transmitter_receiver"]
Alphabet = Literal["gsm7", "latin1", "ascii"]
LongMessage = Literal["udh8", "udh16", "sar", "payload"]
ReceiptId = Literal["auto", "exact", "hex_to_dec", "dec_to_hex"]
