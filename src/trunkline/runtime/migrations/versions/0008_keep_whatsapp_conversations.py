"""Keep WhatsApp conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('whatsapp_conversations',
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('handset', sa.Text(), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('opened_at', sa.Float(precision=53), nullable=False),
    sa.Column('expires_at', sa.Float(precision=53), nullable=False),
    sa.PrimaryKeyConstraint('number', 'handset', 'origin', name=op.f('pk_whatsapp_conversations'))
    )
    with op.batch_alter_table('whatsapp_conversations', schema=None) as batch_op:
        batch_op.create_index('ix_whatsapp_conversations_expires_at', ['expires_at'], unique=False)

    op.create_table('whatsapp_early_statuses',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('carrier', sa.Text(), nullable=False),
    sa.Column('wamid', sa.Text(), nullable=False),
    sa.Column('stage', sa.Integer(), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('error_code', sa.Integer(), nullable=False),
    sa.Column('at', sa.Float(precision=53), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_whatsapp_early_statuses'))
    )
    with op.batch_alter_table('whatsapp_early_statuses', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_whatsapp_early_statuses_wamid'), ['wamid'], unique=False)

    op.create_table('whatsapp_messages',
    sa.Column('message_uuid', sa.Text(), nullable=False),
    sa.Column('carrier', sa.Text(), nullable=False),
    sa.Column('wamid', sa.Text(), nullable=False),
    sa.Column('stage', sa.Integer(), nullable=False),
    sa.Column('conversation_id', sa.Text(), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.Float(precision=53), nullable=False),
    sa.Column('dispatch', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('message_uuid', name=op.f('pk_whatsapp_messages'))
    )
    with op.batch_alter_table('whatsapp_messages', schema=None) as batch_op:
        batch_op.create_index('ix_whatsapp_messages_conversation_id', ['conversation_id'], unique=False)
        batch_op.create_index('ix_whatsapp_messages_wamid', ['wamid', 'carrier'], unique=True)

