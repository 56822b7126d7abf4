"""Incoming carriers: where an account's own numbers come from."""

from typing import Annotated

from msgspec import Meta

from trunkline.contract.fields import SAMPLE_META, Limit, Offset
from trunkline.contract.operation import Answer, Confirmation, Operation, Request
from trunkline.values.pages import DEFAULT_LIMIT, PageMeta

_CARRIERS = "/v1/Account/{auth_id}/IncomingCarrier/"
_CARRIER = "/v1/Account/{auth_id}/IncomingCarrier/{carrier_id}/"

CarrierId = Annotated[str, Meta(max_length=64, description="Id of the carrier.")]
# PLIVO incoming carrier: "the name can be chosen at will".
CarrierName = Annotated[str, Meta(min_length=1, max_length=64)]
IpSet = Annotated[
    str,
    Meta(max_length=4_096, description="IP addresses with commas between.", extra={"join": ","}),
]
_NAME = Meta(description="A name of your own for it.")


class CarrierCreate(Request, kw_only=True, frozen=True):
    """A new carrier."""

    name: Annotated[CarrierName, _NAME]
    ip_set: IpSet


class CarrierUpdate(Request, kw_only=True, frozen=True):
    """Fields that are absent stay as they are."""

    carrier_id: CarrierId
    name: Annotated[CarrierName | None, _NAME] = None
    ip_set: Annotated[IpSet | None, Meta(extra={"join": ","})] = None


class CarrierGet(Request, kw_only=True, frozen=True):
    """One carrier."""

    carrier_id: CarrierId


class CarrierList(Request, kw_only=True, frozen=True):
    """A page of carriers."""

    name: Annotated[
        Annotated[str, Meta(max_length=64)] | None,
        Meta(description="Only carriers whose name is that or has it in it."),
    ] = None
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class CarrierDelete(Request, kw_only=True, frozen=True):
    """Remove a carrier and all of its numbers."""

    carrier_id: CarrierId


class CarrierCreated(Confirmation, kw_only=True):
    """The id of the new carrier."""

    carrier_id: str


class CarrierAnswer(Answer, kw_only=True):
    """The incoming carrier object."""

    carrier_id: str
    ip_set: str
    name: str
    resource_uri: str
    sms: bool
    voice: bool


class CarrierPage(Answer, kw_only=True):
    """A page of carriers."""

    meta: PageMeta
    objects: list[CarrierAnswer]


_EXAMPLE = {
    "carrier_id": "19381640842535",
    "ip_set": "192.0.2.1,192.0.2.2",
    "name": "my_carrier",
    "resource_uri": "/v1/Account/MA2025RK4E639VJFZAGV/IncomingCarrier/19381640842535/",
    "sms": False,
    "voice": True,
}

OPERATIONS = (
    Operation(
        id="incoming_carrier.list",
        name="listIncomingCarriers",
        method="GET",
        path=_CARRIERS,
        request=CarrierList,
        response=CarrierPage,
        summary="List incoming carriers",
        source="PLIVO incoming carrier: list",
        tags=("incoming_carrier",),
        request_example={"name": "my_carrier"},
        response_example={
            "meta": SAMPLE_META,
            "objects": [_EXAMPLE],
        },
    ),
    Operation(
        id="incoming_carrier.get",
        name="getSingleIncomingCarrier",
        method="GET",
        path=_CARRIER,
        request=CarrierGet,
        response=CarrierAnswer,
        summary="Get an incoming carrier",
        source="PLIVO incoming carrier: retrieve",
        tags=("incoming_carrier",),
        response_example=_EXAMPLE,
    ),
    Operation(
        id="incoming_carrier.create",
        name="addIncomingCarrier",
        method="POST",
        path=_CARRIERS,
        request=CarrierCreate,
        response=CarrierCreated,
        success_status=201,
        summary="Add an incoming carrier",
        source="PLIVO incoming carrier: add",
        tags=("incoming_carrier",),
        request_example={"name": "my_carrier", "ip_set": "192.0.2.1,192.0.2.2"},
        response_example={"message": "created", "carrier_id": "19381640842535"},
    ),
    Operation(
        id="incoming_carrier.update",
        name="updateIncomingCarrier",
        method="POST",
        path=_CARRIER,
        request=CarrierUpdate,
        response=Confirmation,
        success_status=202,
        summary="Change an incoming carrier",
        source="PLIVO incoming carrier: update",
        tags=("incoming_carrier",),
        request_example={"ip_set": "192.0.2.7"},
        response_example={"message": "changed"},
    ),
    Operation(
        id="incoming_carrier.delete",
        name="removeIncomingCarrier",
        method="DELETE",
        path=_CARRIER,
        request=CarrierDelete,
        response=None,
        success_status=204,
        summary="Remove an incoming carrier and its numbers",
        source="PLIVO incoming carrier: remove deletes all its numbers",
        tags=("incoming_carrier",),
    ),
)
