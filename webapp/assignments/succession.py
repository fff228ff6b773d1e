"""What becomes of assignments when the tree of places changes, and how that is taken back."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from webapp.assignments.models import Assignment
from webapp.assignments.queries import held_at
from webapp.assignments.rules import CLOSED, MERGED
from webapp.db import db, new_id
from webapp.fields import N_
from webapp.places.dated import SUCCEEDED, Changes, Refused
from webapp.places.registry import Effect


def carry_over(changes: Changes, on: date, basis: str) -> dict[str, Any]:
    """Let roles at units that end go on at what succeeds them, until somebody decides otherwise; return what was done.

    The old assignment ends on that day with its reason, the new one names the decision that ordered the change.
    """
    went: dict[UUID, list[UUID]] = {}
    closed: set[UUID] = set()
    for ending in changes.endings():
        closed.add(ending.unit)
        if ending.state in SUCCEEDED and ending.parent:
            went.setdefault(ending.unit, []).append(ending.parent)
    held = held_at(closed, on)
    ended: dict[str, str | None] = {}
    begun: list[str] = []
    already: set[tuple[UUID, str, UUID]] = set()
    for one in held:
        ended[str(one.id)] = one.valid_to.isoformat() if one.valid_to else None
        for unit_id in went.get(one.unit_id, []):
            if (one.officer_id, one.role_code, unit_id) in already:
                continue  # who held the same role at two of them holds it once
            already.add((one.officer_id, one.role_code, unit_id))
            new = Assignment(
                id=new_id(), officer_id=one.officer_id, unit_id=unit_id, role_code=one.role_code,
                is_primary=one.is_primary, decision_ref=basis[:80] or one.decision_ref,
                valid_from=max(on, one.valid_from), valid_to=one.valid_to,
            )  # fmt: skip
            db.session.add(new)
            begun.append(str(new.id))
        one.valid_to = max(on, one.valid_from)
        one.end_reason = MERGED if one.unit_id in went else CLOSED
    db.session.flush()
    return {"ended": ended, "begun": begun}


def take_back(done: dict[str, Any]) -> None:
    """Undo `carry_over`, or raise `Refused` when something was built on it since."""
    begun = [UUID(one) for one in done["begun"]]
    if db.session.scalar(select(Assignment.id).where(Assignment.replaces_id.in_(begun)).limit(1)) is not None:
        raise Refused(N_("Đã có phân công khác ở đơn vị mới; không hoàn tác được nữa."))
    db.session.execute(delete(Assignment).where(Assignment.id.in_(begun)))
    for one, valid_to in done["ended"].items():
        assignment = db.session.get_one(Assignment, UUID(one))
        assignment.valid_to = date.fromisoformat(valid_to) if valid_to else None
        assignment.end_reason = ""
    db.session.flush()


FOLLOW_PLACES = Effect("assignments", carry_over, take_back)
