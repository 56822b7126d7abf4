"""Lease webhooks by target."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('webhook_leases',
    sa.Column('target', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('until', sa.Float(precision=53), nullable=False),
    sa.PrimaryKeyConstraint('target', name=op.f('pk_webhook_leases'))
    )
    op.execute("UPDATE webhooks SET state = 0 WHERE state = 1")
    with op.batch_alter_table('webhooks', schema=None) as batch_op:
        batch_op.drop_column('owner')
