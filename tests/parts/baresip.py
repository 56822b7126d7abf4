"""A real phone: baresip as a process of its own, driven and watched over its control socket.

Everything is on loopback; what it plays is a WAV file, what it hears is written to one.
"""

import contextlib
import io
import json
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from free_ports import LOOPBACK, free_port
from numpy.typing import NDArray

WAIT_S = 20.0
RATE = 8000
MODULES = ("/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules")
Audio = NDArray[np.int16]

CONFIG = """
poll_method epoll
sip_listen {host}:{port}
sip_trans_def {transport}
audio_player aubridge,nil
audio_source aufile,{sound}
audio_alert aubridge,alert
audio_buffer 20-160
rtp_ports {first}-{last}
rtp_timeout 0
ctrl_tcp_listen {host}:{control}
snd_path {folder}
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp account.so
module_app ctrl_tcp.so
module_app menu.so
{tls}
"""
ACCOUNT = (
    "<sip:{user}@{registrar};transport={transport}>;auth_user={user};auth_pass={password};"
    "answermode={answer};regint={regint};audio_codecs=PCMU,PCMA;{more}\n"
)


def tone(frequency: float, seconds: float, amplitude: float = 8000.0) -> Audio:
    """Give a sine at 8 kHz."""
    at = np.arange(round(seconds * RATE))
    return (amplitude * np.sin(2 * np.pi * frequency * at / RATE)).astype(np.int16)


def silence(seconds: float) -> Audio:
    return np.zeros(round(seconds * RATE), np.int16)


def level_at(audio: Audio, frequency: float) -> float:
    """Give the level of one frequency in dBFS; 0 is a sine at full scale."""
    x = audio.astype(np.float64) * np.hanning(len(audio))
    spectrum = np.abs(np.fft.rfft(x)) / (len(x) / 4) / 32767
    at = round(frequency * len(x) / RATE)
    return float(20 * np.log10(spectrum[max(0, at - 2) : at + 3].max() + 1e-9))


def wav(audio: Audio) -> bytes:
    """Give a WAV file of it."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(audio.tobytes())
    return made.getvalue()


def read_wav(path: Path) -> Audio:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (RATE, 1)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def read_channels(path: Path) -> list[Audio]:
    """Give the channels of a file at 8 kHz, left first."""
    with wave.open(str(path)) as file:
        assert file.getframerate() == RATE
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return list(samples.reshape(-1, file.getnchannels()).T)


class Baresip:
    """One phone of one user. `events` are what it told, in order.

    With a `certificate`, a PEM file that has its key too, it takes TLS at `port` + 1.
    """

    def __init__(
        self,
        user: str,
        password: str,
        registrar: str,
        *,
        answer: str = "auto",
        sound: Audio | None = None,
        transport: str = "udp",
        regint: int = 600,
        more: str = "",
        certificate: Path | None = None,
    ) -> None:
        assert shutil.which("baresip"), "baresip is not installed: run .ci/system-tools"
        # It cuts the names of its recordings at 128 characters, .wav and all.
        self.folder = Path(tempfile.mkdtemp(prefix="phone-"))
        self.user, self.registrar = user, registrar
        self.port, self.control = free_port(), free_port()
        self.events: list[dict[str, Any]] = []
        self._answers: dict[str, dict[str, Any]] = {}
        self._numbers = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._reader: threading.Thread | None = None
        # At its end it would hang up: whoever wants to hear more gives more.
        audio = silence(0) if sound is None else sound
        self.sound = self.folder / "sound.wav"
        self.sound.write_bytes(wav(np.concatenate((audio, silence(120.0)))))
        modules = next((one for one in MODULES if Path(one).is_dir()), MODULES[0])
        first = 33_000 + (self.port % 400) * 10
        (self.folder / "config").write_text(
            CONFIG.format(
                host=LOOPBACK, port=self.port, transport=transport, sound=self.sound,
                control=self.control, folder=self.folder, modules=modules, first=first,
                last=first + 400, tls=f"sip_certificate {certificate}" if certificate else "",
            )
        )  # fmt: skip
        (self.folder / "accounts").write_text(
            ACCOUNT.format(
                user=user, registrar=registrar, transport=transport, password=password,
                answer=answer, regint=regint, more=more,
            )
        )  # fmt: skip
        (self.folder / "contacts").write_text("")

    # -- life --------------------------------------------------------------------------------------

    def start(self, *, registered: bool = True) -> "Baresip":
        """Start it and wait until it is registered."""
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                ["baresip", "-f", str(self.folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._socket = self._connect()
        self._reader = threading.Thread(target=self._read, name=f"baresip {self.user}", daemon=True)
        self._reader.start()
        if registered:
            # Its event may come before the control socket is open: the log has it in any case.
            self.wait(lambda: "[1 binding]" in self.log(), "registration")
        return self

    def stop(self) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            process.kill()  # asked kindly it takes seconds to unregister
        if process is not None:
            process.wait()
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            if self._reader is not None:
                self._reader.join()
            self._socket.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """Give what it wrote, without its counting of seconds."""
        lines = (self.folder / "log").read_text(errors="replace").splitlines()
        return "\n".join(line for line in lines if line.strip() and "(bit/s)" not in line)

    def wait(self, condition: Callable[[], object], what: str, timeout_s: float = WAIT_S) -> None:
        """Wait for something; it fails with the log when that does not come."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.user}: no {what}\n{self.events}\n{self.log()[-3000:]}")
            time.sleep(0.02)

    # -- the phone ---------------------------------------------------------------------------------

    def dial(self, uri: str) -> None:
        self.command("dial", uri)

    def answer(self) -> None:
        self.command("accept")

    def hang_up(self) -> None:
        self.command("hangup")

    def hold(self) -> None:
        self.command("hold")

    def resume(self) -> None:
        self.command("resume")

    def press(self, digits: str) -> None:
        """Press keys, as RFC 4733 events."""
        for digit in digits:
            self.command("sndcode", digit)

    def seen(self, kind: str) -> list[dict[str, Any]]:
        """Give the events of a type: CALL_INCOMING, CALL_ESTABLISHED, CALL_CLOSED, …"""
        return [event for event in list(self.events) if event.get("type") == kind]

    def wait_for(self, kind: str, count: int = 1, timeout_s: float = WAIT_S) -> dict[str, Any]:
        self.wait(lambda: len(self.seen(kind)) >= count, f"{kind} number {count}", timeout_s)
        return self.seen(kind)[count - 1]

    def heard(self, call: int = -1) -> Audio:
        """Give what was heard in a call that is over."""
        found = sorted(self.folder.glob("dump-*-dec.wav"))
        assert found, self.log()[-3000:]
        return read_wav(found[call])

    def hearing(self) -> Audio:
        """Give what has been heard until now in the last call, which may go on."""
        found = sorted(self.folder.glob("dump-*-dec.wav"))
        octets = found[-1].read_bytes()[44:] if found else b""
        return np.frombuffer(octets[: len(octets) // 2 * 2], np.int16)

    def hears_next(self, seconds: float) -> Audio:
        """Wait until it has heard so much more, and give that."""
        before, wanted = len(self.hearing()), round(seconds * RATE)
        self.wait(lambda: len(self.hearing()) >= before + wanted, f"{seconds} s of audio")
        return self.hearing()[before : before + wanted]

    # -- its control socket ------------------------------------------------------------------------

    def command(self, name: str, parameters: str = "") -> dict[str, Any]:
        """Have a command done (netstrings of JSON); fails when it is refused."""
        assert self._socket is not None
        self._numbers += 1
        token = str(self._numbers)
        asked = json.dumps({"command": name, "params": parameters, "token": token}).encode()
        self._socket.sendall(b"%d:%s," % (len(asked), asked))
        self.wait(lambda: token in self._answers, f"answer to {name}")
        return self._answers[token]

    def _connect(self) -> socket.socket:
        made: list[socket.socket] = []

        def connected() -> bool:
            with contextlib.suppress(OSError):
                made.append(socket.create_connection((LOOPBACK, self.control), timeout=WAIT_S))
            return bool(made)

        self.wait(connected, "control socket")
        made[0].settimeout(None)
        return made[0]

    def _read(self) -> None:
        buffer = b""
        assert self._socket is not None
        while True:
            try:
                data = self._socket.recv(65536)
            except OSError:
                return
            if not data:
                return
            buffer += data
            while (message := _netstring(buffer)) is not None:
                body, buffer = message
                self._take(json.loads(body))

    def _take(self, told: dict[str, Any]) -> None:
        if told.get("event"):
            self.events.append(told)
        elif "token" in told:
            self._answers[told["token"]] = told


def _netstring(buffer: bytes) -> tuple[bytes, bytes] | None:
    length, colon, rest = buffer.partition(b":")
    if not colon or len(rest) < int(length) + 1:
        return None
    return rest[: int(length)], rest[int(length) + 1 :]
