"""What the destination of a message decides, from memory."""

from collections.abc import Mapping
from typing import NamedTuple

from trunkline.accounts.permissions.directory import PermissionDirectory
from trunkline.billing.model import Direction, Product
from trunkline.billing.rates import Rates
from trunkline.messaging.model import ErrorCode
from trunkline.values.networks.lookup import Network, Networks
from trunkline.values.phone import country_of

INDIA = "IN"
_MAX_DLT_ID = 30  # registrations have 19 digits
DOMESTIC = "domestic"  # in `extra`: messages to India went by the registered route
_TOLLFREE = frozenset({"800", "833", "844", "855", "866", "877", "888"})  # NANP
_NANP_DIGITS = 11
_MOST_SHORT_CODE = 6


class Account(NamedTuple):
    """Who sends: an account and the main account that it belongs to."""

    account_id: str
    main_id: str


class Destinations:
    """Answers of a few microseconds; one object a process."""

    def __init__(self, rates: Rates, permissions: PermissionDirectory, networks: Networks) -> None:
        self._rates = rates
        self._permissions = permissions
        self._networks = networks

    def warm(self) -> None:
        """Read the tables before the first message asks for them."""
        self._networks.warm()

    def network(self, recipient: str, country: str) -> Network:
        """Return the network that a number was given to."""
        return self._networks.of(recipient, country)

    def network_of_sender(self, sender: str) -> str:
        """Return the network an inbound message came from, as it is stored; "" for a name."""
        if not sender.isdigit():
            return ""
        return self._networks.of(sender, country_of(sender)).text

    def fee(
        self, country: str, network: Network, sender: str, type_: str = "sms", status: str = ""
    ) -> int:
        """Return what networks take for each unit; `status` is the sender's registration."""
        if type_ == "whatsapp":
            return 0
        product = Product.MMS if type_ == "mms" else Product.SMS
        kind = _sender_kind(sender) or status
        return self._rates.fee(product, country, Direction.OUTBOUND, network.name, kind)

    def may_send_to(self, account: Account, country: str) -> bool:
        """Tell whether the account may send there (PLIVO messaging: geo permissions)."""
        return self._permissions.may_send_to(*account, country)

    def is_domestic(self, account: Account, extra: Mapping[str, str]) -> bool:
        """Tell whether messages with these fields go to India by the registered route."""
        return bool(extra) and _has_dlt(extra) and self._permissions.needs_dlt(*account)

    def refusal(
        self, account: Account, country: str, extra: Mapping[str, str], type_: str = "sms"
    ) -> int:
        """Return the error code with which a message fails at once, or 0."""
        if not self._permissions.may_send_to(*account, country):
            return ErrorCode.COUNTRY_BARRED
        # PLIVO messaging: 160 when DLT parameters are wrong, on accounts set up for DLT.
        if type_ == "whatsapp" or country != INDIA:
            return 0
        if self._permissions.needs_dlt(*account) and not _has_dlt(extra):
            return ErrorCode.DLT
        return 0


def _has_dlt(extra: Mapping[str, str]) -> bool:
    return _is_dlt_id(extra.get("dlt_entity_id", "")) and _is_dlt_id(
        extra.get("dlt_template_id", "")
    )


def _is_dlt_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DLT_ID


def _sender_kind(sender: str) -> str:
    """Name the kind that decides fees beside registration: toll-free, short code, or ""."""
    if not sender.isdigit():
        return ""
    if len(sender) <= _MOST_SHORT_CODE:
        return "shortcode"
    tollfree = len(sender) == _NANP_DIGITS and sender[0] == "1" and sender[1:4] in _TOLLFREE
    return "tollfree" if tollfree else ""
