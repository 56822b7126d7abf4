"""Packets through a bad network, to see how bad it is."""

import socket
import struct
import threading
import time

from impaired_line import Line

_BATCH, _EACH_S = 20, 0.02
_REST_S = 0.5  # without any, all has come


class Probe:
    """From the phone's end of a line to a socket where the program would be."""

    def __init__(self, line: Line, platform: str) -> None:
        self._line = line
        self._near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)  # or the most we may
        self._near.bind((platform, 0))
        self._near.settimeout(_REST_S)
        line.aim(*self._near.getsockname())
        self.overtaken = 0

    def send(self, count: int) -> list[list[float]]:
        """Return of each when it came, its copies too, in milliseconds since it was sent."""
        delays_ms: list[list[float]] = [[] for _ in range(count)]
        sender = threading.Thread(target=self._send, args=(count,), name="probe", daemon=True)
        sender.start()
        newest = -1
        while True:
            try:
                number, sent_s = struct.unpack("!xxxxId", self._near.recv(64))
            except TimeoutError:
                if sender.is_alive():
                    continue
                break
            delays_ms[number].append((time.monotonic() - sent_s) * 1000)
            self.overtaken += number < newest
            newest = max(number, newest)
        sender.join()
        self._near.close()
        return delays_ms

    def _send(self, count: int) -> None:
        pause, began = threading.Event(), time.monotonic()
        for number in range(count):
            self._line.send(struct.pack("!xxxxId", number, time.monotonic()))
            if number % _BATCH == _BATCH - 1:
                due = began + (number + 1) / _BATCH * _EACH_S
                pause.wait(max(0.0, due - time.monotonic()))
