"""Proves against a fresh server: the reference texts' curl lines, and both SDKs' methods.

    .venv/bin/python tests/conformance/prove.py [--reference FOLDER] [--distil]

Reads the curl lines from FOLDER/seeds (default: ../shared next to the repository; without it, the
distilled facts are run), prints two tables and ends with 1 when anything is missing. `--distil`
writes the facts for those who lack the folder.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e" / "parts"))
sys.path.insert(0, str(Path(__file__).parent / "parts"))

import conform_facts
from conform_lines import run_lines
from conform_matrix import run_matrix
from conform_recorder import Recorder
from conform_report import lines_table, matrix_table
from conform_seeds import SeedLine, read_folder
from conform_server import start_world
from e2e_loop import BackgroundLoop
from e2e_node_sdk import installed_node_sdk


def main() -> int:
    """Run what is asked for; return the exit code."""
    purpose, _, details = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(description=purpose, epilog=details)
    parser.add_argument("--reference", type=Path, default=conform_facts.REFERENCE)
    parser.add_argument("--distil", action="store_true", help="write the facts and end")
    asked = parser.parse_args()
    if asked.distil:
        conform_facts.write(asked.reference)
        return 0
    seeds = asked.reference / "seeds"
    return _prove(read_folder(seeds) if seeds.is_dir() else conform_facts.load_seed_lines())


def _prove(lines: tuple[SeedLine, ...]) -> int:
    facts = conform_facts.load_operations()
    loop = BackgroundLoop()
    with tempfile.TemporaryDirectory(prefix="trunkline-proof-") as folder:
        world = start_world(Path(folder), loop)
        recorder = Recorder(world.program.url, Path(folder))
        try:
            results = tuple(run_lines(lines, facts, world))
            _write(lines_table(results))
            cells = run_matrix(facts, world, recorder, installed_node_sdk())
            _write(matrix_table(cells))
        finally:
            recorder.stop()
            world.close()
            world.program.stop()
            world.sink.stop()
            loop.close()
    return 1 if any(one.misses for one in (*results, *cells.values())) else 0


def _write(lines: Iterable[str]) -> None:
    sys.stdout.write("\n".join(lines) + "\n\n")


if __name__ == "__main__":
    sys.exit(main())
