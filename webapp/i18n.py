"""Languages: Vietnamese is what the source says; English is a catalogue."""

from __future__ import annotations

from flask import Flask, Response, has_request_context, request
from flask_babel import format_date, format_datetime, format_decimal, format_percent, get_locale

from webapp import clock
from webapp.extensions import babel

LANGUAGES = ("vi", "en")
COOKIE = "lang"


def either(vietnamese: str, english: str) -> str:
    """Return one of two labels that are kept as data, in the language of the page."""
    return vietnamese if str(get_locale()).startswith("vi") else english


def chosen_language() -> str:
    """Return the language asked for: ``?lang=``, then the cookie, then Vietnamese.

    The browser's own preference is not asked: a phone bought second-hand often says English.
    """
    if not has_request_context():
        return "vi"
    for asked in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return asked
    return "vi"


def register(app: Flask) -> None:
    """Bind Babel and what templates need to write dates and choose a language."""
    babel.init_app(app, locale_selector=chosen_language)
    app.jinja_env.globals.update(get_locale=get_locale, today=clock.today, either=either)
    app.jinja_env.filters.update(
        day=lambda value: format_date(value, "dd/MM/yyyy"),
        moment=lambda value: format_datetime(value, "HH:mm dd/MM/yyyy"),
        number=format_decimal,
        percent=lambda value: format_percent(value, "#,##0.0%"),
    )
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.after_request(remember_choice)


def remember_choice(response: Response) -> Response:
    """Keep a language chosen by ``?lang=`` for the next page; pages that are kept by phones carry no cookie."""
    asked = request.args.get("lang")
    if asked in LANGUAGES and response.headers.get("Cache-Control", "no-store") == "no-store":
        keep(response, asked)
    return response


def keep(response: Response, language: str) -> None:
    """Remember the language of this browser, as long as browsers allow."""
    response.set_cookie(COOKIE, language, max_age=400 * 86400, samesite="Lax")
