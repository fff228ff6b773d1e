"""places as dated data

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from uuid_utils.compat import uuid7

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("unit_type", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_base", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("base_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_unit_base_id_unit"), "unit", ["base_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_unit_base_id"), ["base_id"], unique=False)
    op.create_table(
        "place_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("effects", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("undone_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_place_change_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["officer.id"], name=op.f("fk_place_change_made_by_id_officer")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["place_change.id"], name=op.f("fk_place_change_undone_by_id_place_change")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_change")),
    )
    with op.batch_alter_table("place_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_change_unit_id"), ["unit_id"], unique=False)
    version = op.create_table(
        "unit_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("type_code", sa.String(length=32), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("official_code", sa.String(length=16), nullable=True),
        sa.Column("sort_key", sa.String(length=320), nullable=False),
        sa.Column("folded_name", sa.String(length=160), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_version_unit_id_unit")),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_version_parent_id_unit")),
        sa.ForeignKeyConstraint(
            ["type_code"], ["unit_type.code"], name=op.f("fk_unit_version_type_code_unit_type")
        ),
        sa.ForeignKeyConstraint(
            ["change_id"], ["place_change.id"], name=op.f("fk_unit_version_change_id_place_change")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_version")),
    )
    with op.batch_alter_table("unit_version", schema=None) as batch_op:
        batch_op.create_index("ix_unit_version_unit_id", ["unit_id", "valid_from"], unique=False)
        batch_op.create_index("ix_unit_version_parent_id", ["parent_id", "valid_from"], unique=False)
        batch_op.create_index(batch_op.f("ix_unit_version_official_code"), ["official_code"], unique=False)
    _begin_versions(version)
    _let_read_places()


def _let_read_places() -> None:
    """Let those who read entries, and administrators, read the tree of places."""
    held = sa.table("role_permission", sa.column("role_code"), sa.column("permission"))
    readers = sa.select(held.c.role_code, sa.literal("read_places")).where(
        held.c.permission.in_(("read_meeting", "administer"))
    )
    op.get_bind().execute(sa.insert(held).from_select(["role_code", "permission"], readers.distinct()))


def _begin_versions(version: sa.Table) -> None:
    """Every unit begins with one version that says what its row says; what held a feed is of the base tier."""
    connection = op.get_bind()
    unit = sa.table(
        "unit",
        sa.column("id", sa.Uuid()), sa.column("feed_unit_id", sa.Uuid()), sa.column("base_id", sa.Uuid()),
        sa.column("type_code"), sa.column("parent_id", sa.Uuid()), sa.column("name"), sa.column("official_code"),
        sa.column("sort_key"), sa.column("folded_name"), sa.column("valid_from", sa.Date()),
        sa.column("valid_to", sa.Date()),
    )  # fmt: skip
    kind = sa.table("unit_type", sa.column("code"), sa.column("is_base", sa.Boolean()))
    base_kinds = sa.select(unit.c.type_code).where(unit.c.feed_unit_id == unit.c.id)
    connection.execute(sa.update(kind).where(kind.c.code.in_(base_kinds)).values(is_base=True))
    connection.execute(sa.update(unit).values(base_id=unit.c.feed_unit_id))
    rows = connection.execute(sa.select(unit)).mappings().all()
    versions = []
    for row in rows:
        said = {name: row[name] for name in ("type_code", "name", "official_code", "sort_key", "folded_name")}
        dates = {"valid_from": row["valid_from"], "valid_to": row["valid_to"]}
        versions.append(_version(row["id"], row["parent_id"], "stands", said | dates))
        if row["valid_to"] and row["parent_id"]:
            after = {"valid_from": row["valid_to"], "valid_to": None}
            versions.append(_version(row["id"], row["parent_id"], "kept", said | after))
    for start in range(0, len(versions), 2000):
        connection.execute(sa.insert(version), versions[start : start + 2000])


def _version(unit_id: UUID, parent_id: UUID | None, state: str, said: dict[str, object]) -> dict[str, object]:
    return {
        "id": uuid7(),
        "unit_id": unit_id,
        "parent_id": parent_id,
        "state": state,
        "change_id": None,
        **said,
    }


def downgrade() -> None:
    op.execute("DELETE FROM role_permission WHERE permission = 'read_places'")
    op.drop_table("unit_version")
    op.drop_table("place_change")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_base_id"))
        batch_op.drop_constraint(batch_op.f("fk_unit_base_id_unit"), type_="foreignkey")
        batch_op.drop_column("base_id")
    with op.batch_alter_table("unit_type", schema=None) as batch_op:
        batch_op.drop_column("is_base")
