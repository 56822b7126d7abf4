"""Programs for tests that cannot be had, and what is said then."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from trunkline.testing.kit import NotStarted, RequestRefused, open_account, start_server
from trunkline.testing.kit.server import end, is_running
from trunkline.testing.kit.wire import Wire

PROGRAM = Path(sys.executable).with_name("trunkline")


def test_a_setting_that_is_wrong_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotStarted, match="TRUNKLINE_HTTP"):
        start_server(tmp_path, settings={"TRUNKLINE_HTTP": "nowhere"})


def test_nobody_at_an_address_is_told() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unheard.getsockname()[1]}"
        with pytest.raises(RequestRefused, match="nothing answers") as refused, open_account(url):
            pass
    assert refused.value.status == 0


def test_a_process_that_is_gone_is_seen() -> None:
    child = os.posix_spawn("/bin/true", ["true"], {})
    end(child)
    assert not is_running(child)  # nor is it while nobody has waited for it
    os.waitpid(child, 0)
    assert not is_running(child)
    end(child)
    assert is_running(os.getpid())


def test_a_program_begins_with_a_snapshot(tmp_path: Path) -> None:
    first = start_server(tmp_path / "first")
    with open_account(first.url, "kept") as kept:
        known = kept.auth_id, kept.auth_token, kept.number
    save = [str(PROGRAM), "snapshot", "save", str(tmp_path / "seed.tar"), "--data"]
    subprocess.run([*save, str(tmp_path / "first" / "data")], check=True, capture_output=True)
    first.stop()
    second = start_server(tmp_path / "second", snapshot=tmp_path / "seed.tar")
    wire = Wire(second.url, *known[:2])
    owned = wire.ask("GET", f"/v1/Account/{known[0]}/Number/")["objects"]
    with open_account(second.url, "new") as new:
        assert not {one["number"] for one in owned} & set(new.numbers)
    assert known[2] in {one["number"] for one in owned}
    wire.close()
    second.stop()
    with pytest.raises(NotStarted, match=r"none\.tar"):
        start_server(tmp_path / "third", snapshot=tmp_path / "none.tar")
