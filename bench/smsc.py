"""A carrier that costs next to nothing: answers submit_sm and sends receipts by patched bytes.

A process of its own: says its port, answers `stats`. It exists because the program's simulator,
which speaks all of SMPP, would take CPU from what is measured on the same cores. Options give it
delays, receipts before responses, and a rate above which it answers ESME_RTHROTTLED.
"""

import argparse
import asyncio
import gc
import struct
import time
from array import array
from collections import deque
from typing import cast

import uvloop
from wire.control import obey, say

_HEADER = struct.Struct(">IIII")
_RESP = 0x80000000
_SUBMIT_SM, _DELIVER_SM, _DELIVER_SM_RESP = 0x00000004, 0x00000005, 0x80000005
_UNBIND, _ENQUIRE_LINK = 0x00000006, 0x00000015
_BINDS = frozenset({0x00000001, 0x00000002, 0x00000009})
_RTHROTTLED = 0x00000058
_MARK = 1_000
_ID_FORMAT, _ID_LENGTH = b"%010X", 10

# SMPP34 4.6.1 from esm_class on: a receipt, nothing scheduled, default alphabet.
_FLAGS = bytes((0x04, 0, 0, 0, 0, 0, 0, 0, 0))
_STATE_TLV = bytes((0x04, 0x27, 0x00, 0x01, 0x02))  # SMPP34 5.3.2.35: message_state DELIVERED
_ID_TLV = b"\x00\x1e" + struct.pack(">H", _ID_LENGTH + 1)  # SMPP34 5.3.2.12


class Carrier:
    """What all binds share: ids, counts, rate."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.number = 0
        self.seen: set[bytes] = set()
        self.duplicates = 0
        self.accepted = 0
        self.throttled = 0
        self.receipts = 0
        self.acked = 0
        self.nacked = 0
        self.binds = 0
        self.window_max = 0
        self.first = 0.0
        self.last = 0.0
        self.marks = array("d")
        self._bucket_size = max(1.0, options.tps / 5)
        self._bucket = self._bucket_size
        self._filled = time.monotonic()
        date = time.strftime("%y%m%d%H%M", time.gmtime()).encode()
        text = b"id:%b sub:001 dlvrd:001 submit date:%b done date:%b stat:DELIVRD err:000 text:"
        self._text = text % (b"%b", date, date)
        self._text_length = len(self._text) - 2 + _ID_LENGTH

    def room(self) -> bool:
        """Take one of this second's messages."""
        if not self.options.tps:
            return True
        now = time.monotonic()
        self._bucket += (now - self._filled) * self.options.tps
        self._bucket = min(self._bucket, self._bucket_size)
        self._filled = now
        if self._bucket < 1.0:
            self.throttled += 1
            return False
        self._bucket -= 1.0
        return True

    def take(self, destination: bytes) -> bytes:
        """Count a message; returns its id."""
        if destination in self.seen:
            self.duplicates += 1
        else:
            self.seen.add(destination)
        self.accepted += 1
        if self.accepted == 1:
            self.first = time.monotonic()
        if self.accepted % _MARK == 0:
            self.marks.append(time.monotonic())
        self.number += 1
        return _ID_FORMAT % self.number

    def receipt(self, message_id: bytes, source: bytes, destination: bytes, n: int) -> bytes:
        """Write deliver_sm number n from the handset (destination) to the sender."""
        body = b"\x00%b%b%b%c%b%b%b\x00%b" % (
            destination,
            source,
            _FLAGS,
            self._text_length,
            self._text % message_id,
            _ID_TLV,
            message_id,
            _STATE_TLV,
        )
        return _HEADER.pack(16 + len(body), _DELIVER_SM, 0, n) + body

    def stats(self) -> dict[str, object]:
        return {
            "accepted": self.accepted,
            "throttled": self.throttled,
            "duplicates": self.duplicates,
            "receipts": self.receipts,
            "acked": self.acked,
            "nacked": self.nacked,
            "binds": self.binds,
            "first": self.first,
            "last": self.last,
            "window_max": self.window_max,
        }

    def marked(self) -> dict[str, object]:
        return {"every": _MARK, "marks": list(self.marks)}


class Later:
    """Octets that leave after a fixed delay, with one timer."""

    def __init__(self, delay_s: float, write: "asyncio.Transport") -> None:
        self._delay_s = delay_s
        self._transport = write
        self._queue: deque[tuple[float, bytes]] = deque()
        self._loop = asyncio.get_running_loop()

    def add(self, data: bytes) -> None:
        if not self._queue:
            self._loop.call_later(self._delay_s, self._run)
        self._queue.append((time.monotonic() + self._delay_s, data))

    def _run(self) -> None:
        now = time.monotonic() + 0.0005
        due: list[bytes] = []
        while self._queue and self._queue[0][0] <= now:
            due.append(self._queue.popleft()[1])
        if due:
            self._transport.write(b"".join(due))
        if self._queue:
            self._loop.call_later(max(0.001, self._queue[0][0] - now), self._run)


class Session(asyncio.Protocol):
    """One bind."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._options = carrier.options
        self._rest = b""
        self._sequence = 0
        self._under_way = 0
        self._unsent: deque[bytes] = deque()
        self._open: dict[int, bytes] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._responses = Later(self._options.response_delay, self._transport)

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        at, end, unpack = 0, len(data), _HEADER.unpack_from
        out: list[bytes] = []
        submits = 0
        while end - at >= 16:
            length, command, status, sequence = unpack(data, at)
            if end - at < length:
                break
            if command == _SUBMIT_SM:
                self._submit(data, at + 16, sequence, out)
                submits += 1
            elif command == _DELIVER_SM_RESP:
                self._acknowledged(sequence, status, out)
            else:
                self._other(command, sequence, out)
            at += length
        self._rest = data[at:] if at < end else b""
        carrier = self._carrier
        if submits:
            carrier.last = time.monotonic()
            carrier.window_max = max(carrier.window_max, submits)
        if out:
            self._transport.write(b"".join(out))

    def _submit(self, data: bytes, at: int, sequence: int, out: list[bytes]) -> None:
        carrier, options = self._carrier, self._options
        if not carrier.room():
            out.append(_HEADER.pack(16, _SUBMIT_SM | _RESP, _RTHROTTLED, sequence))
            return
        # SMPP34 4.4.1: service_type, then ton, npi and address of each end, ended by a zero.
        start = data.index(b"\0", at) + 1
        middle = data.index(b"\0", start + 2) + 1
        end = data.index(b"\0", middle + 2) + 1
        destination = data[middle:end]
        message_id = carrier.take(destination)
        response = b"%b%b\0" % (
            _HEADER.pack(17 + _ID_LENGTH, _SUBMIT_SM | _RESP, 0, sequence),
            message_id,
        )
        self._sequence += 1
        n = self._sequence
        receipt = carrier.receipt(message_id, data[start:middle], destination, n)
        self._open[n] = receipt
        if options.early:
            self._deliver(receipt, out)
            self._respond(response, out)
            return
        self._respond(response, out)
        if options.receipt_delay or options.response_delay:
            delay = max(options.receipt_delay, options.response_delay + 0.001)
            asyncio.get_running_loop().call_later(delay, self._deliver_now, receipt)
        else:
            self._deliver(receipt, out)

    def _respond(self, response: bytes, out: list[bytes]) -> None:
        if self._options.response_delay:
            self._responses.add(response)
        else:
            out.append(response)

    def _deliver_now(self, receipt: bytes) -> None:
        out: list[bytes] = []
        self._deliver(receipt, out)
        if out:
            self._transport.write(out[0])

    def _deliver(self, receipt: bytes, out: list[bytes]) -> None:
        if self._under_way >= self._options.deliver_window:
            self._unsent.append(receipt)
            return
        self._under_way += 1
        self._carrier.receipts += 1
        out.append(receipt)

    def _acknowledged(self, sequence: int, status: int, out: list[bytes]) -> None:
        carrier = self._carrier
        self._under_way -= 1
        receipt = self._open.get(sequence, b"")
        if status == 0:
            carrier.acked += 1
            self._open.pop(sequence, None)
        else:
            carrier.nacked += 1
            asyncio.get_running_loop().call_later(1.0, self._deliver_now, receipt)
        if self._unsent:
            self._deliver(self._unsent.popleft(), out)

    def _other(self, command: int, sequence: int, out: list[bytes]) -> None:
        if command in _BINDS:
            self._carrier.binds += 1
            out.append(_HEADER.pack(22, command | _RESP, 0, sequence) + b"bench\0")
        elif command in (_ENQUIRE_LINK, _UNBIND):
            out.append(_HEADER.pack(16, command | _RESP, 0, sequence))


async def run(options: argparse.Namespace) -> None:
    carrier = Carrier(options)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Session(carrier), "127.0.0.1", 0)
    gc.freeze()
    gc.disable()
    say(port=server.sockets[0].getsockname()[1])
    await obey({"stats": carrier.stats, "marks": carrier.marked})
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--response-delay", type=float, default=0.0, help="seconds")
    parser.add_argument("--receipt-delay", type=float, default=0.0, help="seconds after submit")
    parser.add_argument("--early", action="store_true", help="each receipt before its response")
    parser.add_argument("--tps", type=float, default=0.0, help="throttle above; 0: never")
    parser.add_argument("--deliver-window", type=int, default=500, help="unacknowledged at most")
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
