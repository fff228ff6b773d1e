"""names of officers without diacritics, by which people are searched

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def fold(text: str) -> str:
    """Return what `webapp.text.fold` said when this was written."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join("".join(ch for ch in decomposed if not unicodedata.combining(ch)).split())


def upgrade() -> None:
    with op.batch_alter_table("officer", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("folded_name", sa.String(length=240), server_default="", nullable=False)
        )
    officer = sa.table("officer", sa.column("id"), sa.column("full_name"), sa.column("folded_name"))
    connection = op.get_bind()
    rows = [
        {"one": row.id, "folded": fold(row.full_name)}
        for row in connection.execute(sa.select(officer.c.id, officer.c.full_name))
    ]
    if rows:
        folded = sa.update(officer).where(officer.c.id == sa.bindparam("one"))
        connection.execute(folded.values(folded_name=sa.bindparam("folded")), rows)
    with op.batch_alter_table("officer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_officer_sort_name"), ["sort_name"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("officer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_officer_sort_name"))
        batch_op.drop_column("folded_name")
