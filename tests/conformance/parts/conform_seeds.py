"""Reads the curl lines of the reference texts, and what is documented to come back.

Only the host and placeholders are replaced. Where a line is misprinted so that no shell or curl
could run it, the smallest mend is made and kept with the line (`mends`).
"""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import conform_lenient
from conform_shapes import shape_of

HOST = "https://api.plivo.com"
# @name@ in a request stands for a value that is known when it is sent.
PLACEHOLDERS = (
    (r"(AUTH_ID|auth_id(_ID)?):(AUTH_TOKEN|auth_token)", "@auth_id@:@auth_token@"),
    (r"Basic [Xx]+(==)?", "Basic @basic@"),
    (r"\{auth_id\}|<[Aa]uth_id>", "@auth_id@"),
    (r"\{subauth_id\}", "@subaccount@"),
    (r"\{app_id\}|(?<=/Application/)16631550192125875", "@application@"),
    (r"https://<yourdomain>\.com", "@sink@"),
    (r"<from_number>", "@sender@"),
    (r"\{message_uuid\}(?=/Media/)", "@message_with_media@"),
    (r"\{message_uuid\}", "@message@"),
    (r"\{powerpack_uuid\}|<powerpack_uuid>", "@powerpack@"),
    (r"\{number_pool_uuid\}", "@number_pool@"),
    (r"(?<=/Number/)\{number\}", "@pool_number@"),
    (r"<new powerpack name>", "@name@"),
    (r"\{media_id\}", "@media@"),
    (r"local_path_of_image", "@image@"),
    (r"\{profile_uuid\}", "@profile@"),
    (r'(?<="profile_uuid": ")[0-9a-f-]{36}', "@unused_profile@"),
    (r"SA2025RK4E639VJFZAMM", "@subaccount@"),
    (r"\{brand_id\}|<Brand_ID>", "@brand@"),
    (r"<Campaign_id>", "@failed_campaign@"),  # only such a one may be changed
    (r"\{campaign_id\}|<Campaign_ID>", "@campaign@"),
    (r'(?:(?<=/Number/)|(?<="numbers": \["))12025551111', "@own_number@"),
)
MENDS = (
    (r"\{auth_id\}\}", "{auth_id}", "one brace too many"),
    (r"[“”]", '"', "curly quotation marks"),
    (r"us’", "us", "a stray quotation mark"),
    (r"'file=@local_path_of_image'\\", "'file=@local_path_of_image' \\\\", "no blank before \\"),
    (r"(https://\S+\?\S+&\S+)", r"'\1'", "& without quotation marks"),
    (r"(--data-raw '\{[^']*\})\n?\Z", r"\1'", "no closing quotation mark"),
)
_STATUS = re.compile(r"\s*HTTP (?:Status|Response) [Cc]ode\s*[:-]\s*(\d{3})")
_END = "Was this code helpful"
_NEXT = {"1", "API Endpoint", "GET", "POST", "DELETE"}  # a sample's first line number, a heading
_SPREAD = 'curl() { printf "%s\\0" "$@"; }\n'  # what the shell makes of a line


@dataclass(frozen=True, slots=True)
class SeedLine:
    """One curl line: its arguments, and status and shape of the answer (None: not documented)."""

    source: str
    arguments: tuple[str, ...]
    status: int | None
    shape: Any
    mends: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """The request's path and query, with placeholders."""
        found = [one.removeprefix(HOST) for one in self.arguments if one.startswith(HOST)]
        return found[0]

    @property
    def method(self) -> str:
        """What curl uses for it."""
        for name, value in zip(self.arguments, self.arguments[1:], strict=False):
            if name in ("-X", "--request"):
                return value
        sends = {"-d", "--data", "--data-raw", "--form", "-F"} & set(self.arguments)
        return "POST" if sends else "GET"


def read_folder(folder: Path) -> tuple[SeedLine, ...]:
    """Return the curl lines of all texts in `folder`, in their order."""
    found: list[SeedLine] = []
    for path in sorted(folder.glob("*.txt")):
        found += _read(path.name[:3], path.read_text(encoding="utf-8").split("\n"))
    return tuple(found)


def _read(text: str, lines: list[str]) -> Iterator[SeedLine]:
    starts = [n for n, line in enumerate(lines) if line.lstrip().startswith("curl ")]
    for start, after in zip(starts, [*starts, len(lines)][1:], strict=True):
        end = next(n for n in range(start, after) if lines[n].strip() == _END)
        command, mends = _mended("\n".join(lines[start:end]).strip())
        for pattern, name in PLACEHOLDERS:
            command = re.sub(pattern, name, command)
        status, shape = _documented(lines[end:after])
        source = f"{text}:{start + 1}"
        yield SeedLine(source, _arguments(command), status, shape, mends)


def _mended(command: str) -> tuple[str, tuple[str, ...]]:
    made: list[str] = []
    for pattern, replacement, why in MENDS:
        command, count = re.subn(pattern, replacement, command)
        made += [why] if count else []
    return command, tuple(made)


def _arguments(command: str) -> tuple[str, ...]:
    done = subprocess.run(["bash", "-c", _SPREAD + command], capture_output=True, check=True)
    return tuple(done.stdout.decode().split("\0")[:-1])


def _documented(lines: list[str]) -> tuple[int | None, Any]:
    """Find status and example below a line, before the next request is told of.

    Between them at most one sample in another language follows.
    """
    for rest in _sections(lines):
        status, shape = _answer(rest)
        if status is not None or shape is not None:
            return status, shape
    return None, None


def _sections(lines: list[str]) -> Iterator[list[str]]:
    """Give what follows the first two samples, without the next one and what is told before it."""
    ends = [number for number, line in enumerate(lines) if line.strip() == _END][:2]
    for end in ends:
        rest = [line.strip() for line in lines[end + 1 :]]
        stop = next((n for n, line in enumerate(rest) if line in _NEXT), len(rest))
        yield lines[end + 1 : end + 1 + stop]


def _answer(lines: list[str]) -> tuple[int | None, Any]:
    at, status = 0, None
    for number, line in enumerate(lines):
        if found := _STATUS.match(line):
            at, status = number + 1, int(found[1])
            break
    # An example stands right under its status; without a status, right under the code samples.
    reach = at + 6 if status is None else at + 2
    for number in range(at, min(reach, len(lines))):
        if lines[number].lstrip().startswith("{"):
            return status, shape_of(conform_lenient.read("\n".join(lines[number:])))
    return status, None
