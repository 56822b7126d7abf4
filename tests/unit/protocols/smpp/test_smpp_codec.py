"""Round trips, limits and damage."""

import dataclasses
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.protocols.smpp import (
    BadBody,
    BadLength,
    BindTransceiver,
    BodyError,
    DataSm,
    Decoder,
    DeliverSm,
    DeliverSmResp,
    EncodeError,
    EnquireLink,
    QuerySmResp,
    Request,
    Response,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    Tlv,
    UnknownCommand,
    UnsuccessfulSme,
    decode,
    encode,
    status,
    tlv,
)
from trunkline.protocols.smpp.decode import MAX_PDU
from trunkline.protocols.smpp.fields import CString, Destinations, Octet, ShortMessage
from trunkline.protocols.smpp.layout import LAYOUTS
from trunkline.protocols.smpp.messages import DistributionList
from trunkline.protocols.smpp.rubbish import rubbish

OCTET = st.integers(0, 255)


def text(longest: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=longest)


def values(field) -> st.SearchStrategy:
    if isinstance(field, CString):
        full = st.text(
            st.characters(min_codepoint=1, max_codepoint=255),
            min_size=field.size - 1,
            max_size=field.size - 1,
        )
        return st.just("") | full if field.fixed else text(field.size - 1)
    if isinstance(field, Octet):
        return OCTET
    if isinstance(field, ShortMessage):
        return st.binary(max_size=254)
    if isinstance(field, Destinations):
        sme = st.builds(SmeAddress, OCTET, OCTET, text(20))
        return st.lists(sme | st.builds(DistributionList, text(20)), min_size=1, max_size=5).map(
            tuple
        )
    failed = st.builds(UnsuccessfulSme, OCTET, OCTET, text(20), st.integers(0, 2**32 - 1))
    return st.lists(failed, max_size=5).map(tuple)


TLVS = st.lists(st.builds(Tlv, st.integers(0, 0xFFFF), st.binary(max_size=50)), max_size=4).map(
    tuple
)


def pdus(pdu_type) -> st.SearchStrategy:
    layout = LAYOUTS[pdu_type]
    parts = {field.name: values(field) for field in layout}
    if layout:
        parts["tlvs"] = TLVS
    if issubclass(pdu_type, Response):
        parts["command_status"] = st.sampled_from([0, 0, 8, 0x58, 0x401, 0xFFFFFFFF])
    return st.builds(pdu_type, sequence_number=st.integers(1, 0x7FFFFFFF), **parts)


@pytest.mark.parametrize("pdu_type", list(LAYOUTS), ids=lambda t: t.command_name)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_is_encoded_is_decoded(pdu_type, data):
    pdu = data.draw(pdus(pdu_type))
    octets = encode(pdu)
    assert int.from_bytes(octets[:4], "big") == len(octets)
    assert decode(octets) == pdu


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of([pdus(t) for t in LAYOUTS]), max_size=6), st.data())
def test_a_stream_reads_the_same_however_it_is_cut(stream, data):
    octets = b"".join(encode(pdu) for pdu in stream)
    decoder, found = Decoder(), []
    while octets:
        cut = data.draw(st.integers(1, len(octets)))
        found += decoder.feed(octets[:cut])
        octets = octets[cut:]
    assert found == stream


def test_layouts_name_the_fields_of_their_classes():
    for pdu_type, layout in LAYOUTS.items():
        names = [field.name for field in layout]
        own = [
            field.name
            for field in dataclasses.fields(pdu_type)
            if field.name not in ("sequence_number", "command_status", "tlvs")
        ]
        assert names == own


TOO_MUCH = [
    (SubmitSm(service_type="123456"), "submit_sm.service_type"),
    (SubmitSm(source_addr="1" * 21), "submit_sm.source_addr"),
    (SubmitSm(destination_addr="1" * 21), "submit_sm.destination_addr"),
    (SubmitSm(destination_addr="1\x002"), "submit_sm.destination_addr"),
    (SubmitSm(source_addr="\u20ac"), "submit_sm.source_addr"),
    (SubmitSm(validity_period="0102"), "submit_sm.validity_period"),
    (SubmitSm(schedule_delivery_time="1" * 17), "submit_sm.schedule_delivery_time"),
    (SubmitSm(short_message=b"x" * 255), "submit_sm.short_message"),
    (SubmitSm(data_coding=256), "submit_sm.data_coding"),
    (SubmitSm(esm_class=-1), "submit_sm.esm_class"),
    (SubmitSm(sequence_number=0x80000000), "submit_sm.sequence_number"),
    (SubmitSm(tlvs=(Tlv(0x10000, b""),)), "submit_sm.tlvs"),
    (SubmitSm(tlvs=(Tlv(0x424, bytes(65536)),)), "submit_sm.tlvs"),
    (SubmitSmResp(message_id="x" * 65), "submit_sm_resp.message_id"),
    (SubmitSmResp(command_status=2**32), "submit_sm_resp.command_status"),
    (DeliverSm(source_addr="1" * 21), "deliver_sm.source_addr"),
    (DataSm(source_addr="1" * 65), "data_sm.source_addr"),
    (BindTransceiver(system_id="x" * 16), "bind_transceiver.system_id"),
    (BindTransceiver(password="x" * 9), "bind_transceiver.password"),
    (BindTransceiver(system_type="x" * 13), "bind_transceiver.system_type"),
    (BindTransceiver(address_range="x" * 41), "bind_transceiver.address_range"),
    (SubmitMulti(), "submit_multi.dest_addresses"),
    (SubmitMulti(dest_addresses=(SmeAddress(0, 0, "1"),) * 255), "submit_multi.dest_addresses"),
    (SubmitMulti(dest_addresses=(DistributionList("x" * 21),)), "submit_multi.dl_name"),
    (
        SubmitMultiResp(unsuccess_smes=(UnsuccessfulSme(0, 0, "1", 2**32),)),
        "submit_multi_resp.unsuccess_smes",
    ),
    (QuerySmResp(final_date="1"), "query_sm_resp.final_date"),
]


@pytest.mark.parametrize(("pdu", "place"), TOO_MUCH, ids=[place for _, place in TOO_MUCH])
def test_what_does_not_fit_is_refused_by_name(pdu, place):
    with pytest.raises(EncodeError) as caught:
        encode(pdu)
    assert str(caught.value).startswith(place + ":")
    assert f"{caught.value.pdu}.{caught.value.field}" == place


def test_the_largest_of_everything_fits():
    pdu = SubmitSm(
        service_type="12345",
        source_addr="1" * 20,
        destination_addr="2" * 20,
        schedule_delivery_time="3" * 16,
        validity_period="4" * 16,
        short_message=b"x" * 254,
        tlvs=(tlv.MESSAGE_PAYLOAD.of(bytes(65535)),),
    )
    assert decode(encode(pdu, 1)) == dataclasses.replace(pdu, sequence_number=1)


def damaged(command_id: int, body: str, command_status: int = 0) -> bytes:
    octets = bytes.fromhex(body.replace(" ", ""))
    head = (16 + len(octets)).to_bytes(4, "big") + command_id.to_bytes(4, "big")
    return head + command_status.to_bytes(4, "big") + b"\0\0\0\x07" + octets


NUMBER_21 = "31" * 21 + "00"
DAMAGED = [
    ("no body at all", 4, "", status.ESME_RINVCMDLEN, "service_type"),
    ("ends in a number", 4, "00 0000 3131", status.ESME_RINVCMDLEN, "source_addr"),
    ("ends before sm_length", 4, "00 0000 00 0000 00 000000 00 00 00000000", 2, "sm_length"),
    (
        "message shorter than told",
        4,
        "00 0000 00 0000 00 000000 00 00 00000000 05 41",
        1,
        "short_message",
    ),
    (
        "sm_length 255",
        4,
        "00 0000 00 0000 00 000000 00 00 00000000 FF" + "41" * 255,
        1,
        "sm_length",
    ),
    (
        "service type too long",
        4,
        "31" * 6 + "00 0000 00 0000 00 000000 00 00 00000000 00",
        0x15,
        "service_type",
    ),
    (
        "source too long",
        4,
        "00 0000" + NUMBER_21 + "0000 00 000000 00 00 00000000 00",
        0xA,
        "source_addr",
    ),
    (
        "destination too long",
        4,
        "00 0000 00 0000" + NUMBER_21 + "000000 00 00 00000000 00",
        0xB,
        "destination_addr",
    ),
    (
        "schedule of 3",
        4,
        "00 0000 00 0000 00 000000 31313100 00 00000000 00",
        0x61,
        "schedule_delivery_time",
    ),
    (
        "validity of 3",
        4,
        "00 0000 00 0000 00 000000 00 31313100 00000000 00",
        0x62,
        "validity_period",
    ),
    ("three octets left", 4, "00 0000 00 0000 00 000000 00 00 00000000 00 042400", 0xC0, "tlvs"),
    (
        "parameter cut off",
        4,
        "00 0000 00 0000 00 000000 00 00 00000000 00 0424 0003 4142",
        0xC0,
        "tlvs",
    ),
    ("deliver_sm cut off", 5, "00 0000 00", status.ESME_RINVCMDLEN, "dest_addr_ton"),
    ("enquire_link with a body", 0x15, "00", status.ESME_RINVCMDLEN, "body"),
    ("no destinations", 0x21, "00 0000 00 00", status.ESME_RINVNUMDESTS, "number_of_dests"),
    ("dest_flag 3", 0x21, "00 0000 00 01 03", status.ESME_RINVDESTFLAG, "dest_flag"),
    (
        "system_id too long",
        9,
        "31" * 16 + "00 00 00 34 00 00 00",
        status.ESME_RINVSYSID,
        "system_id",
    ),
    (
        "password too long",
        9,
        "00" + "31" * 9 + "00 00 34 00 00 00",
        status.ESME_RINVPASWD,
        "password",
    ),
    ("message_id too long", 3, "31" * 65 + "00 0000 00", status.ESME_RINVMSGID, "message_id"),
]


@pytest.mark.parametrize(
    ("command_id", "body", "code", "field"), [d[1:] for d in DAMAGED], ids=[d[0] for d in DAMAGED]
)
def test_a_damaged_request_names_its_fault(command_id, body, code, field):
    data = damaged(command_id, body)
    (found,) = Decoder().feed(data)
    assert isinstance(found, BadBody)
    assert (found.command_id, found.sequence_number) == (command_id, 7)
    assert (status.status_name(found.status), found.field) == (status.status_name(code), field)
    for cut in range(len(data)):
        decoder = Decoder()
        assert decoder.feed(data[:cut]) + decoder.feed(data[cut:]) == [found]


def test_what_carriers_send_in_responses_is_read_generously():
    long_id = damaged(0x80000004, "31" * 80 + "00")
    assert decode(long_id) == SubmitSmResp(sequence_number=7, message_id="1" * 80)
    no_body = damaged(0x80000004, "")
    assert decode(no_body) == SubmitSmResp(sequence_number=7)
    with_parameters = damaged(0x80000004, "4100 1400 0001 05", 8)
    assert decode(with_parameters) == SubmitSmResp(
        sequence_number=7, command_status=8, message_id="A", tlvs=(Tlv(0x1400, b"\5"),)
    )
    assert decode(damaged(0x80000015, "0000")).command_name == "enquire_link_resp"
    assert decode(damaged(0x80000005, "")) == DeliverSmResp(sequence_number=7)


def test_a_deliver_sm_with_odd_unused_times_is_read():
    found = decode(damaged(5, "00 0000 3100 0000 3200 000000 313200 3300 00000000 01 41"))
    assert (found.schedule_delivery_time, found.validity_period) == ("12", "3")
    assert found.short_message == b"A"


def test_a_status_in_a_request_is_nothing():
    assert decode(damaged(0x15, "", 99)) == EnquireLink(sequence_number=7)


@pytest.mark.parametrize("size", [0, 4, 15, MAX_PDU + 1, 0xFFFFFFFF])
def test_an_impossible_length_ends_the_stream(size):
    decoder = Decoder()
    data = size.to_bytes(4, "big") + bytes.fromhex("00000004 00000000 00000009")
    for octet in data[:-1]:
        assert decoder.feed(bytes([octet])) == []
    assert decoder.feed(data[-1:]) == [BadLength(size, 9)]
    assert decoder.feed(encode(EnquireLink(), 1)) == []
    assert decoder.buffered == 0


def test_the_largest_length_is_settable():
    data = encode(SubmitSm(short_message=b"x" * 100), 1)
    assert isinstance(Decoder(max_pdu=len(data) - 1).feed(data)[0], BadLength)
    assert isinstance(Decoder(max_pdu=len(data)).feed(data)[0], SubmitSm)


def test_an_unknown_command_is_named():
    assert Decoder().feed(damaged(0x999, "4142")) == [UnknownCommand(0x999, 7, 0)]


def test_strict_parameters():
    short = SubmitSm(sequence_number=1, tlvs=(Tlv(tlv.USER_MESSAGE_REFERENCE.tag, b"\1"),))
    assert Decoder().feed(encode(short)) == [short]
    (found,) = Decoder(strict_tlvs=True).feed(encode(short))
    assert isinstance(found, BadBody)
    assert (found.status, found.field) == (status.ESME_RINVPARLEN, "user_message_reference")
    vendor = SubmitSm(sequence_number=1, tlvs=(Tlv(0x1400, b"any"),))
    assert Decoder(strict_tlvs=True).feed(encode(vendor)) == [vendor]


def test_named_parameters_make_and_read_their_values():
    made = (
        tlv.RECEIPTED_MESSAGE_ID.of("4F2A"),
        tlv.SAR_MSG_REF_NUM.of(0x1234),
        tlv.QOS_TIME_TO_LIVE.of(3600),
        tlv.NETWORK_ERROR_CODE.of(b"\x03\x00\x01"),
        tlv.ALERT_ON_MESSAGE_DELIVERY.of(True),
    )
    assert [each.value.hex() for each in made] == ["3446324100", "1234", "00000e10", "030001", ""]
    assert tlv.RECEIPTED_MESSAGE_ID.find(made) == "4F2A"
    assert tlv.SAR_MSG_REF_NUM.find(made) == 0x1234
    assert tlv.QOS_TIME_TO_LIVE.find(made) == 3600
    assert tlv.NETWORK_ERROR_CODE.find(made) == b"\x03\x00\x01"
    assert tlv.ALERT_ON_MESSAGE_DELIVERY.find(made) is True
    assert tlv.ALERT_ON_MESSAGE_DELIVERY.find(()) is None
    assert tlv.MESSAGE_STATE.find(made) is None
    assert tlv.RECEIPTED_MESSAGE_ID.find((Tlv(0x1E, b"4F2A"),)) == "4F2A"  # no NUL


def test_named_parameters_keep_their_limits():
    for make in (
        lambda: tlv.SAR_TOTAL_SEGMENTS.of(256),
        lambda: tlv.SAR_TOTAL_SEGMENTS.of(-1),
        lambda: tlv.RECEIPTED_MESSAGE_ID.of("x" * 65),
        lambda: tlv.RECEIPTED_MESSAGE_ID.of("a\0b"),
        lambda: tlv.RECEIPTED_MESSAGE_ID.of("\u20ac"),
        lambda: tlv.NETWORK_ERROR_CODE.of(b"ab"),
        lambda: tlv.ALERT_ON_MESSAGE_DELIVERY.of(False),
    ):
        with pytest.raises(EncodeError):
            make()
    with pytest.raises(BodyError) as caught:
        tlv.MESSAGE_STATE.find((Tlv(tlv.MESSAGE_STATE.tag, b"ab"),))
    assert caught.value.status == status.ESME_RINVPARLEN


def test_every_parameter_of_the_specification_is_named_once():
    assert len(tlv.NAMED) == 44
    assert len({named.name for named in tlv.NAMED.values()}) == 44


def test_statuses_have_names():
    assert status.status_name(0x58) == "ESME_RTHROTTLED"
    assert status.status_name(0x401) == "vendor 0x00000401"
    assert status.status_name(0x10000) == "reserved 0x00010000"
    assert len(status.NAMES) == 48


def test_decode_wants_exactly_one_pdu():
    one = encode(EnquireLink(), 1)
    for data in (b"", one[:-1], one + b"\0", one + one, damaged(0x999, ""), damaged(4, "")):
        with pytest.raises(ValueError, match=r".+"):
            decode(data)


def test_rubbish_gives_typed_results():
    rng = random.Random(20)
    for _ in range(3_000):
        for item in Decoder(strict_tlvs=rng.random() < 0.5).feed(rubbish(rng)):
            assert isinstance(item, (Request, Response, BadLength, UnknownCommand, BadBody))
