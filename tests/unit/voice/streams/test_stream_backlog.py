"""What a slow application has not taken."""

from trunkline.voice.streams.backlog import Backlog


class Slow:
    """Takes so many messages."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.taken: list[bytes] = []

    def send(self, message: bytes) -> bool:
        if len(self.taken) >= self.room:
            return False
        self.taken.append(message)
        return True


def filled(room: int, count: int) -> tuple[Backlog, Slow, list[int]]:
    slow, levels = Slow(room), list[int]()
    backlog = Backlog(slow.send, levels.append, most=10)
    for number in range(count):
        backlog.put(b"%d" % number, audio=True)
    return backlog, slow, levels


def test_who_is_fast_gets_all_at_once() -> None:
    backlog, slow, levels = filled(100, 50)
    assert (len(slow.taken), len(backlog), levels) == (50, 0, [])


def test_levels_are_told_once_each() -> None:
    _, _, levels = filled(0, 10)
    assert levels == [30, 60, 90]


def test_the_oldest_audio_goes_and_the_rest_stays_in_order() -> None:
    backlog, slow, _ = filled(0, 0)
    backlog.put(b"start")
    for number in range(20):
        backlog.put(b"%d" % number, audio=True)
    backlog.put(b"played")
    assert (len(backlog), backlog.dropped) == (10, 12)
    slow.room = 100
    backlog.flush()
    assert slow.taken == [b"start", *(b"%d" % n for n in range(12, 20)), b"played"]


def test_without_audio_to_drop_it_is_still_bounded() -> None:
    backlog, _, _ = filled(0, 0)
    for number in range(30):
        backlog.put(b"%d" % number)
    assert len(backlog) == 10


def test_levels_are_told_again_after_a_calm_time() -> None:
    backlog, slow, levels = filled(0, 4)
    slow.room = 1000
    backlog.flush()
    slow.room = 0
    for _ in range(4):
        backlog.put(b"x", audio=True)
    assert levels == [30, 30]


def test_messages_keep_their_order_behind_a_backlog() -> None:
    backlog, slow, _ = filled(0, 2)
    slow.room = 1
    backlog.put(b"late", audio=True)
    assert slow.taken == []
    backlog.flush()
    assert slow.taken == [b"0"]
