"""filters of the board, each in the order of its list

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_petition_urgency": ["feed_unit_id", "urgency", "next_by", "id"],
    "ix_petition_since_category": ["feed_unit_id", "state", "category", "since", "id"],
    "ix_petition_since_urgency": ["feed_unit_id", "state", "urgency", "since", "id"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "petition", columns, unique=False)


def downgrade() -> None:
    for name in reversed(INDEXES):
        op.drop_index(name, table_name="petition")
