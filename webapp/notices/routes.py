"""The pages of the notice board: which one, and the sheet itself."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Blueprint, render_template, request

from webapp import clock
from webapp.accounts.rules import Actor
from webapp.accounts.session import signed_in
from webapp.desk import around
from webapp.duties.rules import after_month, month_of
from webapp.errors import Problem
from webapp.notices import queries
from webapp.notices.rules import Band, Count

blueprint = Blueprint("notices", __name__, url_prefix="/notices")
blueprint.context_processor(around)

_YEARS = range(2000, 2101)


@blueprint.get("/")
def choose() -> str:
    """List the groups and hamlets whose sheets the reader may print, those of one commune at a time."""
    actor = _reader()
    bases = queries.bases(actor)
    asked = request.args.get("unit", type=UUID)
    base = next((one for one in bases if one.id == asked), None) if asked else next(iter(bases), None)
    if asked and base is None:
        raise Problem("not_found")
    boards = queries.boards(actor, base.id) if base else []
    return render_template("notices/choose.html", base=base, bases=bases, boards=boards, month=_month())


@blueprint.get("/<uuid:unit_id>")
def sheet(unit_id: UUID) -> str:
    """Show the sheet of one group or hamlet for a month."""
    actor, month = _reader(), _month()
    found = queries.sheet(actor, unit_id, month, after_month(month) - date.resolution)
    if found is None:
        raise Problem("not_found")
    after = after_month(month)
    return render_template(
        "notices/sheet.html", sheet=found, month=month, bands=Band, kinds=Count, before=after_month(month, -1),
        after=after if after <= clock.today() else None,
    )  # fmt: skip


def _reader() -> Actor:
    """Return who is signed in, if there is any place whose sheet they may print."""
    actor, today = signed_in(), clock.today()
    if not any(actor.may(permission, today) for permission in queries.WHO):
        raise Problem("forbidden")
    return actor


def _month() -> date:
    """Return the month the address asks for; what makes no sense, or is yet to come, is this month."""
    now = month_of(clock.today())
    try:
        month = date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        return now
    return month if month.year in _YEARS and month <= now else now
