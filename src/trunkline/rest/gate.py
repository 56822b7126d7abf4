"""Who calls, for which account, and whether not too often."""

import binascii
import math
from base64 import b64decode
from collections.abc import Callable

from trunkline.contract.context import Authenticator, Principal
from trunkline.contract.errors import AuthenticationFailed, TooManyRequests
from trunkline.rest.limits import HttpLimits, Rate, RateLimiter

_MAX_HEADER_BYTES = 1024
_INVALID = "invalid authentication credentials"
_FOREIGN = "these credentials are not valid for this account"


def read_basic(header: bytes) -> tuple[str, str] | None:
    """Take user and password from an `Authorization` header; None if it is not a Basic one."""
    if header[:6].lower() != b"basic " or len(header) > _MAX_HEADER_BYTES:
        return None
    try:
        text = b64decode(header[6:].strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    user, colon, password = text.partition(":")
    return (user, password) if colon and "\0" not in text else None


class Gate:
    """Checks credentials, the account in the path, and rates per account and address."""

    def __init__(
        self, authenticator: Authenticator, limits: HttpLimits, monotonic: Callable[[], float]
    ) -> None:
        self._authenticator = authenticator
        self._monotonic = monotonic
        self._accounts = _limiter(limits.account_rate, limits)
        self._failures = _limiter(limits.failed_login_rate, limits)

    async def admit(
        self, authorization: bytes, path_auth_id: str, remote_ip: str, *, metered: bool = True
    ) -> tuple[Principal, str]:
        """Return who calls and the account that is acted for; unmetered ones have no rate.

        Raises:
            AuthenticationFailed: no or wrong credentials, a disabled account, or not its path.
            TooManyRequests: the account's rate, or too many failures from this address.
        """
        principal = await self._identify(authorization, remote_ip)
        account_id = await self._account(principal, path_auth_id)
        if self._accounts is not None and metered:
            _refuse_wait(self._accounts.take(account_id, self._monotonic()))
        return principal, account_id

    async def _identify(self, authorization: bytes, remote_ip: str) -> Principal:
        failures = self._failures
        if failures is not None:
            _refuse_wait(failures.wait_s(remote_ip, self._monotonic()))
        credentials = read_basic(authorization)
        principal = None
        if credentials is not None:
            found = self._authenticator.authenticate(*credentials)
            principal = found if isinstance(found, Principal) or found is None else await found
        if principal is not None and principal.enabled:
            return principal
        if failures is not None:
            failures.take(remote_ip, self._monotonic())
        if not authorization:
            raise AuthenticationFailed
        raise AuthenticationFailed("account is disabled" if principal is not None else _INVALID)

    async def _account(self, principal: Principal, path_auth_id: str) -> str:
        if not path_auth_id or path_auth_id == principal.auth_id:
            return principal.auth_id
        wanted = path_auth_id.upper()
        if wanted == principal.auth_id:
            return wanted
        if not principal.is_subaccount and wanted.startswith("SA") and wanted.isascii():
            answer = self._authenticator.may_act_for(principal, wanted)
            if answer if isinstance(answer, bool) else await answer:
                return wanted
        raise AuthenticationFailed(_FOREIGN)


def _limiter(rate: Rate | None, limits: HttpLimits) -> RateLimiter | None:
    return None if rate is None else RateLimiter(rate, limits.max_keys)


def _refuse_wait(wait_s: float) -> None:
    if wait_s > 0:
        raise TooManyRequests(retry_after_s=math.ceil(wait_s))
