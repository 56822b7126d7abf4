"""Stores of a machine below a root of our own, with the system's real commands."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from trunkline.intercept.authority import Authority, open_authority
from trunkline.intercept.errors import StoreUnusable
from trunkline.intercept.interceptor import Interceptor
from trunkline.intercept.machine.steps import PutBlock, PutFile, do, undo
from trunkline.intercept.machine.trust import RECORD_FILE, Wish, plan, recorded, trust, untrust
from trunkline.intercept.talk import Home
from trunkline.runtime.clock import SystemClock

HOSTS = "127.0.0.1 localhost\n"
STORE = "etc/ssl/certs/ca-certificates.crt"
MOZILLA = Path(certifi.where()).read_text()
MARK = "-----END CERTIFICATE-----\n"
KNOWN = MOZILLA[MOZILLA.index("-----BEGIN") :].partition(MARK)[0] + MARK


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return open_authority(tmp_path / "authority", SystemClock().now())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine with Debian's store and the user's NSS store."""
    assert shutil.which("update-ca-certificates"), "the package ca-certificates has it"
    assert shutil.which("certutil"), ".ci/system-tools installs it"
    root = tmp_path / "root"
    nss = root / str(Path.home()).lstrip("/") / ".pki/nssdb"
    for folder in ("usr/local/share/ca-certificates", "usr/share/ca-certificates", "etc/ssl/certs"):
        (root / folder).mkdir(parents=True)
    nss.mkdir(parents=True)
    (root / "etc/ca-certificates.conf").write_text("known.crt\n")
    (root / "usr/share/ca-certificates/known.crt").write_text(KNOWN)
    (root / "etc/hosts").write_text(HOSTS)
    make = ["certutil", "-N", "--empty-password", "-d", f"sql:{nss}"]
    subprocess.run(make, check=True, capture_output=True)
    return root


def files(root: Path) -> Iterator[tuple[str, bytes]]:
    """Give what is there; NSS's own files change with every look."""
    for path in sorted(root.rglob("*")):
        if path.is_file() and "nssdb" not in path.parts:
            yield str(path.relative_to(root)), path.read_bytes()


def nss_names(root: Path) -> str:
    (store,) = root.rglob("nssdb")
    listed = ["certutil", "-L", "-d", f"sql:{store}"]
    return subprocess.run(listed, check=True, capture_output=True, text=True).stdout


async def curl(authority: Authority, store: Path) -> int:
    """Return curl's exit code for a host of Plivo, with that store alone."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    home = await asyncio.start_server(answer, "127.0.0.1", 0)
    place = Home("127.0.0.1", home.sockets[0].getsockname()[1])
    interceptor = Interceptor(authority, place, lambda _: None, SystemClock().now)
    await interceptor.start()
    to = f"api.plivo.com:443:127.0.0.1:{interceptor.port}"
    words = ["curl", "-sf", "--noproxy", "*", "--cacert", str(store), "--capath", "/nowhere"]
    process = await asyncio.create_subprocess_exec(
        *words, "--connect-to", to, "https://api.plivo.com/v1/"
    )
    code = await process.wait()
    await interceptor.close()
    home.close()
    return code


async def test_all_stores_and_back(authority: Authority, root: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "certifi.pem"
    shutil.copy(certifi.where(), bundle)
    folder = authority.path.parent
    steps = plan(authority, Wish((bundle,), "127.0.0.1", root))
    (system,) = [step for step in steps if "--certsconf" in getattr(step, "words", [])]
    do(system)  # it makes its files, as they were before anything of ours
    before = dict(files(root))
    trust(steps, folder)
    assert f"trunkline-{authority.fingerprint[:8]}" in nss_names(root)
    assert (root / "etc/hosts").read_text() == (
        f"{HOSTS}# trunkline begin\n127.0.0.1 api.plivo.com lookup.plivo.com stats.plivo.com"
        " phlorunner.plivo.com media.plivo.com\n# trunkline end\n"
    )
    assert await curl(authority, root / STORE) == 0
    assert await curl(authority, bundle) == 0
    assert len(untrust(folder)) == len(steps) == 5
    assert "trunkline" not in nss_names(root)
    assert dict(files(root)) == before
    assert bundle.read_text() == MOZILLA
    assert await curl(authority, bundle) == 60  # CURLE_PEER_FAILED_VERIFICATION
    assert untrust(folder) == []


def test_once_more_replaces_what_was_done(authority: Authority, root: Path, tmp_path: Path) -> None:
    folder = authority.path.parent
    trust(plan(authority, Wish((), "127.0.0.1", root)), folder)
    newer = open_authority(tmp_path / "newer", SystemClock().now())
    trust(plan(newer, Wish((), "", root)), folder)
    assert (root / "etc/hosts").read_text() == HOSTS
    (only,) = (root / "usr/local/share/ca-certificates").iterdir()
    assert only.read_bytes() == newer.pem
    assert authority.fingerprint[:8] not in nss_names(root)


def test_what_somebody_took_away_is_no_error(authority: Authority, root: Path) -> None:
    folder = authority.path.parent
    trust(plan(authority, Wish((), "127.0.0.1", root)), folder)
    (file,) = (root / "usr/local/share/ca-certificates").iterdir()
    file.unlink()
    (root / "etc/hosts").unlink()
    (store,) = root.rglob("nssdb")
    name = f"trunkline-{authority.fingerprint[:8]}"
    subprocess.run(["certutil", "-D", "-d", f"sql:{store}", "-n", name], check=True)
    untrust(folder)
    assert recorded(folder) == []


def test_a_failure_leaves_a_record_of_what_was_done(authority: Authority, root: Path) -> None:
    folder = authority.path.parent
    (root / "etc/hosts").unlink()
    with pytest.raises(StoreUnusable, match=r"cannot add 1 lines to .*/etc/hosts: No such file"):
        trust(plan(authority, Wish((), "127.0.0.1", root)), folder)
    assert len(recorded(folder)) == 3
    untrust(folder)
    assert "trunkline" not in nss_names(root)


@pytest.mark.parametrize("content", [b"", b"x", b'[{"type": "file"}]', b'[{"type": "else"}]'])
def test_a_damaged_record_is_named(authority: Authority, content: bytes) -> None:
    folder = authority.path.parent
    (folder / RECORD_FILE).write_bytes(content)
    with pytest.raises(StoreUnusable, match=RECORD_FILE):
        untrust(folder)


def test_what_is_no_bundle_is_not_touched(authority: Authority, tmp_path: Path) -> None:
    file = tmp_path / "notes"
    file.write_text("x")
    with pytest.raises(StoreUnusable, match="notes is no file of certificates"):
        plan(authority, Wish((file,), "", tmp_path))
    with pytest.raises(StoreUnusable, match="none: No such file"):
        plan(authority, Wish((tmp_path / "none",), "", tmp_path))
    with pytest.raises(StoreUnusable, match="may change no store"):
        plan(authority, Wish((), "", tmp_path))


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.binary(), some.text("ab\n").map(lambda text: f"{text}\n"))
def test_a_block_comes_and_goes_without_a_trace(tmp_path: Path, kept: bytes, lines: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(kept)
    step = PutBlock(str(path), lines)
    do(step)
    do(step)  # twice is once
    assert path.read_bytes().startswith(kept)
    assert path.read_bytes().count(b"# trunkline end") == 1
    undo(step)
    assert path.read_bytes() == kept


def test_marks_that_do_not_match_are_left_to_people(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("# trunkline begin\n127.0.0.1 mine\n")
    with pytest.raises(StoreUnusable, match="do not match"):
        do(PutBlock(str(path), "x\n"))
    assert path.read_text() == "# trunkline begin\n127.0.0.1 mine\n"


def test_a_file_that_became_somebody_elses_stays(tmp_path: Path) -> None:
    step = PutFile(str(tmp_path / "a.crt"), "ours")
    do(step)
    (tmp_path / "a.crt").write_text("theirs")
    undo(step)
    assert (tmp_path / "a.crt").read_text() == "theirs"


def test_the_record_is_for_people_too(authority: Authority, root: Path) -> None:
    folder = authority.path.parent
    trust(plan(authority, Wish((), "127.0.0.1", root)), folder)
    written = json.loads((folder / RECORD_FILE).read_text())
    assert [one["type"] for one in written] == ["file", "command", "command", "block"]
