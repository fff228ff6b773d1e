"""Sign-in, sign-out, language, and where each person begins."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from webapp import clock
from webapp.accounts import actions, session
from webapp.accounts.forms import SignInForm
from webapp.accounts.models import Device
from webapp.accounts.queries import account_by_identifier, offered_people
from webapp.accounts.rules import after_signing_in, first_screen
from webapp.errors import Problem
from webapp.i18n import LANGUAGES, keep

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/")
def home() -> BaseResponse:
    """Send each person to their own first screen."""
    actor = session.current_actor()
    return redirect(first_screen(actor, clock.today()) if actor else url_for(".sign_in"))


@blueprint.get("/welcome")
def welcome() -> str:
    """Greet somebody whose role has no screen yet."""
    return render_template("accounts/welcome.html", actor=session.signed_in())


@blueprint.get("/sign-in")
def sign_in() -> str:
    """Show the sign-in form; a demonstration also offers its people."""
    return render_template("accounts/sign_in.html", form=SignInForm(), people=offered_people(), next=_next())


@blueprint.post("/sign-in")
def open_session() -> BaseResponse | tuple[str, int]:
    """Sign in with phone number or code, and password."""
    form = SignInForm()
    if form.validate_on_submit():
        device = actions.sign_in(form.identifier.data or "", form.password.data or "", _device_label())
        if device is not None:
            return _begin(device)
        wrong = _("Tên hoặc mật khẩu chưa đúng. Sai nhiều lần thì chờ 10 phút, hoặc hỏi người quản trị.")
        flash(wrong, "error")
    return render_template("accounts/sign_in.html", form=form, people=offered_people(), next=_next()), 422


@blueprint.post("/sign-in/demonstration/<code>")
def open_demonstration_session(code: str) -> BaseResponse:
    """Sign in as one of the people of a demonstration with one tap."""
    if code not in {person.code for person in offered_people()}:
        raise Problem("not_found")
    account = account_by_identifier(code)
    if account is None:
        raise Problem("not_found")
    return _begin(actions.open_device(account.id, _device_label()))


@blueprint.post("/sign-out")
def sign_out() -> BaseResponse:
    """End the session. The notebook refuses to come here while something is unsent."""
    actor = session.current_actor()
    if actor is not None:
        actions.sign_out(actor)
    session.end()
    return redirect(url_for(".sign_in"), 303)


@blueprint.post("/language")
def choose_language() -> Response:
    """Remember the language of this browser."""
    language = request.form.get("lang", "")
    if language not in LANGUAGES:
        raise Problem("bad_request")
    response = make_response(redirect(_next() or url_for(".home"), 303))
    keep(response, language)
    return response


def _begin(device: Device) -> BaseResponse:
    """Sign in on this browser and lead to where the person wanted to go, or begins."""
    session.begin(device)
    actor = session.current_actor()
    if actor is None:
        return redirect(url_for(".sign_in"), 303)
    return redirect(after_signing_in(_next() or first_screen(actor, clock.today()), actor.officer_id), 303)


def _next() -> str:
    """Return the address to go on to, if it is one of ours."""
    address = request.values.get("next", "")
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else ""


def _device_label() -> str:
    return (request.user_agent.string or "")[:120]
