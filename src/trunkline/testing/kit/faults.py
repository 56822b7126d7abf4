"""Faults of carriers and phones for one account: the same as magic destinations, for any number."""

from dataclasses import dataclass, field
from typing import Any, Literal

from trunkline.testing.kit.wire import Wire

ANY = "*"
_MAGIC = "1500555"
_MOST = 999


@dataclass(frozen=True, slots=True)
class Faults:
    """Each holds for what this account's numbers send or call from now on.

    `to` is a phone number, or any; `times` is how often it holds, None = until `clear`.
    """

    _wire: Wire = field(repr=False)
    _account: str

    def add(
        self,
        like: str,
        *,
        kind: Literal["message", "call"] = "message",
        to: str = ANY,
        times: int | None = None,
    ) -> int:
        """Treat destinations as `like`, a magic one (docs/simulator.md); return the fault's id.

        Raises:
            RequestRefused: there is no such magic destination.
        """
        body: dict[str, Any] = {"kind": kind, "like": like, "to": to, "times": times}
        return self._wire.ask("POST", self._path, body)["id"]

    def undelivered(self, error_code: int = 30, *, to: str = ANY, times: int | None = None) -> int:
        """End messages as undelivered with a Plivo error code of 1 to 1000."""
        if not 1 <= error_code <= _MOST + 1:
            raise ValueError("error_code must be 1 to 1000")
        return self.add(f"{_MAGIC}2{error_code % (_MOST + 1):03d}", to=to, times=times)

    def refused(self, command_status: int = 8, *, to: str = ANY, times: int | None = None) -> int:
        """Refuse messages with an SMPP command_status of 1 to 899."""
        return self.add(f"{_MAGIC}3{_figure('command_status', command_status)}", to=to, times=times)

    def delayed(self, seconds: int, *, to: str = ANY, times: int | None = None) -> int:
        """Deliver messages after so many seconds, up to 999, of the program's clock."""
        return self.add(f"{_MAGIC}4{_figure('seconds', seconds)}", to=to, times=times)

    def no_receipt(self, *, to: str = ANY, times: int | None = None) -> int:
        """Take messages and never report on them."""
        return self.add(f"{_MAGIC}0004", to=to, times=times)

    def busy(self, *, to: str = ANY, times: int | None = None) -> int:
        """Let phones be busy."""
        return self.add(f"{_MAGIC}8001", kind="call", to=to, times=times)

    def no_answer(self, *, to: str = ANY, times: int | None = None) -> int:
        """Let phones ring and never be answered."""
        return self.add(f"{_MAGIC}8002", kind="call", to=to, times=times)

    def machine(self, *, to: str = ANY, times: int | None = None) -> int:
        """Let answering machines answer."""
        return self.add(f"{_MAGIC}8007", kind="call", to=to, times=times)

    def sip_status(self, status: int, *, to: str = ANY, times: int | None = None) -> int:
        """Refuse calls with a SIP status of 400 to 699."""
        return self.add(f"{_MAGIC}9{_figure('status', status)}", kind="call", to=to, times=times)

    def all(self) -> list[dict[str, Any]]:
        """Return those in force, the oldest first."""
        return self._wire.ask("GET", self._path)["faults"]

    def clear(self, fault_id: int | None = None) -> None:
        """Take one away, or all; RequestRefused when there is no such one."""
        self._wire.ask("DELETE", self._path + ("" if fault_id is None else f"/{fault_id}"))

    @property
    def _path(self) -> str:
        return f"/sim/accounts/{self._account}/faults"


def _figure(name: str, value: int) -> str:
    if not 0 <= value <= _MOST:
        raise ValueError(f"{name} must be 0 to {_MOST}")
    return f"{value:03d}"
