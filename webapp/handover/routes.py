"""The pages of a hand-over: replace or end with what is open in sight, and settle the rest."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from webapp import clock
from webapp.accounts.session import requires, signed_in
from webapp.assignments import actions as assignments
from webapp.assignments.forms import EndForm
from webapp.assignments.queries import candidates, records
from webapp.assignments.routes import Page, carry_out
from webapp.assignments.rules import Refused
from webapp.db import db, new_id
from webapp.desk import around
from webapp.errors import Problem
from webapp.handover import actions, queries
from webapp.handover.forms import SettlingForm
from webapp.handover.queries import Whose
from webapp.permissions import Permission
from webapp.places.models import Unit
from webapp.workbook import handed_out, write

blueprint = Blueprint("handover", __name__, url_prefix="/assignments")
blueprint.context_processor(around)

TEMPLATE = "handover/deed.html"


@blueprint.route("/<uuid:assignment_id>/replace", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def replace(assignment_id: UUID) -> BaseResponse | tuple[str, int] | str:
    """Replace somebody, with what they leave open in sight: one form, previewed, one transaction."""
    actor, whose = signed_in(), _found(assignment_id, Permission.ADMINISTER)
    unit = db.session.get_one(Unit, whose.row.unit_id)
    found = [item for item in queries.items(whose.row) if item.way is None]
    form = SettlingForm(
        data={"on": clock.today(), "new_id": str(new_id()), "entries": [str(item.entry.id) for item in found]}
    )
    form.offer_reasons()
    people = candidates(actor, unit, whose.row.role_code, everybody="all" in request.args)
    form.offer_people(one for one in people if one.id != whose.row.officer_id)
    form.entries.choices = [
        (str(item.entry.id), f"{item.group}, {item.entry.meeting_date:%d/%m/%Y}") for item in found
    ]
    asked: dict[str, Any] = {"all": "1"} if "all" in request.args else {}
    page = Page(
        _("Thay người"), _called(whose), url_for(".handover", assignment_id=assignment_id),
        url_for(".replace", assignment_id=assignment_id, **asked),
        url_for(".replace", assignment_id=assignment_id, all=1) if unit.base_id and not asked else "",
        template=TEMPLATE,
    )  # fmt: skip
    return carry_out(
        form, lambda: assignments.preview_replacement(actor, assignment_id, form.officer, form.day),
        lambda: actions.replace(
            actor, assignment_id, form.officer, form.day, form.reason, form.decision, id=form.minted,
            hand_over=[UUID(one) for one in form.entries.data or []],
        ),
        page, **_around(whose, found),
    )  # fmt: skip


@blueprint.route("/<uuid:assignment_id>/end", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def end(assignment_id: UUID) -> BaseResponse | tuple[str, int] | str:
    """End an assignment without anybody coming after, with what is left open in sight."""
    actor, whose = signed_in(), _found(assignment_id, Permission.ADMINISTER)
    form = EndForm(data={"on": clock.today(), "new_id": str(new_id())})
    form.offer_reasons()
    found = [item for item in queries.items(whose.row) if item.way is None]
    page = Page(
        _("Thôi phụ trách"), _called(whose), url_for(".handover", assignment_id=assignment_id),
        url_for(".end", assignment_id=assignment_id), template=TEMPLATE,
    )  # fmt: skip
    return carry_out(
        form, lambda: assignments.preview_end(actor, assignment_id, form.day),
        lambda: assignments.end(actor, assignment_id, form.day, form.reason, form.decision),
        page, **_around(whose, found),
    )  # fmt: skip


@blueprint.get("/<uuid:assignment_id>/handover")
@requires(Permission.READ_PLACES)
def handover(assignment_id: UUID) -> str:
    """Show what is settled and what is not; printed, it is the record of the hand-over."""
    actor, whose = signed_in(), _found(assignment_id, Permission.READ_PLACES)
    found = queries.items(whose.row)
    may_change = queries.assignment(actor, assignment_id, Permission.ADMINISTER) is not None
    return render_template(
        "handover/handover.html", **_around(whose, found),
        receivers=queries.receivers(whose.row, clock.today()), successor=queries.successor(whose.row),
        may_change=may_change,
        may_export=queries.assignment(actor, assignment_id, Permission.READ_MEETING) is not None
        or (whose.is_over and may_change),
        vietnamese=str(get_locale()).startswith("vi"),
    )  # fmt: skip


@blueprint.post("/<uuid:assignment_id>/handover")
@requires(Permission.ADMINISTER)
def settle(assignment_id: UUID) -> BaseResponse:
    """Hand the chosen entries over to somebody who follows the place now."""
    to, chosen = request.form.get("to", type=UUID), request.form.getlist("entry", type=UUID)
    if to is None:
        raise Problem("bad_request")
    try:
        count = actions.hand_over_entries(signed_in(), assignment_id, chosen, to)
        flash(
            _("Đã bàn giao %(n)s phiếu; phiếu sẽ hiện trên máy người nhận ở lần đồng bộ tới.", n=count),
            "good",
        )
    except Refused as refused:
        flash(_(str(refused)), "bad")
    return redirect(url_for(".handover", assignment_id=assignment_id), 303)


@blueprint.post("/<uuid:assignment_id>/export")
@requires(Permission.READ_PLACES)
def export(assignment_id: UUID) -> BaseResponse:
    """Take the chosen entries out as a table, line by line with what the desk asked for; they are settled by it."""
    found = actions.export(signed_in(), assignment_id, request.form.getlist("entry", type=UUID))
    header = [_("Tổ"), _("Ngày họp"), _("Mục"), _("Nội dung"), _("Yêu cầu bổ sung")]
    rows = [
        (db.session.get_one(Unit, entry.unit_id).name, f"{entry.meeting_date:%d/%m/%Y}", line.label, line.text,
         line.remark)
        for entry in found for line in queries.whole(entry)
    ]  # fmt: skip
    return handed_out(
        write([(_("Bàn giao địa bàn"), header, rows)]), f"ban-giao-{clock.today().isoformat()}.xlsx"
    )


def _found(assignment_id: UUID, permission: Permission) -> Whose:
    whose = queries.assignment(signed_in(), assignment_id, permission)
    if whose is None:
        raise Problem("not_found")
    return whose


def _called(whose: Whose) -> str:
    return f"{whose.officer}, {whose.unit}"


def _around(whose: Whose, found: list[queries.Item]) -> dict[str, object]:
    """Return what every page of a hand-over shows of the one who leaves."""
    writes = records(whose.row.role_code)
    return {
        "whose": whose, "items": found, "today": clock.today(), "is_handover": writes,
        "held": queries.held_back(whose.row) if writes else [],
        "phones": queries.phones(whose.row.officer_id) if writes else [],
    }  # fmt: skip
