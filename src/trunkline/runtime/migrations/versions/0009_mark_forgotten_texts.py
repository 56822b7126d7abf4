"""Mark how far texts are forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_marks",
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("message_uuid", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("work", name=op.f("pk_message_marks")),
    )
