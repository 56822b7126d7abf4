import ssl
from typing import Any

import pytest

from trunkline.messaging.carriers.addressing import recipient_address, sender_address
from trunkline.messaging.carriers.dialect import IdDialect
from trunkline.messaging.carriers.pdus import PduRules
from trunkline.messaging.carriers.routes import Route, choose
from trunkline.processes.carriers import (
    MMS_SIMULATOR,
    SIMULATOR,
    WHATSAPP_SIMULATOR,
    client_config,
    id_dialect,
    pdu_rules,
    routes,
    simulator_config,
)
from trunkline.protocols.sms.decode import Alphabet
from trunkline.protocols.sms.payload import Dialect
from trunkline.runtime.settings import SettingError, Settings, SmppCarrier
from trunkline.runtime.settings.load import from_document

GIVEN = {"name": "acme", "host": "smsc.example", "system_id": "me"}


def settings(*carriers: dict[str, Any], simulator: bool = False) -> Settings:
    return from_document({"carriers": list(carriers), "simulator": {"enabled": simulator}}, {}, {})


def carrier(**fields: Any) -> SmppCarrier:
    return settings({**GIVEN, **fields}).carriers[0]


def test_one_bind_for_both_directions() -> None:
    config = client_config(carrier(binds=3, window=7, tps=50, burst=5, port=2776))
    assert (config.binds, config.more, config.tps, config.burst) == (3, (), 50, 5.0)
    link = config.link
    assert (link.name, link.host, link.port, link.system_id) == ("acme", "smsc.example", 2776, "me")
    assert (link.bind_mode, link.window, link.tls) == ("trx", 7, None)


def test_a_bind_for_each_direction() -> None:
    config = client_config(carrier(binds=2, bind_mode="transmitter_receiver"))
    assert (config.binds, config.link.bind_mode) == (2, "tx")
    assert [link.bind_mode for link in config.more] == ["rx", "rx"]


def test_without_a_rate_it_is_learnt() -> None:
    config = client_config(carrier())
    assert (config.tps, config.burst) == (None, None)


def test_tls_is_checked_unless_told_otherwise() -> None:
    checked = client_config(carrier(tls=True)).link.tls
    assert checked is not None
    assert (checked.check_hostname, checked.verify_mode) == (True, ssl.CERT_REQUIRED)
    unchecked = client_config(carrier(tls=True, tls_insecure=True)).link.tls
    assert unchecked is not None
    assert (unchecked.check_hostname, unchecked.verify_mode) == (False, ssl.CERT_NONE)


def test_the_simulator_is_bound_where_it_listens() -> None:
    link = simulator_config("127.0.0.1", 4_711).link
    assert (link.name, link.host, link.port) == (SIMULATOR, "127.0.0.1", 4_711)


@pytest.mark.parametrize(
    ("field", "word", "meant"),
    [
        ("alphabet", "gsm7", Alphabet.GSM),
        ("alphabet", "latin1", Alphabet.LATIN1),
        ("alphabet", "ascii", Alphabet.ASCII),
        ("long_message", "udh8", Dialect.UDH),
        ("long_message", "udh16", Dialect.UDH16),
        ("long_message", "sar", Dialect.SAR),
        ("long_message", "payload", Dialect.PAYLOAD),
        ("service_type", "CMT", "CMT"),
    ],
)
def test_words_of_the_settings(field: str, word: str, meant: object) -> None:
    rules = pdu_rules(carrier(**{field: word}))
    shown = {
        "alphabet": rules.alphabet,
        "long_message": rules.dialect,
        "service_type": rules.service_type,
    }
    assert shown[field] == meant


@pytest.mark.parametrize(
    ("word", "dialect"),
    [
        ("auto", IdDialect.AUTO),
        ("exact", IdDialect.EXACT),
        ("hex_to_dec", IdDialect.HEX_DECIMAL),
        ("dec_to_hex", IdDialect.DECIMAL_HEX),
    ],
)
def test_notations_of_ids(word: str, dialect: IdDialect) -> None:
    assert id_dialect(carrier(receipt_id=word)) is dialect


def test_nothing_said_of_addresses_changes_nothing() -> None:
    rules = pdu_rules(carrier()).addresses
    for sender in ("14155550100", "72345", "ACME"):
        assert sender_address(sender, rules) == sender_address(sender)
    for recipient in ("14155550123", "72345"):
        assert recipient_address(recipient, rules) == recipient_address(recipient)
    assert pdu_rules(carrier()).alphabet == PduRules().alphabet


def test_types_and_plans_of_both_ends() -> None:
    rules = pdu_rules(carrier(source_ton=2, dest_npi=8)).addresses
    assert sender_address("14155550100", rules)[:2] == (2, 1)
    assert sender_address("ACME", rules)[:2] == (5, 0)
    assert recipient_address("14155550123", rules)[:2] == (1, 8)


def test_routes_are_cleaned() -> None:
    (route,) = routes(
        settings(
            {
                **GIVEN,
                "routes": [
                    {
                        "prefixes": ["+49", "43"],
                        "countries": ["de"],
                        "senders": ["+1 415 555 0100", "ACME"],
                        "weight": 3,
                        "priority": 2,
                    }
                ],
            }
        )
    )
    assert route == Route(
        "acme",
        prefixes=("49", "43"),
        countries=frozenset({"DE"}),
        senders=frozenset({"14155550100", "ACME"}),
        weight=3,
        priority=2,
    )


def test_a_carrier_without_routes_takes_everything_and_the_simulator_the_rest() -> None:
    open_to_all = routes(settings(GIVEN, simulator=True))
    assert open_to_all == [
        Route("acme"),
        Route(SIMULATOR, fallback=True),
        Route(MMS_SIMULATOR, fallback=True, type="mms"),
        Route(WHATSAPP_SIMULATOR, fallback=True, type="whatsapp"),
    ]
    narrow = routes(settings({**GIVEN, "routes": [{"prefixes": ["49"]}]}, simulator=True))

    def chosen(found: list[Route], recipient: str) -> list[str]:
        sms = [route for route in found if route.type == "sms"]
        return choose(sms, recipient, "", "", {SIMULATOR}, lambda: 0.0)

    assert chosen(open_to_all, "14155550123") == ["acme"]  # though it is down
    assert chosen(narrow, "4915112345678") == ["acme"]
    assert chosen(narrow, "14155550123") == [SIMULATOR]


def test_no_simulator_no_route_to_it() -> None:
    assert routes(settings(GIVEN)) == [Route("acme")]
    assert routes(settings()) == []


def test_carriers_of_each_kind_carry_their_type_of_message() -> None:
    mm7 = {"kind": "mm7", "name": "pics", "url": "https://mmsc.example/mm7", "routes": ["1"]}
    chat = {"kind": "whatsapp", "name": "chat", "token": "x", "numbers": {"+14155550100": "1"}}
    found = settings(GIVEN, mm7, chat)
    assert [one.name for one in found.carriers] == ["acme"]
    assert [one.name for one in found.mm7_carriers] == ["pics"]
    assert routes(found) == [
        Route("pics", prefixes=("1",), type="mms"),
        Route("acme"),
        Route("chat", senders=frozenset({"14155550100"}), type="whatsapp"),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        {"numbers": {"chat": "1"}},
        {"numbers": {"14155550100": "x"}},
        {"numbers": "14155550100"},
        {"categories": {"order": "fun"}},
        {"default_category": "service"},
    ],
)
def test_whatsapp_settings_that_make_no_sense_are_refused(bad: dict[str, Any]) -> None:
    chat = {"kind": "whatsapp", "name": "chat", "token": "x", "numbers": {"14155550100": "1"}}
    with pytest.raises(SettingError, match=next(iter(bad))):
        settings({**chat, **bad})


def test_each_whatsapp_account_has_its_own_numbers() -> None:
    chat = {"kind": "whatsapp", "name": "chat", "token": "x", "numbers": {"14155550100": "1"}}
    (route,) = routes(settings({**chat, "routes": ["49"]}))
    assert route == Route("chat", ("49",), senders=frozenset({"14155550100"}), type="whatsapp")


@pytest.mark.parametrize(
    "given", [{**GIVEN, "kind": "pigeon"}, {"kind": "mm7", "name": "acme", "url": "x", "host": "y"}]
)
def test_a_kind_that_is_none_or_keys_of_another_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match=r"kind|host"):
        settings(given)


def test_names_are_unique_over_all_kinds() -> None:
    with pytest.raises(SettingError, match="twice"):
        settings(GIVEN, {"kind": "mm7", "name": "acme", "url": "https://mmsc.example"})
