"""Times lists over millions of messages, through HTTP, on SQLite and PostgreSQL.

    .venv/bin/python bench/deep_lists.py                       5,000,000 rows, both databases
    .venv/bin/python bench/deep_lists.py sqlite --rows 200000  does it work?

The rows are made inside the database, all of the last 23 hours, so that every list has them all in
its window, and then counted in segments as the program does behind real traffic. Everything is in a
temporary folder that goes away at the end.
"""

import argparse
import base64
import contextlib
import http.client
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool
from wire.postgres import Postgres
from wire.processes import Server

from trunkline.messaging.store import segments
from trunkline.runtime.db.engine import normalise

SPAN_S = 23 * 3600.0
SUBACCOUNT = "SA" + "7" * 18
POOL = "5b40a428-bfc7-4daf-9d06-726c558bf3b8"
DEEP = 100_000
_PATIENCE_MS = 4_000  # for the requests of one kind

# Of 100 messages: 10 inbound, 90 outbound with these ends. Mixed so that kinds are everywhere.
_STATE = """CASE WHEN i % 10 = 3 THEN 'delivered' WHEN i % 97 = 0 THEN 'failed'
 WHEN i % 23 = 0 THEN 'undelivered' WHEN i % 31 = 0 THEN 'sent' ELSE 'delivered' END"""
_ERROR = (
    "CASE WHEN i % 10 = 3 THEN NULL WHEN i % 97 = 0 THEN 420 WHEN i % 23 = 0 THEN 30 ELSE 0 END"
)
_COUNTRY = "CASE WHEN i % 20 = 1 THEN 'DE' WHEN i % 7 = 2 THEN 'GB' ELSE 'US' END"
_OWN = "'1415555010' || {number}"
_HANDSET = "'1' || (2000000000 + (i * 7919) % 7999999999)"
_COLUMNS = {
    "main_id": ":main",
    "account_id": f"CASE WHEN i % 5 = 0 THEN '{SUBACCOUNT}' ELSE :main END",
    "direction": "CASE WHEN i % 10 = 3 THEN 'inbound' ELSE 'outbound' END",
    "state": _STATE,
    "type": "'sms'",
    "country": _COUNTRY,
    "body": "'Your order is on its way! Follow it at https://shop.example/t or call us'",
    "units": "1", "rate": "350", "amount": "350", "error_code": _ERROR, "log": "'true'",
    "requester_ip": "'127.0.0.1'", "created_at": "t", "sent_at": "t + 1", "reported_at": "t + 2",
    "updated_at": "t + 2", "carrier": "'simulator'",
    "powerpack_uuid": f"CASE WHEN i % 4 = 0 THEN '{POOL}' ELSE '' END",
    "intent": "''", "extra": "''", "network": "''", "fee_rate": "0",
}  # fmt: skip


def _columns(uuid: str, digit: str) -> str:
    own = _OWN.format(number=digit)
    inbound = "i % 10 = 3"
    values = {
        "message_uuid": uuid,
        "sender": f"CASE WHEN {inbound} THEN {_HANDSET} ELSE {own} END",
        "recipient": f"CASE WHEN {inbound} THEN {own} ELSE {_HANDSET} END",
        **_COLUMNS,
    }
    chosen = ", ".join(values.values())
    return f"INSERT INTO messages ({', '.join(values)}) SELECT {chosen} FROM"


_SQLITE_UUID = (
    "printf('%08x-%04x-7000-8000-%012x', CAST(t * 1000 AS INTEGER) >> 16,"
    " CAST(t * 1000 AS INTEGER) & 65535, i)"
)
_POSTGRESQL_UUID = (
    "lpad(to_hex((t * 1000)::bigint >> 16), 8, '0') || '-' ||"
    " lpad(to_hex((t * 1000)::bigint & 65535), 4, '0') || '-7000-8000-' ||"
    " lpad(to_hex(i), 12, '0')"
)
_TIME = ":since + i * :step"


def _fill(engine: Engine, main: str, rows: int) -> None:
    """Make the rows; the triggers rest, since there is nothing yet that they could keep right."""
    values = {"main": main, "rows": rows, "since": time.time() - SPAN_S, "step": SPAN_S / rows}
    with engine.begin() as conn:
        if conn.dialect.name == "sqlite":
            found = conn.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            ).all()
            for name, _ in found:
                conn.execute(text(f"DROP TRIGGER {name}"))
            source = (
                "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n"
                f" WHERE i < :rows - 1) SELECT i, {_TIME} AS t FROM n)"
            )
            digit = "(i % 10)"
            conn.execute(text(f"{_columns(_SQLITE_UUID, digit)} {source}"), values)
            for _, sql in found:
                conn.exec_driver_sql(sql)
        else:
            conn.execute(text("ALTER TABLE messages DISABLE TRIGGER USER"))
            source = (
                f"(SELECT i, {_TIME} AS t FROM generate_series(0::bigint, :rows - 1) AS i) AS n"
            )
            conn.execute(text(f"{_columns(_POSTGRESQL_UUID, '(i % 10)::text')} {source}"), values)
            conn.execute(text("ALTER TABLE messages ENABLE TRIGGER USER"))
    if engine.dialect.name == "postgresql":  # as autovacuum does, in its own time
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text("VACUUM ANALYZE messages"))


def _close(engine: Engine, main: str) -> tuple[int, float]:
    """Close all segments as the program's closer does; return how many, and seconds for each."""
    began, count, now = time.monotonic(), 0, time.time()
    with engine.connect() as conn:
        while segments.close(conn, main, now):
            conn.commit()
            count += 1
        if conn.dialect.name == "postgresql":
            conn.execute(text("ANALYZE"))
            conn.commit()
    return count, (time.monotonic() - began) / max(1, count)


def _cases(first: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    ago = lambda hours: datetime.fromtimestamp(time.time() - hours * 3600, UTC).strftime(  # noqa: E731
        "%Y-%m-%d %H:%M:%S"
    )
    exact = first["message_time"].partition("+")[0]
    yield "no filter", {}
    yield "subaccount", {"subaccount": SUBACCOUNT}
    yield "message_direction=inbound", {"message_direction": "inbound"}
    yield "message_time", {"message_time": exact}
    yield "message_time__gt", {"message_time__gt": ago(20)}
    yield "message_time__gte", {"message_time__gte": ago(20)}
    yield "message_time__lt", {"message_time__lt": ago(2)}
    yield "message_time__lte", {"message_time__lte": ago(2)}
    yield "message_time__gte and __lt", {"message_time__gte": ago(20), "message_time__lt": ago(2)}
    yield "message_state=delivered", {"message_state": "delivered"}
    yield "message_state=failed (1 %)", {"message_state": "failed"}
    yield "message_state=read (none)", {"message_state": "read"}
    yield "message_type=sms", {"message_type": "sms"}
    yield "message_type=mms (none)", {"message_type": "mms"}
    yield "error_code=30 (4 %)", {"error_code": "30"}
    yield "powerpack_id", {"powerpack_id": POOL}
    yield "destination_country_iso2=GB", {"destination_country_iso2": "GB"}
    yield "from_number, an own one", {"from_number": "14155550101"}
    yield "to_number, a handset", {"to_number": first["to_number"]}
    yield (
        "state, country, direction",
        {
            "message_state": "undelivered",
            "destination_country_iso2": "US",
            "message_direction": "outbound",
        },
    )
    yield "from_number and state", {"from_number": "14155550101", "message_state": "undelivered"}


class _Client:
    def __init__(self, ready: dict[str, Any]) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(ready["url"]).netloc, timeout=60)
        login = f"{ready['auth_id']}:{ready['auth_token']}".encode()
        self._headers = {"Authorization": f"Basic {base64.b64encode(login).decode()}"}
        self._path = f"/v1/Account/{ready['auth_id']}/Message/?"

    def page(self, **query: Any) -> tuple[dict[str, Any], float]:
        """Return a page and the milliseconds it took."""
        began = time.perf_counter()
        self._connection.request("GET", self._path + urlencode(query), headers=self._headers)
        response = self._connection.getresponse()
        content = response.read()
        taken = (time.perf_counter() - began) * 1000
        if response.status != 200:
            raise SystemExit(f"{query}: {response.status} {content!r}")
        return json.loads(content), taken


def _measure(client: _Client, repeat: int) -> None:
    first = client.page(limit=1, message_direction="outbound")[0]["objects"][0]
    print("| filter | matching | first page p50 / p95 | offset 100,000 p50 / p95 |")
    print("|---|---|---|---|")
    for name, query in _cases(first):
        cells: list[str] = []
        total = 0
        for offset in (0, DEEP):
            taken: list[float] = []
            for _ in range(repeat):
                answer, ms = client.page(offset=offset, **query)
                taken.append(ms)
                if sum(taken) > _PATIENCE_MS:
                    break
            total = answer["meta"]["total_count"]
            expected = max(0, min(20, total - offset))
            if len(answer["objects"]) != expected:
                raise SystemExit(f"{name}: {len(answer['objects'])} objects, not {expected}")
            taken.sort()
            p95 = taken[min(len(taken) - 1, int(len(taken) * 0.95))]
            cells.append(f"{statistics.median(taken):.0f} / {p95:.0f} ms")
        if total <= DEEP:
            cells[1] = "(empty) " + cells[1]
        print(f"| {name} | {total:,} | {cells[0]} | {cells[1]} |", flush=True)


def _run(database: str, rows: int, repeat: int) -> None:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trunkline-lists-")))
        env = {
            "TRUNKLINE_DATA": str(folder / "data"), "TRUNKLINE_HTTP": "127.0.0.1:0",
            "TRUNKLINE_LOG_LEVEL": "warning", "TRUNKLINE_RATE_LIMIT_REQUESTS": "1000000",
        }  # fmt: skip
        url = f"sqlite:///{folder}/data/trunkline.db"
        if database == "postgresql":
            postgres = Postgres()
            stack.callback(postgres.stop)
            url = postgres.url
        env["TRUNKLINE_DATABASE"] = url
        Path(env["TRUNKLINE_DATA"]).mkdir()
        first = Server(folder, env)
        main = first.ready["auth_id"]
        first.stop()
        engine = create_engine(normalise(url), poolclass=NullPool)
        began = time.monotonic()
        _fill(engine, main, rows)
        filled = time.monotonic() - began
        count, each = _close(engine, main)
        print(f"\n## {database}: {rows:,} rows made in {filled:.0f} s;"
              f" {count:,} segments closed, {each * 1000:.1f} ms each")  # fmt: skip
        (folder / "profiles").rmdir()
        (folder / "ready.json").unlink()
        again = Server(folder, env)
        stack.callback(again.stop)
        _measure(_Client(again.ready), repeat)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("database", nargs="*", help="sqlite, postgresql")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--repeat", type=int, default=20, help="requests of each kind")
    options = parser.parse_args()
    for database in options.database or ("sqlite", "postgresql"):
        _run(database, options.rows, options.repeat)


if __name__ == "__main__":
    main()
