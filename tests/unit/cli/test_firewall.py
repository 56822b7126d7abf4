"""What is to be opened in the firewall, by the settings."""

from trunkline.cli.firewall import advice, openings
from trunkline.runtime.settings import load


def opened(**settings: str) -> list[str]:
    names = {f"TRUNKLINE_{name.upper()}": value for name, value in settings.items()}
    return [f"{one.ports}/{one.protocol}" for one in openings(load(names))]


def test_by_default_only_the_proxy_is_reached() -> None:
    assert opened() == ["443/tcp"]
    assert opened(http="0.0.0.0:8600") == ["8600/tcp"]


def test_calls_need_sip_and_audio() -> None:
    ports = {"voice_rtp_first_port": "20000", "voice_rtp_last_port": "20999"}
    assert opened(sip_udp="203.0.113.5:5060", sip_tcp="203.0.113.5:5062", **ports) == [
        "443/tcp", "5060/udp", "5062/tcp", "20000-20999/udp",
    ]  # fmt: skip
    assert opened(sip_udp="127.0.0.1:5060") == ["443/tcp"]


def test_the_lines_are_ready_to_use() -> None:
    settings = load({"TRUNKLINE_SIP_UDP": "203.0.113.5:5060"})
    lines = [line.strip() for line in advice(settings)]
    assert "ufw allow 16384:32767/udp comment 'trunkline: audio of calls (RTP)'" in lines
    assert "nft add rule inet filter input udp dport 16384-32767 accept" in lines
    assert any("/metrics, /admin and /sim" in line for line in lines)
