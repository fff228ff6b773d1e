"""Tables of people and the ways they sign in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model, new_id
from webapp.text import fold

if TYPE_CHECKING:
    from sqlalchemy.engine.default import DefaultExecutionContext


def _folded(context: DefaultExecutionContext) -> str:
    return fold(context.get_current_parameters()["full_name"])  # type: ignore[no-untyped-call]


class Officer(Model):
    """A person who works in the system. Residents are never rows here."""

    __tablename__ = "officer"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    full_name: Mapped[str] = mapped_column(String(120))
    sort_name: Mapped[str] = mapped_column(String(240), index=True)
    """Given name first, then middle, then family name, as Vietnamese lists are sorted."""
    folded_name: Mapped[str] = mapped_column(String(240), default=_folded, server_default="")
    """Without diacritics, for search; follows from `full_name` where nothing else is said."""
    title: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(32))
    home_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)


class Account(Model):
    """How an officer signs in: by code or phone number, and a password."""

    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), unique=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    phone: Mapped[str | None] = mapped_column(String(16), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(160))
    is_active: Mapped[bool] = mapped_column(default=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class Device(Model):
    """One browser one person signed in on; its secret proves what it recorded."""

    __tablename__ = "device"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary(32))
    label: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    signed_out_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Role(Model):
    """A role as data: a label and what it may do."""

    __tablename__ = "role"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    label: Mapped[str] = mapped_column(String(80))
    label_en: Mapped[str] = mapped_column(String(80))


class RolePermission(Model):
    """One thing a role may do, below the units it is bound to."""

    __tablename__ = "role_permission"

    role_code: Mapped[str] = mapped_column(ForeignKey("role.code"), primary_key=True)
    permission: Mapped[str] = mapped_column(String(32), primary_key=True)
