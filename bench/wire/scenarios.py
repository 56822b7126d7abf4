"""What is measured: each scenario is a load, a carrier, settings of the program and a target."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


def _nothing() -> dict[str, str]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One row of the table; `metric` names the figure that `target` is about."""

    name: str
    what: str
    metric: str = "completed"
    target: float = 0.0
    at_most: bool = False
    database: str = "sqlite"
    synchronous: str = "FULL"
    callbacks: bool = True
    in_flight: int = 64
    destinations: int = 1
    rate: float = 0.0
    seconds: float = 15.0
    count: int = 0
    step: int = 1
    window: int = 500
    smsc: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=_nothing)
    drain_s: float = 60.0
    settle_s: float = 0.0  # throttling: not counted at the start, while the rate is learnt


_COMPLETED = Scenario(
    name="completed",
    what="accepted, submitted, reported, 3 callbacks answered; SQLite FULL",
    target=1_520,
)

SCENARIOS = (
    _COMPLETED,
    replace(
        _COMPLETED,
        name="completed-normal",
        what="the same; SQLite NORMAL",
        synchronous="NORMAL",
        target=1_810,
    ),
    replace(
        _COMPLETED,
        name="completed-postgresql",
        what="the same; PostgreSQL, fsync on",
        database="postgresql",
        target=1_200,
    ),
    replace(
        _COMPLETED,
        name="scattered",
        what="as completed; destinations all over North America's area codes",
        step=7_654_321,
    ),
    Scenario(
        name="without-url",
        what="no callbacks: accepted, submitted, reported",
        callbacks=False,
        target=3_000,
    ),
    Scenario(
        name="bulk",
        what="1,000 destinations a request, no callbacks; submitted a second",
        metric="submitted",
        callbacks=False,
        destinations=1_000,
        in_flight=4,
        target=5_000,
        seconds=10,
    ),
    Scenario(
        name="latency",
        what="202 at half load, by the clock; p99 ms",
        metric="p99",
        at_most=True,
        rate=800,
        target=50,
    ),
    Scenario(
        name="slow-carrier",
        what="the carrier answers after 50 ms",
        smsc=("--response-delay", "0.05"),
        target=1_500,
    ),
    Scenario(
        name="throttling-carrier",
        what="the carrier throttles above 100 a second, we are not told; accepted by it a second",
        metric="carrier",
        callbacks=False,
        smsc=("--tps", "100"),
        target=97,
        count=3_000,
        settle_s=5.0,
        seconds=20,
    ),
    Scenario(
        name="early-receipts",
        what="every receipt before its response; lost",
        metric="lost",
        at_most=True,
        smsc=("--early",),
        seconds=10,
    ),
    Scenario(
        name="memory",
        what="200,000 messages; growth of resident memory over the last 3/4, MB",
        metric="growth",
        at_most=True,
        target=30,
        count=200_000,
        seconds=600,
        drain_s=120,
    ),
    Scenario(
        name="million",
        what="1,000,000 messages; rate of the last 10,000 to the median 10,000, %",
        metric="last",
        target=90,
        count=1_000_000,
        seconds=3_600,
        drain_s=600,
    ),
)
LONG = frozenset({"memory", "million"})


def named(name: str) -> Scenario:
    """Return the scenario of that name."""
    return next(scenario for scenario in SCENARIOS if scenario.name == name)
