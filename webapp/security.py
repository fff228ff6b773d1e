"""What every answer carries and every unsafe request must prove."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request

from webapp.errors import Problem

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Strict from the first day: nothing inline, nothing from elsewhere."""

_PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=(self)",
}
"""What only documents and workers obey: on the many small answers to a phone it would be half of the bytes."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def register(app: Flask) -> None:
    """Check the origin before every unsafe request; add the security headers after every request."""
    app.before_request(require_same_origin)
    app.after_request(add_headers)


def require_same_origin() -> None:
    """Refuse an unsafe request that does not prove it came from our own pages.

    Proof is ``Sec-Fetch-Site: same-origin``, which no page can forge, or else an ``Origin`` equal to our
    own address. It also covers cached pages, which can carry no token.
    """
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site != "same-origin":
            raise Problem("cross_site")
        return
    if request.headers.get("Origin") != _own_origin():
        raise Problem("cross_site")


def _own_origin() -> str:
    url = urlsplit(current_app.config.get("PUBLIC_URL") or request.host_url)
    return f"{url.scheme}://{url.netloc}"


def add_headers(response: Response) -> Response:
    """Add the strict policy; a page that nobody said may be kept is not kept."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    if response.mimetype == "text/html" or request.path == "/service_worker.js":
        for name, value in _PAGE_HEADERS.items():
            response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
