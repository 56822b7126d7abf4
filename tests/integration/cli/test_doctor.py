"""The doctor: each illness is found, named and given a cure."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from nats_server import NatsServer
from typer.testing import Result

from trunkline.cli.doctor.bus import check_bus
from trunkline.cli.doctor.calls import check_calls
from trunkline.cli.doctor.carriers import check_carriers
from trunkline.cli.doctor.database import check_database
from trunkline.cli.doctor.findings import Finding, Level
from trunkline.cli.doctor.machine import check_machine
from trunkline.cli.doctor.speech import check_speech
from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db.migrate import migrate
from trunkline.runtime.settings import Settings, SmppCarrier, load
from trunkline.runtime.settings.load import from_document
from trunkline.simulator.smsc import Simulator, SimulatorConfig

Run = Callable[..., Result]


def bad(findings: list[Finding]) -> dict[str, str]:
    """The cures of everything that is not well, by what is ill."""
    assert all(one.mend for one in findings if one.level is not Level.OK)
    return {one.what: one.mend for one in findings if one.level is Level.FAILURE}


def settings_now() -> Settings:
    return load(os.environ)


def test_a_fresh_installation_is_well(data: Path, trunkline: Run) -> None:
    assert trunkline("init").exit_code == 0
    assert trunkline("migrate").exit_code == 0
    done = trunkline("doctor")
    assert done.exit_code == 0, done.output
    assert "FAILURE" not in done.output
    assert "warning" not in done.output


def test_nothing_there_yet_is_no_failure(data: Path, trunkline: Run) -> None:
    done = trunkline("doctor")
    assert done.exit_code == 0, done.output
    assert "does not exist" in done.output
    assert not data.exists()  # looking changes nothing


def test_wrong_settings_are_a_finding(
    data: Path, trunkline: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUNKLINE_LOG_LEVEL", "loud")
    done = trunkline("doctor")
    assert done.exit_code == 1
    assert "log.level must be one of debug, info, warning, error" in done.output


def test_a_secret_that_others_can_read(data: Path, trunkline: Run) -> None:
    trunkline("init")
    settings = settings_now()
    settings.secrets_file.chmod(0o640)
    (cure,) = bad(list(check_machine(settings))).values()
    assert cure == f"chmod 600 {settings.secrets_file}"


def test_a_taken_port(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("TRUNKLINE_HTTP", f"127.0.0.1:{taken.getsockname()[1]}")
        monkeypatch.setattr("trunkline.cli.doctor.machine._PROBE_TIMEOUT_S", 0.1)
        (what,) = bad(list(check_machine(settings_now())))
    assert what.startswith("http.listen")


def test_speech_models_that_are_not_there(tmp_path: Path) -> None:
    found = check_speech(
        from_document(
            {
                "speech": {
                    "piper_voices": [str(tmp_path / "a.onnx")],
                    "vosk_models": {"de": str(tmp_path / "vosk")},
                    "whisper_model": str(tmp_path / "whisper"),
                }
            },
            {},
            {},
        )
    )
    ill = bad(list(found))
    assert ill.keys() == {
        f"voice {tmp_path / 'a.onnx'}", f"model {tmp_path / 'vosk'}",
        f"model {tmp_path / 'whisper'}",
        "package vosk", "package faster_whisper",
    }  # fmt: skip


def test_an_unmigrated_database(make_empty_url: Callable[[str], str]) -> None:
    settings = load({"TRUNKLINE_DATABASE": make_empty_url("postgresql")})
    assert bad(list(check_database(settings))) == {"schema": "Run `trunkline migrate`."}
    migrate(settings.database)
    findings = list(check_database(settings))
    assert bad(findings) == {}
    assert [one.what for one in findings][-2:] == ["PostgreSQL", "clock"]


def test_a_database_that_is_away(postgresql_url: str) -> None:
    url = postgresql_url.replace("/test_", "/absent_")
    (what,) = bad(list(check_database(load({"TRUNKLINE_DATABASE": url}))))
    assert what.startswith("database postgresql://")


def test_a_password_is_not_shown() -> None:
    settings = load({"TRUNKLINE_DATABASE": "postgresql://me:hush@127.0.0.1:1/name"})
    assert "hush" not in "".join(one.what + one.state for one in check_database(settings))


@pytest.mark.parametrize("page", [0, 3, 40, -1])
def test_damage_is_found(sqlite_url: str, page: int) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    content = bytearray(path.read_bytes())
    start = page % (len(content) // 4096) * 4096
    content[start : start + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    cures = bad(list(check_database(load({"TRUNKLINE_DATABASE": sqlite_url}))))
    assert cures == {"stored data": "Stop the program and restore a backup."}


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    made = Simulator(SimulatorConfig(password="right"), ControlledClock(flowing=True))
    await made.start()
    yield made
    await made.stop()


def carrier(port: int, **changes: object) -> SmppCarrier:
    row = {"name": "acme", "host": "127.0.0.1", "port": port, "system_id": "sim"}
    document = {"carriers": [row | {"password": "right"} | changes]}
    return from_document(document, {}, {}).carriers[0]


async def examine(one: SmppCarrier, *, bind: bool) -> Finding:
    found = await asyncio.to_thread(lambda: list(check_carriers([one], bind=bind)))
    return found[0]


@pytest.mark.parametrize("mode", ["transceiver", "transmitter_receiver"])
async def test_a_login_that_is_accepted(simulator: Simulator, mode: str) -> None:
    finding = await examine(carrier(simulator.port, bind_mode=mode), bind=True)
    assert (finding.level, finding.state) == (Level.OK, "login accepted")


async def test_a_login_that_is_refused(simulator: Simulator) -> None:
    finding = await examine(carrier(simulator.port, password="wrong"), bind=True)
    assert finding.level is Level.FAILURE
    assert "login refused: ESME_R" in finding.state
    assert "system_id, password" in finding.mend


async def test_without_bind_a_connection_is_enough(simulator: Simulator) -> None:
    finding = await examine(carrier(simulator.port, password="wrong"), bind=False)
    assert finding.level is Level.OK


async def test_a_carrier_without_tls(simulator: Simulator) -> None:
    finding = await examine(carrier(simulator.port, tls=True), bind=False)
    assert finding.level is Level.FAILURE


async def test_a_carrier_that_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    finding = await examine(carrier(port), bind=True)
    assert finding.level is Level.FAILURE
    assert "firewall" in finding.mend


def test_what_calls_lack(tmp_path: Path) -> None:
    trunk = {"name": "acme", "host": "no-such-host.invalid"}
    assert list(check_calls(from_document({}, {}, {}))) == []
    (one,) = check_calls(from_document({"trunks": [trunk]}, {}, {}))
    assert (one.level, one.state) == (Level.WARNING, "have trunks and no listener")
    key = tmp_path / "key.pem"
    key.write_text("no key")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        document = {
            "sip": {
                "udp": f"127.0.0.1:{port}",
                "tls": "0.0.0.0:0",
                "certificate": str(key),
                "key": str(key),
            },
            "trunks": [trunk],
        }
        found = {one.what: one for one in check_calls(from_document(document, {}, {}))}
    assert found[f"sip.udp 127.0.0.1:{port}"].level is Level.WARNING
    assert found["sip.tls 0.0.0.0:0"].level is Level.OK
    assert found[f"sip.certificate {key}"].level is Level.FAILURE
    assert found["trunk acme at no-such-host.invalid"].level is Level.FAILURE
    assert found["voice.countries"].state == "bars all calls by trunks"
    assert any("room for 8192 legs" in one.state for one in found.values())
    document = {"sip": {"udp": "0.0.0.0:0"}, "trunks": []}
    (audio,) = bad(list(check_calls(from_document(document, {}, {}))))
    assert audio.startswith("audio at 0.0.0.0")


def test_nats_is_reached_or_named() -> None:
    assert list(check_bus(load({}))) == []
    server = NatsServer("authorization { user: ann, password: s3cret }").start()
    try:
        url = server.url.replace("//", "//ann:{}@")
        (found,) = check_bus(load({"TRUNKLINE_NATS": url.format("s3cret")}))
        assert found == Finding.fine(f"NATS 127.0.0.1:{server.port}", "reachable")
        (found,) = check_bus(load({"TRUNKLINE_NATS": url.format("guess")}))
        assert (found.level, "Authorization Violation" in found.state) == (Level.FAILURE, True)
        assert "guess" not in found.state
    finally:
        server.close()
    (found,) = check_bus(load({"TRUNKLINE_NATS": server.url}))
    assert (found.level, str(server.port) in found.state) == (Level.FAILURE, True)
    (found,) = check_bus(load({"TRUNKLINE_NATS": "nowhere"}))
    assert (found.level, "nats.url" in found.state) == (Level.FAILURE, True)
