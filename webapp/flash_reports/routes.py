"""The pages of flash reports: listed and opened at the desk, written in the notebook."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts.session import requires, signed_in
from webapp.describe import describe
from webapp.desk import around
from webapp.errors import Problem
from webapp.flash_reports import actions, queries, rules
from webapp.flash_reports.forms import FlashForm, RedirectionForm
from webapp.flash_reports.queries import Filters
from webapp.flash_reports.rules import State
from webapp.forms import body_from
from webapp.paging import page_asked
from webapp.permissions import Permission
from webapp.petitions.records import Channel, Redirection
from webapp.places.queries import above
from webapp.pwa import register_shell, render_shell
from webapp.redaction.forms import redaction_form
from webapp.redaction.queries import of_records
from webapp.redaction.records import Reason
from webapp.redaction.routes import still_to_mend

if TYPE_CHECKING:
    from wtforms import Form

blueprint = Blueprint("flash_reports", __name__, url_prefix="/flash-reports")
blueprint.context_processor(around)
outside = Blueprint("open_flash_reports", __name__)
"""What is not the desk's: the notebook's page."""

CHANNELS = {channel.value: channel.label for channel in Channel} | {
    "mediation": Channel.DISPUTE.label, "emergency": Channel.VIOLENCE.label,
}  # fmt: skip
"""What the phone calls the channels that a text may belong to."""


@blueprint.get("/")
@requires(Permission.READ_MEETING)
def everything() -> str:
    """Show the flash reports in scope, by the filters in the address."""
    actor, filters = signed_in(), _filters(request.args)
    listed = queries.reports(actor, filters)
    return render_template(
        "flash_reports/list.html", filters=filters, listed=listed, states=State, channels=Channel, address=_address,
        units=queries.units_to_choose(actor), openings=queries.openings([row.report for row in listed.rows]),
    )  # fmt: skip


@blueprint.get("/<uuid:report_id>")
@requires(Permission.READ_MEETING)
def report(report_id: UUID) -> str:
    """Show one flash report; the first to open it who can act on it is what its author is told."""
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        raise Problem("overloaded")  # nobody reads it yet: the browser asks again when somebody does
    return _page(report_id)


@blueprint.post("/<uuid:report_id>/redirect")
@requires(Permission.READ_MEETING)
def send_elsewhere(report_id: UUID) -> BaseResponse | tuple[str, int]:
    """Send a matter to the channel where it belongs."""
    form = RedirectionForm(request.form)
    said = body_from(form, Redirection)
    if said is None:
        return _page(report_id, form), 422
    actions.redirect(signed_in(), report_id, said.channel)
    flash(_("Đã chuyển kênh; nội dung không hiện ở đâu nữa."), "good")
    return redirect(url_for(".report", report_id=report_id), 303)


@blueprint.post("/<uuid:report_id>/redactions")
@requires(Permission.READ_MEETING)
def redact(report_id: UUID) -> BaseResponse | tuple[str, int]:
    """Mask a passage of a flash report, or a field of it, in all that is stored."""
    actor = signed_in()
    found = queries.report(actor, report_id)
    if found is None:
        raise Problem("not_found")
    if not queries.may_redact(actor, found):
        raise Problem("forbidden")
    form = still_to_mend(queries.body_of(found), partial(actions.redact, actor, report_id))
    if form:
        return _page(report_id, redacting=form), 422
    return redirect(url_for(".report", report_id=report_id), 303)


@outside.get(register_shell("/notebook/flash"))
def notebook() -> Response:
    """Show the form and the list as the phone keeps them: the page is the same for everybody."""
    form = FlashForm(formdata=None)
    return render_shell("flash_reports/notebook.html", form=form, channels=CHANNELS)


def _page(report_id: UUID, form: RedirectionForm | None = None, redacting: Form | None = None) -> str:
    actor = signed_in()
    found = actions.open_report(actor, report_id, counts=request.method == "GET")
    hidden = found.state == State.REDIRECTED
    acts = queries.acts_on(actor, found) is not None
    times, body = queries.times(found), queries.body_of(found)
    may_redact = queries.may_redact(actor, found) and not hidden
    return render_template(
        "flash_reports/report.html", report=found, hidden=hidden, Channel=Channel, times=times,
        lines=[] if hidden else describe(body), group=queries.group_of(found),
        places=above(found.unit_id, times.received.date()), author=queries.author_of(found),
        opening=queries.openings([found]).get(found.id), opened_by=queries.opened_by(found),
        form=(form or RedirectionForm()) if rules.may_redirect(found.state, acts=acts) else None, is_open=bool(form),
        redactions=of_records([found.id]).get(found.id, []), Reason=Reason, redacting=redacting is not None,
        redact_form=(redacting or redaction_form(body)) if may_redact else None,
    )  # fmt: skip


def _filters(args: MultiDict[str, str]) -> Filters:
    """Read the filters from the address; what makes no sense is as if it were not there."""
    state = args.get("state", "")
    return Filters(
        state=State(state) if state in set(State) else None,
        unit_id=args.get("unit", type=UUID),
        page=page_asked(args.get("page", type=int)),
    )


def _address(filters: Filters, **changed: object) -> str:
    """Return the list's address for these filters with something changed; a change begins at the first page."""
    asked: dict[str, object] = {
        "state": filters.state.value if filters.state else None,
        "unit": filters.unit_id,
    }
    return url_for("flash_reports.everything", **{k: v for k, v in (asked | changed).items() if v})  # type: ignore[arg-type]
