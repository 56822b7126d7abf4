"""Operations of Plivo's API that this release does not serve: each is answered 404 with its reason.

They stand in `planned.csv`: `name` is the function in the function package, a query on `path`
tells operations that share it apart, `host` is given when the path means something else on the
API's own host. When an operation is built, its line moves to the module of its resource.
"""

import csv
from importlib.resources import files

from trunkline.contract.operation import PlannedOperation


def _read(row: dict[str, str]) -> PlannedOperation:
    path, _, query = row["path"].partition("?")
    key, _, value = query.partition("=")
    return PlannedOperation(
        id=row["id"],
        name=row["name"],
        method=row["method"],
        path=path,
        reason=row["reason"],
        host=row["host"],
        query=((key, value),) if key else (),
    )


_TABLE = files("trunkline.contract.operations").joinpath("planned.csv").read_text("utf-8")

PLANNED: tuple[PlannedOperation, ...] = tuple(map(_read, csv.DictReader(_TABLE.splitlines())))
