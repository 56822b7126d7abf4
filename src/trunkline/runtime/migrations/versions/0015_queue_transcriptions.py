"""Queue transcriptions: who is told, and who is at work."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("callback_url", sa.Text(), server_default="", nullable=False),
        sa.Column("callback_method", sa.Text(), server_default="POST", nullable=False),
        sa.Column("leased_until", sa.Float(53), server_default="0", nullable=False),
    ):
        op.add_column("transcriptions", column)
    op.create_index(
        "ix_transcriptions_in_progress",
        "transcriptions",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("state = 'in-progress'"),
        postgresql_where=sa.text("state = 'in-progress'"),
    )
