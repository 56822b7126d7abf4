"""The callbacks that the program sent for an account: each with its attempts, to be sent again."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from trunkline.testing.kit.waiting import TIMEOUT_S, Unmet, until
from trunkline.testing.kit.wire import Wire

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Webhook:
    """A callback: `kind` is message.status, message.inbound, voice.hangup, api.async, and so on.

    `params` are what was or will be sent; `state` is waiting, delivered or failed. `details` is all
    that the program tells.
    """

    id: int
    kind: str
    method: str
    url: str
    params: dict[str, Any]
    state: str
    attempts: int
    details: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The log of one account's callbacks."""

    _wire: Wire = field(repr=False)
    _account: str

    def all(self, kind: str | None = None) -> list[Webhook]:
        """Return the last hundred, the oldest first."""
        query: dict[str, Any] = {"account": self._account, "limit": _PAGE}
        if kind:
            query["kind"] = kind
        found = self._wire.ask("GET", "/admin/webhooks", **query)["objects"]
        return [_webhook(one) for one in reversed(found)]

    def last(self, kind: str | None = None, timeout_s: float = TIMEOUT_S) -> Webhook:
        """Return the newest, and wait for one if there is none yet.

        Raises:
            Unmet: there was none in time.
        """
        found = until(lambda: self.all(kind) or None, timeout_s)
        if found is None:
            raise Unmet(f"no webhook{_of(kind)} in {timeout_s:g} s; {self._told()}")
        return found[-1]

    def expect(
        self,
        kind: str | None = None,
        *,
        state: str | None = None,
        attempts: int = 0,
        timeout_s: float = TIMEOUT_S,
        **params: str,
    ) -> Webhook:
        """Wait for a callback with these parameters (`Status="delivered"`), and return the newest.

        `state` "delivered" waits until its target has taken it, `attempts` until so many were made.
        Raises Unmet.
        """

        def look() -> Webhook | None:
            for one in reversed(self.all(kind)):
                far = state in (None, one.state) and one.attempts >= attempts
                if far and params.items() <= one.params.items():
                    return one
            return None

        found = until(look, timeout_s)
        if found is None:
            wanted = ", ".join(f"{name}={value!r}" for name, value in params.items())
            with_state = f" that is {state}" if state else ""
            raise Unmet(
                f"no webhook{_of(kind)}{with_state} with {wanted or 'anything'} in {timeout_s:g} s;"
                f" {self._told()}"
            )
        return found

    def attempts(self, webhook_id: int) -> list[dict[str, Any]]:
        """Return the attempts of one, the first one first: request, status, headers, body."""
        return self._wire.ask("GET", f"/admin/webhooks/{webhook_id}")["attempts_made"]

    def replay(self, webhook_id: int) -> int:
        """Send one again, and return the id of the copy."""
        return self._wire.ask("POST", f"/admin/webhooks/{webhook_id}/replay")["id"]

    def _told(self) -> str:
        known = self.all()
        lines = [f"  {one.kind} {one.state} {one.url} {one.params}" for one in known]
        return "all webhooks:\n" + "\n".join(lines) if known else "there are no webhooks at all"


def _of(kind: str | None) -> str:
    return f" of kind {kind}" if kind else ""


def _webhook(one: dict[str, Any]) -> Webhook:
    body = one["body"]
    params: dict[str, Any] = dict(parse_qsl(body, keep_blank_values=True))
    if one["encoding"] == "json" and body:
        params = json.loads(body)
    return Webhook(
        id=one["id"],
        kind=one["kind"],
        method=one["method"],
        url=one["url"],
        params=params,
        state=one["state"],
        attempts=one["attempts"],
        details=one,
    )
