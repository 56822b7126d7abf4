"""Reads server-sent events of a running program, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from trunkline.client.client import Answer, Unreachable, by_environment, decoded, unreachable
from trunkline.client.request import Prepared

SILENCE_S = 60.0  # the program says something four times as often


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """`id` is the last one that was given, where to go on after a break.

    Comments, which keep the connection alive, are named `comment`.
    """

    name: str
    data: str
    id: str


def watch(url: str, request: Prepared) -> Iterator[ServerEvent | Answer]:
    """Yield events until the other side ends; an Answer instead of them when it refuses.

    Raises:
        Unreachable: nobody answers, or the connection breaks.
    """
    timeout = httpx.Timeout(10.0, read=SILENCE_S)
    try:
        with (
            httpx.Client(timeout=timeout, trust_env=by_environment(url)) as http,
            http.stream(request.method, url + request.target, headers=request.headers) as answer,
        ):
            if answer.status_code != 200:
                yield Answer(answer.status_code, decoded(answer.read()))
                return
            yield from _events(answer.iter_lines())
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise unreachable(url, error) from error


def _events(lines: Iterator[str]) -> Iterator[ServerEvent]:
    name, data, last = "message", "", ""
    for line in lines:
        if line.startswith(":"):
            yield ServerEvent("comment", line[1:].strip(), last)
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield ServerEvent(name, data, last)
            name, data = "message", ""
        elif field == "event":
            name = value
        elif field == "data":
            data = f"{data}\n{value}" if data else value
        elif field == "id":
            last = value


__all__ = ["ServerEvent", "Unreachable", "watch"]
