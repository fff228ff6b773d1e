"""What machines ask: is the process up, is it ready, what does it count."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from webapp.ops.queries import pending_migrations

blueprint = Blueprint("ops", __name__)


@blueprint.get("/healthz")
def health() -> Response:
    """Say that the process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readiness() -> tuple[Response, int]:
    """Say whether the database is there and has every migration."""
    try:
        pending = pending_migrations()
    except SQLAlchemyError:
        return jsonify(status="database unreachable"), 503
    return (jsonify(status="migrations pending"), 503) if pending else (jsonify(status="ready"), 200)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Give the counters of this process to Prometheus."""
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
