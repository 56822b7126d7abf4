"""What the machine of a bad network starts from: Debian's cloud kernel, and the few files it needs.

Both come from Debian's archive by `apt-get download`, which installs nothing, into the user's
cache. The kernel's packages have modules that this machine's own kernel may lack: netem.
"""

import gzip
import hashlib
import lzma
import re
import shutil
import tempfile
from pathlib import Path

from e2e_cache import installed
from impaired_commands import run

KERNELS = "linux-image-cloud-amd64"
_MODULES = ("virtio_pci", "virtio_net", "bridge", "sch_netem")
# Process 1. It puts a bridge between its two cards, then runs each line of its console.
INIT = """#!/bin/busybox sh
alias b=/bin/busybox tc=/bin/tc
b mount -t proc proc /proc
b mount -t sysfs sys /sys
b mount -t devtmpfs dev /dev
for module in $(b cat /modules/order); do b insmod /modules/$module.ko; done
b ip link add bridge type bridge
for card in eth0 eth1; do b ip link set $card up; b brctl addif bridge $card; done
b ip link set bridge up
until b cat /sys/class/net/eth?/operstate /sys/class/net/eth?/brport/state > /states &&
  [ "$(b tr '\\n' ' ' < /states)" = "up up 3 3 " ]; do b usleep 10000; done
b stty -echo -onlcr
while echo "done $?" && read -r line; do eval "$line"; done
b reboot -f
"""


def image() -> tuple[Path, Path]:
    """Return the kernel and the initial file system, which are made once."""
    folder = installed(f"netem-{hashlib.sha256(INIT.encode()).hexdigest()[:12]}", _make)
    return folder / "kernel", folder / "files.cpio"


def _make(folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="netem") as work:
        system = Path(work)
        _unpack(_newest_kernel(), system)
        _unpack("busybox-static", system)
        (kernel,) = (system / "boot").glob("vmlinuz-*")
        shutil.copy(kernel, folder / "kernel")
        (folder / "files.cpio").write_bytes(_archive(_files(system)))


def _newest_kernel() -> str:
    told = run("apt-cache", "depends", "--important", KERNELS, check=False)
    if not (found := re.search(r"Depends: (linux-image-\S+)", told)):
        run("apt-get", "update", "-qq", time_out_s=180)
        told = run("apt-cache", "depends", "--important", KERNELS)
        found = re.search(r"Depends: (linux-image-\S+)", told)
    assert found, f"no package {KERNELS} is known to apt (that of Debian for amd64): {told}"
    return found[1]


def _unpack(package: str, into: Path) -> None:
    where = into / package
    where.mkdir()
    try:
        _download(package, where)
    except AssertionError:  # the list of packages may be an old one
        run("apt-get", "update", "-qq", time_out_s=180)
        _download(package, where)
    (archive,) = where.glob("*.deb")
    run("dpkg-deb", "--extract", str(archive), str(into))


def _download(package: str, where: Path) -> None:
    command = ("apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", package)
    run(*command, cwd=where, time_out_s=300)


def _files(system: Path) -> dict[str, bytes]:
    """Contents by path: programs of this machine with their libraries, modules in order."""
    (busybox,) = (*system.glob("bin/busybox"), *system.glob("usr/bin/busybox"))
    files = {"init": INIT.encode(), "bin/busybox": busybox.read_bytes()}
    tc = shutil.which("tc")
    assert tc, "tc is needed (package iproute2)"
    files["bin/tc"] = Path(tc).read_bytes()
    for library in re.findall(r"/\S+", re.sub(r"\(0x\w+\)", "", run("ldd", tc)).replace(tc, "")):
        files[library.lstrip("/")] = Path(library).read_bytes()
    modules = _modules(system)
    files |= {f"modules/{name}.ko": data for name, data in modules.items()}
    files["modules/order"] = "\n".join(modules).encode()
    return files


def _modules(system: Path) -> dict[str, bytes]:
    """Those that are needed, each behind those that it needs itself."""
    paths = {path.name.split(".ko")[0]: path for path in system.glob("**/modules/**/*.ko*")}
    found: dict[str, bytes] = {}

    def add(name: str) -> None:
        if name in found or name not in paths:  # not there: it is a part of the kernel
            return
        data = paths[name].read_bytes()
        data = {".xz": lzma.decompress, ".gz": gzip.decompress}.get(paths[name].suffix, bytes)(data)
        needed = re.search(rb"\0depends=([\w,-]*)\0", data)
        for other in needed[1].decode().split(",") if needed else ():
            add(other)
        found[name] = data

    for name in _MODULES:
        add(name)
    return found


def _archive(files: dict[str, bytes]) -> bytes:
    """Give them as "newc" cpio (Linux: Documentation/driver-api/early-userspace/buffer-format)."""
    folders = {str(parent) for name in files for parent in Path(name).parents} - {"."}
    folders |= {"proc", "sys", "dev"}
    out = bytearray()
    for name in sorted(folders, key=lambda name: name.count("/")):
        out += _entry(name, 0o040755)
    out += _entry("dev/console", 0o020600, device=(5, 1))
    for name, data in files.items():
        out += _entry(name, 0o100755, data)
    return bytes(out + _entry("TRAILER!!!", 0))


def _entry(name: str, mode: int, data: bytes = b"", device: tuple[int, int] = (0, 0)) -> bytes:
    path = name.encode() + b"\0"
    head = (0, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(path), 0)
    out = b"070701" + b"".join(b"%08X" % number for number in head) + path
    out += bytes(-len(out) % 4) + data
    return out + bytes(-len(out) % 4)
