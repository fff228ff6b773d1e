"""who read a household count, when, and from what; the right to do so

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("household_count", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source", sa.String(length=160), server_default="", nullable=False))
        batch_op.add_column(sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("noted_by_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_household_count_noted_by_id_officer"), "officer", ["noted_by_id"], ["id"]
        )
    op.execute(
        "INSERT INTO role_permission (role_code, permission) SELECT code, 'count_households' FROM role"
        " WHERE code IN ('commune_clerk', 'administrator')"
    )


def downgrade() -> None:
    op.execute("DELETE FROM role_permission WHERE permission = 'count_households'")
    with op.batch_alter_table("household_count", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_household_count_noted_by_id_officer"), type_="foreignkey")
        batch_op.drop_column("noted_by_id")
        batch_op.drop_column("noted_at")
        batch_op.drop_column("source")
