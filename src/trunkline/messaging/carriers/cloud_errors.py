"""What errors of the WhatsApp Cloud API mean: the one table, with the source of each row.

CLOUD = Meta's list of Cloud API error codes; ours = our choice among Plivo's codes.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from trunkline.messaging.carriers.status import Outcome, SubmitStatus

_T, _TMP, _RR, _F, _L = (
    Outcome.THROTTLED,
    Outcome.TEMPORARY,
    Outcome.REROUTE,
    Outcome.FAILED,
    Outcome.LINK,
)
_ROWS: Final[tuple[tuple[int, str, Outcome, int, str, str], ...]] = (
    (0, "AuthException", _L, 90, "the app could not be authenticated", "CLOUD"),
    (1, "Unknown", _TMP, 20, "invalid request or server error", "CLOUD: possible server error"),
    (2, "Service", _TMP, 20, "temporary downtime or overload", "CLOUD"),
    (3, "Method", _L, 90, "capability or permission is missing", "CLOUD"),
    (4, "TooManyCalls", _T, 20, "the app's call rate", "CLOUD"),
    (10, "Permission", _L, 90, "permission is not granted or was removed", "CLOUD"),
    (33, "NumberGone", _RR, 40, "the business number was deleted", "CLOUD"),
    (100, "InvalidParameter", _F, 10, "a parameter is not supported or misspelled", "CLOUD"),
    (190, "TokenExpired", _L, 90, "the access token has expired", "CLOUD"),
    (368, "PolicyBlock", _RR, 100, "blocked for policy violations", "CLOUD"),
    (80007, "RateLimit", _T, 20, "the business account's rate", "CLOUD"),
    (130429, "RateLimit", _T, 20, "the number's throughput", "CLOUD"),
    (130472, "Experiment", _F, 100, "the user is part of an experiment", "CLOUD"),
    (130497, "CountryBarred", _F, 450, "restricted from messaging this country", "CLOUD; ours"),
    (131000, "Unknown", _TMP, 20, "something went wrong", "CLOUD: try again"),
    (131005, "AccessDenied", _L, 90, "permission is not granted or was removed", "CLOUD"),
    (131008, "ParameterMissing", _F, 10, "a required parameter is missing", "CLOUD"),
    (131009, "ParameterInvalid", _F, 10, "a parameter's value is not valid", "CLOUD"),
    (131016, "Unavailable", _TMP, 20, "a service is temporarily unavailable", "CLOUD"),
    (131021, "SameNumber", _F, 50, "recipient and sender are the same", "CLOUD"),
    (131026, "Undeliverable", _F, 70, "not a WhatsApp user, or old terms or app", "CLOUD; ours"),
    (131030, "NotAllowed", _F, 50, "the recipient is not on the allowed list", "CLOUD; ours"),
    (131031, "AccountLocked", _L, 90, "the business account is locked", "CLOUD"),
    (131037, "NoDisplayName", _RR, 40, "the display name is not approved", "CLOUD; ours"),
    (131042, "Payment", _L, 90, "the business account's payment is at fault", "CLOUD"),
    (131045, "Certificate", _RR, 40, "the number is not registered", "CLOUD; ours"),
    (131047, "ReEngagement", _F, 340, "24 hours since the user wrote", "CLOUD; PLIVO: 340"),
    (131048, "SpamRate", _F, 30, "restricted: too much was blocked as spam", "CLOUD; ours"),
    (131049, "HeldBack", _F, 100, "held back for a healthy ecosystem", "CLOUD; ours"),
    (131050, "OptedOut", _F, 200, "the user stopped marketing messages", "CLOUD; ours"),
    (131051, "UnsupportedType", _F, 10, "the message type is not supported", "CLOUD"),
    (131052, "MediaDownload", _F, 10, "the user's media cannot be downloaded", "CLOUD"),
    (131053, "MediaUpload", _F, 120, "the media cannot be used", "CLOUD; ours"),
    (131056, "PairRate", _T, 20, "too many messages to one user", "CLOUD"),
    (131057, "Maintenance", _TMP, 20, "the account is in maintenance", "CLOUD"),
    (132000, "VariableCount", _F, 10, "the number of variables does not fit", "CLOUD"),
    (132001, "NoTemplate", _F, 10, "no such template in that language", "CLOUD"),
    (132005, "TextTooLong", _F, 110, "the filled template is too long", "CLOUD"),
    (132007, "TemplatePolicy", _F, 100, "the template violates a policy", "CLOUD"),
    (132012, "VariableFormat", _F, 10, "a variable has a wrong format", "CLOUD"),
    (132015, "TemplatePaused", _F, 100, "the template is paused for low quality", "CLOUD"),
    (132016, "TemplateDisabled", _F, 100, "the template is disabled", "CLOUD"),
    (132068, "FlowBlocked", _F, 10, "the flow is blocked", "CLOUD"),
    (132069, "FlowThrottled", _F, 20, "the flow is throttled", "CLOUD"),
    (133004, "ServerDown", _TMP, 20, "the server is temporarily unavailable", "CLOUD"),
    (133010, "NotRegistered", _RR, 40, "the number is not registered", "CLOUD"),
    (134011, "PaymentTerms", _F, 100, "payment terms are not accepted", "CLOUD"),
    (135000, "GenericUser", _F, 10, "the request is at fault", "CLOUD"),
)
ERRORS: Final[Mapping[int, SubmitStatus]] = MappingProxyType(
    {row[0]: SubmitStatus(*row, alarm=row[2] is Outcome.LINK) for row in _ROWS}
)
PAIR_RATE: Final = 131056
_SERVER_ERROR: Final = SubmitStatus(500, "HTTP 5xx", _TMP, 20, "server error", "RFC 9110 15.6")
_CLIENT_ERROR: Final = SubmitStatus(400, "HTTP 4xx", _F, 10, "refused", "RFC 9110 15.5")
_TOO_MANY: Final = SubmitStatus(429, "HTTP 429", _T, 20, "throttled", "RFC 6585 4")
_NO_TOKEN: Final = SubmitStatus(401, "HTTP 401", _L, 90, "not let in", "RFC 9110 15.5.2", True)
_UNLISTED: Final = 1000  # PLIVO messaging: unknown error


def submit_status(http_status: int, code: int) -> SubmitStatus:
    """Look up the error of an answer; the HTTP status counts where the code is not listed."""
    row = ERRORS.get(code) if code or http_status == 401 else None
    if row is not None:
        return row
    if http_status == 429:
        return _TOO_MANY
    if http_status in (401, 403):
        return _NO_TOKEN
    if http_status >= 500:
        return _SERVER_ERROR
    return _CLIENT_ERROR


def plivo_code(code: int) -> int:
    """Return the Plivo code of an error that a status told."""
    row = ERRORS.get(code) if code else None
    return _UNLISTED if row is None else row.plivo_code


NO_NUMBER: Final = SubmitStatus(
    0, "no phone_number_id", Outcome.REROUTE, 40, "this carrier does not have the sender", "ours"
)
UNREADABLE: Final = SubmitStatus(0, "unreadable", Outcome.FAILED, 10, "no such message", "ours")
BAD_MEDIA: Final = SubmitStatus(
    0, "media", Outcome.FAILED, 10, "the file is of no kind that WhatsApp takes", "ours"
)
