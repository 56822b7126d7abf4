"""Documents: links lead somewhere, and pages made from the source are as the source says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from trunkline.contract.documents.reference import reference_files
from trunkline.functions.documents import reference_page, stub
from trunkline.runtime.settings import commented_toml

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def broken_links(page: Path) -> Iterator[str]:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target and not (page.parent / target).exists():
            yield target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert list(broken_links(page)) == []


def test_a_broken_link_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[a](page.md#x) [b](https://a.test/) [c](none.md) [d](#x)")
    assert list(broken_links(page)) == ["none.md"]


def test_the_settings_page_is_new() -> None:
    written = (ROOT / "docs" / "settings.toml").read_text(encoding="utf-8")
    assert written == commented_toml(), "run `make docs`"


def test_the_reference_is_new() -> None:
    folder = ROOT / "docs" / "reference"
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert written == reference_files() | {"functions.md": reference_page()}, "run `make docs`"


def test_the_types_of_the_functions_are_new() -> None:
    written = (ROOT / "src/trunkline/functions/plivo.pyi").read_text(encoding="utf-8")
    assert written == stub(), "run `make docs`"


def test_decisions_are_numbered_in_order() -> None:
    numbers = sorted(path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
