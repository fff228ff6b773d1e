"""bulletins

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

PUBLISHES = ("commune_clerk", "commune_leader", "district_reviewer", "district_leader")


def upgrade() -> None:
    op.create_table(
        "bulletin_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_bulletin_item_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["bulletin_item.id"], name=op.f("fk_bulletin_item_replaces_id_bulletin_item")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["officer.id"], name=op.f("fk_bulletin_item_made_by_id_officer")
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["officer.id"], name=op.f("fk_bulletin_item_published_by_id_officer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_item")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_bulletin_item_replaces_id")),
    )
    with op.batch_alter_table("bulletin_item", schema=None) as batch_op:
        batch_op.create_index("ix_bulletin_item_unit_id", ["unit_id", "month"], unique=False)
    op.create_table(
        "bulletin_place",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["bulletin_item.id"], name=op.f("fk_bulletin_place_item_id_bulletin_item")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_bulletin_place_unit_id_unit")),
        sa.PrimaryKeyConstraint("item_id", "unit_id", name=op.f("pk_bulletin_place")),
    )
    op.create_table(
        "bulletin_kind",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("type_code", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["bulletin_item.id"], name=op.f("fk_bulletin_kind_item_id_bulletin_item")
        ),
        sa.ForeignKeyConstraint(
            ["type_code"], ["unit_type.code"], name=op.f("fk_bulletin_kind_type_code_unit_type")
        ),
        sa.PrimaryKeyConstraint("item_id", "type_code", name=op.f("pk_bulletin_kind")),
    )
    op.create_table(
        "conveyance",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("questions", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["meeting.id"], name=op.f("fk_conveyance_record_id_meeting")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["bulletin_item.id"], name=op.f("fk_conveyance_item_id_bulletin_item")
        ),
        sa.PrimaryKeyConstraint("record_id", "item_id", name=op.f("pk_conveyance")),
    )
    with op.batch_alter_table("conveyance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conveyance_item_id"), ["item_id"], unique=False)
    give_permission()


def give_permission() -> None:
    """Roles that are there already get what new installations start with."""
    connection = op.get_bind()
    role = sa.table("role", sa.column("code", sa.String()))
    permission = sa.table(
        "role_permission", sa.column("role_code", sa.String()), sa.column("permission", sa.String())
    )
    known = set(connection.execute(sa.select(role.c.code)).scalars())
    rows = [{"role_code": code, "permission": "publish_bulletin"} for code in PUBLISHES if code in known]
    if rows:
        connection.execute(sa.insert(permission), rows)


def downgrade() -> None:
    op.get_bind().execute(sa.text("DELETE FROM role_permission WHERE permission = 'publish_bulletin'"))
    for name in ("conveyance", "bulletin_kind", "bulletin_place", "bulletin_item"):
        op.drop_table(name)
