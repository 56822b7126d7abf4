"""The reference as Markdown: `python -m trunkline.contract.documents.reference docs/reference`."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from trunkline.contract.catalog import OPERATIONS
from trunkline.contract.documents.describe import FieldDocument, OperationDocument, by_tag
from trunkline.contract.operation import PlannedOperation
from trunkline.contract.operations.planned import PLANNED

_MADE = "<!-- Made by `make docs` from src/trunkline/contract; changes here are lost. -->\n"
_INTRODUCTION = """\
# API reference

Trunkline speaks the Plivo API, version 1. Authenticate with HTTP Basic: the auth id and auth token
of an account or subaccount. Send JSON or a form; every answer is JSON and carries `api_id`.
Refusals carry `error`, which names the field at fault. Add `callback_url` (and `callback_method`)
to be answered 202 at once and sent the real answer later.
"""


def reference_files() -> dict[str, str]:
    """Return the text of each reference file by its name."""
    groups = by_tag(OPERATIONS)
    pages = {f"{tag}.md": _page(tag, documents) for tag, documents in groups.items()}
    return {"README.md": _index(groups), **pages, "not-served.md": _planned(PLANNED)}


def _index(groups: dict[str, list[OperationDocument]]) -> str:
    lines = [_INTRODUCTION, "| operation | call | function |", "|---|---|---|"]
    for tag, documents in groups.items():
        for document in documents:
            operation = document.operation
            link = f"[{operation.summary}]({tag}.md#{document.anchor})"
            call = f"`{operation.method} {operation.target}`"
            lines.append(f"| {link} | {call} | {_code(operation.name)} |")
    lines.append("\nWhat is known but [not served](not-served.md) is answered 404 with a reason.")
    return _file(lines)


def _page(tag: str, documents: Sequence[OperationDocument]) -> str:
    lines = [f"# {tag.capitalize()}"]
    for document in documents:
        lines.extend(_operation(document))
    return _file(lines)


def _operation(document: OperationDocument) -> Iterable[str]:
    operation = document.operation
    yield f'\n## <a id="{document.anchor}"></a>{operation.summary}\n'
    yield f"`{operation.method} {operation.target}`\n"
    yield f"{document.note}\n"
    if document.fields:
        yield "| field | in | type | meaning |"
        yield "|---|---|---|---|"
        yield from map(_request_row, document.fields)
        yield ""
    if document.request_example:
        yield f"```json\n{document.request_example}\n```\n"
    if not document.answer:
        yield f"Answers {operation.success_status}, no body."
        return
    yield f"Answers {operation.success_status}:\n"
    yield "| field | type | meaning |"
    yield "|---|---|---|"
    for field in document.answer:
        yield f"| `{field.name}` | {field.type} | {_cell(field.text)} |"
    yield f"\n```json\n{document.response_example}\n```"


def _request_row(field: FieldDocument) -> str:
    name = f"`{field.name}`{' (required)' if field.required else ''}"
    kind = f"{field.type}: {_cell(field.limits)}" if field.limits else field.type
    default = f" Default: `{field.default}`." if field.default else ""
    return f"| {name} | {field.place} | {kind} | {_cell(field.text)}{default} |"


def _planned(operations: Iterable[PlannedOperation]) -> str:
    lines = ["# Not served", "", "| operation | call | why |", "|---|---|---|"]
    for operation in operations:
        query = "".join(f"?{key}={value}" for key, value in operation.query)
        call = f"`{operation.method} {operation.path}{query}`"
        lines.append(f"| `{operation.id}` | {call} | {operation.reason} |")
    return _file(lines)


def _file(lines: Iterable[str]) -> str:
    return _MADE + "\n" + "\n".join(lines) + "\n"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def write(folder: Path) -> None:
    """Write the files into `folder` and remove Markdown files there that are made no more."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = reference_files()
    for name, text in wanted.items():
        (folder / name).write_text(text, "utf-8")
    for path in folder.glob("*.md"):
        if path.name not in wanted and path.read_text("utf-8").startswith(_MADE):
            path.unlink()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
