"""calendar

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PLANS = ("commune_clerk", "commune_leader", "district_reviewer", "district_leader")
DECIDES = ("commune_leader", "district_leader", "administrator")
HERE = timezone(timedelta(hours=7))
CHUNK = 1000


def decided(name: str, *columns: sa.Column) -> None:
    op.create_table(
        name,
        *columns,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("meeting_type", sa.String(length=16), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f(f"fk_{name}_unit_id_unit")),
        sa.ForeignKeyConstraint(["made_by_id"], ["officer.id"], name=op.f(f"fk_{name}_made_by_id_officer")),
        *(
            sa.ForeignKeyConstraint(["role_code"], ["role.code"], name=op.f(f"fk_{name}_role_code_role"))
            for column in columns
            if column.name == "role_code"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    with op.batch_alter_table(name, schema=None) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{name}_unit_id"), ["unit_id"], unique=False)


def upgrade() -> None:
    decided(
        "meeting_window",
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
    )
    decided(
        "duty_rule",
        sa.Column("role_code", sa.String(length=32), nullable=False),
        sa.Column("min_count", sa.Integer(), nullable=False),
        sa.Column("for_each", sa.Boolean(), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
    )
    op.create_table(
        "planned_meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_type", sa.String(length=16), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_planned_meeting_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["officer.id"], name=op.f("fk_planned_meeting_changed_by_id_officer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_meeting")),
    )
    with op.batch_alter_table("planned_meeting", schema=None) as batch_op:
        batch_op.create_index("ix_planned_meeting_unit_id", ["unit_id", "starts_at"], unique=False)
        batch_op.create_index("ix_planned_meeting_starts_at", ["starts_at"], unique=False)
    op.create_table(
        "planned_attendee",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("attended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["planned_meeting.id"],
            name=op.f("fk_planned_attendee_meeting_id_planned_meeting"),
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_planned_attendee_officer_id_officer")
        ),
        sa.PrimaryKeyConstraint("meeting_id", "officer_id", name=op.f("pk_planned_attendee")),
    )
    with op.batch_alter_table("planned_attendee", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_planned_attendee_officer_id"), ["officer_id"], unique=False)
    op.create_table(
        "calendar_publication",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_calendar_publication_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["officer.id"], name=op.f("fk_calendar_publication_changed_by_id_officer")
        ),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_calendar_publication")),
    )
    with op.batch_alter_table("feed", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_seq", sa.BigInteger(), server_default="0", nullable=False))
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.add_column(sa.Column("next_meeting", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_meeting_next_meeting", ["next_meeting"], unique=False)
    fill_next_meetings()
    give_permissions()


def fill_next_meetings() -> None:
    """What stands in the bodies becomes a column; a moment without a zone is the group's own time."""
    connection = op.get_bind()
    meeting = sa.table(
        "meeting", sa.column("id", sa.Uuid()), sa.column("op_id", sa.Uuid()),
        sa.column("next_meeting", sa.DateTime(timezone=True)),
    )  # fmt: skip
    revision = sa.table("meeting_revision", sa.column("op_id", sa.Uuid()), sa.column("payload", sa.Text()))
    rows = connection.execute(
        sa.select(meeting.c.id, revision.c.payload).join(revision, revision.c.op_id == meeting.c.op_id)
    ).all()
    found = []
    for row in rows:
        body = json.loads(row.payload)["body"]
        said = body.get("rescheduled_to") or body.get("next_meeting")
        if said:
            moment = datetime.fromisoformat(said)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=HERE)
            moment = moment.astimezone(UTC)
            if connection.dialect.name == "sqlite":
                moment = moment.replace(tzinfo=None)
            found.append({"of": row.id, "at": moment})
    change = (
        sa.update(meeting).where(meeting.c.id == sa.bindparam("of")).values(next_meeting=sa.bindparam("at"))
    )
    for start in range(0, len(found), CHUNK):
        connection.execute(change, found[start : start + CHUNK])


def give_permissions() -> None:
    """Roles that are there already get what new installations start with."""
    connection = op.get_bind()
    role = sa.table("role", sa.column("code", sa.String()))
    permission = sa.table(
        "role_permission", sa.column("role_code", sa.String()), sa.column("permission", sa.String())
    )
    known = set(connection.execute(sa.select(role.c.code)).scalars())
    rows = [
        {"role_code": code, "permission": word}
        for word, codes in (("plan_meeting", PLANS), ("set_duties", DECIDES))
        for code in codes
        if code in known
    ]
    if rows:
        connection.execute(sa.insert(permission), rows)


def downgrade() -> None:
    connection = op.get_bind()
    connection.execute(
        sa.text("DELETE FROM role_permission WHERE permission IN ('plan_meeting', 'set_duties')")
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index("ix_meeting_next_meeting")
        batch_op.drop_column("next_meeting")
    with op.batch_alter_table("feed", schema=None) as batch_op:
        batch_op.drop_column("told_seq")
    for name in (
        "calendar_publication", "planned_attendee", "planned_meeting", "duty_rule", "meeting_window",
    ):  # fmt: skip
        op.drop_table(name)
