"""assignments as living data

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("decision_date", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("end_basis", sa.String(length=120), server_default="", nullable=False))
        batch_op.add_column(sa.Column("replaces_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_assignment_replaces_id_assignment"), "assignment", ["replaces_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_assignment_replaces_id"), ["replaces_id"], unique=False)
    op.create_table(
        "assignment_exemption",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("decision_ref", sa.String(length=80), nullable=False),
        sa.Column("decision_date", sa.Date(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_assignment_exemption_officer_id_officer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_exemption")),
    )
    with op.batch_alter_table("assignment_exemption", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_exemption_officer_id"), ["officer_id"], unique=False)
    op.create_table(
        "assignment_line",
        sa.Column("role_code", sa.String(length=32), nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["role_code"], ["role.code"], name=op.f("fk_assignment_line_role_code_role")),
        sa.PrimaryKeyConstraint("role_code", "rank", name=op.f("pk_assignment_line")),
    )


def downgrade() -> None:
    op.drop_table("assignment_line")
    op.drop_table("assignment_exemption")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignment_replaces_id"))
        batch_op.drop_constraint(batch_op.f("fk_assignment_replaces_id_assignment"), type_="foreignkey")
        batch_op.drop_column("replaces_id")
        batch_op.drop_column("end_basis")
        batch_op.drop_column("decision_date")
