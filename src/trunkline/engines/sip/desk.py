"""Where requests arrive: who they are from, whether they are served, and by whom."""

from collections.abc import Callable
from typing import Final

from trunkline.engines.sip.authenticate import Authenticator
from trunkline.engines.sip.calls import Call, IncomingCall, OutgoingCall, Placing
from trunkline.engines.sip.core import METHODS, SUPPORTED, Core
from trunkline.engines.sip.gate import Gate
from trunkline.engines.sip.origin import FromTrunk, FromUser, Origin
from trunkline.engines.sip.registrar import Registrar
from trunkline.engines.sip.transaction import ServerTransaction
from trunkline.engines.sip.transport import Hop
from trunkline.engines.sip.trunks import Trunk, TrunkTable
from trunkline.protocols.sip import Malformed, Request, respond
from trunkline.protocols.sip.bodies import sdp_of
from trunkline.protocols.sip.digest import Credentials
from trunkline.protocols.sip.session_timer import Accepted, TooSmall, accept

_EXTENSIONS: Final = frozenset({"100rel", "timer"})
_KNOWN_METHODS: Final = frozenset({"REFER", "SUBSCRIBE", "NOTIFY", "MESSAGE", "PUBLISH"})
"""Not served, but known: 405 instead of 501 (RFC 3261 8.2.1)."""
_IN_DIALOG: Final = frozenset({"BYE", "INFO", "UPDATE", "PRACK"})


class Desk:
    """Receives for one user agent: sockets give octets, the transactor gives requests."""

    def __init__(
        self,
        on_call: Callable[[IncomingCall], None],
        gate: Gate,
        trunks: TrunkTable,
        admit: Callable[[], bool] | None,
    ) -> None:
        self.closing = False
        self.active = 0
        self._on_call = on_call
        self._gate = gate
        self._trunks = trunks
        self._admit = admit
        self._calls: dict[tuple[str, str], Call] = {}
        self._invites: dict[tuple[str, str, int], Call] = {}
        self._tokens = 0.0
        self._tokens_at = 0.0

    def attach(self, core: Core, authenticator: Authenticator, registrar: Registrar) -> None:
        self._core = core
        self._authenticator = authenticator
        self.registrar = registrar
        self._tokens = core.config.max_calls_per_s
        self._tokens_at = core.loop.time()

    @property
    def busy(self) -> bool:
        """Whether calls or requests of ours still wait for an answer."""
        clients = self._core.transactor.clients.values()
        return self.active > 0 or any(each.machine.waiting for each in clients)

    def close(self) -> None:
        self.registrar.close()
        for call in self.live():
            call.abandon()

    # -- calls -----------------------------------------------------------------------------------

    def live(self) -> list[Call]:
        return [call for call in self._calls.values() if not call.over]

    def place(self, placing: Placing) -> OutgoingCall:
        call = OutgoingCall(self._core, self, placing)
        self._core.stats.calls_out += 1
        try:
            call.start()
        except Exception:
            call.abandon()
            raise
        return call

    def add(self, call: Call) -> None:
        self._calls[call.call_id, call.local_tag] = call
        self._gate.expect(call.call_id)
        self.active += 1

    def retire(self, call: Call) -> None:
        """Count a call as over; it is remembered for a moment.

        So that a BYE which crosses ours is answered.
        """
        self.active -= 1
        self._core.loop.call_later(self._core.config.timing.t4, self._forget, call)

    def _forget(self, call: Call) -> None:
        if self._calls.pop((call.call_id, call.local_tag), None) is not None:
            self._gate.forget(call.call_id)

    # -- from the sockets --------------------------------------------------------------------------

    def on_octets(self, octets: bytes, hop: Hop) -> None:
        if self._gate.hears(octets, hop):
            self._core.transactor.receive(octets, hop)
        else:
            self._core.stats.banned += 1

    def on_flow_lost(self, hop: Hop) -> None:
        self.registrar.flow_lost(hop)

    def needs_flow(self, hop: Hop) -> bool:
        """RFC 5626 5.3: who registered, or talks, by a connection is reached by that one."""
        return self.registrar.is_place(hop) or any(call.goes_by(hop) for call in self.live())

    # -- from the transactor -----------------------------------------------------------------------

    def may_answer(self, hop: Hop) -> bool:
        return self._trunks.at(hop.host) is not None or self.registrar.is_source(hop.host)

    def on_malformed(self, hop: Hop) -> None:
        self._gate.failed(hop)

    def on_ack(self, request: Request) -> None:
        call = self._calls.get((request.call_id, request.to.tag))
        if call is None:
            self._core.stats.stray += 1
        else:
            call.on_ack(request)

    def on_request(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        tag = request.to.tag
        call = self._calls.get((request.call_id, tag)) if tag else None
        if call is not None:
            # Who knows both tags and the Call-ID is part of the dialog.
            refusal = _refused_extensions(request)
            if refusal is None:
                call.on_request(transaction)
            else:
                transaction.respond(respond(request, refusal[0], headers=refusal[1]))
            return
        trunk = self._trunks.at(transaction.hop.host)
        if trunk is not None and trunk.only_asks and request.method != "OPTIONS":
            trunk = None
        if trunk is None and not self._may_try(transaction):
            self._drop(transaction)
        elif tag and request.method in (*_IN_DIALOG, "INVITE", "OPTIONS"):
            # RFC 3261 12.2.2; with OPTIONS phones ask whether a call is still there.
            transaction.respond(respond(request, 481))
        elif self._check(transaction):
            self._serve(transaction, trunk)

    def _may_try(self, transaction: ServerTransaction) -> bool:
        """Whether somebody who is no trunk gets an answer at all."""
        if transaction.request.method == "REGISTER":
            return self.registrar.serves(transaction)
        return (
            self.registrar.is_source(transaction.hop.host) or self._core.config.challenge_strangers
        )

    def _drop(self, transaction: ServerTransaction) -> None:
        """Give a stranger no answer; who comes again and again is not even read any more."""
        transaction.stop()
        self._core.stats.strangers += 1
        self._gate.failed(transaction.hop)

    def _check(self, transaction: ServerTransaction) -> bool:
        """See that we can serve such a request at all (RFC 3261 8.2.1 to 8.2.3)."""
        request = transaction.request
        refusal = (
            _refused_method(request)
            or _refused_uri(request)
            or _refused_extensions(request)
            or _refused_content(request)
        )
        if refusal is None:
            return True
        status, headers = refusal
        response = respond(request, status, tag=self._core.token(), headers=headers)
        transaction.respond(response)
        return False

    def _serve(self, transaction: ServerTransaction, trunk: Trunk | None) -> None:
        request = transaction.request
        core = self._core
        if request.method == "OPTIONS":
            status = 503 if self.closing else 200
            headers = [("Allow", METHODS), ("Supported", SUPPORTED), ("Accept", "application/sdp")]
            transaction.respond(respond(request, status, tag=core.token(), headers=headers))
        elif request.method in _IN_DIALOG:
            transaction.respond(respond(request, 481, tag=core.token()))
        elif core.tasks >= core.config.max_pending:
            self._overload(transaction)
        elif request.method == "REGISTER":
            core.spawn(self.registrar.register(transaction), transaction)
        elif trunk is not None and not trunk.challenge:
            self._call(transaction, FromTrunk(trunk.name, transaction.hop.host), trunk.credentials)
        else:
            core.spawn(self._authenticated_call(transaction, trunk), transaction)

    # -- INVITE ------------------------------------------------------------------------------------

    async def _authenticated_call(
        self, transaction: ServerTransaction, trunk: Trunk | None
    ) -> None:
        request, core = transaction.request, self._core

        def cancelled(_: Request) -> None:
            # RFC 3261 9.2: before it is known whose call it is, too.
            transaction.respond(respond(request, 487, tag=core.token()))

        transaction.on_cancel = cancelled
        username = await self._authenticator.check(transaction)
        if username is None or transaction.answered:
            return
        host = transaction.hop.host
        if trunk is not None:
            self._call(transaction, FromTrunk(trunk.name, host), trunk.credentials)
        else:
            self._call(transaction, FromUser(username, core.config.realm, host))

    def _call(
        self,
        transaction: ServerTransaction,
        origin: Origin,
        credentials: Credentials | None = None,
    ) -> None:
        """Take an INVITE, if there is room for it: 503 before anything else (never after 180)."""
        request, core = transaction.request, self._core
        if self._is_merged(request):
            transaction.respond(respond(request, 482, tag=core.token()))
            return
        if self.closing or not self._has_room():
            self._overload(transaction)
            return
        timer = accept(request, core.config.session)
        if isinstance(timer, TooSmall):
            headers = [("Min-SE", str(timer.min_s))]
            transaction.respond(respond(request, 422, tag=core.token(), headers=headers))
            return
        self._begin(transaction, origin, timer, credentials)

    def _begin(
        self,
        transaction: ServerTransaction,
        origin: Origin,
        timer: Accepted,
        credentials: Credentials | None,
    ) -> None:
        request, core = transaction.request, self._core
        try:
            call = IncomingCall(core, self, transaction, origin, timer, credentials)
        except Malformed as malformed:
            reason = f"Bad Request: {malformed.reason}"
            transaction.respond(respond(request, 400, reason=reason, tag=core.token()))
            return
        core.stats.calls_in += 1
        key = _invite_key(request)
        self._invites[key] = call
        core.loop.call_later(core.config.timing.limit, self._invites.pop, key, None)
        try:
            self._on_call(call)
        except Exception:
            call.reject(500)
            raise

    def _is_merged(self, request: Request) -> bool:
        """Whether the same INVITE came by another way already (RFC 3261 8.2.2.2)."""
        return _invite_key(request) in self._invites

    def _has_room(self) -> bool:
        config = self._core.config
        now = self._core.loop.time()
        rate = config.max_calls_per_s
        self._tokens = min(self._tokens + (now - self._tokens_at) * rate, max(rate, 1.0))
        self._tokens_at = now
        if self.active >= config.max_calls or self._tokens < 1.0:
            return False
        if self._admit is not None and not self._admit():
            return False
        self._tokens -= 1.0
        return True

    def _overload(self, transaction: ServerTransaction) -> None:
        self._core.stats.overload += 1
        headers = [("Retry-After", "2")]
        request = transaction.request
        transaction.respond(respond(request, 503, tag=self._core.token(), headers=headers))


Refusal = tuple[int, list[tuple[str, str]]]


def _refused_method(request: Request) -> Refusal | None:
    if request.method in ("INVITE", "OPTIONS", "REGISTER") or request.method in _IN_DIALOG:
        return None
    known = request.method in _KNOWN_METHODS
    return (405 if known else 501), [("Allow", METHODS)]


def _refused_uri(request: Request) -> Refusal | None:
    if request.target.is_sip or request.target.scheme == "tel":
        return None
    return 416, []


def _refused_extensions(request: Request) -> Refusal | None:
    wanted = request.headers.values("require")
    unknown = [each for each in wanted if each.lower() not in _EXTENSIONS]
    return (420, [("Unsupported", ", ".join(unknown))]) if unknown else None


def _refused_content(request: Request) -> Refusal | None:
    """An INVITE needs SDP or nothing, and somebody who would take SDP (RFC 4475 3.3.6, 3.3.15)."""
    if request.method != "INVITE":
        return None
    if sdp_of(request) is None or request.headers.get("content-encoding"):
        return 415, [("Accept", "application/sdp"), ("Accept-Encoding", "identity")]
    accepted = request.headers.tokens("accept")
    if accepted and not any(_takes_sdp(each) for each in accepted):
        return 406, []
    return None


def _takes_sdp(media: str) -> bool:
    return media.partition(";")[0].strip() in ("application/sdp", "application/*", "*/*")


def _invite_key(request: Request) -> tuple[str, str, int]:
    return request.call_id, request.from_.tag, request.cseq.number
