"""Who is acting, and what they may do: plain facts, no Flask, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from webapp.permissions import Permission

MAX_FAILED_SIGN_INS = 8
LOCK_TIME = timedelta(minutes=10)
SEEN_EVERY = timedelta(hours=1)
"""How exactly it is known when a device was last heard of: a write for every pull would be too dear."""
MIN_PASSWORD = 8


@dataclass(frozen=True)
class Grant:
    """A role bound to a unit for a while."""

    role: str
    unit_id: UUID
    permissions: frozenset[Permission]
    valid_from: date
    valid_to: date | None

    def holds_on(self, day: date) -> bool:
        """Say whether the role is held on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True)
class Actor:
    """The person who acts, on the device they act from."""

    officer_id: UUID
    account_id: UUID
    device_id: UUID
    name: str
    title: str
    grants: tuple[Grant, ...]
    is_revoked: bool = False
    seen_at: datetime | None = None
    """When the device was last noted to have been heard of, to the hour."""

    def may(self, permission: Permission, day: date) -> bool:
        """Say whether any role held on `day` gives `permission` somewhere."""
        return bool(self.roots(permission, day))

    def roots(self, permission: Permission, day: date) -> frozenset[UUID]:
        """Return the units at which `permission` is held on `day`; it holds for all below them."""
        return frozenset(g.unit_id for g in self.grants if permission in g.permissions and g.holds_on(day))


def first_screen(actor: Actor, day: date) -> str:
    """Return where `/` sends this person: reviewers to what waits for them, recorders to their notebook."""
    if actor.may(Permission.DECIDE_MEETING, day):
        return "/review/"
    if actor.may(Permission.RECORD_MEETING, day):
        return "/notebook/"
    if actor.may(Permission.READ_MEETING, day):
        return "/review/"
    if actor.may(Permission.HANDLE_PETITION, day):
        return "/petitions/"
    if actor.may(Permission.READ_PLACES, day):
        return "/places/"
    return "/welcome"


def after_signing_in(address: str, officer_id: UUID) -> str:
    """Return where to go on. A notebook is told who signed in: the one open on this phone may be somebody else's."""
    page, _, query = address.partition("?")
    if not page.startswith("/notebook/"):
        return address
    asked = [part for part in query.split("&") if part and part.partition("=")[0] != "signed_in"]
    return f"{page}?{'&'.join([*asked, f'signed_in={officer_id}'])}"


def lock_after(failed: int, at: datetime) -> datetime | None:
    """Return until when an account rests after `failed` wrong passwords in a row."""
    return at + LOCK_TIME if failed >= MAX_FAILED_SIGN_INS else None


def tidy_identifier(typed: str) -> str:
    """Return a sign-in name as stored: phone numbers as 0xxxxxxxxx, codes in lower case."""
    compact = "".join(typed.split()).replace(".", "").lower()
    if compact.startswith("+84"):
        return "0" + compact[3:]
    if compact.isdigit() and len(compact) == 9:  # noqa: PLR2004 - a mobile number that lost its zero
        return "0" + compact
    return "".join(typed.split()).lower() if not compact.isdigit() else compact
