"""Call control of this process: the switch, live calls, what comes in and what waits."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from trunkline.engines.http.client import HttpClient
from trunkline.processes.foundation import Foundation
from trunkline.processes.messaging import Messaging
from trunkline.processes.voice.owners import owners_of
from trunkline.processes.voice.routing import Routing
from trunkline.processes.voice.simulated import origin_of
from trunkline.processes.voice.sounds import Sounds
from trunkline.processes.voice.texts import Texts
from trunkline.processes.webhooks import credentials_of
from trunkline.values.ids import new_uuid
from trunkline.voice.arriving.arrivals import ArrivalPorts, Arrivals
from trunkline.voice.arriving.judge import Judge
from trunkline.voice.callbacks import QueuedCallbacks
from trunkline.voice.commands import wire
from trunkline.voice.commands.server import CommandServer
from trunkline.voice.documents.fetch import Fetcher
from trunkline.voice.journal import RecordedCalls
from trunkline.voice.live import LiveCalls
from trunkline.voice.meter import Meter
from trunkline.voice.orphans import RecordingsTold
from trunkline.voice.placing.callers import CallerRule
from trunkline.voice.placing.queue import CallQueue, QueueLimits
from trunkline.voice.recordings.shelf import RecordingShelf
from trunkline.voice.recordings.transcribe import Transcriber
from trunkline.voice.records.book import CallBook
from trunkline.voice.records.dialogs import KeptDialogs
from trunkline.voice.records.store import queue
from trunkline.voice.rooms.register import Register
from trunkline.voice.session.ports import Ports
from trunkline.voice.switch import Arrival, Surroundings, Switch

DRAFTS = "recordings"  # in the data folder: what is being recorded
APP_DOMAIN = "app.plivo.com"  # PLIVO application: sip:<app_id>@app.plivo.com


class Control:
    """Everything that calls are served with above the engines."""

    def __init__(
        self,
        base: Foundation,
        messaging: Messaging,
        *,
        node: str,
        http: HttpClient,
        sounds: Sounds,
        routing: Routing,
        media_ready: Callable[[], bool],
    ) -> None:
        settings, clock = base.settings, base.clock
        self._base = base
        self._book = CallBook(base.db, base.balances)
        self.transcriber = Transcriber(
            db=base.db, clock=clock, library=base.recordings, recogniser=sounds.recogniser
        )
        self._journal = RecordedCalls(
            self._book, base.rates, node, on_recorded=self.transcriber.recorded
        )
        self._fetcher = Fetcher(clock=clock, http=http, credentials=credentials_of(base))
        self._callbacks = QueuedCallbacks(clock=clock, db=base.db)
        self.dialogs = KeptDialogs(base.db, node, routing.played)
        self._texts = Texts(base, messaging.sender)
        self.owners: Callable[[], Mapping[str, frozenset[str]]] = dict
        """The main accounts that trunks are carriers of."""
        self.switch = Switch(
            Surroundings(
                clock=clock,
                router=routing.router(self._book.credit, self._journal),
                shelf=self._shelf(routing),
                sounds=sounds.source,
                senses=sounds.ears,
                farewells=self.dialogs,
            ),
            arrived=self._arrived,
        )
        self.live = LiveCalls(self._make_ports, most=settings.most_calls)
        self.meter = Meter(clock=clock, credit=self._book.credit, live=self.live)
        callers = CallerRule(base.numbers, settings.own_caller_ids, routing.on_trunk)
        self.queue = CallQueue(
            db=base.db,
            clock=clock,
            live=self.live,
            ports=self.ports,
            journal=self._journal,
            limits=QueueLimits(settings.calls_per_second, settings.queue_s),
            room=lambda: self.switch.room if media_ready() else 0,
            barred=callers.barred,
        )
        base.db.listen(queue.QUEUED, self.queue.wake)
        self._arrivals = Arrivals(self._arrival_ports())
        self._commands = self._command_server(node, callers)

    def _shelf(self, routing: Routing) -> RecordingShelf:
        base = self._base
        return RecordingShelf(
            library=base.recordings,
            links=base.links,
            clock=base.clock,
            folder=base.settings.data / DRAFTS,
            owner_of=owners_of(self._journal, lambda: self.ports.rooms, routing.main_of),
            tell=RecordingsTold(base.links, base.clock).tell,
        )

    def _command_server(self, node: str, callers: CallerRule) -> CommandServer:
        base = self._base
        subject = wire.subject_of(node) if base.settings.nats_url else wire.SUBJECT
        return CommandServer(base.bus, self.live, self.ports, self.queue, callers.bars, subject)

    def _owners(self) -> Mapping[str, frozenset[str]]:
        return self.owners()

    def _make_ports(self, live: LiveCalls) -> Ports:
        clock = self._base.clock
        self.ports = Ports(
            clock=clock,
            telephony=self.switch,
            documents=self._fetcher,
            callbacks=self._callbacks,
            journal=self._journal,
            calls=live,
            rooms=Register(clock=clock, telephony=self.switch, new_uuid=new_uuid),
            send_text=self._texts.send,
            new_uuid=new_uuid,
        )
        return self.ports

    def _arrival_ports(self) -> ArrivalPorts:
        base = self._base
        return ArrivalPorts(
            judge=Judge(
                accounts=base.accounts,
                applications=base.applications,
                numbers=base.numbers,
                endpoints=base.endpoints,
                rates=base.rates,
                domain=base.settings.sip_domain,
                app_domain=APP_DOMAIN,
            ),
            live=self.live,
            ports=self.ports,
            journal=self._journal,
            credit=self._book.credit,
            carriers=self._owners,
            calls_per_second=base.settings.inbound_calls_per_second,
        )

    def _arrived(self, arrival: Arrival) -> None:
        self._arrivals.arrived(replace(arrival, origin=origin_of(arrival.origin)))

    async def close(self) -> None:
        """End all calls."""
        self._commands.close()
        await self._commands.end_waiting()
        self._base.db.forget(queue.QUEUED, self.queue.wake)
        await self.live.close()
        await self._arrivals.close()
        await self.switch.close()
        await self.transcriber.close()

    def observe(self) -> None:
        """Make the metrics of calls."""
        observe = self._base.metrics.observe
        observe("calls_live", "Calls that are live.", lambda: len(self.live))
        observe("call_legs", "Legs of calls.", lambda: self.switch.legs)
        heard = self.switch.hearing
        observe("call_audio_packets", "RTP packets of legs that are over.", lambda: heard.packets)
        observe("call_audio_lost", "Packets that never came.", lambda: heard.lost)
        observe("call_audio_late", "Packets too late to be played.", lambda: heard.late)
        observe("call_audio_duplicates", "Packets that came twice.", lambda: heard.duplicates)
        observe(
            "call_audio_skipped_ms",
            "What the calls of a media process have missed while it had no CPU.",
            lambda: self.switch.skipped_ms,
        )
