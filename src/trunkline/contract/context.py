"""What a handler is told about the call it serves, and the shape of a handler."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec

from trunkline.contract.operation import Answer


class Principal(msgspec.Struct, frozen=True):
    """Whose credentials came with a request."""

    auth_id: str
    main_auth_id: str
    is_subaccount: bool
    enabled: bool


class RequestContext(msgspec.Struct, frozen=True):
    """One call of the API.

    `account_id` is the account that is acted for (the one in the path), `remote_ip` the caller's
    address, `now` seconds since 1970 by the program's clock. A `background` call may be run again
    after a crash, under the same `api_id`.
    """

    api_id: str
    principal: Principal
    account_id: str
    remote_ip: str
    now: float
    background: bool = False


Handler = Callable[[RequestContext, Any], Awaitable[Answer | dict[str, Any] | None]]
"""Serves one operation: takes its request type, returns its answer type, None if empty."""


class Authenticator(Protocol):
    """Where the HTTP layer asks about credentials; both answers may be given at once or awaited."""

    def authenticate(
        self, auth_id: str, token: str
    ) -> Principal | Awaitable[Principal | None] | None:
        """Return who presents these credentials, None if nobody; compares in constant time."""
        ...

    def may_act_for(self, principal: Principal, auth_id: str) -> bool | Awaitable[bool]:
        """Tell whether a main account's `principal` owns the subaccount `auth_id`."""
        ...
