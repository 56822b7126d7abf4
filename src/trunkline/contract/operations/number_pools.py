"""The numbers, short codes and toll-free numbers of a Powerpack's number pool."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from trunkline.contract.fields import Limit, Offset
from trunkline.contract.operation import Answer, Operation, Request
from trunkline.contract.operations.powerpacks import Success
from trunkline.values.pages import DEFAULT_LIMIT, PageMeta

_POOL = "/v1/Account/{auth_id}/NumberPool/{number_pool_uuid}/"
_NUMBERS, _NUMBER = _POOL + "Number/", _POOL + "Number/{number}/"
_SHORTCODES, _SHORTCODE = _POOL + "Shortcode/", _POOL + "Shortcode/{shortcode}/"
_TOLLFREES, _TOLLFREE = _POOL + "Tollfree/", _POOL + "Tollfree/{tollfree}/"
_MAX_PREFIXES = 10  # PLIVO number pool: a max of 10 prefixes may be specified

PoolUuid = Annotated[str, Meta(description="Id of the number pool.", max_length=64)]
Number = Annotated[str, Meta(description="The number, country code first.", max_length=32)]
Service = Literal["sms", "mms"]
_SERVICE = Meta(description="What it carries: mms is SMS and MMS.")
_ONLY_SERVICE = Meta(description="Only what was added for that service.")
_RENT = Meta(description="Buy the number first.")
_UNRENT = Meta(description="Give the number back too.")


class PoolNumberList(Request, kw_only=True, frozen=True):
    """A page of the pool's numbers, toll-free ones among them, the newest first."""

    number_pool_uuid: PoolUuid
    starts_with: Annotated[
        Annotated[list[str], Meta(max_length=_MAX_PREFIXES)] | None,
        Meta(
            description="Only numbers with one of these prefixes, without country code; needs "
            "`country_iso2`.",
            extra={"split": ","},
        ),
    ] = None
    country_iso2: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z]{2}$", extra={"form": "two letters"})] | None,
        Meta(description="Only of that country."),
    ] = None
    type: Annotated[
        Literal["fixed", "mobile", "tollfree", "toll-free"] | None,
        Meta(description="Only of that type; local and national numbers are fixed."),
    ] = None
    service: Annotated[Service | None, _ONLY_SERVICE] = None
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class PoolNumberGet(Request, kw_only=True, frozen=True):
    """One number of a pool."""

    number_pool_uuid: PoolUuid
    number: Number
    service: Annotated[Service | None, _ONLY_SERVICE] = None


class PoolNumberAdd(Request, kw_only=True, frozen=True):
    """Put a number that the account has, or buys, into the pool; also a short code of its own."""

    number_pool_uuid: PoolUuid
    number: Number
    service: Annotated[Service | None, _SERVICE] = None
    rent: Annotated[bool, _RENT] = False


class PoolNumberRemove(Request, kw_only=True, frozen=True):
    """Take a number out of the pool."""

    number_pool_uuid: PoolUuid
    number: Number
    unrent: Annotated[bool, _UNRENT] = False


class PoolShortcodeList(Request, kw_only=True, frozen=True):
    """A page of the pool's short codes."""

    number_pool_uuid: PoolUuid
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class PoolShortcodeGet(Request, kw_only=True, frozen=True):
    """One short code of a pool."""

    number_pool_uuid: PoolUuid
    shortcode: Number
    service: Annotated[Service | None, _ONLY_SERVICE] = None


class PoolShortcodeRemove(Request, kw_only=True, frozen=True):
    """Take a short code out of the pool; it stays the account's."""

    number_pool_uuid: PoolUuid
    shortcode: Number


class PoolTollfreeList(Request, kw_only=True, frozen=True):
    """A page of the pool's toll-free numbers; a pool has one at most."""

    number_pool_uuid: PoolUuid
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class PoolTollfreeGet(Request, kw_only=True, frozen=True):
    """One toll-free number of a pool."""

    number_pool_uuid: PoolUuid
    tollfree: Number
    service: Annotated[Service | None, _ONLY_SERVICE] = None


class PoolTollfreeAdd(Request, kw_only=True, frozen=True):
    """Put a toll-free number that the account has, or buys, into the pool."""

    number_pool_uuid: PoolUuid
    tollfree: Number
    service: Annotated[Service | None, _SERVICE] = None
    rent: Annotated[bool, _RENT] = False


class PoolTollfreeRemove(Request, kw_only=True, frozen=True):
    """Take a toll-free number out of the pool."""

    number_pool_uuid: PoolUuid
    tollfree: Number
    unrent: Annotated[bool, _UNRENT] = False


class PoolNumber(Answer, kw_only=True):
    """A number of a pool; SDKs disagree about the name of the pool's id, so it has them all."""

    account_phone_number_resource: str
    added_on: Annotated[str, Meta(description="`YYYY-MM-DDTHH:MM:SS.ffffffZ`.")]
    country_iso2: str
    number: str
    number_pool: Annotated[str, Meta(description="URI of the number pool.")]
    number_pool_uuid: str
    numberpool_uuid: str
    service: str
    type: Annotated[str, Meta(description="fixed, mobile or tollfree.")]
    uuid: Annotated[str, Meta(description="Id of the number pool.")]


class PoolNumberPage(Answer, kw_only=True):
    """A page of numbers; `next` and `previous` are "" when there is none."""

    meta: PageMeta
    objects: list[PoolNumber]


class PoolShortcode(Answer, kw_only=True):
    """A short code of a pool; `number` is the short code too, for Java."""

    added_on: Annotated[str, Meta(description="`YYYY-MM-DDTHH:MM:SS.ffffffZ`.")]
    country_iso2: str
    number: str
    number_pool_uuid: str
    service: str
    shortcode: str


class PoolShortcodePage(Answer, kw_only=True):
    """A page of short codes; `next` and `previous` are "" when there is none."""

    meta: PageMeta
    objects: list[PoolShortcode]


_UUID = "659c7f88-c819-46e2-8af4-2d8a84249099"
_META = {"limit": 20, "offset": 0, "next": "", "previous": "", "total_count": 1}
_LONG: dict[str, Any] = {
    "account_phone_number_resource": "/v1/Account/MA2025RK4E639VJFZAGV/Number/14155550100/",
    "added_on": "2026-03-02T10:15:30.578928Z",
    "country_iso2": "US",
    "number": "14155550100",
    "number_pool": f"/v1/Account/MA2025RK4E639VJFZAGV/NumberPool/{_UUID}/",
    "number_pool_uuid": _UUID,
    "numberpool_uuid": _UUID,
    "service": "sms",
    "type": "fixed",
    "uuid": _UUID,
}
_FREE = {
    **_LONG,
    "account_phone_number_resource": "/v1/Account/MA2025RK4E639VJFZAGV/Number/18005550199/",
    "number": "18005550199",
    "service": "mms",
    "type": "tollfree",
}
_SHORT = {
    "added_on": "2026-03-02T10:15:30.578928Z",
    "country_iso2": "US",
    "number": "72345",
    "number_pool_uuid": _UUID,
    "service": "sms",
    "shortcode": "72345",
}
_DONE = {"response": "success"}


def _operation(name: str, path: str, **fields: Any) -> Operation:
    methods = {"list": "GET", "get": "GET", "add": "POST", "remove": "DELETE"}
    return Operation(
        id=name,
        method=methods[name.partition(".")[2]],
        path=path,
        source="PLIVO powerpack: number pools",
        tags=("powerpack",),
        **fields,
    )


OPERATIONS = (
    _operation(
        "numberpool_number.list",
        _NUMBERS,
        request=PoolNumberList,
        response=PoolNumberPage,
        summary="List the numbers of a pool",
        request_example={"country_iso2": "US", "starts_with": ["415"], "limit": 20},
        response_example={"meta": _META, "objects": [_LONG]},
    ),
    _operation(
        "numberpool_number.get",
        _NUMBER,
        request=PoolNumberGet,
        response=PoolNumber,
        summary="Find a number in a pool",
        response_example=_LONG,
    ),
    _operation(
        "numberpool_number.add",
        _NUMBER,
        request=PoolNumberAdd,
        response=PoolNumber,
        summary="Add a number to a pool",
        request_example={"service": "sms"},
        response_example=_LONG,
    ),
    _operation(
        "numberpool_number.remove",
        _NUMBER,
        request=PoolNumberRemove,
        response=Success,
        summary="Remove a number from a pool",
        request_example={"unrent": False},
        response_example=_DONE,
    ),
    _operation(
        "numberpool_shortcode.list",
        _SHORTCODES,
        request=PoolShortcodeList,
        response=PoolShortcodePage,
        summary="List the short codes of a pool",
        request_example={"limit": 20},
        response_example={"meta": _META, "objects": [_SHORT]},
    ),
    _operation(
        "numberpool_shortcode.get",
        _SHORTCODE,
        request=PoolShortcodeGet,
        response=PoolShortcode,
        summary="Find a short code in a pool",
        response_example=_SHORT,
    ),
    _operation(
        "numberpool_shortcode.remove",
        _SHORTCODE,
        request=PoolShortcodeRemove,
        response=Success,
        summary="Remove a short code from a pool",
        response_example=_DONE,
    ),
    _operation(
        "numberpool_tollfree.list",
        _TOLLFREES,
        request=PoolTollfreeList,
        response=PoolNumberPage,
        summary="List the toll-free numbers of a pool",
        request_example={"limit": 20},
        response_example={"meta": _META, "objects": [_FREE]},
    ),
    _operation(
        "numberpool_tollfree.get",
        _TOLLFREE,
        request=PoolTollfreeGet,
        response=PoolNumber,
        summary="Find a toll-free number in a pool",
        response_example=_FREE,
    ),
    _operation(
        "numberpool_tollfree.add",
        _TOLLFREE,
        request=PoolTollfreeAdd,
        response=PoolNumber,
        summary="Add a toll-free number to a pool",
        request_example={"service": "mms"},
        response_example=_FREE,
    ),
    _operation(
        "numberpool_tollfree.remove",
        _TOLLFREE,
        request=PoolTollfreeRemove,
        response=Success,
        summary="Remove a toll-free number from a pool",
        request_example={"unrent": False},
        response_example=_DONE,
    ),
)
