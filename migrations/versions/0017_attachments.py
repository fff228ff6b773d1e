"""files that go with bulletins

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_attachment")),
    )
    op.create_table(
        "bulletin_attachment",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["bulletin_item.id"], name=op.f("fk_bulletin_attachment_item_id_bulletin_item")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["attachment.sha256"], name=op.f("fk_bulletin_attachment_sha256_attachment")
        ),
        sa.PrimaryKeyConstraint("item_id", "sha256", name=op.f("pk_bulletin_attachment")),
    )
    with op.batch_alter_table("bulletin_attachment", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_bulletin_attachment_sha256"), ["sha256"], unique=False)


def downgrade() -> None:
    op.drop_table("bulletin_attachment")
    op.drop_table("attachment")
