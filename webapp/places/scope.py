"""Which units an actor may write about, and that nobody else writes about them meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from webapp import clock
from webapp.db import db
from webapp.errors import Problem
from webapp.permissions import Permission
from webapp.places.models import Unit
from webapp.places.queries import below

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from webapp.accounts.rules import Actor


def check_right(
    actor: Actor | None, units: Iterable[UUID], permission: Permission = Permission.ADMINISTER
) -> None:
    """Raise `Problem` unless all these units are the actor's: ``forbidden`` without the right, else ``not_found``.

    At the server's console, where there is no actor, everything may be written.
    """
    if actor is None:
        return
    today = clock.today()
    roots = actor.roots(permission, today)
    if not roots:
        raise Problem("forbidden")
    named = set(units)
    tree = below(roots, today)
    if not named or named != set(db.session.scalars(select(tree.c.id).where(tree.c.id.in_(named)))):
        raise Problem("not_found")


def lock(session: Session, units: Iterable[UUID]) -> None:
    """Let nobody else write about these units until the end of the transaction."""
    session.execute(select(Unit.id).where(Unit.id.in_(set(units))).order_by(Unit.id).with_for_update())
