"""Where a new leg goes."""

import pytest

from trunkline.engines.media import MediaConfig, MediaPool


def test_ports_are_shared_out() -> None:
    pool = MediaPool(MediaConfig(first_port=20001, last_port=20031), 3, lambda _: None)
    ranges = [(p.config.first_port, p.config.last_port) for p in pool.processes]
    assert ranges == [(20002, 20011), (20012, 20021), (20022, 20031)]
    with pytest.raises(ValueError, match="ports"):
        MediaPool(MediaConfig(first_port=20000, last_port=20002), 2, lambda _: None)


def test_there_is_room_in_those_that_serve() -> None:
    pool = MediaPool(MediaConfig(most_legs=3), 2, lambda _: None)
    one, other = pool.processes
    assert pool.room == 0
    one._ready.set()
    other._ready.set()
    one.legs.update("ab")
    assert pool.room == 4
    other._ready.clear()
    assert pool.room == 1


def test_there_is_room_for_no_more_legs_than_ports() -> None:
    pool = MediaPool(MediaConfig(first_port=20000, last_port=20010), 2, lambda _: None)
    for process in pool.processes:
        process._ready.set()
    assert pool.room == 4
    for process in pool.processes:
        process.legs.update("ab")
    assert (pool.room, pool.pick()) == (0, None)


def test_the_emptiest_one_that_serves_is_picked() -> None:
    pool = MediaPool(MediaConfig(most_legs=2), 2, lambda _: None)
    one, two = pool.processes
    assert pool.pick() is None  # none has started
    for process in pool.processes:
        process._ready.set()
    one.legs = {"a"}
    assert pool.pick() is two
    two.legs = {"b", "c"}
    assert pool.pick() is one
    one.legs = {"a", "d"}
    assert pool.pick() is None
