"""Activation codes, the kinds of officers, and how an account stands: pure decisions."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from webapp.fields import N_

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is read as a digit or another letter."""
LENGTH = 10
"""50 bits: nobody guesses one within its life, and it is typed on a phone without a mistake."""
LIFETIME = timedelta(days=14)

KINDS: tuple[tuple[str, str], ...] = (
    ("commune_cadre", N_("Cán bộ cấp xã")),
    ("civil_servant", N_("Công chức cấp xã")),
    ("non_specialised", N_("Người hoạt động không chuyên trách")),
    ("branch_committee", N_("Cấp ủy chi bộ")),
    ("hamlet_cadre", N_("Cán bộ ấp")),
    ("district_officer", N_("Cán bộ cấp huyện")),
    ("district_committee", N_("Cấp ủy cấp huyện")),
    ("district_office", N_("Văn phòng cấp huyện")),
    ("provincial_officer", N_("Cán bộ cấp tỉnh")),
)
"""Kinds of officers (domain analysis, A2), in the order of a list."""


class AccountState(StrEnum):
    """How somebody's account stands."""

    NONE = "none"
    """No password and no code that is still good: nobody can sign in."""
    CODE_OUT = "code_out"
    """A code was handed out and waits to be used."""
    ACTIVE = "active"
    LOCKED = "locked"


def new_code() -> str:
    """Return a code as it is printed: two groups of five."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{code[:5]}-{code[5:]}"


def tidy_code(typed: str) -> str:
    """Return what somebody typed as the code they read: case, hyphens and look-alikes do not matter."""
    plain = "".join(ch for ch in typed.upper() if ch.isalnum())
    return plain.translate(str.maketrans("OIL", "011"))


def digest(code: str, secret_key: str) -> bytes:
    """Return what is stored of a code: a keyed hash, so that the database alone gives none of them away."""
    return hmac.new(secret_key.encode(), b"activation" + tidy_code(code).encode(), hashlib.sha256).digest()


def state_of(
    *, is_active: bool, has_password: bool, code_until: datetime | None, now: datetime
) -> AccountState:
    """Say how an account stands; `code_until` is when its unused code ends, if there is one."""
    if not is_active:
        return AccountState.LOCKED
    if code_until and code_until > now:
        return AccountState.CODE_OUT
    return AccountState.ACTIVE if has_password else AccountState.NONE
