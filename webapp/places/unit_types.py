"""Writes of the types of units: which there are, and what they are called here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from webapp import clock
from webapp.audit.actions import record
from webapp.db import transaction
from webapp.errors import Problem
from webapp.permissions import Permission
from webapp.places.models import UnitType
from webapp.places.presets import UnitKind
from webapp.places.queries import types_within

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from webapp.accounts.rules import Actor


def add_types(session: Session, preset: Iterable[UnitKind]) -> None:
    """Add the types of a preset that are not there yet; those that are keep their labels and flags."""
    known = set(session.scalars(select(UnitType.code)))
    rows = [kind._asdict() for kind in preset if kind.code not in known]
    if rows:
        session.execute(insert(UnitType), rows)


def name_types(actor: Actor | None, names: Mapping[str, tuple[str, str]]) -> None:
    """Call types of units by the names they have here, Vietnamese and English: thôn for ấp, khu vực for huyện.

    Raises `Problem`: ``not_found`` for a type that is not there, ``forbidden`` for one of which units stand where
    the actor does not administer.
    """
    today = clock.today()
    with transaction() as session:
        if actor is not None:
            roots = actor.roots(Permission.ADMINISTER, today)
            if not roots or not set(names) <= types_within(roots, today):
                raise Problem("forbidden")
        for code, (label, label_en) in names.items():
            kind = session.get(UnitType, code)
            if kind is None:
                raise Problem("not_found")
            if (kind.label, kind.label_en) == (label, label_en):
                continue
            kind.label, kind.label_en = label, label_en
            record("unit_type.labelled", actor_id=actor.officer_id if actor else None, record_kind="unit_type",
                   record_id=None)  # fmt: skip
