import pytest

from trunkline.protocols.sip import (
    Malformed,
    Request,
    Response,
    confirm,
    from_request,
    from_response,
    parse,
    parse_via,
    respond,
)

VIA = parse_via("SIP/2.0/UDP us.example:5060;branch=z9hG4bKours")


def request(**more: str) -> Request:
    lines = {
        "Via": "SIP/2.0/UDP a.example;branch=z9hG4bK1",
        "From": "<sip:a@a.example>;tag=fa",
        "To": "<sip:b@b.example>",
        "Call-ID": "c1",
        "CSeq": "7 INVITE",
        "Contact": "<sip:a@10.0.0.1:5070>",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    message = parse(f"INVITE sip:b@b.example SIP/2.0\r\n{head}\r\n".encode())
    assert isinstance(message, Request)
    return message


def response(status: int, tag: str, invite: Request, **more: str) -> Response:
    headers = [("Contact", f"<sip:b@{tag}.example>"), *more.items()]
    message = parse(respond(invite, status, tag=tag, headers=headers).serialise())
    assert isinstance(message, Response)
    return message


def test_the_side_that_is_called():
    dialog = from_request(request(Record_Route="<sip:p1;lr>, <sip:p2;lr>"), "ta")
    assert dialog.id == ("c1", "ta", "fa")
    assert dialog.route_set == ["<sip:p1;lr>", "<sip:p2;lr>"]
    assert dialog.first_hop == "sip:p1;lr"
    bye = dialog.request("BYE", VIA)
    assert bye.uri == "sip:a@10.0.0.1:5070"
    assert bye.from_.tag == "ta"
    assert bye.to.tag == "fa"
    assert bye.cseq == (1, "BYE")
    assert bye.headers.lines("route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
    assert dialog.request("INFO", VIA).cseq.number == 2


@pytest.mark.parametrize(
    ("secure", "more"),
    [
        (False, {}),
        (True, {"Contact": "<sips:a@10.0.0.1>"}),
        (False, {"Contact": "<sips:a@10.0.0.1>", "Record_Route": "<sip:p1;lr>, <sips:p2;lr>"}),
        (True, {"Record_Route": '"P" <SIPS:p1;lr>'}),
    ],
)
def test_who_is_told_to_come_by_tls(secure: bool, more: dict[str, str]):
    """RFC 3261 12.1.1: where our requests go to by that."""
    assert from_request(request(**more), "ta").secure is secure


def test_the_side_that_calls_and_forks():
    invite = request()
    early = from_response(invite, response(180, "b1", invite))
    other = from_response(invite, response(183, "b2", invite))
    assert not early.confirmed
    assert early.id != other.id
    rr = {"Record-Route": "<sip:p1;lr>, <sip:p2;lr>"}
    accepted = response(200, "b1", invite, **rr)
    # respond() keeps the request's Record-Route first; here the proxies are the response's own.
    confirm(early, accepted)
    assert early.confirmed
    assert early.route_set == ["<sip:p2;lr>", "<sip:p1;lr>"]
    ack = early.request("ACK", VIA, cseq=invite.cseq.number)
    assert ack.cseq == (7, "ACK")
    assert early.request("BYE", VIA).cseq == (8, "BYE")


def test_a_strict_router_gets_the_request_uri():
    dialog = from_request(request(Record_Route="<sip:strict.example>, <sip:p2;lr>"), "t")
    bye = dialog.request("BYE", VIA)
    assert bye.uri == "sip:strict.example"
    assert bye.headers.lines("route") == ["<sip:p2;lr>", "<sip:a@10.0.0.1:5070>"]


def test_cseq_has_to_grow():
    dialog = from_request(request(), "t")
    assert not dialog.in_order(request())
    assert dialog.in_order(request(CSeq="9 INVITE"))
    assert not dialog.in_order(request(CSeq="8 INVITE"))
    ack = request(CSeq="9 INVITE")
    ack.method = "ACK"
    assert dialog.in_order(ack)


def test_the_target_follows_refreshes_only():
    dialog = from_request(request(), "t")
    moved = request(Contact="<sip:a@10.0.0.9>")
    dialog.refresh_target(moved, "INFO")
    assert dialog.target == "sip:a@10.0.0.1:5070"
    dialog.refresh_target(moved, "UPDATE")
    assert dialog.target == "sip:a@10.0.0.9"


@pytest.mark.parametrize("contact", ["", "*", "<mailto:a@b>", "<sip:a b@c>"])
def test_without_a_sip_contact_there_is_no_dialog(contact):
    with pytest.raises(Malformed):
        from_request(request(Contact=contact), "t")
