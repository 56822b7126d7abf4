from trunkline.engines.sip.bans import Bans
from trunkline.engines.sip.config import BanPolicy
from trunkline.engines.sip.trunks import Trunk, TrunkTable

POLICY = BanPolicy(failures=3, window_s=10, ban_s=60, challenges=5)


def test_failures_within_the_window_ban():
    bans = Bans(POLICY)
    assert not bans.failed("a", 0)
    assert not bans.failed("a", 1)
    assert not bans.is_banned("a", 1)
    assert bans.failed("a", 2)
    assert bans.is_banned("a", 61)
    assert bans.banned(61) == ["a"]
    assert not bans.is_banned("b", 2)
    assert not bans.is_banned("a", 62)
    assert not bans.failed("a", 63)


def test_failures_far_apart_do_not():
    bans = Bans(POLICY)
    assert not any(bans.failed("a", 11.0 * n) for n in range(20))


def test_challenges_that_are_answered_do_not():
    bans = Bans(POLICY)
    for n in range(20):
        assert not bans.challenged("a", n / 10)
        bans.passed("a")
    assert [bans.challenged("a", 3) for _ in range(5)] == [False] * 4 + [True]
    assert bans.lift("a")
    assert not bans.lift("a")
    assert not bans.is_banned("a", 3)


def test_memory_is_bounded():
    bans = Bans(POLICY)
    for n in range(25_000):
        bans.failed(str(n), 0)
    assert len(bans._records) == 20_000


def test_the_longest_prefix_names_the_trunk():
    wide, narrow = Trunk("wide", ("10.0.0.0/8", "2001:db8::/32")), Trunk("narrow", ("10.1.2.3",))
    table = TrunkTable([wide, narrow])
    assert table.at("10.9.9.9") is wide
    assert table.at("10.1.2.3") is narrow
    assert table.at("::ffff:10.1.2.3") is narrow
    assert table.at("2001:db8::1") is wide
    assert table.at("192.0.2.1") is None
    assert table.at("rubbish") is None
    table.replace([narrow])
    assert table.at("10.9.9.9") is None
