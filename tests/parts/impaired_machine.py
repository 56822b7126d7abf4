"""A machine of its own between two network cards, for its kernel's sake: QEMU without KVM.

It is one process, which ends with the one that started it. Its console takes commands.
"""

import fcntl
import os
import re
import select
import shutil
import struct
import subprocess
import time

from impaired_image import image

_TUNSETIFF, _IFF_TAP, _IFF_NO_PI = 0x400454CA, 0x0002, 0x1000  # linux/if_tun.h
_START_S, _ANSWER_S = 60.0, 20.0
EMULATOR = "qemu-system-x86_64"


def tap(name: str) -> int:
    """Return the far end of a new network card of this machine; it is gone when that is closed."""
    try:
        end = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(end, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TAP | _IFF_NO_PI))
    except OSError as error:
        what = f"a network card needs /dev/net/tun and CAP_NET_ADMIN: {error}"
        raise AssertionError(what) from error
    return end


class Machine:
    """Its cards eth0 and eth1 are the far ends of two of ours, and a bridge is between them."""

    def __init__(self, taps: tuple[int, int]) -> None:
        emulator = shutil.which(EMULATOR)
        assert emulator, f"{EMULATOR} is needed: .ci/system-tools installs it"
        kernel, files = image()
        cards: list[str] = []
        for at, end in enumerate(taps):
            cards += ["-netdev", f"tap,id=n{at},fd={end}"]
            cards += [
                "-device",
                f"virtio-net-pci,netdev=n{at},romfile=,rx_queue_size=1024,mac=02:00:00:00:01:0{at}",
            ]
        self._process = subprocess.Popen(
            [
                "setpriv", "--pdeathsig", "KILL", "--", emulator,
                "-M", "pc,accel=tcg", "-m", "96", "-nodefaults", "-no-user-config",
                "-no-reboot", "-display", "none", "-serial", "stdio",
                "-kernel", str(kernel), "-initrd", str(files),
                "-append", "console=ttyS0 loglevel=1 panic=-1 ipv6.disable=1",
                *cards,
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            pass_fds=taps,
        )  # fmt: skip
        try:
            self._answer(_START_S)
        except BaseException:
            self.stop()
            raise

    def run(self, *words: str) -> str:
        """Return what a command of the machine prints."""
        assert self._process.stdin
        self._process.stdin.write(" ".join(words).encode() + b"\n")
        self._process.stdin.flush()
        status, told = self._answer(_ANSWER_S)
        assert status == 0, (*words, status, told)
        return told

    def _answer(self, time_out_s: float) -> tuple[int, str]:
        assert self._process.stdout
        told, until = b"", time.monotonic() + time_out_s
        while not (end := re.search(rb"(?:^|\n)done (\d+)\r?\n$", told)):
            left_s = max(0.0, until - time.monotonic())
            ready = select.select([self._process.stdout], (), (), left_s)[0]
            data = os.read(self._process.stdout.fileno(), 4096) if ready else b""
            assert data, f"the machine of the bad network does not answer: {told[-500:]!r}"
            told += data
        return int(end[1]), told[: end.start()].decode()

    def stop(self) -> None:
        self._process.kill()
        with self._process:
            self._process.wait(10)
