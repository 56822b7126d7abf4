"""Payments by the operator's own gateway, asked over HTTP. docs/operations.md has its contract."""

import msgspec
import structlog

from trunkline.billing.model import Payment
from trunkline.billing.recharge.port import Outcome
from trunkline.engines.http.client import Headers, HttpClient
from trunkline.engines.http.errors import HttpError
from trunkline.engines.http.message import Timeouts
from trunkline.values.money import format_amount

log = structlog.get_logger(__name__)

_TIMEOUTS = Timeouts(connect_s=5.0, total_s=30.0)
_DECLINED = 402


class GatewayPayments:
    """Asks `url`; 2xx is paid, 402 declined, anything else is asked again."""

    def __init__(self, http: HttpClient, url: str, token: str | None) -> None:
        self._http = http
        self._url = url
        self._token = token

    async def take(self, payment: Payment) -> Outcome:
        """Ask the gateway once."""
        headers: Headers = [
            (b"content-type", b"application/json"),
            (b"idempotency-key", payment.payment_id.encode()),
        ]
        if self._token:
            headers.append((b"authorization", b"Bearer " + self._token.encode()))
        body = msgspec.json.encode(
            {
                "payment_id": payment.payment_id,
                "account": payment.account_id,
                "amount": format_amount(payment.amount),
                "currency": "USD",
            }
        )
        try:
            answer = await self._http.request("POST", self._url, headers, body, timeouts=_TIMEOUTS)
        except HttpError as error:
            log.warning("recharge.gateway", payment_id=payment.payment_id, error=str(error))
            return Outcome.UNKNOWN
        if answer.status == _DECLINED:
            return Outcome.DECLINED
        if 200 <= answer.status < 300:
            return Outcome.PAID
        log.warning("recharge.gateway", payment_id=payment.payment_id, status=answer.status)
        return Outcome.UNKNOWN
