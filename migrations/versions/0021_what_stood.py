"""what stood when a second version came, or something was held back: a server's clock may be set back

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

REVISIONS = ("meeting_revision", "petition_revision", "flash_report_revision")


def upgrade() -> None:
    for table in (*REVISIONS, "quarantined"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("beside_rev", sa.Integer(), nullable=True))
    for table in REVISIONS:
        # Until now the time of receiving was all that told. What is held back keeps to it.
        op.execute(
            f"UPDATE {table} SET beside_rev = (SELECT MAX(stood.rev) FROM {table} AS stood"  # noqa: S608 - names of ours
            f" WHERE stood.record_id = {table}.record_id AND NOT stood.is_parallel"
            f" AND (stood.received_at < {table}.received_at"
            f" OR (stood.received_at = {table}.received_at AND stood.op_id < {table}.op_id)))"
            " WHERE is_parallel"
        )


def downgrade() -> None:
    for table in (*REVISIONS, "quarantined"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("beside_rev")
