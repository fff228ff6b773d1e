"""Serving with waitress, in one process or several sharing a port."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

import waitress

from webapp.db import db

if TYPE_CHECKING:
    from flask import Flask


def serve_forever(app: Flask, *, host: str, port: int, threads: int, workers: int) -> None:
    """Answer requests until stopped. With `workers` above 1 the processes share one listening socket."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a short queue is normal in the evening
    listener = socket.create_server((host, port), backlog=1024, reuse_port=False)
    if workers > 1:
        if not hasattr(os, "fork"):
            raise SystemExit("Several workers need a system with fork; start one, or several behind a proxy.")
        _fork(app, workers)
    proxy = os.environ.get("TRUSTED_PROXY") or None
    waitress.serve(
        app,
        sockets=[listener],
        threads=threads,
        ident=None,
        clear_untrusted_proxy_headers=True,
        trusted_proxy=proxy,
        trusted_proxy_headers={"x-forwarded-proto", "x-forwarded-for"} if proxy else set(),
        max_request_body_size=8 * 1024 * 1024,
    )


def _fork(app: Flask, workers: int) -> None:
    """Turn this process into `workers` that serve, and one that waits for them and stops them."""
    with app.app_context():
        db.engine.dispose()  # no connection may be shared between processes
    children = []
    for _ in range(workers):
        child = os.fork()
        if child == 0:
            return
        children.append(child)

    def stop(*_: object) -> None:
        for child in children:
            os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    for child in children:
        os.waitpid(child, 0)
    sys.exit(0)
