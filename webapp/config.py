"""Where this installation's settings come from: the environment, and files in its data folder."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Settings:
    """What an installation is told from outside (see docs/operations.md)."""

    data: Path
    database_url: str
    secret_key: str
    public_url: str | None

    def as_flask_config(self) -> dict[str, Any]:
        """Translate to the keys Flask and its extensions know."""
        return {
            "SECRET_KEY": self.secret_key,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": not self.database_url.startswith("sqlite")},
            "PUBLIC_URL": self.public_url,
            "PERMANENT_SESSION_LIFETIME": timedelta(days=400),
            "SESSION_COOKIE_NAME": "gandan",
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": (self.public_url or "").startswith("https://"),
            "SESSION_REFRESH_EACH_REQUEST": False,
            "WTF_CSRF_TIME_LIMIT": None,
            "WTF_CSRF_SSL_STRICT": False,  # the same-origin proof in webapp.security covers it
            "MAX_CONTENT_LENGTH": 4 * 1024 * 1024,
            "BABEL_DEFAULT_LOCALE": "vi",
            "BABEL_DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
            "COMPRESS_ALGORITHM": ["br", "gzip"],
            "COMPRESS_BR_LEVEL": 5,
            "COMPRESS_MIN_SIZE": 200,
        }


def settings_from_environment() -> Settings:
    """Read DATABASE_URL, GANDAN_DATA, SECRET_KEY and PUBLIC_URL; make what is not given, once."""
    data = Path(os.environ.get("GANDAN_DATA") or "instance").resolve()
    data.mkdir(parents=True, exist_ok=True)
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{data / 'gandan.sqlite'}"
    public_url = os.environ.get("PUBLIC_URL") or None
    if public_url and not urlsplit(public_url).netloc:
        raise SystemExit(
            f"PUBLIC_URL must be a full address such as https://gandan.example, not {public_url!r}."
        )
    return Settings(
        data=data,
        database_url=_with_driver(url),
        secret_key=os.environ.get("SECRET_KEY") or _kept_secret(data / "secret_key"),
        public_url=public_url.rstrip("/") if public_url else None,
    )


def _with_driver(url: str) -> str:
    """Use psycopg 3 for the plain PostgreSQL addresses that hosts hand out."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _kept_secret(path: Path) -> str:
    """Make the signing key at first start and keep it, so that a restart signs nobody out."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret
