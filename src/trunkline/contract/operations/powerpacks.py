"""Powerpacks: sender pools, and how a sender is chosen from each."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from trunkline.contract.fields import SAMPLE_META, Limit, Offset
from trunkline.contract.operation import Answer, Operation, Request
from trunkline.values.pages import DEFAULT_LIMIT, PageMeta

_POWERPACKS = "/v1/Account/{auth_id}/Powerpack/"
_POWERPACK = "/v1/Account/{auth_id}/Powerpack/{uuid}/"
_MAX_PRIORITIES = 100

PowerpackUuid = Annotated[str, Meta(description="Id of the Powerpack.", max_length=64)]
PowerpackName = Annotated[str, Meta(min_length=1, max_length=255)]
NumberPriorities = Annotated[list[dict[str, Any]], Meta(max_length=_MAX_PRIORITIES)]

_NAME = Meta(description="Unique among the account's Powerpacks.")
_STICKY = Meta(description="A recipient always hears from the same sender.")
_LOCAL = Meta(description="Prefer numbers of the recipient's area code, then of its state.")
_APP_TYPE = Meta(description="Kind of the application; needed with `application_id`.")
_APP_ID = Meta(
    description="Application that gets what the pool's numbers receive; `none` for none.",
    max_length=64,
)
_PRIORITY = Meta(
    description="For each country (`country_iso`) and `service_type` (SMS, MMS) which kinds of "
    "numbers are used and in which order: `priority` has `priority1` to `priority3` of shortcode, "
    "tollfree, longcode. What is not named for a pair is used in that order."
)


class PowerpackCreate(Request, kw_only=True, frozen=True):
    """A new Powerpack with an empty number pool."""

    name: Annotated[PowerpackName, _NAME]
    sticky_sender: Annotated[bool, _STICKY] = True
    local_connect: Annotated[bool, _LOCAL] = True
    application_type: Annotated[Literal["xml", "phlo"] | None, _APP_TYPE] = None
    application_id: Annotated[str, _APP_ID] | None = None
    number_priority: Annotated[NumberPriorities | None, _PRIORITY] = None


class PowerpackUpdate(Request, kw_only=True, frozen=True):
    """Fields that are absent stay as they are; `application_id` "none" removes the application."""

    uuid: PowerpackUuid
    name: Annotated[PowerpackName | None, _NAME] = None
    sticky_sender: Annotated[bool | None, _STICKY] = None
    local_connect: Annotated[bool | None, _LOCAL] = None
    application_type: Annotated[Literal["xml", "phlo"] | None, _APP_TYPE] = None
    application_id: Annotated[str, _APP_ID] | None = None
    number_priority: Annotated[NumberPriorities | None, _PRIORITY] = None


class PowerpackGet(Request, kw_only=True, frozen=True):
    """One Powerpack."""

    uuid: PowerpackUuid


class PowerpackList(Request, kw_only=True, frozen=True):
    """A page of Powerpacks, the newest first."""

    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class PowerpackDelete(Request, kw_only=True, frozen=True):
    """Delete for good; its numbers stay the account's unless they are to be unrented."""

    uuid: PowerpackUuid
    unrent_numbers: Annotated[
        bool, Meta(description="Unrent its numbers too; short codes are only unlinked.")
    ] = False


class PowerpackAnswer(Answer, kw_only=True):
    """The Powerpack object."""

    application_id: str
    application_type: str
    created_on: Annotated[str, Meta(description="`YYYY-MM-DDTHH:MM:SS.ffffffZ`.")]
    local_connect: bool
    name: str
    number_pool: Annotated[str, Meta(description="URI of its number pool.")]
    number_priority: Annotated[
        list[dict[str, Any]], Meta(description="What is in force for each country and service.")
    ]
    sticky_sender: bool
    uuid: str


class PowerpackPage(Answer, kw_only=True):
    """A page of Powerpacks."""

    meta: PageMeta
    objects: list[PowerpackAnswer]


class Success(Answer, kw_only=True):
    """It is done."""

    response: str = "success"


_PRIORITY_EXAMPLE = [
    {
        "country_iso": "US",
        "priority": {"priority1": "shortcode", "priority2": "longcode", "priority3": "tollfree"},
        "service_type": "SMS",
    }
]
_EXAMPLE = {
    "application_id": "20468599130939380",
    "application_type": "xml",
    "created_on": "2026-03-02T10:15:30.924044Z",
    "local_connect": True,
    "name": "Appointments",
    "number_pool": (
        "/v1/Account/MA2025RK4E639VJFZAGV/NumberPool/659c7f88-c819-46e2-8af4-2d8a84249099/"
    ),
    "number_priority": _PRIORITY_EXAMPLE,
    "sticky_sender": True,
    "uuid": "86bbb125-97bb-4d72-89fd-81d5c515b015",
}

OPERATIONS = (
    Operation(
        id="powerpack.create",
        method="POST",
        path=_POWERPACKS,
        request=PowerpackCreate,
        response=PowerpackAnswer,
        summary="Create a Powerpack",
        source="PLIVO powerpack: create; number_priority from the SDKs",
        tags=("powerpack",),
        request_example={
            "name": "Appointments",
            "sticky_sender": True,
            "number_priority": _PRIORITY_EXAMPLE,
        },
        response_example=_EXAMPLE,
    ),
    Operation(
        id="powerpack.get",
        method="GET",
        path=_POWERPACK,
        request=PowerpackGet,
        response=PowerpackAnswer,
        summary="Get a Powerpack",
        source="PLIVO powerpack: retrieve",
        tags=("powerpack",),
        response_example=_EXAMPLE,
    ),
    Operation(
        id="powerpack.list",
        method="GET",
        path=_POWERPACKS,
        request=PowerpackList,
        response=PowerpackPage,
        summary="List Powerpacks",
        source="PLIVO powerpack: list",
        tags=("powerpack",),
        request_example={"limit": 20, "offset": 0},
        response_example={
            "meta": SAMPLE_META,
            "objects": [_EXAMPLE],
        },
    ),
    Operation(
        id="powerpack.update",
        method="POST",
        path=_POWERPACK,
        request=PowerpackUpdate,
        response=PowerpackAnswer,
        summary="Change a Powerpack",
        source="PLIVO powerpack: update",
        tags=("powerpack",),
        request_example={"name": "Reminders"},
        response_example={**_EXAMPLE, "name": "Reminders"},
    ),
    Operation(
        id="powerpack.delete",
        method="DELETE",
        path=_POWERPACK,
        request=PowerpackDelete,
        response=Success,
        summary="Delete a Powerpack",
        source="PLIVO powerpack: delete; SDKs read the body, so 200",
        tags=("powerpack",),
        request_example={"unrent_numbers": False},
        response_example={"response": "success"},
    ),
)
