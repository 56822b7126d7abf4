"""The settings in words: the commented TOML of `trunkline init`, the list of `config describe`."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from trunkline.runtime.settings.declare import REQUIRED, Setting, declared
from trunkline.runtime.settings.model import Settings

_WIDTH = 92


@dataclass(frozen=True, slots=True)
class Described:
    """One setting for people to read."""

    key: str
    env: str
    default: str
    form: str
    doc: str


def describe() -> list[Described]:
    """List every setting, in the order of the file; keys of tables as `carriers[].name`."""
    return list(_described(Settings, ""))


def commented_toml() -> str:
    """Write the settings file: every key explained and at its default, all commented out."""
    lines = [
        "# Settings of Trunkline. A line without its leading # changes a default.",
        "# Environment variables, named with each key, win over this file.",
    ]
    section = ""
    for _, declaration in declared(Settings):
        if declaration.columns is not None:
            lines += _table_block(declaration.key, declaration.columns, declaration.doc, "")
            continue
        head, _, name = declaration.key.rpartition(".")
        if head != section:
            lines += ["", f"[{head}]"]
            section = head
        lines += ["", *_comment(declaration), f"# {name} = {_toml(declaration.default)}"]
    return "\n".join(lines) + "\n"


def _described(owner: type[Any], prefix: str) -> Iterator[Described]:
    for _, declaration in declared(owner):
        key = prefix + declaration.key
        if declaration.columns is not None:
            which = f"kind={declaration.kind}" if declaration.kind else ""
            yield from _described(declaration.columns, f"{key}[{which}].")
            continue
        default = "required" if declaration.default is REQUIRED else _toml(declaration.default)
        env = declaration.env or ""
        yield Described(key, env, default, declaration.form, declaration.doc)


def _table_block(key: str, columns: type[Any], doc: str, indent: str) -> list[str]:
    lines = ["", f"# {indent}{doc}", f"# {indent}[[{key}]]"]
    for _, declaration in declared(columns):
        if declaration.columns is not None:
            inner = f"{key}.{declaration.key}"
            lines += _table_block(inner, declaration.columns, declaration.doc, indent + "  ")
            continue
        default = '"..."' if declaration.default is REQUIRED else _toml(declaration.default)
        assign = f"{declaration.key} = {default}"
        lines.append(f"# {indent}{assign:<28} # {declaration.doc} {declaration.form}.")
    return lines


def _comment(declaration: Setting) -> list[str]:
    lines = textwrap.wrap(declaration.doc, _WIDTH) + textwrap.wrap(declaration.form + ".", _WIDTH)
    if declaration.env:
        lines.append(f"Environment: {declaration.env}")
    return [f"# {line}" for line in lines]


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value)
        return "{ " + ", ".join(f'"{k}" = {_toml(v)}' for k, v in pairs.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in cast("Sequence[object]", value)) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
