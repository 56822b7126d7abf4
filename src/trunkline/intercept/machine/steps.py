"""Single changes to a machine's trust, each of which can be undone exactly."""

import re
import subprocess
from pathlib import Path
from typing import Final

import msgspec

from trunkline.intercept.errors import StoreUnusable

BEGIN: Final = "# trunkline begin"
END: Final = "# trunkline end"
COMMAND_S: Final = 120.0

_GONE: Final = "could not find"  # certutil's, of a name that the store does not have

# Where the file's last line had no end, it gets one, and loses it again.
_JOINED: Final = f"{BEGIN}, after a line without an end"
_BLOCK: Final = re.compile(rf"(?:^{BEGIN}\n|\n{_JOINED}\n).*?^{END}\n", re.DOTALL | re.MULTILINE)


class PutFile(msgspec.Struct, frozen=True, tag="file"):
    """A file of our own; undone, it is gone unless somebody has changed it."""

    path: str
    content: str

    def describe(self) -> str:
        return f"write {self.path}"

    def do(self) -> None:
        Path(self.path).write_text(self.content, encoding="utf-8")
        Path(self.path).chmod(0o644)  # whatever the umask: all programs are to read it

    def undo(self) -> None:
        path = Path(self.path)
        if path.exists() and path.read_text(encoding="utf-8") == self.content:
            path.unlink()


class PutBlock(msgspec.Struct, frozen=True, tag="block"):
    """Lines between two marks at the end of a file that others own."""

    path: str
    lines: str

    def describe(self) -> str:
        return f"add {self.lines.count(chr(10))} lines to {self.path}"

    def do(self) -> None:
        kept = _without_block(self.path)
        begin = BEGIN if not kept or kept.endswith("\n") else f"\n{_JOINED}"
        _rewrite(self.path, f"{kept}{begin}\n{self.lines}{END}\n")

    def undo(self) -> None:
        if Path(self.path).exists():
            _rewrite(self.path, _without_block(self.path))


class Run(msgspec.Struct, frozen=True, tag="command"):
    """A command of the system that reads what was written, and the one that undoes it."""

    words: list[str]
    undone_by: list[str]

    def describe(self) -> str:
        return f"run {' '.join(self.words)}"

    def do(self) -> None:
        _command(self.words)

    def undo(self) -> None:
        try:
            _command(self.undone_by)
        except StoreUnusable as error:
            if _GONE not in str(error):
                raise


Step = PutFile | PutBlock | Run


def do(step: Step) -> None:
    """Make the change.

    Raises:
        StoreUnusable: it cannot be made; the message says of which file or command, and why.
    """
    try:
        step.do()
    except OSError as error:
        raise StoreUnusable(f"cannot {step.describe()}: {error.strerror}") from error


def undo(step: Step) -> None:
    """Take the change back; it is no error if somebody did already.

    Raises:
        StoreUnusable: it cannot be taken back.
    """
    try:
        step.undo()
    except OSError as error:
        raise StoreUnusable(f"cannot undo `{step.describe()}`: {error.strerror}") from error


def _rewrite(path: str, text: str) -> None:
    """Write in place: in a container the hosts file is mounted, and cannot be replaced."""
    with Path(path).open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(text)


def _without_block(path: str) -> str:
    with Path(path).open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        text = file.read()
    rest = _BLOCK.sub("", text)
    if BEGIN in rest or END in rest:
        raise StoreUnusable(f"{path}: `{BEGIN}` and `{END}` do not match; mend it by hand")
    return rest


def _command(words: list[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - words of ours, no shell
            words, capture_output=True, text=True, timeout=COMMAND_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise StoreUnusable(f"{words[0]} has not ended after {COMMAND_S:g} s") from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise StoreUnusable(f"{words[0]} failed: {' '.join(said) or f'code {done.returncode}'}")
