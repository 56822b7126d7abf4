"""Every operation of Plivo's API: those this release has types for, and those it only knows of."""

from trunkline.contract.operation import Operation, PlannedOperation
from trunkline.contract.operations import (
    accounts,
    applications,
    incoming_carriers,
    media,
    messages,
    number_pools,
    numbers,
    phone_numbers,
    powerpacks,
    pricing,
)
from trunkline.contract.operations.planned import PLANNED
from trunkline.contract.operations.registration import (
    brands,
    campaigns,
    links,
    profiles,
    tollfree,
)
from trunkline.contract.operations.voice import (
    calls,
    conferences,
    endpoints,
    feedback,
    live,
    members,
    multiparty,
    participants,
    placing,
    recordings,
    streams,
    transcriptions,
)

OPERATIONS: tuple[Operation, ...] = (
    *accounts.OPERATIONS,
    *applications.OPERATIONS,
    *incoming_carriers.OPERATIONS,
    *messages.OPERATIONS,
    *numbers.OPERATIONS,
    *phone_numbers.OPERATIONS,
    *pricing.OPERATIONS,
    *powerpacks.OPERATIONS,
    *number_pools.OPERATIONS,
    *media.OPERATIONS,
    *profiles.OPERATIONS,
    *brands.OPERATIONS,
    *campaigns.OPERATIONS,
    *links.OPERATIONS,
    *tollfree.OPERATIONS,
    *endpoints.OPERATIONS,
    *placing.OPERATIONS,
    *calls.OPERATIONS,
    *feedback.OPERATIONS,
    *live.OPERATIONS,
    *streams.OPERATIONS,
    *conferences.OPERATIONS,
    *members.OPERATIONS,
    *multiparty.OPERATIONS,
    *participants.OPERATIONS,
    *recordings.OPERATIONS,
    *transcriptions.OPERATIONS,
)
"""Operations with request and answer types; each needs exactly one handler."""

_BY_ID = {operation.id: operation for operation in OPERATIONS}


def catalog() -> tuple[Operation | PlannedOperation, ...]:
    """Return every operation that is known, served or not."""
    return (*OPERATIONS, *PLANNED)


def operation(operation_id: str) -> Operation:
    """Return the operation of that id.

    Raises:
        KeyError: there is none with types.
    """
    return _BY_ID[operation_id]
