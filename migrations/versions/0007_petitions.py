"""petitions

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NEW = {
    "handle_petition": ("hamlet_cadre", "commune_clerk", "commune_leader", "district_reviewer"),
    "oversee_petition": ("commune_clerk", "commune_leader", "district_reviewer", "cluster_lead"),
    "read_escalated": ("provincial_officer",),
}
"""What roles that are there may do from now on."""


def upgrade() -> None:
    op.create_table(
        "special_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_worked", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_special_day")),
    )
    op.create_table(
        "petition_category",
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("must_report", sa.Boolean(), nullable=False),
        sa.Column("answer_days", sa.Integer(), nullable=False),
        sa.Column("routing", sa.String(length=160), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_petition_category")),
    )
    op.create_table(
        "petition_time",
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("step", "valid_from", name=op.f("pk_petition_time")),
    )
    op.create_table(
        "petition_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("deed", sa.String(length=16), nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_offset", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["officer.id"], name=op.f("fk_petition_event_actor_id_officer")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_petition_event_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_petition_event_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_event")),
        sa.UniqueConstraint("petition_id", "seq", name=op.f("uq_petition_event_petition_id")),
    )
    with op.batch_alter_table("petition_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_petition_event_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index("ix_petition_event_unit_id", ["unit_id", "deed"], unique=False)
    with op.batch_alter_table("petition", schema=None) as batch_op:
        batch_op.add_column(sa.Column("since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("next_by", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("event_seq", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("ending_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("owner_unit_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("due", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("view", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("channel", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("head_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("proposed_to_id", sa.Uuid(), nullable=True))
    # Until when they are to be sorted follows from the calendar: making the installation ready counts it.
    op.execute("UPDATE petition SET since = received_at")
    with op.batch_alter_table("petition", schema=None) as batch_op:
        batch_op.alter_column("since", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_petition_head_id_petition"), "petition", ["head_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_petition_owner_unit_id_unit"), "unit", ["owner_unit_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_petition_proposed_to_id_unit"), "unit", ["proposed_to_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_petition_head_id"), ["head_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_petition_owner_unit_id"), ["owner_unit_id"], unique=False)
        batch_op.create_index("ix_petition_next", ["feed_unit_id", "next_by", "id"], unique=False)
        batch_op.create_index("ix_petition_state", ["feed_unit_id", "state", "next_by", "id"], unique=False)
        batch_op.create_index("ix_petition_since", ["feed_unit_id", "state", "since", "id"], unique=False)
        batch_op.create_index(
            "ix_petition_category", ["feed_unit_id", "category", "next_by", "id"], unique=False
        )
    with op.batch_alter_table("unit_type", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_agency", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(sa.text("UPDATE unit_type SET is_agency = :yes WHERE code = 'agency'").bindparams(yes=True))
    _let_act()


def _let_act() -> None:
    """Let the roles that are there do what is new."""
    role = sa.table("role", sa.column("code"))
    held = sa.table("role_permission", sa.column("role_code"), sa.column("permission"))
    for permission, codes in NEW.items():
        there = sa.select(role.c.code, sa.literal(permission)).where(role.c.code.in_(codes))
        op.get_bind().execute(sa.insert(held).from_select(["role_code", "permission"], there))


def downgrade() -> None:
    op.execute(
        "DELETE FROM role_permission"
        " WHERE permission IN ('handle_petition', 'oversee_petition', 'read_escalated')"
    )
    with op.batch_alter_table("unit_type", schema=None) as batch_op:
        batch_op.drop_column("is_agency")
    op.drop_table("petition_event")
    with op.batch_alter_table("petition", schema=None) as batch_op:
        for name in ("state", "since", "next", "category", "owner_unit_id", "head_id"):
            batch_op.drop_index(f"ix_petition_{name}")
        for name in ("proposed_to_id_unit", "owner_unit_id_unit", "head_id_petition"):
            batch_op.drop_constraint(batch_op.f(f"fk_petition_{name}"), type_="foreignkey")
        for name in (
            "proposed_to_id", "head_id", "channel", "view", "due", "owner_unit_id", "ending_id", "event_seq",
            "next_by", "since",
        ):  # fmt: skip
            batch_op.drop_column(name)
    op.drop_table("petition_time")
    op.drop_table("petition_category")
    op.drop_table("special_day")
