"""Tables of prices and money; amounts in 0.00001 dollar, times in seconds since 1970 UTC."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Table, Text

from trunkline.runtime.db import metadata

tariff = Table(
    "tariff",
    metadata,
    Column("country", Text, primary_key=True),
    Column("direction", Text, primary_key=True),  # "": a number's price has none
    Column("product", Text, primary_key=True),
    Column("variant", Text, primary_key=True),
    Column("prefixes", Text, primary_key=True),
    Column("origins", Text, primary_key=True),
    Column("price", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
)
balances = Table(
    "balances",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("cash", BigInteger, nullable=False),
)
ledger = Table(
    "ledger",
    metadata,
    Column("resource_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("account_id", Text, nullable=False),  # the main account that pays
    Column("used_by", Text, nullable=False),  # it, or its subaccount
    Column("amount", BigInteger, nullable=False),  # below 0: cost
    Column("fees", BigInteger, nullable=False),  # what of the cost is networks' fees, ≥ 0
    Column[float]("at", Float, nullable=False),
    Column("batch", BigInteger, nullable=False),  # tells this call's rows from those there before
    Index("ix_ledger_account_id_at", "account_id", "at"),
    sqlite_with_rowid=False,  # one tree instead of two: half the work of an insert
)
# What accounts used, added up by day: a few rows for each commit, whatever it holds.
usage = Table(
    "usage",
    metadata,
    Column("main_id", Text, primary_key=True),
    Column("day", Integer, primary_key=True),  # days since 1970-01-01, UTC
    Column("account_id", Text, primary_key=True),
    Column("product", Text, primary_key=True),
    Column("direction", Text, primary_key=True),
    Column("items", BigInteger, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),  # fees included
    Column("fees", BigInteger, nullable=False),
    Index("ix_usage_day", "day"),
)
# Who is topped up when credit runs low; `accounts.auto_recharge` shows whether.
recharges = Table(
    "recharges",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("threshold", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),  # refusals in a row
    Column("due_at", Float(53), nullable=False),  # not tried before
    Column("payment_id", Text, nullable=False),  # of the payment under way, else ""
)
