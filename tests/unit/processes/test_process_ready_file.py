import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from trunkline.processes.banner import Where, write_ready_file
from trunkline.processes.provision import Provisioned


def test_what_scripts_need_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    account = cast(Any, SimpleNamespace(auth_id="MA1", auth_token="secret"))
    provisioned = Provisioned(account, ["14155550100"])
    where = Where("http://127.0.0.1:8000", "127.0.0.1:5060", "http://127.0.0.1:8001", "/ca.pem")
    write_ready_file(path, where, provisioned)
    assert json.loads(path.read_text()) == {
        "url": "http://127.0.0.1:8000",
        "auth_id": "MA1",
        "auth_token": "secret",
        "numbers": ["14155550100"],
        "console": "http://127.0.0.1:8000/docs",
        "sip": "127.0.0.1:5060",
        "proxy": "http://127.0.0.1:8001",
        "authority": "/ca.pem",
    }
    assert [file.name for file in tmp_path.iterdir()] == ["ready.json"]


def test_without_an_account_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text("of the last run")
    write_ready_file(path, Where("http://[::1]:1"), None)
    written = json.loads(path.read_text())
    assert (written["url"], written["auth_id"], written["numbers"]) == ("http://[::1]:1", "", [])
