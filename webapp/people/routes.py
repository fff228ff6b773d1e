"""The pages of people, the slips to print, and the page where a slip is used."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from webapp.accounts import session
from webapp.accounts.rules import after_signing_in
from webapp.accounts.session import requires, signed_in
from webapp.db import new_id
from webapp.desk import around
from webapp.errors import Problem
from webapp.i18n import either
from webapp.paging import page_asked
from webapp.people import actions, queries
from webapp.people.forms import ActivationForm, PersonForm
from webapp.people.queries import Filters, Person
from webapp.people.rules import AccountState
from webapp.permissions import Permission

blueprint = Blueprint("people", __name__)
blueprint.context_processor(around)


@blueprint.get("/people/")
@requires(Permission.ADMINISTER)
def everybody() -> str:
    """List the people in scope; what is asked for stands in the address."""
    asked = request.args
    filters = Filters(
        asked.get("q", "")[:80],
        asked.get("unit", type=UUID),
        asked.get("state", ""),
        page_asked(asked.get("page", type=int)),
    )
    actor = signed_in()
    return render_template(
        "people/list.html", filters=filters, found=queries.people(actor, filters), states=list(AccountState),
        units=queries.home_units(actor), address=_address,
    )  # fmt: skip


@blueprint.get("/people/new")
@requires(Permission.ADMINISTER)
def new() -> str:
    """Show an empty form."""
    return _show(_form(new_id=str(new_id())), None)


@blueprint.post("/people/new")
@requires(Permission.ADMINISTER)
def add() -> Response | tuple[str, int]:
    """Keep somebody new."""
    form = _form()
    return _save(form, form.minted, None)


@blueprint.get("/people/<uuid:officer_id>")
@requires(Permission.ADMINISTER)
def person(officer_id: UUID) -> str:
    """Show somebody: the form, the account, the roles."""
    found = _found(officer_id)
    return _show(_form(**queries.facts_of(officer_id)), found)


@blueprint.post("/people/<uuid:officer_id>")
@requires(Permission.ADMINISTER)
def save(officer_id: UUID) -> Response | tuple[str, int]:
    """Keep what was changed of somebody."""
    return _save(_form(), officer_id, _found(officer_id))


@blueprint.post("/people/<uuid:officer_id>/<any(lock,unlock,revoke):deed>")
@requires(Permission.ADMINISTER)
def change_account(officer_id: UUID, deed: str) -> Response:
    """Lock or unlock an account, or revoke its phones."""
    actor = signed_in()
    if deed == "revoke":
        count = actions.revoke_phones(actor, officer_id)
        flash(
            _("Đã thu hồi %(n)s máy. Phiếu còn trên máy vẫn gửi được vào chỗ chờ kiểm tra.", n=count), "good"
        )
    else:
        actions.set_locked(actor, officer_id, locked=deed == "lock")
        flash(_("Đã khóa tài khoản.") if deed == "lock" else _("Đã mở khóa tài khoản."), "good")
    return redirect(url_for(".person", officer_id=officer_id), 303)


@blueprint.post("/people/slips")
@requires(Permission.ADMINISTER)
def slips() -> str:
    """Hand out codes and show the slips to print, once: the codes are kept nowhere."""
    ids = request.form.getlist("officer", type=UUID)
    made = actions.hand_out(signed_in(), ids)
    return render_template("people/slips.html", slips=made, qr=_qr, left_out=len(set(ids)) - len(made))


@blueprint.get("/activate")
def activation() -> str:
    """Show where a slip is used. Opening it uses nothing: on an iPhone the code must be used inside the app."""
    return render_template("people/activate.html", form=ActivationForm())


@blueprint.post("/activate")
def activate() -> Response | tuple[str, int]:
    """Use a slip: choose a password and be signed in on this phone."""
    form = ActivationForm()
    if form.validate_on_submit():
        label = (request.user_agent.string or "")[:120]
        device = actions.activate(form.code.data or "", form.password.data or "", label)
        if device is not None:
            session.begin(device)
            return redirect(after_signing_in("/notebook/", signed_in().officer_id), 303)
        form.code.errors = [
            *form.code.errors,
            _("Mã này không đúng, đã dùng hoặc hết hạn. Xin người quản trị phiếu mới."),
        ]
    return render_template("people/activate.html", form=form), 422


def _found(officer_id: UUID) -> Person:
    found = queries.chosen(signed_in(), [officer_id])
    if not found:
        raise Problem("not_found")
    return found[0]


def _form(**data: object) -> PersonForm:
    form = PersonForm(data=data)
    form.offer(
        [
            (one.id, f"{one.name} ({either(one.label, one.label_en)})")
            for one in queries.home_units(signed_in())
        ]
    )
    return form


def _save(form: PersonForm, officer_id: UUID, before: Person | None) -> Response | tuple[str, int]:
    if not form.validate_on_submit():
        return _show(form, before), 422
    try:
        actions.save_person(signed_in(), officer_id, form.facts())
    except actions.TakenError as taken:
        form.code.errors = [*form.code.errors, _(str(taken))]
        return _show(form, before), 422
    flash(_("Đã lưu."), "good")
    return redirect(url_for(".person", officer_id=officer_id), 303)


def _show(form: PersonForm, found: Person | None) -> str:
    roles = queries.roles_of(found.id) if found else []
    devices = queries.devices_of(found.id) if found else 0
    return render_template("people/person.html", form=form, person=found, roles=roles, devices=devices)


def _address(filters: Filters, **changed: Any) -> str:  # noqa: ANN401 - whatever an address can say
    asked: dict[str, Any] = {
        "q": filters.query,
        "unit": filters.unit_id,
        "state": filters.state,
        "page": filters.page,
    }
    return url_for(".everybody", **{name: value for name, value in (asked | changed).items() if value})


def _qr(code: str) -> Markup:
    """Draw the address of the activation page; the code stands behind the #, which no server and no log sees."""
    origin = current_app.config["PUBLIC_URL"] or request.host_url
    drawn = segno.make(f"{origin.rstrip('/')}/activate#{code}", error="m", micro=False)
    return Markup(drawn.svg_inline(scale=3, border=2, omitsize=True))  # noqa: S704 - squares only
