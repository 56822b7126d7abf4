"""Add sender pools."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('former_pools',
    sa.Column('pool_id', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('pool_id', name=op.f('pk_former_pools'))
    )
    op.create_table('pool_numbers',
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('number_pool_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('number_type', sa.Text(), nullable=False),
    sa.Column('country', sa.Text(), nullable=False),
    sa.Column('service', sa.Text(), nullable=False),
    sa.Column('added_at', sa.Float(precision=53), nullable=False),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_pool_numbers'))
    )
    with op.batch_alter_table('pool_numbers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pool_numbers_number_pool_id'), ['number_pool_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_pool_numbers_revision'), ['revision'], unique=False)

    op.create_table('powerpacks',
    sa.Column('pool_id', sa.Text(), nullable=False),
    sa.Column('number_pool_id', sa.Text(), nullable=False),
    sa.Column('main_auth_id', sa.Text(), nullable=False),
    sa.Column('account_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('sticky', sa.Boolean(), nullable=False),
    sa.Column('local', sa.Boolean(), nullable=False),
    sa.Column('app_type', sa.Text(), nullable=False),
    sa.Column('app_id', sa.Text(), nullable=False),
    sa.Column('priorities', sa.Text(), nullable=False),
    sa.Column('created_at', sa.Float(precision=53), nullable=False),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('pool_id', name=op.f('pk_powerpacks')),
    sa.UniqueConstraint('number_pool_id', name=op.f('uq_powerpacks_number_pool_id'))
    )
    with op.batch_alter_table('powerpacks', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_powerpacks_revision'), ['revision'], unique=False)
        batch_op.create_index('uq_powerpacks_name', ['main_auth_id', 'name'], unique=True)

    op.create_table('sticky_senders',
    sa.Column('pool_id', sa.Text(), nullable=False),
    sa.Column('recipient', sa.Text(), nullable=False),
    sa.Column('service', sa.Text(), nullable=False),
    sa.Column('sender', sa.Text(), nullable=False),
    sa.Column('at', sa.Float(precision=53), nullable=False),
    sa.PrimaryKeyConstraint('pool_id', 'recipient', 'service', name=op.f('pk_sticky_senders'))
    )
