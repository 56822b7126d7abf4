"""Which member of a pool is chosen for whom, without a database."""

from collections import Counter
from typing import Any

import pytest

from trunkline.messaging.errors import PoolRefused
from trunkline.messaging.pools.choose import Chooser
from trunkline.messaging.pools.directory import Directory
from trunkline.messaging.pools.live import LivePool
from trunkline.messaging.pools.model import Kind, Member, Pool, Priority, Service
from trunkline.numbers.directory import Directory as Numbers
from trunkline.numbers.model import OwnedNumber

SF, SF2, LA, NY, TORONTO = "14155550100", "14155550101", "12135550100", "12125550100", "14165550100"
FREE, SHORT, LONDON = "18005550199", "72345", "442079460100"
TO_SF, TO_SF_OVERLAY, TO_SACRAMENTO = "14155550123", "16285550123", "19165550123"
TO_TEXAS, TO_OTTAWA, TO_BERLIN = "15125550123", "16135550123", "4915112345678"


def pool(**fields: Any) -> Pool:
    given: dict[str, Any] = {
        "pool_id": "p", "number_pool_id": "n", "main_auth_id": "MA1", "account_id": "MA1",
        "name": "p", "sticky": False, "local": True, "app_type": "", "app_id": "",
        "priorities": (), "created_at": 0.0,
    }  # fmt: skip
    return Pool(**{**given, **fields})


def member(number: str, country: str = "", service: Service = Service.SMS) -> Member:
    kind, listed = Kind.LONG_CODE, "fixed"
    if len(number) < 7:
        kind, listed = Kind.SHORT_CODE, "shortcode"
    elif number.startswith("1800"):
        kind, listed = Kind.TOLL_FREE, "tollfree"
    place = country or ("CA" if number == TORONTO else "GB" if number == LONDON else "US")
    return Member(number, "n", kind, listed, place, service, 0.0)


def live(*members: str | Member, **fields: Any) -> LivePool:
    made = LivePool(pool(**fields))
    for one in members:
        made.add(one if isinstance(one, Member) else member(one))
    return made


COUNTRIES = {TO_OTTAWA: "CA", TO_BERLIN: "DE"}


def chosen(made: LivePool, recipient: str, service: Service = Service.SMS) -> str:
    return made.choose(recipient, COUNTRIES.get(recipient, "US"), service)


@pytest.mark.parametrize(
    ("recipient", "expected"),
    [
        (TO_SF, SF), (TO_SF_OVERLAY, {SF, LA}), (TO_SACRAMENTO, {SF, LA}),
        (TO_OTTAWA, TORONTO), (TO_TEXAS, {SF, LA, NY}), (TO_BERLIN, {SF, LA, NY, TORONTO}),
    ],
)  # fmt: skip
def test_local_numbers_come_first(recipient: str, expected: str | set[str]) -> None:
    made = live(SF, LA, NY, TORONTO)
    found: set[str] = set()
    for _ in range(8):
        sender = chosen(made, recipient)
        made.count(sender)
        found.add(sender)
    assert found == ({expected} if isinstance(expected, str) else expected)


def test_without_local_connect_all_of_the_country_are_used() -> None:
    made = live(SF, NY, TORONTO, local=False)
    found: Counter[str] = Counter()
    for _ in range(100):
        sender = chosen(made, TO_SF)
        made.count(sender)
        found[sender] += 1
    assert found == {SF: 50, NY: 50}


def test_by_default_short_codes_come_first_then_toll_free_numbers() -> None:
    made = live(SF, FREE, SHORT)
    assert chosen(made, TO_SF) == SHORT
    made.drop(SHORT)
    assert chosen(made, TO_SF) == FREE
    made.drop(FREE)
    assert chosen(made, TO_SF) == SF
    made.drop(SF)
    assert chosen(made, TO_SF) == ""


@pytest.mark.parametrize(
    ("recipient", "service", "expected"),
    [
        (TO_SF, Service.SMS, FREE),
        (TO_SF, Service.MMS, SF),
        (TO_OTTAWA, Service.SMS, SF),
        (TO_BERLIN, Service.SMS, SF),
    ],
)
def test_priorities_are_by_country_and_service(
    recipient: str, service: Service, expected: str
) -> None:
    order = (Kind.TOLL_FREE, Kind.LONG_CODE, Kind.SHORT_CODE)
    mms = member(SF, service=Service.MMS)
    made = live(mms, FREE, SHORT, priorities=(Priority(Service.SMS, "US", order),))
    assert chosen(made, recipient, service) == expected


def test_kinds_that_a_priority_leaves_out_are_not_used() -> None:
    only = (Priority(Service.SMS, "US", (Kind.TOLL_FREE,)),)
    assert chosen(live(SF, SHORT, priorities=only), TO_SF) == ""
    assert chosen(live(SF, FREE, priorities=only), TO_SF) == FREE


def test_a_number_never_writes_to_itself() -> None:
    assert chosen(live(SF), SF) == ""
    assert chosen(live(SF, NY), SF) == NY


def test_a_new_number_is_not_flooded() -> None:
    made = live(SF, SF2)
    for _ in range(100):
        made.count(chosen(made, TO_SF))
    made.add(member("14155550102"))
    found: Counter[str] = Counter()
    for _ in range(30):
        sender = chosen(made, TO_SF)
        made.count(sender)
        found[sender] += 1
    assert set(found.values()) == {10}


def test_a_large_group_is_used_evenly() -> None:
    numbers = [f"1415555{number:04d}" for number in range(1_000)]
    made = live(*numbers)
    for _ in range(10_000):
        made.count(chosen(made, TO_TEXAS))
    assert set(made.loads.values()) <= {9, 10, 11}


# -- the chooser


class Owned:
    """The numbers' directory: who owns which."""

    def __init__(self, *numbers: str, main: str = "MA1", account: str = "") -> None:
        self.owned = {
            number: OwnedNumber(
                number=number, main_auth_id=main, account_id=account or main, country="US",
                added_at=0.0,
            )
            for number in numbers
        }  # fmt: skip

    def get(self, number: str) -> OwnedNumber | None:
        return self.owned.get(number)


def chooser(
    *members: str, owned: Any = None, blocked: tuple[tuple[str, str], ...] = (), **fields: Any
) -> Chooser:
    directory = Directory()
    directory._apply_pools([], [pool(**fields)])
    directory._apply_members([], [member(one) for one in members])
    numbers: Numbers = owned or Owned(*members)  # type: ignore[assignment]
    return Chooser(directory, numbers, lambda *pair: pair in blocked)


def senders(one: Chooser, *recipients: str, account: str = "MA1") -> Any:
    return one.from_memory(one.wanted(account, "P", "sms", recipients))


def test_unknown_pools_and_services_are_refused() -> None:
    one = chooser(SF)
    for account, pool_id in (("MA2", "p"), ("MA1", "q"), ("SA1", "p")):
        with pytest.raises(PoolRefused, match="no such Powerpack"):
            one.wanted(account, pool_id, "sms", [TO_SF])
    with pytest.raises(PoolRefused, match="no number for MMS"):
        one.wanted("MA1", "p", "mms", [TO_SF])
    with pytest.raises(PoolRefused, match="no number for SMS"):
        chooser().wanted("MA1", "p", "sms", [TO_SF])


def test_a_main_account_may_use_its_subaccounts_pools() -> None:
    one = chooser(SF, owned=Owned(SF, account="SA1"), account_id="SA1")
    assert senders(one, TO_SF) == {TO_SF: SF}
    assert senders(one, TO_SF, account="SA1") == {TO_SF: SF}


def test_numbers_that_are_elsewhere_now_are_not_used() -> None:
    owned = Owned(SF, NY)
    one = chooser(SF, NY, owned=owned)
    del owned.owned[SF]
    assert senders(one, TO_SF) == {TO_SF: NY}
    one = chooser(SF, NY, owned=Owned(SF, NY), account_id="SA1")
    assert senders(one, TO_SF, account="SA1") == {TO_SF: ""}
    one = chooser(SF, owned=Owned(SF, main="MA2"))
    assert senders(one, TO_SF) == {TO_SF: ""}


def test_a_pool_does_not_go_round_an_opt_out() -> None:
    one = chooser(SF, SF2, NY, blocked=((NY, TO_SF),))
    assert senders(one, TO_SF, TO_TEXAS)[TO_SF] == NY
    assert senders(one, TO_TEXAS)[TO_TEXAS] in {SF, SF2, NY}


def test_what_is_remembered_is_void_once_a_member_left() -> None:
    one = chooser(SF, SF2, sticky=True)
    wanted = one.wanted("MA1", "p", "sms", [TO_SF])
    assert one.from_memory(wanted) is None
    one.remember(wanted, {TO_SF: SF})
    assert one.from_memory(wanted) == {TO_SF: SF}
    one._directory._apply_members([SF2], [])
    assert one.from_memory(wanted) is None


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trunkline.messaging.pools.choose.REMEMBERED", 10)
    one = chooser(SF, sticky=True)
    wanted = one.wanted("MA1", "p", "sms", [])
    for number in range(25):
        one.remember(wanted, {str(number): SF})
    assert len(one._remembered) == 10
    assert senders(one, "24") == {"24": SF}


def test_members_may_be_heard_of_before_their_pool() -> None:
    directory = Directory()
    directory._apply_members([], [member(SF)])
    assert directory.pool_of(SF) == ""
    directory._apply_pools([], [pool()])
    assert directory.pool_of(SF) == "p"
    found = directory.get("p")
    assert found is not None
    assert list(found.members) == [SF]
    directory._apply_pools(["p"], [])
    assert directory.pool_of(SF) == ""
    assert directory.get("p") is None
