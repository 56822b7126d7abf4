"""The schema's history is one line: each file has the next number and follows the one before."""

import ast
from pathlib import Path

VERSIONS = Path(__file__).parents[2] / "src/trunkline/runtime/migrations/versions"


def test_migrations_follow_each_other() -> None:
    files = sorted(VERSIONS.glob("[0-9]*.py"))
    assert files
    before: str | None = None
    for number, path in enumerate(files, 1):
        values = {
            target.id: ast.literal_eval(node.value)
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and target.id.endswith("revision")
        }
        assert path.name.startswith(f"{number:04d}_"), f"{path.name}: take number {number:04d}"
        assert values["revision"] == f"{number:04d}", path.name
        assert values["down_revision"] == before, path.name
        before = values["revision"]
