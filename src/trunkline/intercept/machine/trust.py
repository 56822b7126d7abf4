"""Which stores of this machine are told of the authority, and the record to undo it by."""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from trunkline.intercept.authority import Authority
from trunkline.intercept.errors import StoreUnusable
from trunkline.intercept.hosts import SERVED
from trunkline.intercept.machine.steps import PutBlock, PutFile, Run, Step, do, undo

RECORD_FILE: Final = "trusted.json"

_DEBIAN: Final = "/usr/local/share/ca-certificates"
_FEDORA: Final = "/etc/pki/ca-trust/source/anchors"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be changed.

    `bundles` are PEM files, such as Python's certifi; `hosts` is the address for the hosts file or
    empty; paths of the system are taken below `root`.
    """

    bundles: Sequence[Path] = ()
    hosts: str = ""
    root: Path = Path("/")

    def below(self, path: str | Path) -> Path:
        return self.root / str(path).lstrip("/")


def plan(authority: Authority, wish: Wish) -> list[Step]:
    """List the changes, in their order.

    Raises:
        StoreUnusable: there is nothing that could be changed, or a bundle is none.
    """
    steps = [*_system(authority, wish), *_nss(authority, wish)]
    steps += [_bundle(path, authority) for path in wish.bundles]
    if wish.hosts:
        lines = f"{wish.hosts} {' '.join(SERVED)}\n"
        steps.append(PutBlock(str(wish.below("/etc/hosts")), lines))
    if not steps:
        raise StoreUnusable(
            "this user may change no store of the system: run it as root, install certutil"
            " (libnss3-tools), or name a file by --bundle"
        )
    return steps


def trust(steps: Sequence[Step], folder: Path) -> None:
    """Undo what was done before, make the changes, and keep in `folder` how to undo them.

    Raises:
        StoreUnusable: one cannot be made; those before it are in the record.
    """
    untrust(folder)
    for number, step in enumerate(steps, start=1):
        do(step)
        _write(folder, steps[:number])


def untrust(folder: Path) -> list[Step]:
    """Undo all that the record has, in the order in which it was done; return it.

    Raises:
        StoreUnusable: the record is damaged, or a change cannot be undone.
    """
    steps = recorded(folder)
    for number, step in enumerate(steps, start=1):
        undo(step)
        _write(folder, steps[number:])
    return steps


def recorded(folder: Path) -> list[Step]:
    """Return the changes that were made and not undone.

    Raises:
        StoreUnusable: the record cannot be read.
    """
    path = folder / RECORD_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Step]) if path.exists() else []
    except (OSError, msgspec.DecodeError) as error:
        raise StoreUnusable(f"{path}: {error}") from error


def _write(folder: Path, steps: Sequence[Step]) -> None:
    path = folder / RECORD_FILE
    if not steps:
        path.unlink(missing_ok=True)
        return
    draft = path.with_name(path.name + ".new")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(steps)))
    draft.replace(path)


def _system(authority: Authority, wish: Wish) -> Iterator[Step]:
    """Debian's and Fedora's way: a file in a folder, and a command that reads it."""
    name = f"trunkline-{authority.fingerprint[:8]}.crt"
    for folder, command in ((_DEBIAN, "update-ca-certificates"), (_FEDORA, "update-ca-trust")):
        place, tool = wish.below(folder), shutil.which(command)
        if tool is None or not os.access(place, os.W_OK):
            continue
        yield PutFile(str(place / name), authority.pem.decode())
        where = _debian_folders(wish) if folder == _DEBIAN else []
        again = ["--fresh"] if folder == _DEBIAN else []
        yield Run([tool, *where], [tool, *again, *where])


def _debian_folders(wish: Wish) -> list[str]:
    if wish.root == Path("/"):
        return []
    options = {
        "--certsconf": "/etc/ca-certificates.conf",
        "--certsdir": "/usr/share/ca-certificates",
        "--localcertsdir": _DEBIAN,
        "--etccertsdir": "/etc/ssl/certs",
        "--hooksdir": "/etc/ca-certificates/update.d",
    }
    return [word for name, path in options.items() for word in (name, str(wish.below(path)))]


def _nss(authority: Authority, wish: Wish) -> Iterator[Step]:
    """The user's own store, which browsers read: only where there is one already."""
    store, tool = wish.below(Path.home() / ".pki" / "nssdb"), shutil.which("certutil")
    if tool is None or not (store / "cert9.db").exists():
        return
    name = f"trunkline-{authority.fingerprint[:8]}"
    at = [tool, "-d", f"sql:{store}"]
    yield Run(
        [*at, "-A", "-t", "C,,", "-n", name, "-i", str(authority.path)], [*at, "-D", "-n", name]
    )


def _bundle(path: Path, authority: Authority) -> Step:
    try:
        known = path.read_bytes()
    except OSError as error:
        raise StoreUnusable(f"{path}: {error.strerror}") from error
    if b"-----BEGIN CERTIFICATE-----" not in known:
        raise StoreUnusable(f"{path} is no file of certificates in PEM")
    return PutBlock(str(path.absolute()), authority.pem.decode())
