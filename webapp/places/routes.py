"""The pages of the tree of places: as it stands on a day, and the changes of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, NamedTuple, cast
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from pydantic import ValidationError
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp import clock
from webapp.accounts.queries import contacts_at, counts_noted, who_follows_what
from webapp.accounts.session import requires, signed_in
from webapp.assignments.queries import held_at
from webapp.db import db
from webapp.desk import around
from webapp.errors import Problem
from webapp.people.rules import KINDS
from webapp.permissions import Permission
from webapp.places import actions, counting, forms, queries, unit_types
from webapp.places.dated import CHANGES, Changes, Refused, State
from webapp.places.forms import CountForm, TypeNamesForm
from webapp.places.models import PlaceChange, UnitType, UnitVersion
from webapp.places.said import lines

blueprint = Blueprint("places", __name__, url_prefix="/places")
blueprint.context_processor(around)


class Tier(NamedTuple):
    """A column of the page: the types of one tier, and how many units of them lie below each unit."""

    types: list[UnitType]
    below: dict[UUID, int]


HISTORY = 30
"""How many changes the page lists."""
MOST_LINES = 60
"""How many lines of one change the history shows."""
_YEARS = range(1900, 2200)


@blueprint.get("/")
@requires(Permission.READ_PLACES)
def tree() -> str:
    """Show the tree as it stood on a day, from one unit down: both stand in the address."""
    actor, day = signed_in(), _day()
    roots = actor.roots(Permission.READ_PLACES, clock.today())
    seen = queries.visible(roots, day)
    found = request.args.get("unit", type=UUID)
    unit = _unit(found, day, roots) if found else None
    tops = queries.tops(seen, day) if unit is None else []
    if len(tops) == 1:
        unit = tops[0]
    types = queries.types()
    if unit and types[unit.type_code].is_overlay:
        tops = queries.members([unit.unit_id], day)[unit.unit_id]
    elif unit:
        tops = queries.children(unit.unit_id, day)
    scope = queries.below([unit.unit_id] if unit else [one.unit_id for one in tops], day)
    may_see = set(db.session.scalars(select(seen.c.id)))
    overlays = [one for one in tops if types[one.type_code].is_overlay]
    units = [one for one in tops if one not in overlays]
    totals = queries.totals([one.unit_id for one in units], day)
    return render_template(
        "places/tree.html", day=day, unit=unit, units=units, overlays=overlays, types=types, totals=totals,
        members=queries.members([one.unit_id for one in overlays], day), tiers=_tiers(totals, units, types),
        kinds=KINDS, ended_by=queries.basis_of(unit) if unit and unit.state != State.STANDS else "",
        above=[one for one in (queries.above(unit.unit_id, day) if unit else []) if one.unit_id in may_see][::-1],
        following=who_follows_what(day, select(scope.c.id)), changes=queries.changes_at(roots, HISTORY),
        titles=forms.titles(), said=_said, may_see=may_see, may_change=actor.may(Permission.ADMINISTER, clock.today()),
    )  # fmt: skip


@blueprint.get("/types")
@requires(Permission.ADMINISTER)
def type_names() -> str:
    """Show what the types of units are called here; those that stand elsewhere too are only shown."""
    return _show_type_names(_type_names_form())


@blueprint.post("/types")
@requires(Permission.ADMINISTER)
def name_types() -> Response | tuple[str, int]:
    """Call the types of units by other names."""
    form = TypeNamesForm()
    if not form.validate_on_submit():
        return _show_type_names(form), 422
    unit_types.name_types(signed_in(), form.names())
    flash(_("Đã đổi tên gọi."), "good")
    return redirect(url_for(".type_names"), 303)


@blueprint.get("/<uuid:unit_id>/contacts")
@requires(Permission.READ_PLACES)
def contacts(unit_id: UUID) -> str:
    """Show who follows a place, at every tier, and how to reach them."""
    actor, today = signed_in(), clock.today()
    unit = _unit(unit_id, today, actor.roots(Permission.READ_PLACES, today))
    others = [one for one in contacts_at(unit_id, today) if one.officer_id != actor.officer_id]
    return render_template("places/contacts.html", unit=unit, contacts=others)


@blueprint.get("/<uuid:unit_id>/households")
@requires(Permission.READ_PLACES)
def households(unit_id: UUID) -> str:
    """Show how many households a group had and has, and the form of a new reading."""
    return _show_households(_group(unit_id, Permission.READ_PLACES), CountForm(as_of=clock.today()))


@blueprint.post("/<uuid:unit_id>/households")
@requires(Permission.COUNT_HOUSEHOLDS)
def count_households(unit_id: UUID) -> Response | tuple[str, int]:
    """Write down a new reading."""
    group, form = _group(unit_id, Permission.COUNT_HOUSEHOLDS), CountForm()
    if not form.validate_on_submit():
        return _show_households(group, form), 422
    said = " ".join((form.source.data or "").split())
    try:
        counting.count_households(
            signed_in(), unit_id, cast("date", form.as_of.data), form.households.data or 0, said
        )
    except Refused as refused:
        form.as_of.errors = [*form.as_of.errors, _(str(refused))]
        return _show_households(group, form), 422
    flash(_("Đã ghi số hộ."), "good")
    return redirect(url_for(".households", unit_id=unit_id), 303)


@blueprint.get("/<uuid:unit_id>/<any(create,rename,move,merge,split,close,join,leave):kind>")
@requires(Permission.ADMINISTER)
def change(unit_id: UUID, kind: str) -> str:
    """Show the form of a change."""
    day = _day()
    unit = _unit(unit_id, day, signed_in().roots(Permission.ADMINISTER, clock.today()))
    return _show(kind, unit, _form(kind, unit, day))


@blueprint.post("/<uuid:unit_id>/<any(create,rename,move,merge,split,close,join,leave):kind>")
@requires(Permission.ADMINISTER)
def carry_out(unit_id: UUID, kind: str) -> Response | tuple[str, int] | str:
    """Show what a change would do, or do it: the button says which."""
    actor, day = signed_in(), _day()
    unit = _unit(unit_id, day, actor.roots(Permission.ADMINISTER, clock.today()))
    form = _form(kind, unit, day)
    if not form.validate_on_submit():
        return _show(kind, unit, form), 422
    try:
        operation = form.operation(kind, unit)
        if request.form.get("step") != "do":
            return _show(kind, unit, form, actions.preview(actor, operation))
        actions.carry_out(actor, operation, form.basis.data or "")
    except (Refused, ValidationError) as refused:
        said = _(str(refused)) if isinstance(refused, Refused) else _("Cần ít nhất hai phần có tên.")
        return _show(kind, unit, form, refused=said), 422
    flash(_("Đã ghi thay đổi. Có thể hoàn tác trong lịch sử bên dưới."), "good")
    return redirect(url_for(".tree", on=operation.on, unit=unit.parent_id or unit.unit_id), 303)


@blueprint.post("/changes/<uuid:change_id>/undo")
@requires(Permission.ADMINISTER)
def undo(change_id: UUID) -> Response:
    """Take a change back."""
    try:
        actions.undo(signed_in(), change_id)
        flash(_("Đã hoàn tác. Cả hai việc đều còn trong lịch sử."), "good")
    except Refused as refused:
        flash(_(str(refused)), "bad")
    return redirect(url_for(".tree"), 303)


def _type_names_form() -> TypeNamesForm:
    """Return the form of the types whose units all lie where the actor administers."""
    today = clock.today()
    mine = queries.types_within(signed_in().roots(Permission.ADMINISTER, today), today)
    shown = [
        {"code": one.code, "label": one.label, "label_en": one.label_en}
        for one in queries.types().values()
        if one.code in mine
    ]
    return TypeNamesForm(formdata=None, data={"types": shown})


def _show_type_names(form: TypeNamesForm) -> str:
    asked = {row.form.code.data for row in cast("Any", form.types)}
    types = queries.types()
    others = [one for one in types.values() if one.code not in asked]
    return render_template("places/types.html", form=form, types=types, others=others)


def _group(unit_id: UUID, permission: Permission) -> UnitVersion:
    """Return a unit that meets, in the scope of a permission."""
    today = clock.today()
    unit = _unit(unit_id, today, signed_in().roots(permission, today))
    if not queries.types()[unit.type_code].can_meet:
        raise Problem("not_found")
    return unit


def _show_households(group: UnitVersion, form: CountForm) -> str:
    today = clock.today()
    may_count = queries.below(signed_in().roots(Permission.COUNT_HOUSEHOLDS, today), today)
    return render_template(
        "places/households.html", unit=group, form=form, readings=counts_noted(group.unit_id), today=today,
        may_count=db.session.scalar(select(may_count.c.id).where(may_count.c.id == group.unit_id)) is not None
        and group.state == State.STANDS,
    )  # fmt: skip


def _show(
    kind: str, unit: UnitVersion, form: forms.ChangeForm, changes: Changes | None = None, refused: str = ""
) -> str:
    day = form.on.data or clock.today()
    ended = {ending.unit for ending in changes.endings()} if changes else set()
    return render_template(
        "places/change.html", kind=kind, unit=unit, form=form, title=forms.titles()[kind], refused=refused,
        lines=_said(changes, day) if changes else None, held=len(held_at(ended, day)),
        new_id=form.new_id.data, day=day, until=clock.today(),
    )  # fmt: skip


def _form(kind: str, unit: UnitVersion, day: date) -> forms.ChangeForm:
    """Return the form of a change with the units and types it may speak of."""
    types = queries.types()
    own = types[unit.type_code]
    rank, overlays = own.rank, [one for one in types.values() if one.is_overlay]
    beside = queries.children(unit.parent_id, day)
    match kind:
        case "create":
            kinds = [one for one in types.values() if one.rank > rank or one.is_overlay]
            others: Collection[UnitVersion] = []
        case "move":
            kinds, others = [], [one for one in _above_rank(rank, day) if one.unit_id != unit.parent_id]
        case "join" | "leave":
            kinds, others = [], queries.standing(day, [one.code for one in overlays])
        case _:
            kinds = [
                one
                for one in types.values()
                if one.rank == rank and one.is_overlay == types[unit.type_code].is_overlay
            ]
            others = [
                one for one in beside if one.unit_id != unit.unit_id and types[one.type_code].rank == rank
            ]
    seen = set(db.session.scalars(select(
        queries.visible(signed_in().roots(Permission.ADMINISTER, clock.today()), day).c.id)))  # fmt: skip
    return forms.form_for(
        kind, unit, day, types=kinds, others=[one for one in others if one.unit_id in seen],
        below=queries.children(unit.unit_id, day) if kind == "split" else [],
    )  # fmt: skip


def _above_rank(rank: int, day: date) -> Collection[UnitVersion]:
    above = [one for one in queries.types().values() if one.rank < rank and not one.is_overlay]
    nearest = max((one.rank for one in above), default=0)
    return queries.standing(day, [one.code for one in above if one.rank >= nearest - 1])


def _said(changes: Changes | PlaceChange, day: date) -> list[dict[str, str]]:
    """Say changes in words: names instead of ids, a new unit by the name it will have."""
    is_listed = isinstance(changes, PlaceChange)
    if isinstance(changes, PlaceChange):
        changes = CHANGES.validate_json(changes.changes)
    found = lines(changes)
    found = found[:MOST_LINES] if is_listed else found
    ids = {one for line in found for one in (line.unit, line.before, line.after) if isinstance(one, UUID)}
    names = queries.names_on(ids, day) | {line.unit: line.name for line in found if line.name}
    return [
        {
            "what": line.what, "name": names.get(line.unit, ""),
            "before": names.get(line.before, "") if isinstance(line.before, UUID) else line.before or "",
            "after": names.get(line.after, "") if isinstance(line.after, UUID) else line.after or "",
        }
        for line in found
    ]  # fmt: skip


def _unit(unit_id: UUID, day: date, roots: Collection[UUID]) -> UnitVersion:
    """Return a unit in somebody's scope, as it stood on `day` or last before."""
    seen = queries.visible(roots, day)
    unit = queries.version_on(unit_id, day)
    if unit is None or db.session.scalar(select(seen.c.id).where(seen.c.id == unit_id)) is None:
        raise Problem("not_found")
    return unit


def _tiers(
    totals: dict[UUID, queries.Totals], units: Iterable[UnitVersion], types: dict[str, UnitType]
) -> list[Tier]:
    """Return the tiers below the units listed, with the number of units of each below each of them."""
    top = min((types[one.type_code].rank for one in units), default=0)
    found: dict[int, tuple[list[UnitType], dict[UUID, int]]] = {}
    present = {code for one in totals.values() for code in one.by_type}
    for code, kind in types.items():
        if code not in present or kind.is_overlay or kind.rank <= top:
            continue
        labelled, counts = found.setdefault(kind.rank, ([], {}))
        labelled.append(kind)
        for unit, one in totals.items():
            counts[unit] = counts.get(unit, 0) + one.by_type.get(code, 0)
    return [Tier(kinds, counts) for _, (kinds, counts) in sorted(found.items())]


def _day() -> date:
    """Return the day in the address; today when there is none or it makes no sense."""
    day = request.args.get("on", type=date.fromisoformat)
    return day if day and day.year in _YEARS else clock.today()
