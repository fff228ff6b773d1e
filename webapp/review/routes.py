"""The desk: the queue of what arrived, and one entry at a time."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from webapp.accounts.session import requires, signed_in
from webapp.describe import describe, label_at
from webapp.desk import around
from webapp.errors import Problem
from webapp.flash_reports.queries import unopened
from webapp.meetings.queries import body_of
from webapp.meetings.records import MeetingStatus
from webapp.paging import page_asked
from webapp.permissions import Permission
from webapp.places.queries import above, types
from webapp.redaction.forms import redaction_form
from webapp.redaction.queries import of_records
from webapp.redaction.records import Reason
from webapp.redaction.routes import still_to_mend
from webapp.review import actions, queries
from webapp.review.queries import Filters
from webapp.review.rules import Decision, Verdict, needs_attention, what_is_missing

if TYPE_CHECKING:
    from wtforms import Form

blueprint = Blueprint("review", __name__, url_prefix="/review")

STATES = ("submitted", "returned", "accepted", "withdrawn")
_YEARS = range(2000, 2101)
MAX_NOTE = 300
REMARK = "remark:"
"""Prefix of the boxes for remarks; the rest of the name is the field's path."""


blueprint.context_processor(around)


@blueprint.get("/")
@requires(Permission.READ_MEETING)
def queue() -> str:
    """Show the entries in scope, by the filters in the address."""
    actor = signed_in()
    filters = _filters(request.args)
    return render_template(
        "review/queue.html",
        filters=filters, queue=queries.queue(actor, filters), units=queries.filter_units(actor), states=STATES,
        statuses=MeetingStatus, needs_attention=needs_attention, actor=actor, address=_address,
        unopened=unopened(actor),
    )  # fmt: skip


@blueprint.get("/entries/<uuid:entry_id>")
@requires(Permission.READ_MEETING)
def entry(entry_id: UUID) -> str:
    """Show one entry with all that belongs to it."""
    return _entry_page(entry_id)


@blueprint.post("/entries/<uuid:entry_id>/verdicts")
@requires(Permission.READ_MEETING)
def decide(entry_id: UUID) -> Response | tuple[str, int]:
    """Accept, return or comment."""
    verdict = _verdict(request.form)
    op_id = request.form.get("op_id", type=UUID)
    if verdict is None or op_id is None:
        abort(400)
    if missing := what_is_missing(verdict):
        return _entry_page(entry_id, verdict, _(missing)), 422
    actions.review(signed_in(), entry_id, op_id, verdict)
    said = {
        Decision.ACCEPTED: _("Đã ghi nhận phiếu."),
        Decision.RETURNED: _("Đã trả phiếu; lời nhắn sẽ hiện ở đầu màn hình của người ghi."),
        Decision.COMMENT: _("Đã gửi góp ý."),
    }
    flash(said[verdict.decision], "good")
    return redirect(url_for(".entry", entry_id=entry_id), 303)


@blueprint.post("/entries/<uuid:entry_id>/redactions")
@requires(Permission.READ_MEETING)
def redact(entry_id: UUID) -> Response | tuple[str, int]:
    """Mask a passage of an entry, or a field of it, in all that is stored."""
    actor = signed_in()
    found = queries.entry(actor, entry_id)
    if found is None:
        abort(404)
    if not queries.may(actor, found, Permission.DECIDE_MEETING):
        raise Problem("forbidden")
    form = still_to_mend(body_of(found), partial(actions.redact, actor, entry_id))
    if form:
        return _entry_page(entry_id, redacting=form), 422
    return redirect(url_for(".entry", entry_id=entry_id), 303)


@blueprint.get("/entries/<uuid:entry_id>/compare")
@requires(Permission.READ_MEETING)
def compare(entry_id: UUID) -> str:
    """Show two revisions of an entry side by side."""
    found = queries.entry(signed_in(), entry_id)
    if found is None:
        abort(404)
    saved = {row.op_id: row for row in queries.revisions(found) if not row.is_withdrawal}
    before, after = (saved.get(request.args.get(name, type=UUID) or found.id) for name in ("before", "after"))
    if before is None or after is None:
        abort(404)
    return render_template(
        "review/compare.html", entry=found, group=queries.group_of(found), before=before, after=after,
        differences=queries.side_by_side(before, after),
    )  # fmt: skip


@blueprint.get("/quarantine")
@requires(Permission.READ_MEETING)
def quarantine() -> str:
    """Show what was kept but not applied, with the reason."""
    page = page_asked(request.args.get("page", type=int))
    return render_template("review/quarantine.html", waiting=queries.quarantined(signed_in(), page))


@blueprint.post("/quarantine/<uuid:held_id>")
@requires(Permission.READ_MEETING)
def settle(held_id: UUID) -> Response:
    """Take a kept operation into the book, or set it aside with a reason."""
    note = request.form.get("note", "").strip()
    if request.form.get("word") == "release":
        actions.release(signed_in(), held_id)
        flash(_("Đã nhận vào sổ."), "good")
    elif note and len(note) <= MAX_NOTE:
        actions.dismiss(signed_in(), held_id, note)
        flash(_("Đã gác lại; người ghi sẽ thấy lý do."), "good")
    else:
        flash(_("Viết lý do để người ghi hiểu, tối đa 300 chữ."), "bad")
    return redirect(url_for(".quarantine", page=request.args.get("page", type=int)), 303)


def _entry_page(
    entry_id: UUID, verdict: Verdict | None = None, error: str = "", redacting: Form | None = None
) -> str:  # fmt: skip
    actor = signed_in()
    found = queries.entry(actor, entry_id)
    if found is None:
        abort(404)
    body = body_of(found)
    lines = describe(body)
    households = queries.households_of(found)
    may_redact = queries.may(actor, found, Permission.DECIDE_MEETING)
    may_decide = may_redact and found.state == "submitted"
    return render_template(
        "review/entry.html",
        photos={f"photos.{place}": photo for place, photo in enumerate(body.photos)},
        entry=found, lines=lines, places=above(found.unit_id, found.meeting_date), group=queries.group_of(found),
        author=queries.author_of(found), keeper=queries.keeper_of(found), revisions=queries.revisions(found),
        petitions=[(record, describe(body)) for record, body in queries.petitions_of(found)],
        reviews=queries.reviews_of([found.id]).get(found.id, []), may_decide=may_decide,
        kinds=types(),
        may_comment=queries.may(actor, found, Permission.COMMENT_MEETING), next_id=queries.next_waiting(actor, found),
        also=queries.also_this_month(found), redactions=of_records([found.id]).get(found.id, []), Reason=Reason,
        redact_form=(redacting or redaction_form(body)) if may_redact else None, redacting=redacting is not None,
        label_at=partial(label_at, body), withdrawal_reason=queries.withdrawal_reason,
        verdict=verdict, error=error, remark_prefix=REMARK, households=households,
        attention=needs_attention(found.status, found.households_present, households),
    )  # fmt: skip


def _filters(args: MultiDict[str, str]) -> Filters:
    """Read the filters from the address; what makes no sense is as if it were not there."""
    state = args.get("state", "submitted")
    status = args.get("status", "")
    return Filters(
        state=state if state in STATES else "submitted",
        unit_id=args.get("unit", type=UUID),
        month=args.get("month", type=_month),
        status=status if status in set(MeetingStatus) else "",
        page=page_asked(args.get("page", type=int)),
    )


def _month(text: str) -> date:
    """Read a month such as ``2026-11``."""
    month = date.fromisoformat(f"{text}-01")
    if not _YEARS.start <= month.year < _YEARS.stop:
        raise ValueError(text)
    return month


def _address(filters: Filters, **changed: object) -> str:
    """Return the queue's address for these filters with something changed."""
    asked: dict[str, object | None] = {
        "state": filters.state, "unit": filters.unit_id, "status": filters.status or None,
        "month": filters.month.strftime("%Y-%m") if filters.month else None,
    }  # fmt: skip
    return url_for("review.queue", **(asked | changed))  # type: ignore[arg-type]


def _verdict(form: MultiDict[str, str]) -> Verdict | None:
    decision = form.get("decision", "")
    if decision not in set(Decision):
        return None
    remarks = {
        name.removeprefix(REMARK): text.strip() for name, text in form.items() if name.startswith(REMARK)
    }
    return Verdict(Decision(decision), form.get("text", "").strip(), {f: t for f, t in remarks.items() if t})
