"""The one write of the audit log."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from webapp import clock
from webapp.audit.models import AuditEvent
from webapp.db import insertion, new_id, run


def record(
    action: str,
    *,
    actor_id: UUID | None,
    record_kind: str,
    record_id: UUID | None,
    unit_id: UUID | None = None,
) -> None:
    """Append one deed, in the transaction of the deed itself. Never pass a field's value."""
    record_all(
        [row(action, actor_id=actor_id, record_kind=record_kind, record_id=record_id, unit_id=unit_id)]
    )


def row(
    action: str,
    *,
    actor_id: UUID | None,
    record_kind: str,
    record_id: UUID | None,
    unit_id: UUID | None = None,
) -> dict[str, Any]:
    """Return the audit row of one deed, for writing many at once."""
    return {
        "id": new_id(), "at": clock.now(), "actor_id": actor_id, "action": action,
        "record_kind": record_kind, "record_id": record_id, "unit_id": unit_id,
    }  # fmt: skip


def record_all(rows: list[dict[str, Any]]) -> None:
    """Append many deeds set-wise."""
    if rows:
        run(insertion(AuditEvent), rows)
