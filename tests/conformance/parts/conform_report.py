"""What was proven, as tables."""

from collections.abc import Iterator, Mapping, Sequence

from conform_lines import LineResult
from conform_matrix import CLIENTS, Cell


def lines_table(results: Sequence[LineResult]) -> Iterator[str]:
    """Give the curl lines: where it stands, operation, status, what is missing."""
    yield f"{'line':<10} {'operation':<30} {'status':<6} missing"
    for one in results:
        told = "; ".join(one.misses) or "-"
        yield f"{one.line.source:<10} {one.operation:<30} {one.status or '-':<6} {told}"
        for mend in one.line.mends:
            yield f"{'':<10} as printed no shell runs it: {mend}"


def matrix_table(cells: Mapping[tuple[str, str], Cell]) -> Iterator[str]:
    """Give the matrix, then why each cell that is not ok is not."""
    yield f"{'operation':<32} {'python':<8} {'node':<8} http"
    for operation in dict.fromkeys(operation for operation, _ in cells):
        python, node, http = (cells[operation, client].word for client in CLIENTS)
        yield f"{operation:<32} {python:<8} {node:<8} {http}"
    for cell in cells.values():
        if cell.reason and cell.sdk != "http":
            yield f"-    {cell.operation} by {cell.sdk}: {cell.reason}"
        for miss in cell.misses:
            yield f"MISS {cell.operation} by {cell.sdk}: {miss}"
