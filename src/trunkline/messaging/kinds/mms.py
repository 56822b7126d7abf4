"""What an MMS asks of a request, and what is stored with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from trunkline.billing.model import Direction
from trunkline.billing.rates import Rates
from trunkline.contract.context import RequestContext
from trunkline.contract.errors import InvalidParameter, MissingParameter, NotFound
from trunkline.contract.operations.messages import MessageCreate
from trunkline.messaging.kinds.port import Content, Kind, accept
from trunkline.messaging.kinds.sms import WHATSAPP_ONLY
from trunkline.messaging.masking import HIDES_CONTENT
from trunkline.messaging.media import store
from trunkline.messaging.media.library import Library
from trunkline.messaging.media.model import (
    MAX_FILES,
    MAX_MESSAGE_BYTES,
    Medium,
    Origin,
    Standing,
)
from trunkline.messaging.model import ErrorCode
from trunkline.numbers.directory import Directory as Numbers
from trunkline.runtime.db import Connection
from trunkline.values.ids import new_uuid
from trunkline.values.phone import country_of, parse_phone_number, sanitise_sender

COUNTRIES = frozenset({"US", "CA"})  # PLIVO messaging: MMS in the US and Canada
MAX_TEXT = 1_600  # ours: that of an SMS


@dataclass(frozen=True, slots=True)
class MmsValidator:
    """Checks requests of type mms."""

    library: Library
    numbers: Numbers
    rates: Rates

    async def __call__(self, context: RequestContext, request: MessageCreate) -> Content:
        """Make what is sent of a request. Raises as `Validator` says."""
        self._check(context, request)
        hidden = request.log in HIDES_CONTENT
        known = await self._uploaded(context, request.media_ids or [])
        urls = list(dict.fromkeys(request.media_urls or []))
        owner = context.principal.main_auth_id, context.account_id
        fetched = [_pending(owner, url, context.now, hidden=hidden) for url in urls]
        by_url = dict(zip(urls, fetched, strict=True))
        ids = [one.media_id for one in known]
        ids += [by_url[url].media_id for url in request.media_urls or []]
        too_large = sum(one.size for one in known) > MAX_MESSAGE_BYTES

        def attach(conn: Connection, uuids: Sequence[str]) -> None:
            store.add(conn, fetched)
            store.link(conn, uuids, ids, context.now)

        kind = Kind(
            "mms",
            1,
            self._price,
            _too_large if too_large else accept,
            attach,
        )
        return Content(request.text or "", kind)

    def _price(self, country: str) -> int:
        return self.rates.mms(country, Direction.OUTBOUND)

    def _check(self, context: RequestContext, request: MessageCreate) -> None:
        for name in WHATSAPP_ONLY:
            if getattr(request, name) is not None:
                raise InvalidParameter(name, "is for type whatsapp only")
        count = len(request.media_urls or []) + len(request.media_ids or [])
        if count == 0:
            raise MissingParameter("media_urls")
        if count > MAX_FILES:
            raise InvalidParameter("media_urls", f"with media_ids at most {MAX_FILES} media")
        if len(request.text or "") > MAX_TEXT:
            raise InvalidParameter("text", f"must have at most {MAX_TEXT} characters in an MMS")
        self._check_ends(context, request)

    def _check_ends(self, context: RequestContext, request: MessageCreate) -> None:
        """PLIVO messaging: a source or a country without MMS is refused with 400."""
        if request.src and not request.powerpack_uuid:
            number = self.numbers.get(sanitise_sender(request.src))
            main_id = context.principal.main_auth_id
            if number is None or number.main_auth_id != main_id or not number.mms_enabled:
                raise InvalidParameter("src", "is not a number of yours that can send MMS")
        for written in request.dst.split("<"):
            number = parse_phone_number(written)
            if number is not None and country_of(number) not in COUNTRIES:
                raise InvalidParameter("dst", "MMS can be sent to the US and Canada only")

    async def _uploaded(self, context: RequestContext, wanted: list[str]) -> list[Medium]:
        ids = [media_id.lower() for media_id in wanted]
        main_id = context.principal.main_auth_id
        found = await self.library.db.read(
            lambda conn: store.of_account(conn, main_id, context.account_id, ids, context.now)
        )
        for media_id in ids:
            if media_id not in found:
                raise NotFound(f"medium {media_id!r} not found", "media_ids")
        return [found[media_id] for media_id in ids]


def _pending(owner: tuple[str, str], url: str, now: float, *, hidden: bool) -> Medium:
    origin, state = Origin.FETCHED.value, Standing.PENDING.value
    return Medium(new_uuid(), *owner, origin, state, "", "", 0, url, now, now, hidden)


def _too_large(_sender: str, _recipient: str) -> int:
    return ErrorCode.MEDIA_TOO_LARGE
