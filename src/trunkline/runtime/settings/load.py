"""Reads settings: defaults, then the TOML file, then the environment, then the command line."""

import dataclasses
import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from trunkline.runtime.settings.declare import REQUIRED, Setting, declared
from trunkline.runtime.settings.errors import SettingError
from trunkline.runtime.settings.model import CONFIG_FILE, DATABASE_FILE, Settings

T = TypeVar("T")

_CONFIG_ENV = "TRUNKLINE_CONFIG"


def load(
    env: Mapping[str, str],
    *,
    overrides: Mapping[str, object] | None = None,
) -> Settings:
    """Read all settings.

    The file is TRUNKLINE_CONFIG, else trunkline.toml in the data folder, else none.

    Args:
        env: the environment; an empty variable counts as unset.
        overrides: values by key ("http.listen") from the command line, None for what was not
            given; they win over everything.

    Raises:
        SettingError: a key is unknown, missing or holds what it cannot.
    """
    given = overrides or {}
    path = _config_path(env, given)
    if path is None:
        return from_document({}, env, given)
    return from_document(_read_file(path), env, given, where=str(path))


def from_document(
    document: Mapping[str, object],
    env: Mapping[str, str],
    overrides: Mapping[str, object],
    *,
    where: str = "settings file",
) -> Settings:
    """Read all settings from a parsed file; `where` names it in errors. See `load`."""
    values: dict[str, tuple[object, str]] = {
        key: (value, where) for key, value in _flattened(document).items()
    }
    for _, declaration in declared(Settings):
        if declaration.env and env.get(declaration.env):
            values[declaration.key] = (env[declaration.env], declaration.env)
    for key, value in overrides.items():
        if value is not None:
            values[key] = (value, "command line")
    return _completed(_build(Settings, values, prefix=""))


def _config_path(env: Mapping[str, str], given: Mapping[str, object]) -> Path | None:
    if env.get(_CONFIG_ENV):
        return Path(env[_CONFIG_ENV]).expanduser()
    defaults = {declaration.key: declaration for _, declaration in declared(Settings)}
    data = given.get("data") or env.get("TRUNKLINE_DATA") or defaults["data"].default
    path = Path(str(data)).expanduser() / CONFIG_FILE
    return path if path.is_file() else None


def _read_file(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or str(error)
        mend = "Write one with `trunkline init`, or unset the variable."
        raise SettingError(str(path), _CONFIG_ENV, f"cannot be read: {reason}", mend) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        mend = "Mend that line; `trunkline config describe` shows the form of every key."
        raise SettingError(str(path), "settings file", f"is not TOML: {error}", mend) from error


def _flattened(document: Mapping[str, object]) -> dict[str, object]:
    """Turn `{http: {listen: x}}` into `{"http.listen": x}`; sections are one deep."""
    flat: dict[str, object] = {}
    for name, value in document.items():
        if isinstance(value, Mapping):
            inner = cast("Mapping[str, object]", value)
            flat |= {f"{name}.{key}": item for key, item in inner.items()}
        else:
            flat[name] = value
    return flat


def _build(owner: type[T], values: Mapping[str, tuple[object, str]], prefix: str) -> T:
    declarations = dict(declared(owner))
    known = {declaration.key for declaration in declarations.values()}
    for key, (_, where) in values.items():
        if key not in known:
            raise _unknown(prefix + key, where, [prefix + name for name in known])
    fields = {
        name: _value(declaration, values.get(declaration.key), prefix, _kinds(owner, declaration))
        for name, declaration in declarations.items()
    }
    return owner(**fields)


def _kinds(owner: type[Any], declaration: Setting) -> tuple[str, ...]:
    """Name the kinds of tables under the same key, the usual one first."""
    if not declaration.kind:
        return ()
    return tuple(other.kind for _, other in declared(owner) if other.key == declaration.key)


def _value(
    declaration: Setting,
    found: tuple[object, str] | None,
    prefix: str,
    kinds: tuple[str, ...],
) -> Any:
    key = prefix + declaration.key
    if declaration.columns is not None:
        return _rows(declaration.columns, key, found, declaration.kind, kinds)
    if found is None:
        if declaration.default is REQUIRED:
            mend = f"Add {declaration.key} = ...: {declaration.doc}"
            raise SettingError(key, "settings file", "is missing", mend)
        return declaration.parse(declaration.default)
    value, where = found
    try:
        return declaration.parse(value)
    except ValueError as error:
        shown = "" if declaration.secret else f" (it is {value!r})"
        mend = f"Give it {_lower_first(declaration.form)}."
        raise SettingError(key, where, f"{error}{shown}", mend) from None


def _rows(
    columns: type[Any],
    key: str,
    found: tuple[object, str] | None,
    kind: str,
    kinds: tuple[str, ...],
) -> tuple[Any, ...]:
    if found is None:
        return ()
    value, where = found
    rows = cast("list[object]", value) if isinstance(value, list) else [value]
    if (short := getattr(columns, "short", None)) is not None:
        try:
            rows = [short(row) if isinstance(row, str) else row for row in rows]
        except ValueError as error:
            raise SettingError(key, where, str(error), f"Write it as [[{key}]] blocks.") from None
    if not all(isinstance(row, Mapping) for row in rows):
        raise SettingError(key, where, "is not a list of tables", f"Write it as [[{key}]] blocks.")
    return tuple(
        _build(
            columns,
            {name: (item, where) for name, item in cast("Mapping[str, object]", row).items()},
            prefix=f"{key}[{number}].",
        )
        for number, row in enumerate(rows, start=1)
        if not kind or _kind_of(cast("Mapping[str, object]", row), key, where, kinds) == kind
    )


def _kind_of(row: Mapping[str, object], key: str, where: str, kinds: tuple[str, ...]) -> object:
    kind = row.get("kind", kinds[0])
    if kind not in kinds:
        mend = f"Give it one of {', '.join(kinds)}."
        raise SettingError(f"{key}.kind", where, f"is no kind (it is {kind!r})", mend)
    return kind


def _unknown(key: str, where: str, known: list[str]) -> SettingError:
    near = difflib.get_close_matches(key, known, n=1)
    mend = f"Did you mean {near[0]}?" if near else "`trunkline config describe` lists all keys."
    return SettingError(key, where, "is not a setting", mend)


def _completed(settings: Settings) -> Settings:
    named = tuple(
        dataclasses.replace(carrier, name=carrier.name or f"{carrier.host}:{carrier.port}")
        for carrier in settings.carriers
    )
    settings = dataclasses.replace(settings, carriers=named)
    others = (*settings.mm7_carriers, *settings.whatsapp_carriers)
    names = [carrier.name for carrier in (*settings.carriers, *others)]
    for name in names:
        if names.count(name) > 1:
            mend = "Give each carrier its own name."
            raise SettingError("carriers.name", "settings file", f"{name!r} is used twice", mend)
    _check_voice(settings)
    if settings.database:
        return settings
    file = (settings.data / DATABASE_FILE).absolute()
    return dataclasses.replace(settings, database=f"sqlite:///{file}")


def _check_voice(settings: Settings) -> None:
    trunks = [trunk.name for trunk in settings.trunks]
    for name in trunks:
        if trunks.count(name) > 1:
            mend = "Give each trunk its own name."
            raise SettingError("trunks.name", "settings file", f"{name!r} is used twice", mend)
    for number, trunk in enumerate(settings.trunks, start=1):
        if trunk.register and not trunk.username:
            mend = "Give the username and password that the carrier gave you, or do not register."
            key = f"trunks[{number}].username"
            raise SettingError(key, "settings file", "is missing, and register is true", mend)
    if settings.sip_tls is not None and not (settings.sip_certificate and settings.sip_key):
        mend = "Set sip.certificate and sip.key to PEM files, or sip.tls to nothing."
        raise SettingError("sip.tls", "settings file", "has no certificate", mend)
    if settings.rtp_last_port <= settings.rtp_first_port:
        mend = "Give it a port above voice.rtp_first_port: a call leg takes two."
        raise SettingError("voice.rtp_last_port", "settings file", "is not above the first", mend)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
