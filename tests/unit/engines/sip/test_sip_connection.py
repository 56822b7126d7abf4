"""When a connection is stuck: a message that began and does not become whole."""

from trunkline.engines.sip.transport.connection import Connection

OPTIONS = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 2\r\n\r\nhi"


class Line:
    """The loop, the socket and the owner of a connection; `now` is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.cut: list[bytes] = []
        self.connection = Connection(self, "tcp", self)  # type: ignore[arg-type]
        self.connection.connection_made(self)  # type: ignore[arg-type]

    def comes(self, octets: bytes, at: float) -> float:
        """Since when something waits to be whole, once these octets have come."""
        self.now = at
        self.connection.data_received(octets)
        return self.connection.whole_at

    def time(self) -> float:
        return self.now

    def get_extra_info(self, _name: str) -> tuple[str, int]:
        return "192.0.2.1", 5060

    def is_closing(self) -> bool:
        return False

    def on_connected(self, connection: Connection) -> None: ...

    def on_cut(self, octets: bytes, _connection: Connection) -> None:
        self.cut.append(octets)

    def on_disconnected(self, connection: Connection) -> None: ...


def test_a_message_that_begins_after_long_silence_is_not_stuck() -> None:
    line = Line()
    assert line.comes(OPTIONS, 10) == 10
    assert line.comes(OPTIONS[:20], 100) == 100
    assert line.comes(OPTIONS[20:40], 110) == 100  # it waits since then
    assert line.comes(OPTIONS[40:] + OPTIONS[:20], 120) == 120
    assert line.comes(OPTIONS[20:40], 130) == 120
    assert line.comes(OPTIONS[40:], 140) == 140
    assert line.cut == [OPTIONS] * 3
    assert not line.connection.buffered
