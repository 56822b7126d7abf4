"""Describe numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incoming_carriers",
        sa.Column("carrier_id", sa.Text(), nullable=False),
        sa.Column("main_auth_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ip_set", sa.Text(), nullable=False),
        sa.Column("sms", sa.Boolean(), nullable=False),
        sa.Column("voice", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("carrier_id", name=op.f("pk_incoming_carriers")),
    )
    with op.batch_alter_table("incoming_carriers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_incoming_carriers_main_auth_id"), ["main_auth_id"], unique=False
        )

    op.create_table(
        "inventory",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("number_type", sa.Text(), nullable=False),
        sa.Column("sms_enabled", sa.Boolean(), nullable=False),
        sa.Column("mms_enabled", sa.Boolean(), nullable=False),
        sa.Column("voice_enabled", sa.Boolean(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("lata", sa.Integer(), nullable=True),
        sa.Column("rate_center", sa.Text(), nullable=False),
        sa.Column("setup_price", sa.BigInteger(), nullable=True),
        sa.Column("monthly_price", sa.BigInteger(), nullable=True),
        sa.Column("voice_price", sa.BigInteger(), nullable=False),
        sa.Column("restriction", sa.Text(), nullable=False),
        sa.Column("place_key", sa.Text(), nullable=False),
        sa.Column("city_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_inventory")),
    )
    with op.batch_alter_table("inventory", schema=None) as batch_op:
        batch_op.create_index("ix_inventory_country_number", ["country", "number"], unique=False)

    with op.batch_alter_table("numbers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("region", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("state", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("city", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("lata", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("rate_center", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("setup_price", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("monthly_price", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("voice_price", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(sa.Column("rental_id", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("renews_on", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("unpaid_since", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("carrier_id", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("cnam_lookup", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("cnam", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("profile_uuid", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("verification", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("compliance_id", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("compliance_status", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("campaign_id", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("campaign_status", sa.Text(), server_default="unregistered", nullable=False)
        )
        batch_op.add_column(
            sa.Column("tollfree_status", sa.Text(), server_default="unverified", nullable=False)
        )
        batch_op.add_column(sa.Column("tollfree_id", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("tollfree_order", sa.Text(), nullable=True))
        batch_op.create_index(batch_op.f("ix_numbers_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_numbers_carrier_id"), ["carrier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_numbers_renews_on"), ["renews_on"], unique=False)
