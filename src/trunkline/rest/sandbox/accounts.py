"""`/sim/accounts`: an account for each test, phones for it, and faults; open in local mode only."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.accounts.directory import Directory
from trunkline.rest.operator import Endpoint, answer, refuse
from trunkline.simulator.outcomes import ORDINARY as DELIVERED
from trunkline.simulator.outcomes import outcome_of
from trunkline.simulator.rules import ANY, Rules, TooManyRules
from trunkline.simulator.voice.outcomes import ORDINARY as ANSWERED
from trunkline.simulator.voice.outcomes import behaviour_of
from trunkline.values.money import parse_amount
from trunkline.values.phone import parse_phone_number

_NO_ACCOUNT = "no such main account"


class NoNumbersLeft(Exception):
    """Every number for tests has an owner."""


class WantedAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a test's account starts with; `credit` in US dollars, the setting's if not given."""

    name: Annotated[str, Meta(min_length=1, max_length=200)] = "Test"
    numbers: Annotated[int, Meta(ge=1, le=20)] = 3
    phones: Annotated[int, Meta(ge=0, le=100)] = 4
    credit: str | None = None

    @property
    def credit_units(self) -> int | None:
        """In 0.00001 dollar; ValueError when it is no amount."""
        if self.credit is None:
            return None
        units = parse_amount(self.credit)
        if units < 0:
            raise ValueError("it must not be negative")
        return units


class OpenedAccount(msgspec.Struct, frozen=True):
    """`numbers` are the account's own, `phones` numbers that no other test is given."""

    auth_id: str
    auth_token: str
    app_id: str
    numbers: list[str]
    phones: list[str]


class WantedPhones(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many more phones a test needs."""

    count: Annotated[int, Meta(ge=1, le=1_000)] = 1


class WantedFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes to `to` from the account's numbers goes as if to `like`, a magic destination."""

    like: str
    kind: Literal["message", "call"] = "message"
    to: str = ANY
    times: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxPages:
    """What these pages work with."""

    accounts: Directory
    rules: Rules
    open: Callable[[WantedAccount], Awaitable[OpenedAccount]]
    phones: Callable[[int], list[str]]

    def routes(self) -> list[Route]:
        """Return the routes under `/sim/accounts`."""
        one = "/sim/accounts/{auth_id}"
        pages: list[tuple[str, str, Endpoint]] = [
            ("/sim/accounts", "POST", self.make),
            (f"{one}/phones", "POST", self.more_phones),
            (f"{one}/faults", "GET", self.faults),
            (f"{one}/faults", "POST", self.add_fault),
            (f"{one}/faults", "DELETE", self.remove_faults),
            (one + "/faults/{id:int}", "DELETE", self.remove_faults),
        ]
        return [
            Route(path + slash, endpoint, methods=[method])
            for path, method, endpoint in pages
            for slash in ("", "/")
        ]

    async def make(self, request: Request) -> Response:
        """Open an account: see WantedAccount and OpenedAccount."""
        try:
            wanted = msgspec.json.decode(await request.body() or b"{}", type=WantedAccount)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return refuse(400, f'body must be {{"name": "...", "numbers": 3, ...}}: {error}')
        try:
            _ = wanted.credit_units
        except ValueError as error:
            return refuse(400, f"credit: {error}")
        if "\0" in wanted.name:
            return refuse(400, "name must not contain NUL characters")
        try:
            return answer(201, msgspec.to_builtins(await self.open(wanted)))
        except NoNumbersLeft as error:
            return refuse(409, str(error))

    async def more_phones(self, request: Request) -> Response:
        """Give numbers of phones that nobody was given."""
        if not self._known(request):
            return refuse(404, _NO_ACCOUNT)
        try:
            wanted = msgspec.json.decode(await request.body() or b"{}", type=WantedPhones)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return refuse(400, f'body must be {{"count": n}}: {error}')
        return answer(200, {"phones": self.phones(wanted.count)})

    async def faults(self, request: Request) -> Response:
        """List the account's faults, the oldest first."""
        if not self._known(request):
            return refuse(404, _NO_ACCOUNT)
        rules = self.rules.of(request.path_params["auth_id"])
        return answer(200, {"faults": [msgspec.to_builtins(rule) for rule in rules]})

    async def add_fault(self, request: Request) -> Response:
        """Add a fault: see WantedFault."""
        if not self._known(request):
            return refuse(404, _NO_ACCOUNT)
        try:
            wanted = msgspec.json.decode(await request.body(), type=WantedFault)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return refuse(400, f'body must be {{"like": "1500555...", ...}}: {error}')
        to = ANY if wanted.to == ANY else parse_phone_number(wanted.to)
        if to is None:
            return refuse(400, f"to must be a phone number or {ANY}")
        like = parse_phone_number(wanted.like)
        if like is None or not _is_magic(wanted.kind, like):
            return refuse(400, f"like must be a magic destination of a {wanted.kind}")
        owner = request.path_params["auth_id"]
        try:
            rule = self.rules.add(owner, wanted.kind, to, like, wanted.times)
        except TooManyRules as error:
            return refuse(409, str(error))
        return answer(201, msgspec.to_builtins(rule))

    async def remove_faults(self, request: Request) -> Response:
        """Forget one fault, or all of the account."""
        if not self._known(request):
            return refuse(404, _NO_ACCOUNT)
        wanted = request.path_params.get("id")
        removed = self.rules.remove(request.path_params["auth_id"], wanted)
        if wanted is not None and not removed:
            return refuse(404, f"fault {wanted} not found")
        return answer(200, {"removed": removed})

    def _known(self, request: Request) -> bool:
        account = self.accounts.get(request.path_params["auth_id"])
        return account is not None and not account.is_subaccount


def _is_magic(kind: str, number: str) -> bool:
    if kind == "call":
        return behaviour_of(number) is not ANSWERED
    return outcome_of(number) is not DELIVERED
