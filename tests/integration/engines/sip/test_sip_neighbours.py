"""Who shares an address with others: what one does is not laid to its neighbours."""

from collections.abc import Mapping

import pytest

from trunkline.engines.sip import BanPolicy, Ended, Failed, RegistrarPolicy
from trunkline.protocols.sip import Headers, Request, Response, parse, respond
from trunkline.protocols.sip.digest import Credentials, authorise, choose

USERS = {"ann": "one-and-two", "bob": "three-and-four", "cat": "five-and-six"}


class Phone:
    """A raw peer that registers by hand."""

    def __init__(self, lab, party, user: str, host: str = "127.0.0.1") -> None:
        self.peer = lab.peer(host)
        self.user = user
        self._host = host
        self._party = party
        self._number = 0

    def send(self, octets: bytes) -> None:
        self.peer.send(octets, self._party.agent.port())

    async def ask(self, method: str, more: Mapping[str, str]) -> Response:
        """Send a request and wait for its final response; TimeoutError: nobody hears us."""
        self._number += 1
        place = f"{self._host}:{self.peer.port}"
        pairs = {
            "Via": f"SIP/2.0/UDP {place};branch=z9hG4bK{self.peer.port}x{self._number};rport",
            "From": f"<sip:{self.user}@a.example>;tag=t{self.peer.port}",
            "To": f"<sip:{self.user}@a.example>",
            "Call-ID": f"c{self.peer.port}",
            "CSeq": f"{self._number} {method}",
            "Contact": f"<sip:{self.user}@{place}>",
            **more,
        }
        request = Request(method, "sip:a.example", Headers(pairs.items()))
        self.send(request.serialise())
        while True:
            got = parse(await self.peer.receive(0.3))
            if isinstance(got, Response) and got.cseq == request.cseq and got.status >= 200:
                return got

    async def register(self, password: str = "") -> int:
        """Register; gives the status of the second answer."""
        challenged = await self.ask("REGISTER", {})
        challenge = choose(challenged)
        assert challenge is not None, challenged
        credentials = Credentials(self.user, password or USERS[self.user])
        request = Request("REGISTER", "sip:a.example", Headers())
        header, value = authorise(challenge, credentials, request, cnonce="c")
        return (await self.ask("REGISTER", {header: value})).status


@pytest.fixture
async def registered(lab):
    """An agent that bans after three failures, and ann's phone, which is registered."""
    party = await lab.party(trunks=[], bans=BanPolicy(failures=3), secrets=USERS)
    phone = Phone(lab, party, "ann")
    assert await phone.register() == 200
    return party, phone


async def silenced(phone: Phone) -> bool:
    try:
        await phone.ask("REGISTER", {})
    except TimeoutError:
        return True
    return False


async def test_a_registered_phone_is_heard_beside_a_rogue(lab, registered):
    party, phone = registered
    rogue = Phone(lab, party, "bob")
    for _ in range(29):
        rogue.send(b"rubbish")
    assert not await silenced(rogue)  # an address of many has ten times the patience
    rogue.send(b"rubbish")
    assert await silenced(rogue)
    assert await silenced(Phone(lab, party, "cat"))  # nobody knows that one yet
    assert (await phone.ask("OPTIONS", {})).status == 200
    assert await phone.register() == 200
    assert (await Phone(lab, party, "cat", "127.0.0.2").ask("REGISTER", {})).status == 401


async def test_wrong_passwords_lock_the_user_they_were_given_for(lab, registered):
    party, phone = registered
    rogue = Phone(lab, party, "bob")
    for _ in range(3):
        assert await rogue.register("guessed") == 403
    assert await rogue.register() == 403  # the right one, but it is not looked at
    assert party.agent.stats.unauthorised == 4
    assert await Phone(lab, party, "cat").register() == 200
    assert await phone.register() == 200
    assert await Phone(lab, party, "bob", "127.0.0.2").register() == 200


async def test_a_registered_phone_that_guesses_is_silenced_alone(lab, registered):
    party, phone = registered
    other = Phone(lab, party, "cat")
    assert await other.register() == 200
    phone.user = "bob"
    for _ in range(3):
        assert await phone.register("guessed") == 403
    assert await silenced(phone)
    assert await other.register() == 200
    assert await Phone(lab, party, "ann").register() == 200


async def test_an_address_where_nobody_is_registered_any_more_is_one(lab):
    policy = RegistrarPolicy(min_s=1)
    party = await lab.party(trunks=[], bans=BanPolicy(failures=3), secrets=USERS, registrar=policy)
    phone = Phone(lab, party, "ann")
    assert await phone.register() == 200
    assert party.agent.registrar.remove("ann")
    for _ in range(3):
        phone.send(b"rubbish")
    assert await silenced(phone)


async def test_what_is_awaited_is_heard_from_a_banned_address(lab):
    party, peer = await lab.party(trunks=[], bans=BanPolicy(failures=1)), lab.peer()
    called, answered = party.place(peer.port), party.place(peer.port)
    invites = [parse(await peer.receive()) for _ in range(2)]
    peer.send(b"rubbish", party.agent.port())
    peer.send(b"unread", party.agent.port())
    await lab.until(lambda: party.agent.stats.banned == 1)
    by_id = {invite.call_id: invite for invite in invites}
    peer.send(respond(by_id[called.call_id], 486, tag="x").serialise(), party.agent.port())
    assert (await party.got(called, Failed)).status == 486
    invite = by_id[answered.call_id]
    contact = [("Contact", f"<sip:b@127.0.0.1:{peer.port}>")]
    peer.send(respond(invite, 200, tag="y", headers=contact).serialise(), party.agent.port())
    await lab.until(lambda: answered.answered)
    bye = (
        f"BYE sip:t@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{peer.port};branch=z9hG4bKb\r\n"
        f"From: {invite.to};tag=y\r\nTo: {invite.from_}\r\ni: {invite.call_id}\r\n"
        "CSeq: 1 BYE\r\n\r\n"
    )
    forged = bye.replace(invite.call_id, "of-nobody")
    peer.send(forged.encode(), party.agent.port())
    peer.send(bye.encode(), party.agent.port())
    assert (await party.got(answered, Ended)).side == "remote"
    assert party.agent.stats.banned == 2
