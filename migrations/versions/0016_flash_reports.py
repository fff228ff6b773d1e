"""flash reports

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flash_report",
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_by_id", sa.Uuid(), nullable=True),
        sa.Column("opened_role", sa.String(length=32), nullable=True),
        sa.Column("opened_unit_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("keeper_id", sa.Uuid(), nullable=True),
        sa.Column("feed_unit_id", sa.Uuid(), nullable=False),
        sa.Column("feed_seq", sa.BigInteger(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("op_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt_code", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["officer.id"], name=op.f("fk_flash_report_author_id_officer")
        ),
        sa.ForeignKeyConstraint(
            ["keeper_id"], ["officer.id"], name=op.f("fk_flash_report_keeper_id_officer")
        ),
        sa.ForeignKeyConstraint(
            ["feed_unit_id"], ["feed.unit_id"], name=op.f("fk_flash_report_feed_unit_id_feed")
        ),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["officer.id"], name=op.f("fk_flash_report_opened_by_id_officer")
        ),
        sa.ForeignKeyConstraint(
            ["opened_role"], ["role.code"], name=op.f("fk_flash_report_opened_role_role")
        ),
        sa.ForeignKeyConstraint(
            ["opened_unit_id"], ["unit.id"], name=op.f("fk_flash_report_opened_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_flash_report_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flash_report")),
    )
    with op.batch_alter_table("flash_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_flash_report_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_flash_report_keeper_id"), ["keeper_id"], unique=False)
        batch_op.create_index("ix_flash_report_feed", ["feed_unit_id", "feed_seq"], unique=False)
        batch_op.create_index("ix_flash_report_unit", ["unit_id", "state"], unique=False)
    op.create_table(
        "flash_report_revision",
        sa.Column("op_id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("base_rev", sa.Integer(), nullable=False),
        sa.Column("is_parallel", sa.Boolean(), nullable=False),
        sa.Column("is_withdrawal", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("redacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("device_seq", sa.BigInteger(), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_offset", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt_code", sa.String(length=12), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["officer.id"], name=op.f("fk_flash_report_revision_author_id_officer")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["flash_report.id"], name=op.f("fk_flash_report_revision_record_id_flash_report")
        ),
        sa.PrimaryKeyConstraint("op_id", name=op.f("pk_flash_report_revision")),
    )
    with op.batch_alter_table("flash_report_revision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_flash_report_revision_record_id"), ["record_id"], unique=False)


def downgrade() -> None:
    op.drop_table("flash_report_revision")
    op.drop_table("flash_report")
