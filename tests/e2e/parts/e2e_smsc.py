"""A carrier that lives in the test process, so that it survives the program."""

import asyncio
from typing import Any

from e2e_loop import BackgroundLoop

from trunkline.runtime.clock import SystemClock
from trunkline.simulator.counters import Counters
from trunkline.simulator.handsets import HandsetMessage
from trunkline.simulator.smsc import Simulator, SimulatorConfig

PASSWORD = "secret"


class Smsc:
    """A simulator on a loopback port, called from a test's own thread."""

    def __init__(self, loop: BackgroundLoop, **config: Any) -> None:
        self._loop = loop
        self.simulator = Simulator(SimulatorConfig(password=PASSWORD, **config), SystemClock())
        self.arrived: list[HandsetMessage] = []
        self.simulator.listen(self.arrived.append)

    def start(self) -> "Smsc":
        self._loop.run(self.simulator.start())
        return self

    def stop(self) -> None:
        self._loop.run(self.simulator.stop())

    @property
    def port(self) -> int:
        return self.simulator.port

    @property
    def counters(self) -> Counters:
        return self.simulator.counters

    def send(self, number: str, to: str, words: str, **more: Any) -> list[str]:
        """Send from a handset; returns once the program acknowledged."""
        return self._loop.run(self.simulator.send(number, to, words, **more))

    def waiting(self, system_id: str = "") -> int:
        """Count what the program has not acknowledged."""
        return self.simulator.waiting(system_id)

    def cut(self, system_id: str = "") -> int:
        """Cut the links."""

        async def cut() -> int:
            return self.simulator.cut(system_id)

        return self._loop.run(cut())

    def cut_in_mid_window(self, system_id: str) -> int:
        """Cut the links when the next submit has come, of a carrier that answers late."""

        async def cut() -> int:
            came = self.counters.submits
            while self.counters.submits == came:  # noqa: ASYNC110 - a counter
                await asyncio.sleep(0.001)
            return self.simulator.cut(system_id)

        return self._loop.run(cut())


def carrier(name: str, port: int, system_id: str = "sim", **settings: Any) -> str:
    """Write a [[carriers]] block; `prefixes` gives it a route."""
    prefixes = settings.pop("prefixes", None)
    priority = settings.pop("priority", None)
    lines = [
        "[[carriers]]",
        f'name = "{name}"',
        'host = "127.0.0.1"',
        f"port = {port}",
        f'system_id = "{system_id}"',
        f'password = "{PASSWORD}"',
    ]
    lines += [f"{key} = {_toml(value)}" for key, value in settings.items()]
    if prefixes is not None:
        lines += ["[[carriers.routes]]", f"prefixes = {_toml(prefixes)}"]
        if priority is not None:
            lines.append(f"priority = {priority}")
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{key}" = {_toml(one)}' for key, one in value.items()) + " }"
    return str(value)
