"""Languages: Vietnamese is what the source says; English is a catalogue."""

from __future__ import annotations

from flask import Flask, has_request_context, request
from flask_babel import format_date, format_datetime, get_locale

from webapp import clock
from webapp.extensions import babel

LANGUAGES = ("vi", "en")
COOKIE = "lang"


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
    app.jinja_env.globals.update(get_locale=get_locale, today=clock.today)
    app.jinja_env.filters.update(
        day=lambda value: format_date(value, "dd/MM/yyyy"),
        moment=lambda value: format_datetime(value, "HH:mm dd/MM/yyyy"),
        number=lambda value: f"{value:,}".replace(",", "." if chosen_language() == "vi" else ","),
    )
    app.jinja_env.add_extension("jinja2.ext.i18n")
