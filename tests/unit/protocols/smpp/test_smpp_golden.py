"""Known octets, each way; every input is also fed cut in two at every place."""

import pytest

from trunkline.protocols.smpp import (
    AlertNotification,
    BindTransmitter,
    BindTransmitterResp,
    CancelSm,
    CancelSmResp,
    DataSm,
    DataSmResp,
    Decoder,
    DeliverSm,
    DeliverSmResp,
    DistributionList,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    Request,
    Response,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    Tlv,
    Unbind,
    UnbindResp,
    UnsuccessfulSme,
    decode,
    encode,
    status,
    tlv,
)

GOLDEN: list[tuple[str, Request | Response, str]] = [
    (
        "SMPP34 3.2.2, the example of the specification",
        BindTransmitter(
            sequence_number=1,
            system_id="SMPP3TEST",
            password="secret08",
            system_type="SUBMIT1",
            interface_version=0,
            addr_ton=1,
            addr_npi=1,
        ),
        "0000002F 00000002 00000000 00000001 534D50503354455354 00 7365637265743038 00"
        "5355424D495431 00 00 01 01 00",
    ),
    (
        "bind_transmitter_resp with its version",
        BindTransmitterResp(
            sequence_number=1, system_id="SMSC", tlvs=(tlv.SC_INTERFACE_VERSION.of(0x34),)
        ),
        "0000001A 80000002 00000000 00000001 534D534300 0210 0001 34",
    ),
    (
        "bind_transmitter_resp that refuses has no body",
        BindTransmitterResp(sequence_number=1, command_status=status.ESME_RINVPASWD),
        "00000010 80000002 0000000E 00000001",
    ),
    (
        "outbind",
        Outbind(sequence_number=5, system_id="SMSC", password="pw"),
        "00000018 0000000B 00000000 00000005 534D534300 707700",
    ),
    ("unbind", Unbind(sequence_number=2), "00000010 00000006 00000000 00000002"),
    ("unbind_resp", UnbindResp(sequence_number=2), "00000010 80000006 00000000 00000002"),
    ("enquire_link", EnquireLink(sequence_number=3), "00000010 00000015 00000000 00000003"),
    (
        "enquire_link_resp",
        EnquireLinkResp(sequence_number=3),
        "00000010 80000015 00000000 00000003",
    ),
    (
        "generic_nack",
        GenericNack(sequence_number=0, command_status=status.ESME_RINVCMDID),
        "00000010 80000000 00000003 00000000",
    ),
    (
        "submit_sm",
        SubmitSm(
            sequence_number=0x7FFFFFFF,
            service_type="CMT",
            source_addr_ton=5,
            source_addr="TRUNK",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr="15551234567",
            esm_class=0x40,
            protocol_id=2,
            priority_flag=3,
            schedule_delivery_time="000001000000000R",
            registered_delivery=1,
            replace_if_present_flag=4,
            data_coding=8,
            sm_default_msg_id=9,
            short_message=b"\x00\x41",
        ),
        "00000046 00000004 00000000 7FFFFFFF 434D5400 05 00 5452554E4B00 01 01"
        "313535353132333435363700 40 02 03 3030303030313030303030303030305200 00 01 04 08 09"
        "02 0041",
    ),
    (
        "submit_sm with nothing in it",
        SubmitSm(sequence_number=1),
        "00000021 00000004 00000000 00000001 00 0000 00 0000 00 000000 00 00 00000000 00",
    ),
    (
        "submit_sm with a named and a vendor parameter",
        SubmitSm(
            sequence_number=1,
            tlvs=(tlv.MESSAGE_PAYLOAD.of(b"hi"), Tlv(0x1400, b"1101\0")),
        ),
        "00000030 00000004 00000000 00000001 00 0000 00 0000 00 000000 00 00 00000000 00"
        "0424 0002 6869 1400 0005 3131303100",
    ),
    (
        "submit_sm_resp",
        SubmitSmResp(sequence_number=1, message_id="4F2A"),
        "00000015 80000004 00000000 00000001 3446324100",
    ),
    (
        "submit_sm_resp throttled",
        SubmitSmResp(sequence_number=1, command_status=status.ESME_RTHROTTLED),
        "00000010 80000004 00000058 00000001",
    ),
    (
        "deliver_sm with a receipt in parameters",
        DeliverSm(
            sequence_number=7,
            source_addr="1",
            destination_addr="2",
            esm_class=4,
            tlvs=(tlv.RECEIPTED_MESSAGE_ID.of("4F2A"), tlv.MESSAGE_STATE.of(2)),
        ),
        "00000031 00000005 00000000 00000007 00 0000 3100 0000 3200 040000 00 00 00000000 00"
        "001E 0005 3446324100 0427 0001 02",
    ),
    ("deliver_sm_resp", DeliverSmResp(sequence_number=7), "00000011 80000005 00000000 00000007 00"),
    (
        "data_sm",
        DataSm(
            sequence_number=8,
            source_addr_ton=1,
            source_addr="12",
            destination_addr="3",
            esm_class=1,
            registered_delivery=2,
            data_coding=3,
            tlvs=(tlv.MESSAGE_PAYLOAD.of(b"x"),),
        ),
        "00000022 00000103 00000000 00000008 00 0100 313200 0000 3300 010203 0424 0001 78",
    ),
    (
        "data_sm_resp",
        DataSmResp(sequence_number=8, message_id="A"),
        "00000012 80000103 00000000 00000008 4100",
    ),
    (
        "query_sm",
        QuerySm(sequence_number=9, message_id="A", source_addr_ton=1, source_addr="2"),
        "00000016 00000003 00000000 00000009 4100 0100 3200",
    ),
    (
        "query_sm_resp",
        QuerySmResp(sequence_number=9, message_id="A", message_state=2, error_code=1),
        "00000015 80000003 00000000 00000009 4100 00 02 01",
    ),
    (
        "cancel_sm",
        CancelSm(sequence_number=10, message_id="A", source_addr="1", destination_addr="2"),
        "0000001B 00000008 00000000 0000000A 00 4100 0000 3100 0000 3200",
    ),
    ("cancel_sm_resp", CancelSmResp(sequence_number=10), "00000010 80000008 00000000 0000000A"),
    (
        "replace_sm",
        ReplaceSm(sequence_number=11, message_id="A", source_addr="1", short_message=b"new"),
        "0000001E 00000007 00000000 0000000B 4100 0000 3100 00 00 00 00 03 6E6577",
    ),
    ("replace_sm_resp", ReplaceSmResp(sequence_number=11), "00000010 80000007 00000000 0000000B"),
    (
        "submit_multi to an address and a list",
        SubmitMulti(
            sequence_number=12,
            dest_addresses=(SmeAddress(1, 1, "15"), DistributionList("all")),
            short_message=b"m",
        ),
        "0000002B 00000021 00000000 0000000C 00 0000 00 02 01 0101 313500 02 616C6C00"
        "000000 00 00 00000000 01 6D",
    ),
    (
        "submit_multi_resp",
        SubmitMultiResp(
            sequence_number=12, message_id="A", unsuccess_smes=(UnsuccessfulSme(1, 1, "15", 11),)
        ),
        "0000001C 80000021 00000000 0000000C 4100 01 0101 313500 0000000B",
    ),
    (
        "alert_notification",
        AlertNotification(
            sequence_number=13,
            source_addr="1",
            esme_addr_ton=1,
            esme_addr="2",
            tlvs=(tlv.MS_AVAILABILITY_STATUS.of(0),),
        ),
        "0000001D 00000102 00000000 0000000D 0000 3100 0100 3200 0422 0001 00",
    ),
]
IDS = [name for name, _, _ in GOLDEN]


def octets(text: str) -> bytes:
    return bytes.fromhex(text.replace(" ", ""))


@pytest.mark.parametrize(("_name", "pdu", "golden"), GOLDEN, ids=IDS)
def test_encode_writes_the_golden_octets(_name, pdu, golden):
    assert encode(pdu).hex() == octets(golden).hex()


@pytest.mark.parametrize(("_name", "pdu", "golden"), GOLDEN, ids=IDS)
def test_decode_reads_the_golden_octets(_name, pdu, golden):
    assert decode(octets(golden)) == pdu


@pytest.mark.parametrize(("_name", "pdu", "golden"), GOLDEN, ids=IDS)
def test_cut_in_two_anywhere_it_reads_the_same(_name, pdu, golden):
    data = octets(golden)
    for cut in range(len(data) + 1):
        decoder = Decoder()
        assert decoder.feed(data[:cut]) + decoder.feed(data[cut:]) == [pdu]
        assert decoder.buffered == 0


def test_octet_by_octet_a_whole_stream_reads_the_same():
    decoder = Decoder()
    found = [
        pdu
        for octet in b"".join(octets(golden) for _, _, golden in GOLDEN)
        for pdu in decoder.feed(bytes([octet]))
    ]
    assert found == [pdu for _, pdu, _ in GOLDEN]


def test_in_one_piece_a_whole_stream_reads_the_same():
    stream = b"".join(octets(golden) for _, _, golden in GOLDEN)
    assert Decoder().feed(stream) == [pdu for _, pdu, _ in GOLDEN]


def test_encode_takes_another_sequence_number():
    assert encode(Unbind(sequence_number=2), 77) == octets("00000010 00000006 00000000 0000004D")


def test_every_pdu_of_the_specification_has_golden_octets():
    from trunkline.protocols.smpp.layout import TYPES  # noqa: PLC0415

    alike = {"BindReceiver", "BindTransceiver", "BindReceiverResp", "BindTransceiverResp"}
    named = {type(pdu).__name__ for _, pdu, _ in GOLDEN}
    assert {t.__name__ for t in TYPES.values()} - alike == named
