"""Commands on the data folder and the database of this machine."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from trunkline.accounts import store as accounts
from trunkline.accounts.model import NewAccount, Scope
from trunkline.billing import store as billing
from trunkline.billing.model import Debit
from trunkline.cli.environment import Refused
from trunkline.cli.shell.database import NotMigrated, ask_database
from trunkline.numbers import store as numbers
from trunkline.runtime.clock import SystemClock
from trunkline.runtime.db.migrate import migrate
from trunkline.runtime.secrets import open_keyring
from trunkline.runtime.settings import Settings, load
from trunkline.simulator.outcomes import TABLE
from trunkline.webhooks.model import NewWebhook
from trunkline.webhooks.store import queue

Run = Callable[..., Result]


@pytest.fixture
def settings(data: Path) -> Settings:
    """A migrated installation with one account."""
    data.mkdir()
    found = load(os.environ)
    migrate(found.database)
    open_account(found, "MAFIRST0000000000000")
    return found


def open_account(settings: Settings, auth_id: str) -> None:
    keyring = open_keyring(settings.secrets_file)
    new = NewAccount(name="Account", auth_id=auth_id)
    ask_database(settings, lambda conn: accounts.create_account(conn, keyring, new, 1.0))


def test_init_writes_once(data: Path, trunkline: Run) -> None:
    done = trunkline("init")
    assert done.exit_code == 0
    assert "ufw allow 443/tcp" in done.output
    assert "trunkline migrate" in done.output
    written = data / "trunkline.toml"
    assert written.stat().st_mode & 0o777 == 0o600
    written.write_text('[log]\nlevel = "debug"\n')
    assert load(os.environ).log_level == "debug"
    assert isinstance(trunkline("init").exception, Refused)
    assert trunkline("init", "--force").exit_code == 0
    assert load(os.environ).log_level == "info"
    written.write_text('[sip]\nudp = "203.0.113.5:5070"\n')
    assert "ufw allow 5070/udp" in trunkline("config", "firewall").output


def test_config_describe(trunkline: Run) -> None:
    done = trunkline("config", "describe")
    assert "TRUNKLINE_HTTP" in done.output
    assert "carriers[kind=smpp].window" in done.output
    assert trunkline("config", "describe", "--toml").output.startswith("# Settings of Trunkline")


def test_migrate_and_its_check(data: Path, trunkline: Run) -> None:
    assert trunkline("migrate", "--check").exit_code == 1
    assert "applied: 0001" in trunkline("migrate").output
    assert trunkline("migrate", "--check").exit_code == 0
    assert trunkline("migrate").output == "up to date\n"


def test_numbers_go_to_the_only_account(settings: Settings, trunkline: Run) -> None:
    done = trunkline("numbers", "add", "+49 151 12345678", "14155550123", "--type", "mobile")
    assert done.exit_code == 0, done.output
    scope = Scope("MAFIRST0000000000000")
    found = ask_database(settings, lambda conn: numbers.find(conn, scope, "4915112345678"))
    assert found is not None
    assert (found.country, found.number_type.value) == ("DE", "mobile")
    again = trunkline("numbers", "add", "14155550123")
    assert isinstance(again.exception, Refused)


def test_of_several_accounts_one_must_be_named(settings: Settings, trunkline: Run) -> None:
    open_account(settings, "MASECOND000000000000")
    assert "--account" in str(trunkline("numbers", "add", "14155550123").exception)
    wrong = trunkline("numbers", "add", "14155550123", "--account", "MANOBODY")
    assert isinstance(wrong.exception, Refused)
    right = trunkline("numbers", "add", "14155550123", "--account", "MASECOND000000000000")
    assert right.exit_code == 0


def test_no_number_is_refused(settings: Settings, trunkline: Run) -> None:
    assert isinstance(trunkline("numbers", "add", "hello").exception, Refused)


def test_short_codes_are_of_a_country(settings: Settings, trunkline: Run) -> None:
    done = trunkline("numbers", "add", "72345", "--type", "shortcode", "--country", "ca", "--mms")
    assert done.exit_code == 0, done.output
    scope = Scope("MAFIRST0000000000000")
    found = ask_database(settings, lambda conn: numbers.find(conn, scope, "72345"))
    assert found is not None
    assert (found.country, found.number_type.value) == ("CA", "shortcode")
    assert (found.mms_enabled, found.voice_enabled) == (True, False)
    for wrong in (("7", "US"), ("14155550123", "US"), ("72346", "USA")):
        refused = trunkline(
            "numbers", "add", wrong[0], "--type", "shortcode", "--country", wrong[1]
        )
        assert isinstance(refused.exception, Refused)


def test_an_unmigrated_database_is_said_so(data: Path, trunkline: Run) -> None:
    data.mkdir()
    assert isinstance(trunkline("webhooks", "list").exception, NotMigrated)


def test_webhooks_are_listed_shown_and_sent_again(settings: Settings, trunkline: Run) -> None:
    webhook = NewWebhook(
        account_id="MAFIRST0000000000000",
        kind="message.status",
        resource_uuid="r",
        method="POST",
        url="http://a.test/[status]",
        body="Status=sent",
        created_at=1_767_225_600.0,
    )
    ask_database(settings, lambda conn: queue.enqueue(conn, [webhook]))
    listed = trunkline("webhooks", "list", "--state", "waiting")
    assert "http://a.test/[status]" in listed.output
    assert "2026-01-01 00:00:00" in listed.output
    assert "a.test" not in trunkline("webhooks", "list", "--state", "failed").output
    assert "Status=sent" in trunkline("webhooks", "show", "1").output
    assert trunkline("webhooks", "replay", "1").output == "1 queued again as 2\n"
    assert isinstance(trunkline("webhooks", "replay", "99").exception, Refused)
    assert isinstance(trunkline("webhooks", "show", "99").exception, Refused)


def test_every_outcome_is_listed(trunkline: Run) -> None:
    output = trunkline("sim", "outcomes").output
    assert all(row.destination in output for row in TABLE)
    listed = trunkline("sim", "outcomes", "--whatsapp").output
    assert "+1 500 555 8009" in listed


def test_an_expected_error_is_one_line_and_exit_code_1(data: Path) -> None:
    program = "from trunkline.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "restore", "/nowhere/[b].tar"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("error: /nowhere/[b].tar is not a backup")
    assert len(done.stderr.splitlines()) == 1


def test_accounts_are_opened_credited_and_listed(settings: Settings, trunkline: Run) -> None:
    opened = trunkline("accounts", "add", "Customer [7]", "--credit", "12.50")
    assert opened.exit_code == 0, opened.output
    auth_id = opened.output.split()[1]
    assert trunkline("accounts", "credit", auth_id, "0.25").exit_code == 0
    listed = trunkline("accounts", "list").output
    (line,) = [line for line in listed.splitlines() if auth_id in line]
    assert "12.75000" in line
    assert "Customer [7]" in line
    token = opened.output.split()[3]
    assert token not in listed


def test_usage_and_ledger(settings: Settings, trunkline: Run) -> None:
    main = "MAFIRST0000000000000"
    at = SystemClock().now()
    entry = Debit(main, 850, "message", "m1", at, "", 300, "sms", "outbound", 1)
    ask_database(settings, lambda conn: billing.debit(conn, [entry]))
    done = trunkline("usage", "--group", "account,product", "--csv")
    assert done.output.replace("\r", "").splitlines() == [
        "account,product,count,units,amount,fees",
        f"{main},sms,1,1,0.00850,0.00300",
    ]
    assert "0.00850" in trunkline("usage").output
    assert "m1" in trunkline("ledger", main).output
    assert "-0.00850,0.00300" in trunkline("ledger", main, "--kind", "message", "--csv").output
    assert "m1" not in trunkline("ledger", main, "--to", "2020-01-01").output
    assert isinstance(trunkline("ledger", "MANOBODY").exception, Refused)
    assert isinstance(trunkline("usage", "--from", "never").exception, Refused)
    assert isinstance(trunkline("usage", "--group", "colour").exception, Refused)


def test_permissions(settings: Settings, trunkline: Run) -> None:
    main = "MAFIRST0000000000000"
    assert trunkline("accounts", "permit", main).output.split() == [
        "countries", "inherit", "india_dlt", "inherit",
    ]  # fmt: skip
    done = trunkline("accounts", "permit", main, "--countries", "us,gb", "--india-dlt", "on")
    assert done.output.split() == ["countries", "GB,US", "india_dlt", "on"]
    done = trunkline("accounts", "permit", main, "--countries", "inherit")
    assert done.output.split() == ["countries", "inherit", "india_dlt", "on"]
    assert isinstance(trunkline("accounts", "permit", "MANOBODY").exception, Refused)
    wrong = trunkline("accounts", "permit", main, "--countries", "ZZ")
    assert isinstance(wrong.exception, Refused)


def test_recharge(settings: Settings, trunkline: Run) -> None:
    main = "MAFIRST0000000000000"
    assert "is not topped up" in trunkline("accounts", "recharge", main).output
    done = trunkline("accounts", "recharge", main, "--below", "10", "--amount", "50")
    assert "topped up by 50.00000 below 10.00000" in done.output
    assert "billing.payment_url" in done.output
    assert "is not topped up" in trunkline("accounts", "recharge", main, "--off").output
    for wrong in (["--below", "10"], ["--below", "10", "--amount", "x"]):
        assert isinstance(trunkline("accounts", "recharge", main, *wrong).exception, Refused)
    assert isinstance(trunkline("accounts", "recharge", "MANOBODY").exception, Refused)


def test_tables_are_json_for_programs(settings: Settings, trunkline: Run) -> None:
    added = json.loads(trunkline("accounts", "add", "Second", "--credit", "5", "--json").output)
    listed = json.loads(trunkline("accounts", "list", "--json").output)
    found = {one["auth_id"]: one for one in listed}
    assert found[added["auth_id"]] == {
        "auth_id": added["auth_id"], "billing": "prepaid", "credit": "5.00000", "name": "Second",
    }  # fmt: skip
    (entry,) = json.loads(trunkline("ledger", added["auth_id"], "--json").output)
    assert entry["amount"] == "5.00000"
    assert json.loads(trunkline("usage", "--json").output) == []
    assert json.loads(trunkline("webhooks", "list", "--json").output) == []
    outcomes = json.loads(trunkline("sim", "outcomes", "--json").output)
    assert len(outcomes) == len(TABLE)
    operations = {one["operation"] for one in json.loads(trunkline("api", "--json").output)}
    assert "message.create" in operations
    levels = {one["level"] for one in json.loads(trunkline("doctor", "--json").output)}
    assert levels <= {"ok", "warning", "failure"}
    assert "ok" in levels
