"""What is done at the first request of a day in every process: decisions dated ahead come true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, cast

from flask import current_app, request

from webapp import clock

if TYPE_CHECKING:
    from flask import Flask

Deed = Callable[[date], object]
"""Makes the database say what was decided for a day; done again, in any process, it changes nothing."""
_DEEDS = "gandan_daily"
_DONE = "gandan_daily_done"


def register(app: Flask) -> None:
    """Let a day begin with the first request of somebody; what nobody in particular asks for needs no database."""
    app.extensions[_DEEDS] = []

    @app.before_request
    def begin_the_day() -> None:
        if request.cookies and app.extensions.get(_DONE) != clock.today():
            begin(clock.today())


def every_day(app: Flask, deed: Deed) -> None:
    """Let a deed be done each day, after those of the capabilities before."""
    app.extensions[_DEEDS].append(deed)


def begin(day: date) -> None:
    """Do what is to be done on `day`."""
    for deed in cast("list[Deed]", current_app.extensions[_DEEDS]):
        deed(day)
    current_app.extensions[_DONE] = day
