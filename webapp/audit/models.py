"""The audit log. Rows hold no field values, so that nothing private can leak through them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model, new_id


class AuditEvent(Model):
    """One deed. Rows are only ever added."""

    __tablename__ = "audit_event"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[UUID | None] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(40))
    record_kind: Mapped[str] = mapped_column(String(24))
    record_id: Mapped[UUID | None] = mapped_column(index=True)
    unit_id: Mapped[UUID | None]
