"""The pages of assignments: who follows what, one place, one person, and the deeds that change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from webapp import clock
from webapp.accounts.models import Officer
from webapp.accounts.session import requires, signed_in
from webapp.assignments import actions, queries
from webapp.assignments.actions import NewAssignment
from webapp.assignments.board import OF_PLACES, Filters, Show, filter_units
from webapp.assignments.board import board as board_of
from webapp.assignments.forms import AssignForm, DeedForm, ExemptForm, LineForm, TurnForm
from webapp.assignments.models import Assignment, AssignmentLine
from webapp.assignments.rules import Changes, Refused
from webapp.db import db, new_id
from webapp.desk import around
from webapp.errors import Problem
from webapp.paging import page_asked
from webapp.permissions import Permission
from webapp.places.models import Unit

blueprint = Blueprint("assignments", __name__, url_prefix="/assignments")
blueprint.context_processor(around)


@blueprint.get("/")
@requires(Permission.READ_PLACES)
def board() -> str:
    """Show who follows what today; what is asked for stands in the address."""
    actor, filters = signed_in(), _filters(request.args)
    return render_template(
        "assignments/board.html", filters=filters, board=board_of(actor, filters), shows=Show,
        units=filter_units(actor), address=_address, of_places=filters.show in OF_PLACES,
        may_change=actor.may(Permission.ADMINISTER, clock.today()), vietnamese=_in_vietnamese(),
    )  # fmt: skip


@blueprint.get("/units/<uuid:unit_id>")
@requires(Permission.READ_PLACES)
def unit(unit_id: UUID) -> str:
    """Show who holds and held what at one place."""
    actor = signed_in()
    found = _unit(unit_id, Permission.READ_PLACES)
    return render_template(
        "assignments/unit.html", unit=found, entries=queries.at_place(unit_id), today=clock.today(),
        may_change=queries.administers(actor, unit_id), vietnamese=_in_vietnamese(),
    )  # fmt: skip


@blueprint.get("/officers/<uuid:officer_id>")
@requires(Permission.READ_PLACES)
def officer(officer_id: UUID) -> str:
    """Show what somebody holds and held, and when they are exempt."""
    actor = signed_in()
    found = _officer(officer_id, Permission.READ_PLACES)
    return render_template(
        "assignments/officer.html", officer=found, entries=queries.of_officer(actor, officer_id),
        exemptions=queries.exemptions_of(officer_id), today=clock.today(), vietnamese=_in_vietnamese(),
        may_change=queries.officer(actor, officer_id, Permission.ADMINISTER) is not None,
    )  # fmt: skip


@blueprint.route("/units/<uuid:unit_id>/assign", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def assign(unit_id: UUID) -> Response | tuple[str, int] | str:
    """Show the form that assigns somebody, what it would do, or do it: the button says which."""
    actor, found = signed_in(), _unit(unit_id, Permission.ADMINISTER)
    form = AssignForm(data=_begun() | {"role": request.args.get("role")})
    roles = queries.roles_for(found)
    form.offer_roles(roles, vietnamese=_in_vietnamese())
    role = form.role.data or roles[0].code
    form.offer_people(queries.candidates(actor, found, role, everybody="all" in request.args))

    def wanted() -> NewAssignment:
        return NewAssignment(
            form.officer, unit_id, form.role.data, form.day, form.decision, form.standing.data == "primary",
            form.until.data, form.minted,
        )  # fmt: skip

    def preview() -> Changes:
        (refused,) = actions.check(actor, [wanted()])
        if refused:
            raise refused
        return Changes((wanted().fact(),))

    asked: dict[str, Any] = {name: value for name, value in request.args.items() if name in ("role", "all")}
    is_narrow = found.base_id is not None and "all" not in asked
    page = Page(
        _("Giao phụ trách"), found.name, url_for(".unit", unit_id=unit_id),
        url_for(".assign", **asked, unit_id=unit_id),
        url_for(".assign", **(asked | {"all": "1"}), unit_id=unit_id) if is_narrow else "",
    )  # fmt: skip
    return carry_out(form, preview, lambda: actions.assign(actor, wanted()), page)


@blueprint.route("/<uuid:assignment_id>/turn", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def turn(assignment_id: UUID) -> Response | tuple[str, int] | str:
    """Put a deputy in charge, or make whoever is in charge a deputy."""
    actor = signed_in()
    row = db.session.get(Assignment, assignment_id)
    found = _unit(row.unit_id, Permission.ADMINISTER) if row else None
    if row is None or found is None:
        raise Problem("not_found")
    form, primary, unit_id = TurnForm(data=_begun()), not row.is_primary, row.unit_id
    title = _("Giao làm phụ trách chính") if primary else _("Chuyển làm phó")
    page = Page(
        title, found.name, url_for(".unit", unit_id=unit_id), url_for(".turn", assignment_id=assignment_id)
    )
    return carry_out(
        form, lambda: actions.preview_turn(actor, assignment_id, form.day, primary=primary),
        lambda: actions.turn(actor, assignment_id, form.day, form.decision, primary=primary), page,
    )  # fmt: skip


@blueprint.route("/officers/<uuid:officer_id>/exempt", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def exempt(officer_id: UUID) -> Response | tuple[str, int] | str:
    """Say that somebody is not to be assigned for a while."""
    actor, found = signed_in(), _officer(officer_id, Permission.ADMINISTER)
    form = ExemptForm(data=_begun())
    page = Page(
        _("Miễn phân công"), found.full_name, url_for(".officer", officer_id=officer_id),
        url_for(".exempt", officer_id=officer_id),
        note=_("Người được miễn không được giao thêm; việc đang giữ vẫn tiếp tục cho tới khi có người thay."),
    )  # fmt: skip

    def deed() -> None:
        actions.exempt(
            actor, officer_id, form.day, form.until.data, form.reason.data or "", form.decision, form.minted
        )

    return carry_out(form, Changes, deed, page)


@blueprint.post("/exemptions/<uuid:exemption_id>/end")
@requires(Permission.ADMINISTER)
def end_exemption(exemption_id: UUID) -> Response:
    """Let somebody be assigned again from today."""
    officer_id = actions.end_exemption(signed_in(), exemption_id, clock.today())
    flash(_("Đã thôi miễn."), "good")
    return redirect(url_for(".officer", officer_id=officer_id), 303)


@blueprint.route("/lines/<role>/<int:rank>", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def line(role: str, rank: int) -> Response | tuple[str, int] | str:
    """Set how many places of a tier one person should be in charge of at most."""
    row = db.session.get(AssignmentLine, (role, rank))
    if row is None:
        raise Problem("not_found")
    form = LineForm(obj=row)
    if form.validate_on_submit():
        actions.set_most(signed_in(), role, rank, form.most.data or 1, form.basis.data or "")
        flash(_("Đã lưu."), "good")
        return redirect(url_for(".board", line=f"{role}:{rank}", show="over"), 303)
    page = render_template("assignments/line.html", form=form, role=role, rank=rank)
    return (page, 422) if form.is_submitted() else page


@dataclass(frozen=True)
class Page:
    """What the page of a deed is called, and where it leads."""

    title: str
    name: str
    """Of the place or person it is about."""
    back: str
    here: str
    everybody: str = ""
    """Where more people are offered, if there are more."""
    note: str = ""
    template: str = "assignments/deed.html"


def carry_out(
    form: DeedForm, preview: Callable[[], Changes], deed: Callable[[], object], page: Page, **more: object
) -> Response | tuple[str, int] | str:
    """Show a form, what it would do, or do it; the button says which. `more` is for its template."""
    shown: Changes | None = None
    refused = ""
    if form.validate_on_submit():
        try:
            if request.form.get("step") == "do":
                deed()
                flash(_("Đã ghi."), "good")
                return redirect(page.back, 303)
            shown = preview()
        except Refused as answer:
            refused = _(str(answer))
    rendered = render_template(
        page.template, form=form, deed=page, refused=refused, shown=shown,
        changes=_said(shown) if shown else None, **more,
    )  # fmt: skip
    return (rendered, 422) if refused or form.errors else rendered


def _said(changes: Changes) -> list[dict[str, object]]:
    """Say changes in words: names instead of ids."""
    ended = {one: db.session.get_one(Assignment, one) for one in changes.ended}
    units = {one.unit for one in changes.begun} | {row.unit_id for row in ended.values()}
    people = {one.officer for one in changes.begun} | {row.officer_id for row in ended.values()}
    names = {one: db.session.get_one(Unit, one).name for one in units}
    called = {one: db.session.get_one(Officer, one).full_name for one in people}
    said: list[dict[str, object]] = [
        {"what": "ends", "officer": called[row.officer_id], "unit": names[row.unit_id],
         "is_primary": row.is_primary, "on": changes.ended[one]}
        for one, row in ended.items()
    ]  # fmt: skip
    said += [
        {"what": "begins", "officer": called[one.officer], "unit": names[one.unit],
         "is_primary": one.is_primary, "on": one.start, "over": actions.load_after(one)}
        for one in changes.begun
    ]  # fmt: skip
    return said


def _begun() -> dict[str, object]:
    return {"on": clock.today(), "new_id": str(new_id())}


def _unit(unit_id: UUID, permission: Permission) -> Unit:
    found = queries.place(signed_in(), unit_id, permission)
    if found is None:
        raise Problem("not_found")
    return found


def _officer(officer_id: UUID, permission: Permission) -> Officer:
    found = queries.officer(signed_in(), officer_id, permission)
    if found is None:
        raise Problem("not_found")
    return found


def _in_vietnamese() -> bool:
    return str(get_locale()).startswith("vi")


def _filters(args: MultiDict[str, str]) -> Filters:
    """Read the filters from the address; what makes no sense is as if it were not there."""
    role, _colon, rank = args.get("line", "").partition(":")
    show = args.get("show", "")
    return Filters(
        (role, int(rank)) if rank.isdecimal() and len(rank) < 4 else None,  # noqa: PLR2004 - tiers are few
        Show(show) if show in set(Show) else Show.UNCOVERED,
        args.get("unit", type=UUID),
        args.get("q", "")[:80],
        page_asked(args.get("page", type=int)),
    )


def _address(filters: Filters, **changed: object) -> str:
    """Return the board's address for these filters with something changed."""
    asked: dict[str, Any] = {
        "line": f"{filters.line[0]}:{filters.line[1]}" if filters.line else None, "show": filters.show.value,
        "unit": filters.unit_id, "q": filters.query or None,
    }  # fmt: skip
    return url_for("assignments.board", **(asked | changed))
