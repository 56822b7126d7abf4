"""The messaging role: carriers, their lanes, inbound, and the janitor."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from trunkline.compliance.enforce import Enforcement
from trunkline.engines.smpp import ClientConfig
from trunkline.messaging.carriers.dialect import IdDialect
from trunkline.messaging.carriers.pdus import PduRules
from trunkline.messaging.carriers.port import Acknowledge, OnOutcome, OpenCarrier, Outcome
from trunkline.messaging.carriers.smpp import SmppCarrier
from trunkline.messaging.credit import Credit
from trunkline.messaging.destinations.rules import Destinations
from trunkline.messaging.dispatch import Lane, RecordSent
from trunkline.messaging.kinds.port import Validator
from trunkline.messaging.lists.closing import SegmentCloser
from trunkline.messaging.media.sweep import sweep_for_ever
from trunkline.messaging.model import Dispatch
from trunkline.messaging.pools.choose import Chooser
from trunkline.messaging.pools.forget import Forgetter
from trunkline.messaging.receive import Receiver
from trunkline.messaging.recover import Janitor, new_owner
from trunkline.messaging.report import Reporter
from trunkline.messaging.routing import Alive, Router
from trunkline.messaging.send import Sender
from trunkline.messaging.store import records
from trunkline.messaging.store.outbound import QUEUED
from trunkline.processes import carriers as config
from trunkline.processes import registration
from trunkline.processes.foundation import Foundation
from trunkline.protocols.sms.decode import Alphabet, Content
from trunkline.protocols.sms.receipts import Receipt
from trunkline.runtime.supervise import WhenItFails
from trunkline.simulator import ERR_CODES
from trunkline.values.networks.lookup import Networks, read_networks

PATIENCE_S = 2.0  # a carrier that is binding, or that dropped one link, keeps its messages
DRAIN_S = 5.0  # for answers that are outstanding when the program stops


@dataclass(slots=True)
class _Deliveries:
    """What one carrier delivers: receipts to its reporter, messages to the receiver."""

    reporter: Reporter
    receiver: Receiver

    def knows(self, recipient: str) -> bool:
        return self.receiver.knows(recipient)

    def receipt(self, receipt: Receipt, handset: str, acknowledge: Acknowledge) -> None:
        self.reporter.receive(receipt, handset, acknowledge)

    def message(
        self,
        ends: tuple[str, str],
        content: Content,
        alphabet: Alphabet,
        acknowledge: Acknowledge,
    ) -> None:
        self.receiver.receive(self.reporter.carrier, ends, content, alphabet, acknowledge)


@dataclass(slots=True)
class Messaging:
    """The parts of the role; `carriers` and `lanes` by the carrier's name."""

    sender: Sender
    receiver: Receiver
    router: Router
    destinations: Destinations
    carriers: dict[str, OpenCarrier] = field(default_factory=dict[str, OpenCarrier])
    lanes: dict[str, Lane] = field(default_factory=dict[str, Lane])
    reporters: dict[str, Reporter] = field(default_factory=dict[str, Reporter])
    janitor: Janitor | None = None
    us_rules: Enforcement | None = None
    kinds: dict[str, Validator] = field(default_factory=dict[str, Validator])

    def wake(self, names: set[str]) -> None:
        """Messages were queued for these carriers."""
        for name in names:
            lane = self.lanes.get(name)
            if lane is not None:
                lane.wake()

    def settler(self, name: str) -> OnOutcome:
        """Give what a carrier tells its outcomes to."""

        def settle(dispatch: Dispatch, outcome: Outcome) -> None:
            self.lanes[name].settle(dispatch, outcome)

        return settle

    async def close(self) -> None:
        """Unbind, waiting a moment for what is outstanding."""
        await asyncio.gather(*(one.close(DRAIN_S) for one in self.carriers.values()))


def prepare(base: Foundation, alive: Mapping[str, Alive] | None = None) -> Messaging:
    """Make what accepts messages; it sends nothing until `start`.

    Args:
        base: what every role stands on.
        alive: tells of each carrier whether it is up, when carriers are another process's.
    """
    carriers: dict[str, OpenCarrier] = {}
    router = Router(config.routes(base.settings), carriers if alive is None else alive)
    own = base.settings.networks
    networks = Networks(None if own is None else read_networks(own))
    destinations = Destinations(base.rates, base.permissions, networks)
    us_rules = registration.us_rules(base)
    sender = Sender(
        db=base.db,
        clock=base.clock,
        rates=base.rates,
        router=router,
        optouts=base.optouts,
        destinations=destinations,
        pools=Chooser(base.pools, base.numbers, base.optouts.blocked),
        us_rules=us_rules,
    )
    receiver = Receiver(
        db=base.db,
        clock=base.clock,
        numbers=base.numbers,
        applications=base.applications,
        rates=base.rates,
        sender=sender,
        destinations=destinations,
        pool_of=base.pools.pool_of,
        registrations=base.registrations,
    )
    return Messaging(sender, receiver, router, destinations, carriers, us_rules=us_rules)


async def recall(base: Foundation, messaging: Messaging) -> None:
    """Take over what counts against today's caps."""
    if messaging.us_rules is not None:
        now = base.clock.now()
        since = messaging.us_rules.midnight(now)
        sent = await base.db.read(partial(records.sent_unregistered, since=since))
        messaging.us_rules.remember(sent, now)


async def start(
    base: Foundation,
    messaging: Messaging,
    simulated: config.Simulated | None,
    more: Sequence[Callable[["Desk"], None]] = (),
) -> None:
    """Bind to every carrier and serve its queue; `more` add carriers of other kinds."""
    desk = Desk(base, messaging, Credit(base.balances), new_owner())
    for carrier in base.settings.carriers:
        desk.add_smpp(
            config.client_config(carrier),
            config.pdu_rules(carrier),
            Reporter(
                carrier.name,
                base.db,
                base.clock,
                dialect=config.id_dialect(carrier),
                errors=carrier.errors,
            ),
        )
    if simulated is not None:
        simulator = config.simulator_config("127.0.0.1", simulated.smpp_port)
        reporter = Reporter(
            config.SIMULATOR, base.db, base.clock, dialect=IdDialect.MIXED, errors=ERR_CODES
        )
        desk.add_smpp(simulator, PduRules(), reporter)
    for add in more:
        add(desk)
    janitor = Janitor(
        db=base.db,
        clock=base.clock,
        router=messaging.router,
        owner=desk.owner,
        carriers=frozenset(messaging.carriers),
        resend_uncertain=base.settings.uncertain == "resend",
        content_keep_s=base.settings.content_keep_days * 86_400.0,
        deliver_incomplete=messaging.receiver.deliver_incomplete,
    )
    messaging.janitor = janitor
    await janitor.sweep()
    base.db.listen(QUEUED, messaging.wake)
    for name, lane in messaging.lanes.items():
        base.supervisor.start(f"lane {name}", lane.run, when_it_fails=WhenItFails.RESTART)
    forgetter = Forgetter(base.db, base.clock)
    base.supervisor.start("pools", forgetter.run, when_it_fails=WhenItFails.RESTART)
    base.supervisor.start(
        "media",
        partial(sweep_for_ever, base.library, base.clock),
        when_it_fails=WhenItFails.RESTART,
    )
    base.supervisor.start("janitor", janitor.run, when_it_fails=WhenItFails.RESTART)
    closer = SegmentCloser(base.db, base.clock)
    base.supervisor.start("segments", closer.run, when_it_fails=WhenItFails.RESTART)
    for one in messaging.carriers.values():
        await one.start()


@dataclass(slots=True)
class Desk:
    """Gives each carrier its lane."""

    base: Foundation
    messaging: Messaging
    credit: Credit
    owner: str

    def add_smpp(self, client: ClientConfig, rules: PduRules, reporter: Reporter) -> None:
        name = reporter.carrier
        carrier = SmppCarrier(
            name=name,
            config=client,
            rules=rules,
            clock=self.base.clock,
            inbound=_Deliveries(reporter, self.messaging.receiver),
            on_outcome=self.messaging.settler(name),
            on_room=partial(self.messaging.wake, {name}),
        )
        self.messaging.reporters[name] = reporter
        self.add(carrier)

    def add(self, carrier: OpenCarrier, record_sent: RecordSent | None = None) -> None:
        """Give a carrier its lane; `record_sent` if what it took is recorded in its own way."""
        self.messaging.carriers[carrier.name] = carrier
        lane = self.messaging.lanes[carrier.name] = Lane(
            carrier,
            db=self.base.db,
            clock=self.base.clock,
            router=self.messaging.router,
            credit=self.credit,
            owner=self.owner,
            resend_uncertain=self.base.settings.uncertain == "resend",
            patience_s=PATIENCE_S,
        )
        if record_sent is not None:
            lane.record_sent = record_sent
