"""hand-over

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

RECORDS = ("meeting", "petition")


def upgrade() -> None:
    for table in RECORDS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("keeper_id", sa.Uuid(), nullable=True))
            batch_op.create_foreign_key(
                batch_op.f(f"fk_{table}_keeper_id_officer"), "officer", ["keeper_id"], ["id"]
            )
            batch_op.create_index(batch_op.f(f"ix_{table}_keeper_id"), ["keeper_id"], unique=False)
    op.create_table(
        "handover_item",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_handover_item_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_handover_item_meeting_id_meeting")
        ),
        sa.ForeignKeyConstraint(["to_id"], ["officer.id"], name=op.f("fk_handover_item_to_id_officer")),
        sa.ForeignKeyConstraint(["by_id"], ["officer.id"], name=op.f("fk_handover_item_by_id_officer")),
        sa.PrimaryKeyConstraint("assignment_id", "meeting_id", name=op.f("pk_handover_item")),
    )


def downgrade() -> None:
    op.drop_table("handover_item")
    for table in RECORDS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f"ix_{table}_keeper_id"))
            batch_op.drop_constraint(batch_op.f(f"fk_{table}_keeper_id_officer"), type_="foreignkey")
            batch_op.drop_column("keeper_id")
