"""`trunkline numbers add | import`: numbers given to accounts, and those they can rent."""

import re
from pathlib import Path
from typing import Annotated

import typer

from trunkline.accounts import store as accounts
from trunkline.accounts.model import Account
from trunkline.cli.environment import DataOption, Refused, output, settings_for
from trunkline.cli.shell.database import ask_database
from trunkline.cli.shell.progress import Tell, portion
from trunkline.numbers import store
from trunkline.numbers.inventory_file import read_inventory
from trunkline.numbers.model import NumberType, OwnedNumber
from trunkline.numbers.sample_inventory import sample_inventory
from trunkline.numbers.store import inventory
from trunkline.runtime.clock import SystemClock
from trunkline.runtime.db import Connection
from trunkline.runtime.secrets import open_keyring
from trunkline.values.phone import country_of, parse_phone_number

_SHORT_CODE = re.compile(r"[1-9][0-9]{2,5}")
_AT_ONCE = 1_000  # numbers, all in one transaction
_COUNTRY = re.compile(r"[A-Za-z]{2}")


def add(
    number: Annotated[list[str], typer.Argument(help="Numbers with country code.")],
    account: Annotated[
        str | None, typer.Option(help="Who gets them; the only main account if there is one.")
    ] = None,
    app_id: Annotated[str | None, typer.Option("--app", help="The application's id.")] = None,
    number_type: Annotated[
        NumberType, typer.Option("--type", help="What kind of numbers they are.")
    ] = NumberType.LOCAL,
    country: Annotated[
        str, typer.Option(help="Country of short codes, two letters; numbers tell their own.")
    ] = "US",
    mms: Annotated[bool, typer.Option("--mms", help="They carry MMS too.")] = False,
    data: DataOption = None,
) -> None:
    """Give numbers of your own carriers to an account; messages to them arrive there."""
    settings = settings_for(data)
    is_short = number_type is NumberType.SHORTCODE
    digits = [_short_code(text) if is_short else _digits(text) for text in number]
    place = _country(country) if is_short else ""
    keyring = open_keyring(settings.secrets_file)
    now = SystemClock().now()

    def unit(conn: Connection) -> tuple[int, str]:
        owner = _owner(accounts.list_main_accounts(conn, keyring), account)
        owned = [
            OwnedNumber(
                number=one,
                main_auth_id=owner,
                account_id=owner,
                app_id=app_id,
                country=place or country_of(one),
                number_type=number_type,
                mms_enabled=mms,
                voice_enabled=not is_short,
                added_at=now,
            )
            for one in digits
        ]
        return store.add(conn, owned), owner

    added, owner = ask_database(settings, unit)
    output.print(f"{added} of {len(digits)} added to {owner}", highlight=False)
    if added < len(digits):
        raise Refused("the others belong to an account already")


def import_inventory(
    file: Annotated[
        Path | None, typer.Argument(help="CSV; its columns are in docs/numbers.md.")
    ] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Take the built-in numbers, which nobody has.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Take numbers that accounts can rent; what is known of the same numbers is replaced."""
    if (file is None) == (not sample):
        raise Refused("name a file, or ask for --sample")
    settings = settings_for(data)
    stock = list(sample_inventory()) if file is None else read_inventory(file)

    def unit(conn: Connection, tell: Tell) -> int:
        for start in range(0, len(stock), _AT_ONCE):
            inventory.put(conn, stock[start : start + _AT_ONCE])
            tell(start, len(stock))
        return inventory.count(conn)

    with portion("numbers") as tell:
        total = ask_database(settings, lambda conn: unit(conn, tell))
    output.print(f"{len(stock)} numbers taken; the inventory has {total}", highlight=False)


def _digits(text: str) -> str:
    digits = parse_phone_number(text)
    if digits is None:
        raise Refused(f"{text} is not a phone number with country code")
    return digits


def _short_code(text: str) -> str:
    if not _SHORT_CODE.fullmatch(text):
        raise Refused(f"{text} is not a short code of 3 to 6 digits")
    return text


def _country(text: str) -> str:
    if not _COUNTRY.fullmatch(text):
        raise Refused(f"{text} is not a country of two letters")
    return text.upper()


def _owner(all_accounts: list[Account], wanted: str | None) -> str:
    ids = [one.auth_id for one in all_accounts]
    if wanted is None and len(ids) == 1:
        return ids[0]
    if wanted is None:
        raise Refused(f"say whose with --account, one of: {', '.join(ids) or 'there is none'}")
    if wanted not in ids:
        raise Refused(f"there is no main account {wanted}")
    return wanted
