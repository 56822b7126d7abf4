"""Runs the reference texts' curl lines, with curl, against the program."""

import json
import re
import subprocess
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conform_excuses import Keys, excused
from conform_facts import Fact
from conform_match import operation_of
from conform_seeds import HOST, SeedLine
from conform_shapes import misses
from conform_world import NotPreparedError, World, await_linked

_PLACEHOLDER = re.compile(r"@(\w+)@")
# What a line deletes is made for it, so that later lines still find theirs.
_DISPOSABLE = re.compile(r"@(subaccount|application|profile|brand|campaign|powerpack)@/?$")

_ALWAYS_NEW = ("name", "unused_profile")


@dataclass(frozen=True, slots=True)
class LineResult:
    """How one line fared; no misses: it is as documented."""

    line: SeedLine
    operation: str
    status: int | None
    misses: tuple[str, ...]
    excuses: Keys = frozenset()


def run_lines(
    lines: Sequence[SeedLine], facts: Mapping[str, Fact], world: World
) -> Iterator[LineResult]:
    """Run the lines in their order."""
    for line in lines:
        fact = operation_of(facts.values(), line.method, line.url)
        try:
            status, body = _curl(_filled(line, world), world)
        except (NotPreparedError, KeyError) as error:
            yield LineResult(line, fact.id, None, (f"not prepared: {error}",))
            continue
        found = excused(_line_misses(line, fact, status, body), fact.id, line.source)
        yield LineResult(line, fact.id, status, *found)


def _filled(line: SeedLine, world: World) -> list[str]:
    own = _DISPOSABLE.search(line.url) if line.method == "DELETE" else None
    values = {own[1]: world.new(own[1])} if own else {}
    values |= {kind: world.new(kind) for kind in _ALWAYS_NEW if f"@{kind}@" in str(line.arguments)}
    login = f"{world.api.auth_id}:{world.api.auth_token}"
    if line.method == "DELETE" and "@own_number@" in line.url:
        await_linked(world, world["own_number"])
    values["basic"] = b64encode(login.encode()).decode()

    def value(found: re.Match[str]) -> str:
        return values[found[1]] if found[1] in values else world[found[1]]

    arguments = [_PLACEHOLDER.sub(value, one) for one in line.arguments]
    return [re.sub(f"^{HOST}", world.api.url, one) for one in arguments]


def _curl(arguments: list[str], world: World) -> tuple[int, bytes]:
    target = world.folder / "answer"
    target.unlink(missing_ok=True)
    added = ["--silent", "--show-error", "--max-time", "30", "--output", str(target),
             "--write-out", "%{http_code}"]  # fmt: skip
    done = subprocess.run(
        ["curl", "--disable", *added, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise NotPreparedError(f"curl: {done.stderr.strip()}")
    body = target.read_bytes() if target.exists() else b""
    while body.startswith(b"HTTP/"):  # curl -i puts the head before the body
        body = body.partition(b"\r\n\r\n")[2]
    return int(done.stdout), body


def _line_misses(line: SeedLine, fact: Fact, status: int, body: bytes) -> Iterator[str]:
    wanted = line.status or fact.status
    if status != wanted:
        yield f"status {status}, not {wanted}: {body[:200]!r}"
    elif status == 204:
        if body:
            yield "a body with 204"
    else:
        shape = line.shape if line.shape is not None else fact.shape
        yield from misses(shape, json.loads(body))
