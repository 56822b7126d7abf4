"""Reading settings: which source wins, what is refused and with which words, and the TOML file."""

import re
import tomllib
from pathlib import Path

import pytest

from trunkline.runtime.settings import HostPort, SettingError, commented_toml, describe, load
from trunkline.runtime.settings.load import from_document

CARRIER = {"name": "acme", "host": "smsc.acme.test", "system_id": "me", "password": "hush"}


def test_defaults_keep_the_database_in_the_data_folder() -> None:
    settings = load({"TRUNKLINE_DATA": "/srv/t"})
    assert settings.database == "sqlite:////srv/t/trunkline.db"
    assert settings.secrets_file == Path("/srv/t/secrets.key")
    assert settings.webhook_retries_s == (60, 120, 240)
    assert (settings.rate_limit_requests, settings.rate_limit_window_s) == (300, 5)


def test_command_line_beats_environment_beats_file() -> None:
    document = {"http": {"listen": "127.0.0.1:1"}, "log": {"level": "debug"}, "data": "/file"}
    env = {"TRUNKLINE_HTTP": "[::1]:2", "TRUNKLINE_DATA": "/env", "TRUNKLINE_LOG_LEVEL": ""}
    settings = from_document(document, env, {"data": "/line", "http.listen": None})
    assert settings.data == Path("/line")
    assert settings.http == HostPort("::1", 2)
    assert settings.log_level == "debug"  # an empty variable counts as unset


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"TRUNKLINE_HTTP": "8600"}, "http.listen (TRUNKLINE_HTTP): must be host:port"),
        ({"TRUNKLINE_HTTP": "h:x"}, "must be a whole number"),
        ({"TRUNKLINE_HTTP": "h:65536"}, "must be from 0 to 65535"),
        ({"TRUNKLINE_LOCAL": "maybe"}, "must be true or false (it is 'maybe'). Give it true or"),
        ({"TRUNKLINE_UNCERTAIN": "drop"}, "must be one of resend, mark"),
        ({"TRUNKLINE_WEBHOOK_RETRIES_S": "fast"}, "must be current, legacy or a list of seconds"),
        ({"TRUNKLINE_WEBHOOK_RETRIES_S": "1,-1"}, "must be from 0 to 86400"),
        ({"TRUNKLINE_WEBHOOK_ALLOWED_NETWORKS": "10.0.0.1/8"}, "is not a network"),
        ({"TRUNKLINE_STARTING_CREDIT": "1.000001"}, "more than 5 decimal places"),
        ({"TRUNKLINE_WEBHOOK_TIMEOUT_S": "nan"}, "must be from 0.1 to 120"),
    ],
)
def test_a_wrong_value_is_refused_with_the_key_and_the_cure(
    env: dict[str, str], expected: str
) -> None:
    with pytest.raises(SettingError, match=re.escape(expected)):
        load(env)


def test_an_unknown_key_is_refused_with_the_likely_one() -> None:
    with pytest.raises(SettingError, match=r"Did you mean webhooks\.timeout_s\?"):
        from_document({"webhooks": {"timeout": 3}}, {}, {})


@pytest.mark.parametrize(
    ("text", "waits"),
    [("legacy", (300,) * 12 + (3600,) * 23), ("1, 2.5", (1, 2.5)), ("", (60, 120, 240))],
)
def test_retry_schedules(text: str, waits: tuple[float, ...]) -> None:
    assert load({"TRUNKLINE_WEBHOOK_RETRIES_S": text}).webhook_retries_s == waits


def test_a_carrier_with_routes() -> None:
    routes = [{"prefixes": ["1"], "weight": 3}, {"countries": ["DE"], "senders": ["ACME"]}]
    carrier = CARRIER | {"routes": routes, "errors": {"001": 80}, "dest_ton": 1, "tls": True}
    (made,) = from_document({"carriers": [carrier]}, {}, {}).carriers
    assert (made.name, made.port, made.window, made.receipt_id) == ("acme", 2775, 20, "auto")
    assert (made.errors, made.dest_ton, made.source_ton) == ({"001": 80}, 1, None)
    assert [(route.prefixes, route.countries, route.weight) for route in made.routes] == [
        (("1",), (), 3),
        ((), ("DE",), 1),
    ]


def test_routes_and_name_in_short() -> None:
    carrier = {**CARRIER, "name": "", "routes": ["+49", "*"]}
    (made,) = from_document({"carriers": [carrier]}, {}, {}).carriers
    assert made.name == f"{made.host}:{made.port}"
    assert [route.prefixes for route in made.routes] == [("49",), ()]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"bind": 2}, "carriers[1].bind (settings file): is not a setting. Did you mean"),
        ({"window": 0}, "carriers[1].window"),
        ({"routes": [{"weight": -1}]}, "carriers[1].routes[1].weight"),
        ({"routes": "all"}, "Write it as [[carriers[1].routes]] blocks"),
        ({"errors": {"001": "x"}}, "carriers[1].errors"),
    ],
)
def test_a_wrong_carrier_is_named(change: dict[str, object], expected: str) -> None:
    with pytest.raises(SettingError, match=re.escape(expected)):
        from_document({"carriers": [CARRIER | change]}, {}, {})


def test_a_carrier_needs_its_host_and_a_name_of_its_own() -> None:
    with pytest.raises(SettingError, match=r"carriers\[1\]\.host .* is missing"):
        from_document({"carriers": [{"name": "a", "system_id": "b"}]}, {}, {})
    with pytest.raises(SettingError, match="'acme' is used twice"):
        from_document({"carriers": [CARRIER, CARRIER]}, {}, {})


def test_secrets_are_neither_shown_nor_quoted() -> None:
    env = {"TRUNKLINE_ADMIN_TOKEN": "hush", "TRUNKLINE_DATABASE": "postgresql://u:hush@h/d"}
    settings = from_document({"carriers": [CARRIER]}, env, {})
    assert "hush" not in repr(settings)
    with pytest.raises(SettingError) as caught:
        from_document({"carriers": [CARRIER | {"password": 4711}]}, {}, {})
    assert "4711" not in str(caught.value)


def test_the_written_file_holds_every_key_at_its_default() -> None:
    lines = commented_toml().splitlines()
    assert all(not line or line.startswith(("#", "[")) for line in lines)
    assigned = [line.removeprefix("# ") for line in lines if re.match(r"# [a-z_]+ = ", line)]
    plain = "\n".join(line if line.startswith("[") else "" for line in lines)
    assert set(tomllib.loads(plain)) >= {"http", "database", "webhooks", "simulator"}
    names = {item.key.rpartition(".")[2] for item in describe() if "[]" not in item.key}
    assert {line.partition(" = ")[0] for line in assigned} >= names


def test_the_written_file_with_its_comments_taken_off_is_the_defaults() -> None:
    assignment = re.compile(r"# *([a-z_]+ = .*)$")
    lines = [assignment.sub(r"\1", line) for line in commented_toml().splitlines()]
    blocks = "\n".join(lines).partition("# A carrier of SMS")[0]
    assert from_document(tomllib.loads(blocks), {}, {}) == load({})


def test_every_setting_is_explained() -> None:
    for item in describe():
        assert item.doc.endswith("."), item.key
        assert item.form, item.key


TRUNK = {"name": "acme", "host": "sip.acme.test"}


def test_a_trunk_with_routes() -> None:
    document = {"trunks": [{**TRUNK, "networks": ["192.0.2.0/24"], "routes": ["44"]}]}
    (trunk,) = from_document(document, {}, {}).trunks
    assert (trunk.transport, trunk.port, trunk.register) == ("udp", 0, False)
    assert [str(network) for network in trunk.networks] == ["192.0.2.0/24"]
    assert trunk.routes[0].prefixes == ("44",)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"trunks": [TRUNK, TRUNK]}, "'acme' is used twice"),
        ({"trunks": [{"name": "acme"}]}, "trunks[1].host (settings file): is missing"),
        ({"trunks": [{**TRUNK, "register": True}]}, "trunks[1].username"),
        ({"trunks": [{**TRUNK, "transport": "sctp"}]}, "must be one of udp, tcp, tls"),
        ({"sip": {"tls": "127.0.0.1:5061"}}, "has no certificate. Set sip.certificate"),
        ({"sip": {"udp": "5060"}}, "must be host:port"),
        ({"sip": {"public_address": "sip.example.com"}}, "must be an IP address"),
        ({"voice": {"rtp_first_port": 20000, "rtp_last_port": 20000}}, "is not above the first"),
        ({"voice": {"countries": "Narnia"}}, "neither a country's two letters"),
    ],
)
def test_what_calls_cannot_be_served_with(document: dict[str, object], expected: str) -> None:
    with pytest.raises(SettingError, match=re.escape(expected)):
        from_document(document, {}, {})
