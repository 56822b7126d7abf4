"""The session machine, both sides, without a wire between them."""

import pytest

from trunkline.protocols.smpp import (
    AlertNotification,
    Answered,
    BadAnswer,
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    Broken,
    DataSm,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    QuerySm,
    Received,
    Refused,
    Role,
    Session,
    State,
    StateError,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
    Unmatched,
    WindowFull,
    decode,
    encode,
    status,
)
from trunkline.protocols.smpp.encode import MAX_SEQUENCE

BINDS = {
    "tx": (BindTransmitter(), BindTransmitterResp, State.BOUND_TX),
    "rx": (BindReceiver(), BindReceiverResp, State.BOUND_RX),
    "trx": (BindTransceiver(), BindTransceiverResp, State.BOUND_TRX),
}


def bound(mode: str = "trx", **settings) -> tuple[Session, Session]:
    """An ESME and an SMSC that are bound to each other."""
    esme, smsc = Session(Role.ESME, **settings), Session(Role.SMSC, **settings)
    request, response, state = BINDS[mode]
    sequence, data = esme.send(request)
    (event,) = smsc.receive(data)
    assert isinstance(event, Received)
    data = smsc.respond(response(sequence_number=sequence, system_id="SMSC"))
    (event,) = esme.receive(data)
    assert isinstance(event, Answered)
    assert esme.state is smsc.state is state
    return esme, smsc


@pytest.mark.parametrize("mode", list(BINDS))
def test_each_bind_leads_to_its_state(mode):
    bound(mode)


def test_a_refused_bind_stays_open():
    esme, smsc = Session(Role.ESME), Session(Role.SMSC)
    sequence, data = esme.send(BindTransceiver(), "bind")
    smsc.receive(data)
    (event,) = esme.receive(smsc.refuse(sequence, status.ESME_RINVPASWD))
    assert event.response == BindTransceiverResp(
        sequence_number=1, command_status=status.ESME_RINVPASWD
    )
    assert event.context == "bind"
    assert esme.state is smsc.state is State.OPEN
    assert esme.free == 0


LEGAL = {
    ("tx", Role.ESME): {"submit_sm", "data_sm", "query_sm", "enquire_link", "unbind"},
    ("tx", Role.SMSC): {"enquire_link", "unbind"},
    ("rx", Role.ESME): {"enquire_link", "unbind"},
    ("rx", Role.SMSC): {"deliver_sm", "data_sm", "alert_notification", "enquire_link", "unbind"},
    ("trx", Role.ESME): {"submit_sm", "data_sm", "query_sm", "enquire_link", "unbind"},
    ("trx", Role.SMSC): {"deliver_sm", "data_sm", "alert_notification", "enquire_link", "unbind"},
}
REQUESTS = [
    SubmitSm(),
    DeliverSm(),
    DataSm(),
    QuerySm(),
    AlertNotification(),
    EnquireLink(),
    Unbind(),
    Outbind(),
    BindTransceiver(),
]


@pytest.mark.parametrize(("mode", "role"), list(LEGAL))
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda r: r.command_name)
def test_what_may_be_sent_and_taken_in_which_state(mode, role, request_):
    sender = dict(zip((Role.ESME, Role.SMSC), bound(mode), strict=True))[role]
    taker = dict(zip((Role.SMSC, Role.ESME), bound(mode), strict=True))[role]
    events = taker.receive(encode(request_, 99))
    if request_.command_name in LEGAL[mode, role]:
        assert sender.send(request_)[1]
        assert all(isinstance(event, Received) for event in events)
    else:
        with pytest.raises(StateError, match=request_.command_name):
            sender.send(request_)
        (event,) = events
        assert isinstance(event, Refused)
        twice = isinstance(request_, BindTransceiver)
        code = status.ESME_RALYBND if twice else status.ESME_RINVBNDSTS
        assert event.command_status == code
        if not isinstance(request_, (Outbind, AlertNotification)):
            answer = decode(b"".join(taker.answers))
            assert answer.command_name == request_.command_name + "_resp"
            assert answer.command_status == code
            assert answer.sequence_number == 99


def test_before_the_bind_only_binding_is_legal():
    smsc = Session(Role.SMSC)
    (event,) = smsc.receive(encode(SubmitSm(), 5))
    assert event.command_status == status.ESME_RINVBNDSTS
    assert decode(smsc.answers[0]) == SubmitSmResp(
        sequence_number=5, command_status=status.ESME_RINVBNDSTS
    )
    esme = Session(Role.ESME)
    with pytest.raises(StateError):
        esme.send(SubmitSm())
    (event,) = esme.receive(encode(Outbind(system_id="SMSC"), 1))
    assert isinstance(event, Received)
    assert esme.answers == []


def test_a_bad_body_before_the_bind_is_first_of_all_illegal():
    smsc = Session(Role.SMSC)
    (event,) = smsc.receive(bytes.fromhex("00000012 00000004 00000000 00000007 4141"))
    assert event.command_status == status.ESME_RINVBNDSTS


def test_responses_find_their_request_in_any_order():
    esme, smsc = bound()
    sent = [esme.send(SubmitSm(), n) for n in range(5)]
    smsc.receive(b"".join(data for _, data in sent))
    answers = [
        smsc.respond(SubmitSmResp(sequence_number=sequence, message_id=str(sequence)))
        for sequence, _ in reversed(sent)
    ]
    events = esme.receive(b"".join(answers))
    assert [event.context for event in events] == [4, 3, 2, 1, 0]
    assert [event.asked for event in events] == [4] * 5
    assert esme.outstanding == {}
    assert smsc.unanswered == {}


def test_the_window_counts_messages_and_not_enquiries():
    esme, _ = bound(window=3)
    esme.send(EnquireLink())
    sequences = [esme.send(SubmitSm())[0] for _ in range(3)]
    assert (esme.free, esme.in_flight, len(esme.outstanding)) == (0, 3, 4)
    with pytest.raises(WindowFull):
        esme.send(SubmitSm())
    esme.send(EnquireLink())
    esme.receive(encode(SubmitSmResp(sequence_number=sequences[1])))
    assert esme.free == 1
    assert esme.expire(sequences[0]).command_id == SubmitSm.command_id
    assert esme.expire(sequences[0]) is None
    assert esme.free == 2


def test_an_unanswerable_request_takes_no_slot():
    _, smsc = bound(window=1)
    for _ in range(3):
        smsc.send(AlertNotification())
    assert (smsc.free, smsc.outstanding) == (1, {})


def test_late_double_and_foreign_answers_are_flagged():
    esme, _ = bound()
    sequence, _ = esme.send(SubmitSm(), "ctx")
    for stray in (
        SubmitSmResp(sequence_number=sequence + 1),
        DeliverSmResp(sequence_number=sequence),
        EnquireLinkResp(sequence_number=sequence),
        GenericNack(sequence_number=0, command_status=3),
    ):
        (event,) = esme.receive(encode(stray))
        assert event == Unmatched(stray)
    answer = encode(SubmitSmResp(sequence_number=sequence, message_id="A"))
    assert [type(event) for event in esme.receive(answer + answer)] == [Answered, Unmatched]
    assert esme.answers == []


def test_a_nack_answers_any_request():
    esme, _ = bound()
    sequence, _ = esme.send(SubmitSm(), "ctx")
    nack = GenericNack(sequence_number=sequence, command_status=status.ESME_RINVCMDID)
    assert esme.receive(encode(nack)) == [Answered(nack, "ctx", SubmitSm.command_id)]


def test_an_answer_that_cannot_be_read_ends_the_waiting():
    esme, _ = bound(window=1)
    sequence, _ = esme.send(SubmitSm(), "ctx")
    head = bytes.fromhex("00000012 80000004 00000000")
    (event,) = esme.receive(head + sequence.to_bytes(4, "big") + b"AB")
    assert isinstance(event, BadAnswer)
    assert (event.context, event.malformed.field) == ("ctx", "message_id")
    assert esme.free == 1
    (event,) = esme.receive(head + sequence.to_bytes(4, "big") + b"AB")
    assert isinstance(event, Unmatched)
    assert esme.answers == []


def test_enquire_link_is_answered_by_the_machine():
    for session in (*bound(), Session(Role.ESME), Session(Role.SMSC)):
        assert session.receive(encode(EnquireLink(), 42)) == []
        assert session.answers == [encode(EnquireLinkResp(sequence_number=42))]


def test_enquire_link_can_be_left_to_the_owner():
    _, smsc = bound(answer_enquire_link=False)
    (event,) = smsc.receive(encode(EnquireLink(), 42))
    assert event == Received(EnquireLink(sequence_number=42))
    assert smsc.answers == []


def test_unbind_ends_the_session_for_both():
    esme, smsc = bound()
    sequence, data = esme.send(Unbind())
    smsc.receive(data)
    esme.receive(smsc.respond(UnbindResp(sequence_number=sequence)))
    assert esme.state is smsc.state is State.UNBOUND
    with pytest.raises(StateError):
        esme.send(SubmitSm())
    (event,) = smsc.receive(encode(SubmitSm(), 9))
    assert event.command_status == status.ESME_RINVBNDSTS


def test_after_unbind_is_sent_deliveries_still_come():
    esme, smsc = bound()
    esme.send(Unbind())
    (event,) = esme.receive(smsc.send(DeliverSm())[1])
    assert isinstance(event, Received)


def test_an_answer_is_given_once():
    esme, smsc = bound()
    sequence, data = esme.send(SubmitSm())
    smsc.receive(data)
    with pytest.raises(StateError):
        smsc.respond(DeliverSmResp(sequence_number=sequence))
    assert smsc.respond(SubmitSmResp(sequence_number=sequence + 1)) is None
    assert smsc.respond(SubmitSmResp(sequence_number=sequence)) is not None
    assert smsc.respond(SubmitSmResp(sequence_number=sequence)) is None
    assert smsc.refuse(sequence, 8) is None
    assert not smsc.drop(sequence)


def test_a_dropped_request_is_never_answered():
    esme, smsc = bound()
    sequence, data = esme.send(SubmitSm())
    smsc.receive(data)
    assert smsc.drop(sequence)
    assert smsc.respond(SubmitSmResp(sequence_number=sequence)) is None


def test_more_unanswered_requests_than_allowed_are_refused():
    esme, smsc = bound(peer_window=2)
    events = smsc.receive(b"".join(encode(SubmitSm(), n) for n in (1, 2, 3)))
    assert [type(event) for event in events] == [Received, Received, Refused]
    assert decode(smsc.answers[0]).command_status == status.ESME_RTHROTTLED
    events = esme.receive(b"".join(encode(DeliverSm(), n) for n in (1, 2, 3)))
    assert [type(event) for event in events] == [Received, Received, Refused]
    assert decode(esme.answers[0]).command_status == status.ESME_RX_T_APPN


def test_a_number_in_use_is_refused():
    _, smsc = bound()
    events = smsc.receive(encode(SubmitSm(), 7) + encode(SubmitSm(), 7))
    assert [type(event) for event in events] == [Received, Refused]


def test_unknown_commands_are_nacked_unless_they_are_answers():
    esme, _ = bound()
    (event,) = esme.receive(bytes.fromhex("00000010 00000999 00000000 00000005"))
    assert isinstance(event, Refused)
    assert decode(esme.answers[0]) == GenericNack(
        sequence_number=5, command_status=status.ESME_RINVCMDID
    )
    esme.answers.clear()
    (event,) = esme.receive(bytes.fromhex("00000010 80000999 00000000 00000005"))
    assert isinstance(event, Refused)
    assert esme.answers == []
    assert esme.receive(encode(EnquireLink(), 1)) == []


def test_a_broken_stream_is_nacked_and_told_once():
    esme, _ = bound()
    events = esme.receive(bytes.fromhex("0000000F 00000004 00000000 00000005"))
    assert events == [Broken("command_length 15")]
    assert decode(esme.answers[0]) == GenericNack(
        sequence_number=5, command_status=status.ESME_RINVCMDLEN
    )
    assert esme.receive(encode(EnquireLink(), 1)) == []


def test_an_answer_repeats_even_a_number_out_of_range():
    _, smsc = bound()
    data = bytearray(encode(SubmitSm(), 1))
    data[12:16] = b"\xff\xff\xff\xff"
    (event,) = smsc.receive(bytes(data))
    assert smsc.respond(SubmitSmResp(sequence_number=event.request.sequence_number))[12:16] == (
        b"\xff\xff\xff\xff"
    )


def test_numbers_wrap_and_skip_those_in_use():
    esme, _ = bound()
    first, _ = esme.send(SubmitSm(), "old")
    assert first == 2
    esme._sequence = MAX_SEQUENCE - 1
    assert esme.send(SubmitSm())[0] == MAX_SEQUENCE
    assert esme.send(SubmitSm())[0] == 1
    assert esme.send(SubmitSm())[0] == 3


def test_what_is_outstanding_at_the_end_is_given_once():
    esme, _ = bound()
    for n in range(3):
        esme.send(SubmitSm(), n)
    esme.send(EnquireLink(), "enquiry")
    lost = esme.close()
    assert [found.context for found in lost] == [0, 1, 2, "enquiry"]
    assert esme.close() == []
    assert esme.state is State.CLOSED
    assert (esme.free, esme.in_flight) == (0, 0)
    assert esme.receive(encode(EnquireLink(), 1)) == []
    with pytest.raises(StateError):
        esme.send(EnquireLink())


def test_any_cut_of_a_conversation_gives_the_same_events():
    stream = b"".join(
        (
            encode(DeliverSm(short_message=b"one"), 1),
            encode(EnquireLink(), 2),
            encode(DeliverSm(short_message=b"two"), 3),
            bytes.fromhex("00000010 00000999 00000000 00000004"),
        )
    )
    whole, _ = bound()
    expected = whole.receive(stream)
    for cut in range(len(stream)):
        esme, _ = bound()
        assert esme.receive(stream[:cut]) + esme.receive(stream[cut:]) == expected
        assert esme.answers == whole.answers
