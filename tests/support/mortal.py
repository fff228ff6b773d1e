"""Serve the application so that a request can order the server's death: `python -m tests.support.mortal serve`.

`X-Die: commit` kills it when that request is about to commit, `X-Die: answer` when it has been answered and
nobody has heard of it. Both are SIGKILL: nothing is tidied up.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from sqlalchemy import event

from webapp import cli, create_app
from webapp.config import Settings
from webapp.db import db

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Order(threading.local):
    """When the request that this thread answers wants the server dead."""

    die_at = ""


order = Order()


def _die_at(moment: str) -> None:
    if order.die_at == moment:
        os.kill(os.getpid(), signal.SIGKILL)


def create_mortal(settings: Settings | None = None) -> Flask:
    """Make the application, ready to be killed."""
    app = create_app(settings)
    inner = app.wsgi_app

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        order.die_at = environ.get("HTTP_X_DIE", "")
        answered = inner(environ, start_response)
        _die_at("answer")
        return answered

    app.wsgi_app = answer  # type: ignore[method-assign]
    with app.app_context():
        event.listen(db.engine, "commit", lambda _: _die_at("commit"))
    return app


if __name__ == "__main__":
    cli.create_app = create_mortal  # type: ignore[attr-defined]
    sys.exit(cli.main())
