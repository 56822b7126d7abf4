"""Price numbers, voice and fees; usage by day, recharges, permissions; networks of messages."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _price_list()
    op.create_table(
        "usage",
        sa.Column("main_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("items", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fees", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "main_id", "day", "account_id", "product", "direction", name=op.f("pk_usage")
        ),
    )
    op.create_index("ix_usage_day", "usage", ["day"])
    op.create_table(
        "recharges",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.Float(53), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_recharges")),
    )
    op.create_table(
        "permissions",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("countries", sa.Text(), nullable=True),
        sa.Column("india_dlt", sa.Boolean(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_permissions")),
    )
    op.create_index(op.f("ix_permissions_revision"), "permissions", ["revision"])
    _ledger()
    for table in ("messages", "dispatches"):
        op.add_column(
            table, sa.Column("network", sa.Text(), nullable=False, server_default=sa.text("''"))
        )
        op.add_column(
            table,
            sa.Column("fee_rate", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        )


def _price_list() -> None:
    op.create_table(
        "tariff",
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("prefixes", sa.Text(), nullable=False),
        sa.Column("origins", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "country",
            "direction",
            "product",
            "variant",
            "prefixes",
            "origins",
            name=op.f("pk_tariff"),
        ),
    )
    op.execute(
        "INSERT INTO tariff (country, direction, product, variant, prefixes, origins, price, "
        "revision) SELECT country, direction, product, '', '', '', price, revision FROM prices"
    )
    op.drop_table("prices")


def _ledger() -> None:
    op.add_column(
        "ledger", sa.Column("used_by", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    op.add_column(
        "ledger", sa.Column("fees", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    )
    op.execute("UPDATE ledger SET used_by = account_id")
    op.create_index("ix_ledger_account_id_at", "ledger", ["account_id", "at"])
