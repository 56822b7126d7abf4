"""Keep feedback on calls."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_feedback",
        sa.Column("call_uuid", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(53), nullable=False),
        sa.Column("rating", sa.Float(53), nullable=False),
        sa.Column("issues", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("call_uuid", name=op.f("pk_call_feedback")),
    )
    op.create_index("ix_call_feedback_at", "call_feedback", ["at"], unique=False)
