"""RFC 3261 10.3, on a clock that the test moves."""

import pytest

from trunkline.engines.sip.bindings import Bindings
from trunkline.engines.sip.config import RegistrarPolicy
from trunkline.engines.sip.transport import Hop
from trunkline.protocols.sip import Headers, Malformed, Request

HERE = Hop("udp", "192.0.2.9", 40000)


class Home:
    def __init__(self, **policy) -> None:
        self.changes: list = []
        self.bindings = Bindings(
            RegistrarPolicy(**policy), lambda user, now: self.changes.append((user, len(now)))
        )
        self.cseq = 0

    def register(self, *contacts, now=0.0, source=HERE, call="c", cseq=None, **headers):
        self.cseq = cseq or self.cseq + 1
        fields = [("Call-ID", call), ("CSeq", f"{self.cseq} REGISTER")]
        fields += [("Contact", contact) for contact in contacts]
        fields += headers.items()
        request = Request("REGISTER", "sip:x", Headers(fields))
        return self.bindings.update("alice", request, source, now)

    def contacts(self, now=0.0):
        return [binding.contact for binding in self.bindings.of("alice", now)]


def test_several_contacts_by_preference():
    home = Home()
    home.register("<sip:a@h>;q=0.2, <sip:b@h>;q=0.8", "<sip:c@h>;expires=100")
    assert home.contacts() == ["sip:c@h", "sip:b@h", "sip:a@h"]
    assert home.contacts(now=101) == ["sip:b@h", "sip:a@h"]
    home.bindings.expire(101)
    assert home.changes == [("alice", 3), ("alice", 2)]
    home.register("<sip:b@h>;expires=0", now=101)
    assert home.contacts(now=101) == ["sip:a@h"]
    home.bindings.expire(10_000)
    assert len(home.bindings) == 0
    assert not home.bindings.is_source(HERE.host)


def test_a_refresh_keeps_one_binding():
    home = Home()
    for now in (0, 1000, 2000):
        home.register("<sip:a@h;transport=UDP>", now=now, Expires="1500")
    assert home.contacts(now=3499) == ["sip:a@h;transport=UDP"]
    home.bindings.expire(3499)
    assert home.contacts(now=3499)
    assert home.contacts(now=3501) == []


def test_a_query_changes_nothing():
    home = Home()
    assert home.register() is None
    assert home.changes == []


@pytest.mark.parametrize(
    ("contacts", "headers", "status"),
    [
        (("*",), {}, 400),
        (("*",), {"Expires": "10"}, 400),
        (("*", "<sip:a@h>"), {"Expires": "0"}, 400),
        (("<sip:b@h>", "<sip:a@h>;expires=5"), {}, 423),
        (("<sip:b@h>", "<mailto:a@h>"), {}, 400),
    ],
)
def test_all_or_nothing(contacts, headers, status):
    home = Home()
    home.register("<sip:keep@h>")
    rejected = home.register(*contacts, **headers)
    assert rejected is not None
    assert rejected.status == status
    assert home.contacts() == ["sip:keep@h"]
    with pytest.raises(Malformed):
        home.register("<sip:b@h>", "<sip:a b@h>")
    assert home.contacts() == ["sip:keep@h"]


def test_an_older_request_is_not_done():
    home = Home()
    home.register("<sip:a@h>", cseq=5)
    for contact, headers in (("<sip:a@h>;expires=0", {}), ("*", {"Expires": "0"})):
        rejected = home.register(contact, cseq=5, **headers)
        assert rejected is not None
        assert rejected.status == 500
    assert home.contacts() == ["sip:a@h"]
    home.register("*", call="another", cseq=1, Expires="0")
    assert home.contacts() == []


def test_too_long_is_shortened_and_rubbish_is_the_default():
    home = Home(default_s=3600, max_s=7200)
    home.register("<sip:a@h>;expires=280297596632815")
    home.register("<sip:b@h>", Expires="1" + "0" * 100)
    home.register("<sip:c@h>", Expires="99999")
    left = {each.contact: each.seconds_left(0) for each in home.bindings.of("alice", 0)}
    assert left == {"sip:a@h": 3600, "sip:b@h": 3600, "sip:c@h": 7200}


def test_what_is_kept_can_be_written():
    home = Home()
    home.register("<sip:a@h>", **{"User-Agent": "T\udce9l\udce9phone\0 1.0"})
    (binding,) = home.bindings.of("alice", 0.0)
    assert binding.user_agent == "T\u00e9l\u00e9phone  1.0"
    assert home.register("<sip:\udce9@h>").status == 400
    assert home.contacts() == ["sip:a@h"]


def test_the_oldest_contact_makes_room():
    home = Home(contacts=3)
    for n in range(5):
        home.register(f"<sip:a@h{n}>", now=float(n))
    assert home.contacts(now=5) == ["sip:a@h4", "sip:a@h3", "sip:a@h2"]


def test_users_are_bounded():
    home = Home(addresses=1)
    home.register("<sip:a@h>")
    request = Request(
        "REGISTER",
        "sip:x",
        Headers([("Call-ID", "c"), ("CSeq", "1 REGISTER"), ("Contact", "<sip:b@h>")]),
    )
    rejected = home.bindings.update("bob", request, HERE, 0.0)
    assert rejected is not None
    assert rejected.status == 503


@pytest.mark.parametrize(
    ("contact", "source", "hop"),
    [
        ("<sip:a@192.0.2.9:5062>", HERE, Hop("udp", "192.0.2.9", 5062)),
        ("<sip:a@10.0.0.5:5062>", HERE, HERE),  # behind NAT
        (
            "<sip:a@10.0.0.5;transport=tcp>",
            Hop("tcp", "192.0.2.9", 999),
            Hop("tcp", "192.0.2.9", 999, dial=False),
        ),
    ],
)
def test_where_a_contact_is_reached(contact, source, hop):
    home = Home()
    home.register(contact, source=source)
    assert home.bindings.of("alice", 0)[0].hop == hop
    assert home.bindings.is_source("192.0.2.9")


def test_a_lost_connection_takes_its_contacts_along():
    home = Home()
    flow = Hop("tcp", "192.0.2.9", 999)
    home.register("<sip:a@10.0.0.5;transport=tcp>", source=flow)
    home.register("<sip:b@192.0.2.9>")
    home.bindings.flow_lost(flow)
    assert home.contacts() == ["sip:b@192.0.2.9"]
    home.bindings.flow_lost(flow)
    assert home.bindings.remove("alice")
    assert not home.bindings.remove("alice")


def test_a_contact_at_the_address_it_came_from_is_called_there_however_it_is_written():
    home = Home()
    home.register("<sip:a@[2001:DB8:0::9]:5070>", source=Hop("udp", "2001:db8::9", 40000))
    (binding,) = home.bindings.of("alice", 0)
    assert binding.hop == Hop("udp", "2001:db8::9", 5070)
