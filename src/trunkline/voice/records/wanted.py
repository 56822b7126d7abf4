"""From the filters of a request to what a list is narrowed to."""

from collections.abc import Sequence
from typing import Any

from trunkline.contract.context import RequestContext
from trunkline.contract.errors import InvalidParameter, NotFound
from trunkline.contract.operation import Request
from trunkline.contract.operations.voice.calls import CallList, CallListNow
from trunkline.values.moments import Interval, Moment, interval_of, parse_moment
from trunkline.values.phone import sanitise
from trunkline.voice.records.model import REACH_S, SOURCES, Filters, Stir, is_uri

DAY_S = 86_400.0
DEFAULT_S = 7 * DAY_S  # PLIVO call: the last 7 days unless end_time is given
LONGEST_S = 30 * DAY_S  # PLIVO call: a longer range is refused with 400
_OPERATORS = ("eq", "gt", "gte", "lt", "lte")
_SLACK_S = 1.0  # `lte` takes in the whole second that it names


def filters_of(context: RequestContext, request: CallList) -> Filters:
    """Return what a list of ended calls is narrowed to.

    Raises:
        InvalidParameter, NotFound: a filter that cannot be meant.
    """
    shortest, longest = _durations(request)
    times = given_moments(request, "end_time")
    ended = window(times, context.now, "end_time").within(Interval(context.now - REACH_S))
    return Filters(
        main_id=context.principal.main_auth_id,
        account_id=account_wanted(context, request.subaccount),
        direction=request.call_direction,
        senders=ends_of("from_number", request.from_number),
        recipients=ends_of("to_number", request.to_number),
        ended=ended,
        shortest=shortest,
        longest=longest,
        parent_uuid=(request.parent_call_uuid or "").lower() or None,
        hangup_code=request.hangup_cause_code,
        hangup_source=_one_of("hangup_source", request.hangup_source, SOURCES),
        stir_verification=_one_of(
            "stir_verification", request.stir_verification, [one.value for one in Stir]
        ),
    )


def filters_of_now(context: RequestContext, request: CallListNow) -> Filters:
    """Return what a list of live or queued calls is narrowed to."""
    return Filters(
        main_id=context.principal.main_auth_id,
        account_id=account_wanted(context, None),
        direction=request.call_direction,
        senders=ends_of("from_number", request.from_number),
        recipients=ends_of("to_number", request.to_number),
    )


def account_wanted(context: RequestContext, subaccount: str | None) -> str | None:
    """Return whose things are listed; None: the main account's with all its subaccounts'.

    Raises:
        NotFound: a subaccount asks for another's.
    """
    main_id = context.principal.main_auth_id
    own = None if context.account_id == main_id else context.account_id
    if subaccount is not None and own not in (None, subaccount):
        raise NotFound(f"subaccount {subaccount} not found", "subaccount")
    return own or subaccount


def given_moments(request: Request, field: str) -> dict[str, Moment]:
    """Return the moments that a field and its `__gt` … forms were given, by operator.

    Raises:
        InvalidParameter: one is no moment.
    """
    found: dict[str, Moment] = {}
    for operator in _OPERATORS:
        name = field if operator == "eq" else f"{field}__{operator}"
        text: str | None = getattr(request, name)
        if not text:
            continue
        try:
            found[operator] = parse_moment(text)
        except ValueError as error:
            raise InvalidParameter(name, str(error)) from None
    return found


def window(moments: dict[str, Moment], now: float, field: str) -> Interval:
    """Return the stretch of time that is searched.

    PLIVO call: the last 7 days; 30 days from or to a bound that is alone.

    Raises:
        InvalidParameter: it is longer than 30 days.
    """
    if not moments:
        return Interval(now - DEFAULT_S)
    found = interval_of(moments)
    if found.since < found.until - LONGEST_S - _SLACK_S:
        if found.until == Interval().until:
            return Interval(found.since, found.since + LONGEST_S)
        if found.since == Interval().since:
            return Interval(found.until - LONGEST_S, found.until)
        raise InvalidParameter(field, "may not be a range of more than 30 days")
    return found


def ends_of(field: str, text: str | None) -> tuple[str, ...]:
    """Return beginnings of numbers, without plus and punctuation, and SIP URIs as they are.

    Raises:
        InvalidParameter: something is given, but no number: all would match that.
    """
    parts = [part.strip() for part in (text or "").split("<")]
    found = tuple(end for part in parts if (end := part if is_uri(part) else sanitise(part)))
    if any(parts) and not found:
        raise InvalidParameter(field, "names no number")
    return found


def repeated(request: Request) -> Sequence[tuple[str, str]]:
    """Return the filters as links to other pages repeat them."""
    names = (name for name in request.__struct_fields__ if name not in ("limit", "offset"))
    given: list[tuple[str, Any]] = [(name, getattr(request, name)) for name in names]
    return [(name, str(value)) for name, value in given if value is not None]


def _durations(request: CallList) -> tuple[int, int | None]:
    """Return the shortest and the longest duration wanted."""
    shortest, longest = [0], [2**31 - 1]
    exactly = request.bill_duration
    if exactly is not None:
        shortest.append(exactly)
        longest.append(exactly)
    for at_least, step in ((request.bill_duration__gt, 1), (request.bill_duration__gte, 0)):
        if at_least is not None:
            shortest.append(at_least + step)
    for at_most, step in ((request.bill_duration__lt, 1), (request.bill_duration__lte, 0)):
        if at_most is not None:
            longest.append(at_most - step)
    return max(shortest), min(longest) if len(longest) > 1 else None


def _one_of(field: str, value: str | None, allowed: Sequence[str]) -> str | None:
    """Return one of `allowed` as it is spelt there.

    Raises:
        InvalidParameter: it is none of them.
    """
    if not value:
        return None
    for one in allowed:
        if value.strip().lower() == one.lower():
            return one
    raise InvalidParameter(field, f"must be one of {', '.join(allowed)}")
