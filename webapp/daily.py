"""What is done at the first request of a day in every process: decisions dated ahead come true."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from threading import Lock, Thread
from typing import TYPE_CHECKING, cast

from flask import current_app, request

from webapp import clock

if TYPE_CHECKING:
    from flask import Flask

Deed = Callable[[date], object]
"""Makes the database say what was decided for a day; done again, in any process, it changes nothing."""
_DEEDS = "gandan_daily"
_DONE = "gandan_daily_done"
_ASIDE = "gandan_daily_aside"
_BEGUN_ASIDE = "gandan_daily_begun_aside"
_beginning = Lock()
_log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Let a day begin with the first request of somebody; what nobody in particular asks for needs no database."""
    app.extensions[_DEEDS] = []
    app.extensions[_ASIDE] = []

    @app.before_request
    def begin_the_day() -> None:
        if request.cookies and app.extensions.get(_DONE) != clock.today():
            begin(clock.today())


def every_day(app: Flask, deed: Deed) -> None:
    """Let a deed be done each day, after those of the capabilities before; the first request waits for it."""
    app.extensions[_DEEDS].append(deed)


def every_day_aside(app: Flask, deed: Deed) -> None:
    """Let a deed be done each day while requests are answered: nobody waits for it; what fails is for tomorrow."""
    app.extensions[_ASIDE].append(deed)


def begin(day: date) -> None:
    """Do what is to be done on `day`, and set going what nobody waits for."""
    for deed in cast("list[Deed]", current_app.extensions[_DEEDS]):
        deed(day)
    current_app.extensions[_DONE] = day
    with _beginning:  # several requests may be a day's first
        if current_app.extensions.get(_BEGUN_ASIDE) == day:
            return
        current_app.extensions[_BEGUN_ASIDE] = day
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own advice
    Thread(target=_do_aside, args=(app, day), name=f"aside {day}", daemon=True).start()


def _do_aside(app: Flask, day: date) -> None:
    for deed in cast("list[Deed]", app.extensions[_ASIDE]):
        with app.app_context():
            try:
                deed(day)
            except Exception:  # noqa: BLE001 - nobody waits for a thread: what happened has to be written down
                _log.exception("a deed of %s was not done", day)
