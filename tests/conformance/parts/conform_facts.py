"""The facts the proof stands on, distilled from reference material that a clone may lack.

`facts/operations.json` has of each operation in scope: method, path, query, status, fields and
types of its documented answers, the Go SDK's struct, the Python and Node SDKs' methods.
`facts/seed_lines.json` has the curl lines: arguments, status, fields and types.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from conform_seeds import SeedLine, read_folder
from conform_shapes import Shape, merged, shape_of

REFERENCE = Path(__file__).parents[4] / "shared"  # beside the repository, where there is one
_FACTS = Path(__file__).parents[1] / "facts"
OPERATIONS = _FACTS / "operations.json"
SEED_LINES = _FACTS / "seed_lines.json"
# The reference texts leave out some operations of what they tell of.
_CALLS = {"call", "conference", "conference_member", "mpc", "mpc_participant", "mpc_member"}
_BESIDES = {
    "call_feedback.create", "transcription.create", "transcription.get", "transcription.delete"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """What is documented of one operation."""

    id: str
    method: str
    path: str
    query: str
    status: int
    shape: Shape
    go: Any
    java: Any
    python: tuple[str, ...]
    node: tuple[str, ...]


def load_operations() -> dict[str, Fact]:
    """Return the distilled operations by id."""
    rows = json.loads(OPERATIONS.read_text(encoding="utf-8"))
    made = [Fact(**{**row, "python": tuple(row["python"]), "node": tuple(row["node"])})
            for row in rows]  # fmt: skip
    return {one.id: one for one in made}


def load_seed_lines() -> tuple[SeedLine, ...]:
    """Return the distilled curl lines in their order."""
    rows = json.loads(SEED_LINES.read_text(encoding="utf-8"))
    return tuple(
        SeedLine(**{**row, "arguments": tuple(row["arguments"]), "mends": tuple(row["mends"])})
        for row in rows
    )


def write(reference: Path) -> None:
    """Write both files of facts from the reference material."""
    _FACTS.mkdir(exist_ok=True)
    OPERATIONS.write_text(distil_operations(catalog_of(reference)), encoding="utf-8")
    SEED_LINES.write_text(distil_seed_lines(reference / "seeds"), encoding="utf-8")


def catalog_of(reference: Path) -> Path:
    """Return where the catalog of all operations is."""
    return reference / "plivo" / "api_catalog.json"


def distil_operations(catalog: Path) -> str:
    """Return what `facts/operations.json` should be."""
    known = json.loads(catalog.read_text(encoding="utf-8"))
    rows = [asdict(_fact(one)) for one in known
            if one["seeds"] or one["resource"] in _CALLS or one["id"] in _BESIDES]  # fmt: skip
    return _printed(rows)


def distil_seed_lines(folder: Path) -> str:
    """Return what `facts/seed_lines.json` should be."""
    return _printed([asdict(one) for one in read_folder(folder)])


def _fact(row: dict[str, Any]) -> Fact:
    others = row.get("other_response_examples", []) + row.get("seed_examples", [])
    shape: Shape = []
    for example in (row["response_example"], *(one.get("body") for one in others)):
        if example and "error" not in example:  # errors printed among the answers
            shape = merged(shape, shape_of(example))
    sdks = row["sdks"]
    return Fact(
        id=row["id"],
        method=row["method"],
        path=row["path"],
        query=urlencode(row.get("fixed_query", {})),
        status=_status(row),
        shape=shape,
        go=row.get("go_response_struct", {}).get("fields"),
        java=_java(row.get("java_response_type", {})),
        python=tuple(sdks.get("python", ())),
        node=tuple(sdks.get("node", ())),
    )


def _status(row: dict[str, Any]) -> int:
    """Return what an operation is answered with.

    Of calls it is what every SDK can live with: some read what is answered to a DELETE.
    """
    if row["resource"] in _CALLS:
        return row.get("recommended_wire", {}).get("status") or row["success_status"]
    return row["success_status"]


def _java(kind: dict[str, Any]) -> dict[str, Any]:
    classes = list(kind.get("fields", {}).values())
    is_list = str(kind.get("return")).startswith("ListResponse<")
    return {"is_list": is_list, "fields": classes[0] if classes else {}}


def _printed(rows: list[Any]) -> str:
    lines = [json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows]
    return "[\n" + ",\n".join(lines) + "\n]\n"
