"""Wire ↔ domain for toll-free verifications."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta

from trunkline.accounts.access import scope_of
from trunkline.accounts.model import Scope
from trunkline.compliance import callbacks
from trunkline.compliance.api.desk import (
    Desk,
    callback,
    filters,
    text,
    texts,
    uuid_or_not_found,
    wire_time,
)
from trunkline.compliance.enforce import TOLL_FREE
from trunkline.compliance.model import (
    TOLLFREE_OPEN,
    TOLLFREE_UPDATABLE,
    Callback,
    TollfreeDetails,
    TollfreeState,
    Verification,
)
from trunkline.compliance.registrar import note_tollfree
from trunkline.compliance.store import profiles, tollfree
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import BadRequest, InvalidParameter, NotFound
from trunkline.contract.operation import Confirmation
from trunkline.contract.operations.registration.tollfree import (
    VerificationAnswer,
    VerificationCreate,
    VerificationCreated,
    VerificationDelete,
    VerificationGet,
    VerificationList,
    VerificationPage,
    VerificationUpdate,
)
from trunkline.numbers import store as numbers_store
from trunkline.runtime.db import Connection
from trunkline.values.ids import new_uuid
from trunkline.values.pages import Page, page_meta
from trunkline.values.phone import parse_phone_number, sanitise
from trunkline.webhooks import enqueue

_NOT_FOUND = "Tollfree verification request not found."
_DETAILS = tuple(one.name for one in fields(TollfreeDetails))
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TollfreeApi:
    """The toll-free verification operations."""

    desk: Desk

    async def create(
        self, context: RequestContext, request: VerificationCreate
    ) -> VerificationCreated:
        number = _toll_free_number(request.number)
        given = texts(request, _DETAILS)
        for field in ("usecase_summary", "message_sample"):
            if field not in given:
                raise InvalidParameter(field, "must not be blank")
        told = callback(request.callback_url, request.callback_method, "callback_url")

        def work(conn: Connection, scope: Scope, revision: int) -> str:
            _check_profile(conn, scope, request.profile_uuid)
            owned = numbers_store.find(conn, scope, number)
            if owned is None:
                raise InvalidParameter("number", "not a number of this account")
            if tollfree.open_for(conn, number) is not None:
                raise InvalidParameter("number", "a request for it is being processed already")
            made = Verification(
                uuid=new_uuid(),
                main_auth_id=owned.main_auth_id,
                account_id=owned.account_id,
                number=number,
                profile_uuid=request.profile_uuid.strip().lower(),
                details=TollfreeDetails(**given),
                state=TollfreeState.SUBMITTED,
                callback=told,
                due_at=None,
                created_at=context.now,
                modified_at=context.now,
            )
            self._submit(conn, made, revision, context.now, is_new=True)
            return made.uuid

        uuid = await self.desk.change(context, work)
        return VerificationCreated(message="created", uuid=uuid)

    async def get(self, context: RequestContext, request: VerificationGet) -> VerificationAnswer:
        uuid = uuid_or_not_found("Tollfree verification request", request.uuid)
        scope = scope_of(context)
        found = await self.desk.look(lambda conn: tollfree.find(conn, scope, uuid))
        if found is None:
            raise NotFound(_NOT_FOUND)
        return _answer(found)

    async def list(self, context: RequestContext, request: VerificationList) -> VerificationPage:
        equal, repeated = filters(
            number=request.number and sanitise(request.number),
            status=request.status,
            profile_uuid=request.profile_uuid and request.profile_uuid.lower(),
            usecase=request.usecase and tollfree.same_order(request.usecase),
        )
        if "status" in equal:
            equal["state"] = equal.pop("status")
        created = _created(request)
        times = ("created", "created__gt", "created__gte", "created__lt", "created__lte")
        repeated += [(name, value) for name in times if (value := getattr(request, name))]
        page = Page(request.limit, request.offset)
        scope = scope_of(context)
        found, total = await self.desk.look(
            lambda conn: tollfree.page(conn, scope, equal, created, page)
        )
        path = f"/v1/Account/{context.account_id}/TollfreeVerification/"
        return VerificationPage(
            meta=page_meta(page, total, path, repeated), objects=[_answer(one) for one in found]
        )

    async def update(self, context: RequestContext, request: VerificationUpdate) -> Confirmation:
        uuid = uuid_or_not_found("Tollfree verification request", request.uuid)
        given = texts(request, _DETAILS)

        def work(conn: Connection, scope: Scope, revision: int) -> None:
            known = tollfree.find(conn, scope, uuid)
            if known is None:
                raise NotFound(_NOT_FOUND)
            if known.state not in TOLLFREE_UPDATABLE:
                raise BadRequest(
                    "Tollfree verification request can be updated only if it is SUBMITTED or"
                    f" UPDATE_REQUIRED, it is {known.state.value}."
                )
            if request.profile_uuid:
                _check_profile(conn, scope, request.profile_uuid)
            again = replace(
                known,
                profile_uuid=(request.profile_uuid or known.profile_uuid).strip().lower(),
                details=replace(known.details, **given),
                callback=Callback(
                    text("callback_url", request.callback_url) or known.callback.url,
                    request.callback_method or known.callback.method,
                ),
                state=TollfreeState.SUBMITTED,
                reason="",
                modified_at=context.now,
            )
            self._submit(conn, again, revision, context.now, is_new=False)
            if known.state is not again.state:
                enqueue(conn, callbacks.of_verification(again, context.now))

        await self.desk.change(context, work)
        return Confirmation(
            message=f"Tollfree verification request for uuid {uuid} updated successfully."
        )

    async def delete(self, context: RequestContext, request: VerificationDelete) -> None:
        uuid = uuid_or_not_found("Tollfree verification request", request.uuid)

        def work(conn: Connection, scope: Scope, revision: int) -> None:
            known = tollfree.find(conn, scope, uuid)
            if known is None:
                raise NotFound(_NOT_FOUND)
            if known.state not in TOLLFREE_OPEN:
                raise BadRequest(
                    "Tollfree verification request cannot be deleted any more, it is"
                    f" {known.state.value}."
                )
            tollfree.remove(conn, uuid, revision)
            note_tollfree(conn, known.main_auth_id, known.number, None)

        await self.desk.change(context, work)

    def _submit(
        self, conn: Connection, one: Verification, revision: int, now: float, *, is_new: bool
    ) -> None:
        delay_s = self.desk.registry.delay_s(one)
        one = replace(one, due_at=None if delay_s is None else now + delay_s)
        (tollfree.add if is_new else tollfree.save)(conn, one, revision)
        note_tollfree(conn, one.main_auth_id, one.number, one)


def handlers(desk: Desk) -> Mapping[str, Handler]:
    """Return the handler of each toll-free verification operation by its id."""
    api = TollfreeApi(desk)
    return {
        "tollfree_verification.create": api.create,
        "tollfree_verification.get": api.get,
        "tollfree_verification.list": api.list,
        "tollfree_verification.update": api.update,
        "tollfree_verification.delete": api.delete,
    }


def _toll_free_number(written: str) -> str:
    number = parse_phone_number(written)
    # PLIVO toll-free verification: US and Canadian toll-free numbers only
    if number is None or len(number) != 11 or number[0] != "1" or number[1:4] not in TOLL_FREE:
        raise InvalidParameter("number", "must be a US or Canadian toll-free number")
    return number


def _check_profile(conn: Connection, scope: Scope, profile_uuid: str) -> None:
    if profiles.find(conn, scope, profile_uuid.strip().lower()) is None:
        raise InvalidParameter("profile_uuid", "no such profile")


def _created(request: VerificationList) -> tuple[float | None, float | None]:
    """Return the time from which and the time before which; whole days in UTC."""
    since: list[float] = []
    until: list[float] = []
    if request.created:
        since.append(_day("created", request.created))
        until.append(_day("created", request.created, _DAY))
    if request.created__gt:
        since.append(_day("created__gt", request.created__gt, _DAY))
    if request.created__gte:
        since.append(_day("created__gte", request.created__gte))
    if request.created__lt:
        until.append(_day("created__lt", request.created__lt))
    if request.created__lte:
        until.append(_day("created__lte", request.created__lte, _DAY))
    return max(since, default=None), min(until, default=None)


def _day(field: str, written: str, more: timedelta = timedelta()) -> float:
    """Read YYYY-MM-DD, or a moment of which only the day counts."""
    try:
        day = datetime.strptime(written.strip()[:10], "%Y-%m-%d").replace(tzinfo=UTC)
        return (day + more).timestamp()
    except (ValueError, OverflowError):
        raise InvalidParameter(field, "must be YYYY-MM-DD") from None


def _answer(one: Verification) -> VerificationAnswer:
    return VerificationAnswer(
        uuid=one.uuid,
        profile_uuid=one.profile_uuid,
        number=one.number,
        **asdict(one.details),
        callback_url=one.callback.url,
        callback_method=one.callback.method,
        status=one.state.value,
        error_message=one.reason,
        rejection_reason=one.reason,
        created=wire_time(one.created_at),
        last_modified=wire_time(one.modified_at),
    )
