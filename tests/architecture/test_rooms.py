"""The house's rules of form: sizes, names, and where SQL, broad excepts and leftovers may be.

A rule takes a module and returns its breaches; each is also shown one, so that it cannot go blind.
"""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "trunkline"

MOST_LINES = 400
MOST_FUNCTION_LINES = 60
MOST_MODULES = 15
MOST_PURPOSE_LINES = 40
VAGUE_NAMES = {"service", "util", "utils", "helper", "helpers", "common", "manager", "base", "misc"}
SQL_MAKERS = {"BulkDelete", "BulkInsert", "BulkSelect", "BulkTake", "BulkUpdate", "metadata"}
SQL_TEXT = re.compile(r"\s*(SELECT\s.+\sFROM|INSERT INTO|UPDATE\s\w+\sSET|DELETE FROM|PRAGMA)\s")
LEFTOVER = re.compile(r"#.*\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


@dataclass(frozen=True)
class Module:
    path: str  # from src/trunkline, or from the root for tests
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


Rule = Callable[[Module], Iterator[str]]


def long_file(module: Module) -> Iterator[str]:
    if len(module.lines) > MOST_LINES:
        yield f"{len(module.lines)} lines, at most {MOST_LINES}"


def long_function(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size > MOST_FUNCTION_LINES:
                yield f"{node.name} has {size} lines, at most {MOST_FUNCTION_LINES}"


def vague_name(module: Module) -> Iterator[str]:
    for part in Path(module.path).with_suffix("").parts:
        if part in VAGUE_NAMES:
            yield f"{part} says nothing about what is in it"


def code_in_init(module: Module) -> Iterator[str]:
    if not module.path.endswith("__init__.py"):
        return
    purpose = ast.get_docstring(module.tree) or ""
    if len(purpose.splitlines()) > MOST_PURPOSE_LINES:
        yield f"more than {MOST_PURPOSE_LINES} lines of purpose"
    for node in module.tree.body:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_all = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        if not (is_text or is_all or isinstance(node, ast.Import | ast.ImportFrom)):
            yield f"line {node.lineno}: code in __init__"


def may_hold_sql(path: str) -> bool:
    parts = Path(path).with_suffix("").parts
    if parts[0] == "runtime":
        return parts[1] in ("db", "migrations", "changes")
    return "store" in parts


def sql_outside_store(module: Module) -> Iterator[str]:
    if may_hold_sql(module.path):
        return
    for node in ast.walk(module.tree):
        for source, name in imported(node):
            if source.partition(".")[0] == "sqlalchemy":
                yield f"line {node.lineno}: imports SQLAlchemy"
            elif name in SQL_MAKERS and not is_composition(module):
                yield f"line {node.lineno}: makes SQL with {name}"
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and SQL_TEXT.match(node.value):
            yield f"line {node.lineno}: SQL text"


def imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Give (module, name) of what an import statement brings in."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, "") for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from ((node.module or "", alias.name) for alias in node.names)


def is_composition(module: Module) -> bool:
    """Whoever builds the program hands the one `metadata` to the migrations."""
    return module.path.startswith(("processes/", "cli/"))


def broad_except(module: Module) -> Iterator[str]:
    lines = module.lines
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = "everything" if node.type is None else ast.unparse(node.type)
        if caught not in ("everything", "Exception", "BaseException"):
            continue
        if is_told(node) or re.search(r"# noqa: BLE001 [-—] \w", lines[node.lineno - 1]):
            continue
        yield f"line {node.lineno}: catches {caught} and gives no reason"


def is_told(handler: ast.ExceptHandler) -> bool:
    """Whether the error goes on, or into the log with its traceback (ruff's BLE001 agrees)."""
    calls = (node for node in ast.walk(handler) if isinstance(node, ast.Call))
    logged = any(isinstance(c.func, ast.Attribute) and c.func.attr == "exception" for c in calls)
    return logged or any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def mock_patch(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("unittest.mock", "mock"):
            yield f"line {node.lineno}: pass a double in instead of mocking"
        if isinstance(node, ast.Import) and any("mock" in a.name for a in node.names):
            yield f"line {node.lineno}: pass a double in instead of mocking"


def leftover(module: Module) -> Iterator[str]:
    for number, line in enumerate(module.lines, start=1):
        if LEFTOVER.search(line):
            yield f"line {number}: unfinished work belongs into the tracker"


SOURCE_RULES: tuple[Rule, ...] = (
    long_file, long_function, vague_name, code_in_init, sql_outside_store, broad_except,
    mock_patch, leftover,
)  # fmt: skip
TEST_RULES: tuple[Rule, ...] = (mock_patch, leftover)


def modules(folder: Path, base: Path) -> Iterator[Module]:
    for path in sorted(folder.rglob("*.py")):
        relative = path.relative_to(base)
        if "versions" not in relative.parts:
            yield Module(str(relative), path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("rule", SOURCE_RULES, ids=lambda rule: rule.__name__)
def test_the_source_keeps(rule: Rule) -> None:
    breaches = [f"{m.path}: {breach}" for m in modules(SOURCE, SOURCE) for breach in rule(m)]
    assert not breaches, "\n".join(breaches)


@pytest.mark.parametrize("rule", TEST_RULES, ids=lambda rule: rule.__name__)
def test_the_tests_keep(rule: Rule) -> None:
    breaches = [f"{m.path}: {b}" for m in modules(ROOT / "tests", ROOT) for b in rule(m)]
    assert not breaches, "\n".join(breaches)


def crowded(folders: dict[str, int]) -> list[str]:
    return [f"{name}: {count} modules" for name, count in folders.items() if count > MOST_MODULES]


def test_no_folder_is_crowded() -> None:
    counts = Counter(str(path.parent.relative_to(SOURCE)) for path in SOURCE.rglob("*.py")
                     if path.name != "__init__.py" and path.parent.name != "versions")  # fmt: skip
    assert not crowded(counts)
    assert crowded({"a": MOST_MODULES, "b": MOST_MODULES + 1}) == ["b: 16 modules"]


def test_test_files_have_names_of_their_own() -> None:
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


LONG_FUNCTION = "def f():\n" + "    x = 1\n" * MOST_FUNCTION_LINES
BREACHES: tuple[tuple[Rule, str, str], ...] = (
    (long_file, "a.py", "x = 1\n" * (MOST_LINES + 1)),
    (long_function, "a.py", LONG_FUNCTION),
    (
        long_function,
        "a.py",
        "class A:\n" + "".join(f"    {x}\n" for x in LONG_FUNCTION.split("\n")),
    ),
    (vague_name, "billing/utils.py", ""),
    (vague_name, "helpers/a.py", ""),
    (code_in_init, "billing/__init__.py", "def f(): ...\n"),
    (code_in_init, "billing/__init__.py", '"""' + "a\n" * 41 + '"""\n'),
    (sql_outside_store, "billing/charge.py", "from sqlalchemy import select\n"),
    (sql_outside_store, "billing/charge.py", "import sqlalchemy.orm\n"),
    (sql_outside_store, "billing/charge.py", "q = 'SELECT * FROM accounts'\n"),
    (sql_outside_store, "billing/charge.py", "q = f'DELETE FROM {x}'\n"),
    (sql_outside_store, "billing/charge.py", "from trunkline.runtime.db import BulkInsert\n"),
    (sql_outside_store, "runtime/folder.py", "from sqlalchemy import select\n"),
    (broad_except, "a.py", "try: ...\nexcept Exception: ...\n"),
    (broad_except, "a.py", "try: ...\nexcept: ...\n"),
    (broad_except, "a.py", "try: ...\nexcept Exception:  # noqa: BLE001\n    ...\n"),
    (mock_patch, "a.py", "from unittest.mock import patch\n"),
    (mock_patch, "a.py", "import unittest.mock\n"),
    (leftover, "a.py", "# TO" + "DO later\n"),
)
PERMITTED: tuple[tuple[Rule, str, str], ...] = (
    (long_file, "a.py", "x = 1\n" * MOST_LINES),
    (vague_name, "billing/database.py", ""),
    (code_in_init, "a/__init__.py", '"""Purpose."""\nfrom a import b\n__all__ = ["b"]\n'),
    (code_in_init, "a/b.py", "def f(): ...\n"),
    (sql_outside_store, "billing/store.py", "from sqlalchemy import select\n"),
    (sql_outside_store, "billing/store/prices.py", "from sqlalchemy import select\n"),
    (sql_outside_store, "billing/charge.py", "x = 'Select a plan from the list'\n"),
    (broad_except, "a.py", "try: ...\nexcept Exception:  # noqa: BLE001 - edge\n    ...\n"),
    (broad_except, "a.py", "try: ...\nexcept Exception as e:\n    raise ValueError from e\n"),
    (broad_except, "a.py", "try: ...\nexcept Exception:\n    log.exception('x')\n"),
    (broad_except, "a.py", "try: ...\nexcept OSError: ...\n"),
    (leftover, "a.py", "mask = 'XX" + "X'\n"),
)


@pytest.mark.parametrize(("rule", "path", "text"), BREACHES)
def test_a_breach_is_seen(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Module(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), PERMITTED)
def test_what_is_permitted_passes(rule: Rule, path: str, text: str) -> None:
    assert not list(rule(Module(path, text)))
