"""A name server on loopback that knows SRV records; every other name does not exist."""

import socket
import threading
from collections.abc import Mapping

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

HOST = "127.0.0.1"
TTL_S = 30


class NameServer:
    """Answers by UDP from a thread; `records`: name → lines of `priority weight port target`."""

    def __init__(self, records: Mapping[str, list[str]]) -> None:
        self._records = records
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self.at: tuple[str, int] = self._socket.getsockname()
        self._thread = threading.Thread(target=self._run, name="name server", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", self.at)
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        while True:
            data, peer = self._socket.recvfrom(4096)
            if not data:
                return
            query = dns.message.from_wire(data)
            question = query.question[0]
            name = question.name.to_text(omit_final_dot=True)
            self.asked.append(name)
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.RA
            lines = self._records.get(name)
            if lines is None:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            elif lines:
                answer.answer.append(dns.rrset.from_text(question.name, TTL_S, "IN", "SRV", *lines))
            self._socket.sendto(answer.to_wire(), peer)
