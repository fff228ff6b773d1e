"""The page on which windows and duties are read and decided."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp import clock
from webapp.accounts.session import requires, signed_in
from webapp.db import new_id
from webapp.desk import around
from webapp.duties import actions, queries, rules
from webapp.duties.forms import DutyForm, WindowForm
from webapp.permissions import Permission

blueprint = Blueprint("duties", __name__, url_prefix="/duties")
blueprint.context_processor(around)


@blueprint.get("/")
@requires(Permission.SET_DUTIES)
def page() -> str:
    """Show what holds, what held and what will, and the forms to decide anew."""
    return _show(*_forms())


@blueprint.post("/windows")
@requires(Permission.SET_DUTIES)
def set_window() -> Response | tuple[str, int]:
    """Decide on a window."""
    windows, duties = _forms(window_sent=True)
    return _decide(
        windows, lambda made: actions.set_window(signed_in(), made, windows.facts()), windows, duties
    )


@blueprint.post("/rules")
@requires(Permission.SET_DUTIES)
def set_duty() -> Response | tuple[str, int]:
    """Decide on a duty."""
    windows, duties = _forms(duty_sent=True)
    return _decide(duties, lambda made: actions.set_duty(signed_in(), made, duties.facts()), windows, duties)


@blueprint.post("/<uuid:row_id>/end")
@requires(Permission.SET_DUTIES)
def end(row_id: UUID) -> Response:
    """Let what was decided for a place end with this month."""
    actions.end(signed_in(), row_id)
    flash(_("Từ tháng sau áp dụng quy định chung của cấp trên."), "good")
    return redirect(url_for(".page"), 303)


def _decide(
    form: WindowForm | DutyForm, act: Callable[[UUID], None], windows: WindowForm, duties: DutyForm
) -> Response | tuple[str, int]:
    if not form.validate_on_submit():
        return _show(windows, duties), 422
    try:
        act(form.minted)
    except rules.Refused as refused:
        form.valid_from.errors = [*form.valid_from.errors, _(str(refused))]
        return _show(windows, duties), 422
    flash(_("Đã lưu. Các tháng đã qua giữ nguyên."), "good")
    return redirect(url_for(".page"), 303)


def _forms(*, window_sent: bool = False, duty_sent: bool = False) -> tuple[WindowForm, DutyForm]:
    """Make both forms; what was sent fills the one it was sent by."""
    actor, today = signed_in(), clock.today()
    opened = {"valid_from": rules.month_of(today)}
    windows = (
        WindowForm(prefix="window-")
        if window_sent
        else WindowForm(formdata=None, prefix="window-", data=opened | {"new_id": str(new_id())})
    )
    duties = (
        DutyForm(prefix="duty-")
        if duty_sent
        else DutyForm(formdata=None, prefix="duty-", data=opened | {"new_id": str(new_id()), "min_count": 1})
    )
    places = queries.places_to_decide(actor, today)
    for form in (windows, duties):
        form.offer(places)
    duties.offer_roles(queries.roles())
    return windows, duties


def _show(windows: WindowForm, duties: DutyForm) -> str:
    actor, today = signed_in(), clock.today()
    seen = queries.seen_from(actor, today)
    shown_windows = [row for row in queries.all_windows() if row.unit_id is None or row.unit_id in seen]
    shown_duties = [row for row in queries.all_duties() if row.unit_id is None or row.unit_id in seen]
    named = {row.unit_id for row in shown_windows} | {row.unit_id for row in shown_duties}
    return render_template(
        "duties/page.html", windows=windows, duties=duties, shown_windows=shown_windows, shown_duties=shown_duties,
        names=queries.names_of({unit for unit in named if unit}),
        role_names={role.code: role for role in queries.roles()},
        may_end={one.id for one in queries.places_to_decide(actor, today)}, when=rules.when, today=today,
    )  # fmt: skip
