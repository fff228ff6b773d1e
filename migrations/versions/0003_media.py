"""media

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "media_object",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("complete_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_uploader_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_uploader_id"], ["officer.id"], name=op.f("fk_media_object_first_uploader_id_officer")
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_media_object")),
    )
    with op.batch_alter_table("media_object", schema=None) as batch_op:
        batch_op.create_index("ix_media_object_complete_at", ["complete_at"], unique=False)

    op.create_table(
        "media_reference",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_media_reference_meeting_id_meeting")
        ),
        sa.PrimaryKeyConstraint("meeting_id", "sha256", name=op.f("pk_media_reference")),
    )
    with op.batch_alter_table("media_reference", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_reference_sha256"), ["sha256"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("media_reference", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_reference_sha256"))

    op.drop_table("media_reference")
    with op.batch_alter_table("media_object", schema=None) as batch_op:
        batch_op.drop_index("ix_media_object_complete_at")

    op.drop_table("media_object")
