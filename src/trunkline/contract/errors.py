"""Every refusal the API answers: status and the text of `error`.

ApiError
├── BadRequest 400
│   ├── MissingParameter    "dst parameter is missing"
│   ├── InvalidParameter    "limit parameter is invalid: must be at most 20"
│   └── MalformedBody       "request body is not valid JSON: …"
├── AuthenticationFailed 401
├── PaymentRequired 402
├── Forbidden 403           SDKs call it a geo-permission error on Message, Call and Session
├── NotFound 404
│   └── NotServed           "call.create is not available in this release: …"
├── MethodNotAllowed 405
├── Conflict 409
├── BodyTooLarge 413
├── TooManyRequests 429
└── ServerError 500
    └── Unavailable 503     never after a side effect: SDKs repeat voice calls on 5xx
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from trunkline.values.errors import TrunklineError


class ApiError(TrunklineError):
    """A refusal with a status, the text of `error`, the field at fault and further body keys."""

    status: ClassVar[int] = 400

    def __init__(
        self, message: str, field: str = "", *, extra: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.extra = extra or {}

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """Return the HTTP headers this refusal needs besides the usual ones."""
        return ()


class BadRequest(ApiError):
    """A request that contradicts itself or the account's state."""


class MissingParameter(BadRequest):
    """A required field is absent, null or empty."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} parameter is missing", field)


class InvalidParameter(BadRequest):
    """A field of the wrong type, range or form; `why` completes "… parameter is invalid: "."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field} parameter is invalid: {why}", field)
        self.why = why


class MalformedBody(BadRequest):
    """A body that cannot be read at all."""

    def __init__(self, why: str) -> None:
        super().__init__(f"request body {why}", "body")


class AuthenticationFailed(ApiError):
    """No credentials, wrong ones, or ones for another account than the path names."""

    status = 401

    def __init__(self, message: str = "authentication credentials were not provided") -> None:
        super().__init__(message)

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        return ((b"www-authenticate", b'Basic realm="Trunkline"'),)  # RFC 7617 2


class PaymentRequired(ApiError):
    """The account has no credit for what it asks."""

    status = 402


class Forbidden(ApiError):
    """Understood and not permitted, such as a country the account may not send to."""

    status = 403


class NotFound(ApiError):
    """No such path or resource."""

    status = 404

    def __init__(self, message: str = "resource not found", field: str = "") -> None:
        super().__init__(message, field)


class NotServed(NotFound):
    """An operation of Plivo's that this release does not have."""

    def __init__(self, operation_id: str, reason: str) -> None:
        super().__init__(f"{operation_id} is not available in this release: {reason}")


class MethodNotAllowed(ApiError):
    """The path exists, the method does not; `allowed` names the methods that do."""

    status = 405

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"method {method} is not allowed here")
        self.allowed = allowed

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        return ((b"allow", ", ".join(self.allowed).encode()),)


class Conflict(ApiError):
    """The resource is in a state that does not permit the change."""

    status = 409


class BodyTooLarge(ApiError):
    """More bytes than a request may have."""

    status = 413

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"request body is larger than {limit_bytes} bytes", "body")


class TooManyRequests(ApiError):
    """Over a rate; `retry_after_s` is when one more request will pass."""

    status = 429

    def __init__(
        self, message: str = "too many requests, please slow down", retry_after_s: int = 1
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        return ((b"retry-after", b"%d" % self.retry_after_s),)


class ServerError(ApiError):
    """A defect of ours; the log has the details under the same api_id."""

    status = 500

    def __init__(self, message: str = "internal server error") -> None:
        super().__init__(message)


class Unavailable(ServerError):
    """Shutting down or overloaded; nothing was done."""

    status = 503
