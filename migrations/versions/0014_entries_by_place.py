"""entries are found by place and state: by state alone a desk walked what waits in the whole country

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index("ix_meeting_state")
        batch_op.create_index("ix_meeting_unit_state", ["unit_id", "state", "received_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index("ix_meeting_unit_state")
        batch_op.create_index("ix_meeting_state", ["state", "received_at"], unique=False)
