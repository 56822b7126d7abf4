"""Kamailio as a proxy in front: it puts itself into the route and leads calls on, on loopback."""

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from free_ports import LOOPBACK, free_port

WAIT_S = 20.0

CONFIG = """#!KAMAILIO
debug=1
log_stderror=yes
fork=no
children=1
auto_aliases=no
dns=no
rev_dns=no
disable_tcp=yes
listen=udp:127.0.0.1:{port}
server_signature=no
loadmodule "kex.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
modparam("rr", "enable_full_lr", 1)
modparam("tm", "fr_timer", 2000)

request_route {{
    if (!mf_process_maxfwd_header("10")) {{
        sl_send_reply("483", "Too Many Hops");
        exit;
    }}
    if (is_method("OPTIONS") && !has_totag()) {{
        sl_send_reply("200", "OK");
        exit;
    }}
    if (has_totag()) {{
        if (!loose_route()) {{
            if (is_method("ACK") && t_check_trans()) {{ t_relay(); exit; }}
            sl_send_reply("404", "Not Here");
            exit;
        }}
        t_relay();
        exit;
    }}
    if (is_method("CANCEL")) {{
        if (t_check_trans()) {{ t_relay(); }}
        exit;
    }}
    if (is_method("ACK")) {{
        if (t_check_trans()) {{ t_relay(); }}
        exit;
    }}
    t_check_trans();
    record_route();
    if ($sp == {inside}) {{
        $du = "sip:127.0.0.1:{outside}";
    }} else {{
        $du = "sip:127.0.0.1:{inside}";
    }}
    if (!t_relay()) {{ sl_reply_error(); }}
}}
"""


class Kamailio:
    """Between `inside` (ours) and `outside` (the carrier's phones), both ports on loopback."""

    def __init__(self, inside: int, outside: int) -> None:
        program = shutil.which("kamailio") or shutil.which("kamailio", path="/usr/sbin")
        assert program, "kamailio is not installed: run .ci/system-tools"
        # Its sockets for control have paths of at most 108 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="kam-"))
        self.port = free_port()
        config = self.folder / "kamailio.cfg"
        config.write_text(CONFIG.format(port=self.port, inside=inside, outside=outside))
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [program, "-f", str(config), "-DD", "-E", "-m", "32", "-M", "8",
                 "-Y", str(self.folder), "-P", str(self.folder / "pid")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                cwd=self.folder, start_new_session=True,
            )  # fmt: skip

    def start(self) -> "Kamailio":
        """Wait until it answers OPTIONS."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.bind((LOOPBACK, 0))
            asker.settimeout(0.1)
            own = asker.getsockname()[1]
            options = (
                f"OPTIONS sip:127.0.0.1:{self.port} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bKready\r\nMax-Forwards: 5\r\n"
                f"From: <sip:t@127.0.0.1>;tag=t\r\nTo: <sip:k@127.0.0.1>\r\nCall-ID: ready\r\n"
                "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
            ).encode()
            deadline = time.monotonic() + WAIT_S
            while time.monotonic() < deadline:
                assert self._process.poll() is None, self.log()
                asker.sendto(options, (LOOPBACK, self.port))
                try:
                    if b" 200 " in asker.recv(4096):
                        return self
                except (TimeoutError, ConnectionRefusedError):
                    continue
        raise AssertionError(f"it does not answer\n{self.log()}")

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
