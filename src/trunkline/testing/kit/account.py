"""What a test works with: an account of its own on a running program."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from trunkline.testing.kit import sdk
from trunkline.testing.kit.clock import TestClock
from trunkline.testing.kit.faults import Faults
from trunkline.testing.kit.phone import Phone
from trunkline.testing.kit.receiver import App, Apps, Handler
from trunkline.testing.kit.webhooks import Webhooks
from trunkline.testing.kit.wire import RequestRefused, Wire

_NO_ERROR = (None, "", "000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunkline:
    """An account with numbers and phones that no other test has.

    `numbers` are the account's own, all of one application (`app_id`). The rest is for looking at
    what the program under test did, and for doing what people with phones would do.
    """

    url: str
    auth_id: str
    auth_token: str = field(repr=False)
    app_id: str
    numbers: tuple[str, ...]
    webhooks: Webhooks = field(repr=False)
    faults: Faults = field(repr=False)
    clock: TestClock = field(repr=False)
    _admin: Wire = field(repr=False)
    _api: Wire = field(repr=False)
    _apps: Apps = field(repr=False)
    _phones: list[str] = field(repr=False)

    @property
    def number(self) -> str:
        """The first of the account's numbers."""
        return self.numbers[0]

    def client(self, **more: Any) -> Any:
        """Return the official SDK's `plivo.RestClient`, pointed at this program; others are not.

        `more` goes to RestClient (`timeout`, `proxies`). Raises ImportError without the package.
        """
        return sdk.client(self.url, self.auth_id, self.auth_token, **more)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, **query: Any) -> Any:
        """Ask the API itself: `path` is what follows `/v1/Account/{auth_id}/`.

        Raises:
            RequestRefused: the answer is 400 or above.
        """
        return self._api.ask(method, f"/v1/Account/{self.auth_id}/{path}", body, **query)

    def phone(self, number: str | None = None) -> Phone:
        """Return a simulated phone: one nobody else has, or of the number given.

        On a given number only messages and calls of this account's numbers are seen.
        """
        if number is not None:
            digits = "".join(filter(str.isdigit, number))
            return Phone(digits, self._admin, self.auth_id, self.number)
        if not self._phones:
            path = f"/sim/accounts/{self.auth_id}/phones"
            self._phones.extend(self._admin.ask("POST", path, {"count": 10})["phones"])
        return Phone(self._phones.pop(0), self._admin, "", self.number)

    def app(self, handler: Handler = None) -> App:
        """Listen on a URL in this process: for webhooks, answer URLs and what else is fetched.

        `handler` is what it answers, or is called with each request; see `receiver.Handler`.
        """
        return self._apps.add(handler)

    def app_url(self, handler: Handler = None) -> str:
        """Return the URL of such an app."""
        return self.app(handler).url

    def on_message(self, target: "str | App") -> None:
        """Send inbound messages to the account's numbers there."""
        self._point(message_url=_url(target))

    def on_call(self, target: "str | App", hangup: "str | App | None" = None) -> None:
        """Ask there what to do with calls to the account's numbers, and tell `hangup` of ends."""
        url = _url(target)
        self._point(answer_url=url, hangup_url=url if hangup is None else _url(hangup))

    def story(self) -> str:
        """Tell what happened on this account: its last messages, calls and webhooks."""
        lines = [f"account {self.auth_id} at {self.url}, numbers {', '.join(self.numbers)}"]
        for one in reversed(self.ask("GET", "Message/", limit=20)["objects"]):
            lines.append(f"message {one['message_uuid']} {_way(one)} {one['message_state']}")
            if one.get("error_code") not in _NO_ERROR:
                lines[-1] += f" error {one['error_code']}"
        for one in reversed(self.ask("GET", "Call/", limit=20)["objects"]):
            lines.append(f"call {one['call_uuid']} {_way(one)} {one['hangup_cause_name']}")
        for one in self.webhooks.all()[-20:]:
            lines.append(f"webhook {one.id} {one.kind} {one.state} {one.url} {one.params}")
        return "\n".join(lines)

    def close(self) -> None:
        """Stop listening; raises what a handler raised, which the program under test cannot see."""
        with suppress(RequestRefused):  # a program that is gone has forgotten them
            self.faults.clear()
        self._admin.close()
        self._api.close()
        self._apps.close()

    def _point(self, **urls: str) -> None:
        self.ask("POST", f"Application/{self.app_id}/", dict(urls))


@contextmanager
def open_account(
    url: str, name: str = "Test", *, numbers: int = 3, credit: str | None = None
) -> Generator[Trunkline]:
    """Open an account on the program at `url`, which must be a local one.

    TRUNKLINE_ADMIN_TOKEN is its operator's token, if it has one. `credit` is in US dollars.

    Raises:
        RequestRefused: the program is not there, or not a local one.
    """
    admin = Wire(url)
    token = os.environ.get("TRUNKLINE_ADMIN_TOKEN", "")
    if token:
        admin.bearer(token)
    wanted: dict[str, Any] = {"name": name, "numbers": numbers}
    made = admin.ask("POST", "/sim/accounts", wanted | ({"credit": credit} if credit else {}))
    auth_id, auth_token = made["auth_id"], made["auth_token"]
    trunkline = Trunkline(
        url=admin.url,
        auth_id=auth_id,
        auth_token=auth_token,
        app_id=made["app_id"],
        numbers=tuple(made["numbers"]),
        webhooks=Webhooks(admin, auth_id),
        faults=Faults(admin, auth_id),
        clock=TestClock(admin),
        _admin=admin,
        _api=Wire(url, auth_id, auth_token),
        _apps=Apps(),
        _phones=made["phones"],
    )
    try:
        yield trunkline
    finally:
        trunkline.close()


def _url(target: "str | App") -> str:
    return target if isinstance(target, str) else target.url


def _way(one: dict[str, Any]) -> str:
    return f"{one['from_number']} -> {one['to_number']}"
