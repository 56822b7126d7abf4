"""Keep media."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("media",
    sa.Column("media_id", sa.Text(), nullable=False),
    sa.Column("main_id", sa.Text(), nullable=False),
    sa.Column("account_id", sa.Text(), nullable=False),
    sa.Column("origin", sa.Text(), nullable=False),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("content_type", sa.Text(), nullable=False),
    sa.Column("file_name", sa.Text(), nullable=False),
    sa.Column("size", sa.Integer(), nullable=False),
    sa.Column("source_url", sa.Text(), nullable=False),
    sa.Column("created_at", sa.Float(precision=53), nullable=False),
    sa.Column("used_at", sa.Float(precision=53), nullable=True),
    sa.Column("hidden", sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint("media_id", name=op.f("pk_media"))
    )
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.create_index("ix_media_hidden", ["created_at"], unique=False, sqlite_where=sa.text("hidden"), postgresql_where=sa.text("hidden"))
        batch_op.create_index("ix_media_main_id_created_at", ["main_id", "created_at"], unique=False)
        batch_op.create_index("ix_media_unused", ["created_at"], unique=False, sqlite_where=sa.text("used_at IS NULL"), postgresql_where=sa.text("used_at IS NULL"))

    op.create_table("message_media",
    sa.Column("message_uuid", sa.Text(), nullable=False),
    sa.Column("position", sa.Integer(), nullable=False),
    sa.Column("media_id", sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint("message_uuid", "position", name=op.f("pk_message_media"))
    )
    with op.batch_alter_table("message_media", schema=None) as batch_op:
        batch_op.create_index("ix_message_media_media_id", ["media_id"], unique=False)
