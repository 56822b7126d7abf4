"""A SIP phone of the test process: it registers, dials, answers or refuses; it hears nothing."""

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from e2e_loop import BackgroundLoop
from e2e_program import Program
from e2e_waiting import until

from trunkline.engines.sip import (
    AgentConfig,
    Answered,
    Call,
    Ended,
    Failed,
    Hop,
    IncomingCall,
    Listener,
    OutgoingCall,
    Placing,
    Progress,
    Registration,
    RegistrationState,
    Trunk,
    TrunkRegistration,
    UserAgent,
)
from trunkline.protocols.sip.digest import Credentials, Secret

HOST = "127.0.0.1"


@dataclass
class PhoneCall:
    """What became of one call, as the phone saw it."""

    call: Call
    invite: str = ""  # its From, as it came
    headers: dict[str, str] = field(default_factory=dict)
    rang: bool = False
    answered: bool = False
    status: int = 0  # of its refusal
    sdp: bytes = b""  # the answer's
    over: bool = False
    cause: str = ""  # why the far end hung up: its Reason


class Phone:
    """One user agent on a port of its own; `platform` is host:port of the program's SIP.

    `audio` is where its SDP says that it hears, when somebody else listens there. With `secrets`
    (passwords by username) callers have to prove who they are. `answer` 0 lets calls ring, 183
    lets them hear early media.
    """

    def __init__(
        self,
        loop: BackgroundLoop,
        platform: str,
        username: str = "",
        password: str = "",
        *,
        answer: int = 200,
        domain: str = "phone.plivo.com",
        audio: tuple[str, int] | None = None,
        secrets: Mapping[str, str] | None = None,
        moved_to: str = "",
        transport: Literal["udp", "tcp"] = "udp",
    ) -> None:
        host, _, port = platform.rpartition(":")
        self._loop = loop
        self._hop = Hop(transport, host, int(port))
        self._domain = domain
        self._username = username
        self._credentials = Credentials(username, password) if username else None
        self._audio = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._audio.bind((HOST, 0))
        self._hears_at: tuple[str, int] = audio or self._audio.getsockname()
        self._agent = UserAgent(
            AgentConfig(listeners=(Listener(transport, HOST, 0),), product="Phone"),
            on_call=self._on_call,
            secrets_of=self._secret,
            trunks=[Trunk("platform", ("127.0.0.0/8",), challenge=secrets is not None)],
        )
        self._secrets = secrets or {}
        self._moved_to = moved_to
        self._answer = answer
        self._tasks: set[asyncio.Task[None]] = set()
        self.state = ""
        self.calls: list[PhoneCall] = []

    @property
    def address(self) -> str:
        """What it is called by."""
        return f"sip:{self._username}@{self._domain}"

    @property
    def port(self) -> int:
        return self._agent.port(self._hop.transport)

    @property
    def heard(self) -> int:
        """How many messages have come."""
        return self._agent.stats.received

    def start(self) -> "Phone":
        self._loop.run(self._start())
        return self

    def stop(self) -> None:
        self._loop.run(self._stop())

    def register_anew(self) -> None:
        """Do what a phone does when it sees that its connection is gone."""

        async def register() -> None:
            self._register()

        self.state = ""
        self._loop.run(register())

    def dial(self, to: str, *, headers: tuple[tuple[str, str], ...] = ()) -> PhoneCall:
        """Call a user or number at the platform."""
        return self._loop.run(self._dial(to, headers))

    def hang_up(self, call: PhoneCall) -> None:
        async def hang_up() -> None:
            call.call.hang_up()

        self._loop.run(hang_up())

    async def _start(self) -> None:
        await self._agent.start()
        if self._credentials is not None:
            self._register()

    def _register(self) -> None:
        self._agent.register(
            TrunkRegistration(
                registrar=f"sip:{self._domain}",
                address=f"sip:{self._username}@{self._domain}",
                credentials=self._credentials,
                hop=self._hop,
            ),
            self._registered,
        )

    async def _stop(self) -> None:
        await self._agent.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._audio.close()

    async def _dial(self, to: str, headers: tuple[tuple[str, str], ...]) -> PhoneCall:
        uri = to if to.startswith("sip:") else f"sip:{to}@{self._domain}"
        placing = Placing(
            uri=uri,
            caller=f"sip:{self._username or '14155550199'}@{self._domain}",
            sdp=self._sdp(),
            hop=self._hop,
            credentials=self._credentials,
            headers=headers,
        )
        made = PhoneCall(self._agent.place(placing))
        self.calls.append(made)
        self._follow(made)
        return made

    def _on_call(self, call: IncomingCall) -> None:
        names = {name: value for _, name, value in call.request.headers.fields}
        made = PhoneCall(call, call.request.headers.get("from") or "", names)
        self.calls.append(made)
        self._follow(made)
        call.ring(180)
        if self._answer == 183:
            call.ring(183, self._sdp())
        elif self._answer == 200:
            call.answer(self._sdp())
            made.answered = True
        elif self._answer:
            elsewhere = [("Contact", f"<{self._moved_to}>")] if self._moved_to else []
            call.reject(self._answer, headers=elsewhere)

    async def _secret(self, username: str, _: str) -> Secret | None:
        password = self._secrets.get(username)
        return None if password is None else Secret(password)

    def _follow(self, made: PhoneCall) -> None:
        task = asyncio.ensure_future(self._events(made))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _events(self, made: PhoneCall) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while (event := await made.call.next()) is not None:
                match event:
                    case Progress(status=status):
                        made.rang = made.rang or status >= 180
                    case Answered():
                        made.sdp, made.answered = event.sdp, True
                        if isinstance(made.call, OutgoingCall) and event.offer:
                            made.call.acknowledge(self._sdp())
                    case Failed(status=status, headers=headers):
                        made.status, made.cause = status, headers.get("reason") or ""
                    case Ended(side="remote", cause=cause):
                        made.cause = cause
                    case _:
                        pass
        made.over = True

    def _registered(self, _: Registration, state: RegistrationState, reason: str) -> None:
        self.state = state.value

    def _sdp(self) -> bytes:
        host, port = self._hears_at
        lines = (
            "v=0", f"o=- 1 1 IN IP4 {HOST}", "s=-", f"c=IN IP4 {host}", "t=0 0",
            f"m=audio {port} RTP/AVP 0 101", "a=rtpmap:0 PCMU/8000",
            "a=rtpmap:101 telephone-event/8000",
        )  # fmt: skip
        return ("\r\n".join(lines) + "\r\n").encode()


def far_phone(
    loop: BackgroundLoop, program: Program, answer_url: str, audio: tuple[str, int]
) -> Phone:
    """Register a phone of an endpoint of its own; what it dials is answered by `answer_url`."""
    api = program.api()
    app = api.post("Application/", app_name="far", answer_url=answer_url)
    made = api.post(
        "Endpoint/", username="far", password="telephone", alias="far", app_id=app["app_id"]
    )
    assert made.status == 201, made
    phone = Phone(loop, program.sip, made["username"], "telephone", audio=audio).start()
    until(lambda: phone.state == "registered", "the registration")
    return phone
