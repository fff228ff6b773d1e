"""Writes of accounts: sign in, sign out, set a password."""

from __future__ import annotations

import secrets
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update

from webapp import clock
from webapp.accounts.models import Account, Device
from webapp.accounts.queries import account_by_identifier
from webapp.accounts.rules import MIN_PASSWORD, SEEN_EVERY, Actor, lock_after, tidy_identifier
from webapp.audit.actions import record
from webapp.db import new_id, transaction

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""Argon2id at the parameters OWASP recommends for small servers."""

_NOBODY = _hasher.hash("nobody")


def sign_in(identifier: str, password: str, device_label: str) -> Device | None:
    """Open a session on a new device, or return None when name and password do not fit or the account rests.

    The password is checked outside the write transaction, and also for unknown names, so that neither
    the lock nor the time taken tells which names exist.
    """
    account = account_by_identifier(tidy_identifier(identifier))
    stored = account.password_hash if account and account.password_hash else _NOBODY
    fits = _fits(stored, password) and account is not None and account.is_active
    if account is None:
        return None
    now = clock.now()
    if account.locked_until and account.locked_until > now:
        return None
    account_id = account.id
    if not fits:
        _count_failure(account_id)
        return None
    return open_device(account_id, device_label)


def open_device(account_id: UUID, label: str) -> Device:
    """Give the account a session on a new device, with a secret of its own."""
    now = clock.now()
    with transaction() as session:
        account = session.get_one(Account, account_id)
        account.failed_sign_ins = 0
        account.locked_until = None
        device = Device(
            id=new_id(), account_id=account.id, secret=secrets.token_bytes(32), label=label[:120],
            created_at=now, last_seen_at=now,
        )  # fmt: skip
        session.add(device)
        session.flush()
        record("signed_in", actor_id=account.officer_id, record_kind="device", record_id=device.id)
    return device


def note_contact(actor: Actor) -> None:
    """Remember that the actor's device was heard of just now: what it holds unsent was written later than that."""
    now = clock.now()
    if actor.seen_at is None or now - actor.seen_at < SEEN_EVERY:
        return
    with transaction() as session:
        session.execute(update(Device).where(Device.id == actor.device_id).values(last_seen_at=now))


def sign_out(actor: Actor) -> None:
    """End the session of the actor's device."""
    with transaction() as session:
        session.get_one(Device, actor.device_id).signed_out_at = clock.now()
        record("signed_out", actor_id=actor.officer_id, record_kind="device", record_id=actor.device_id)


def revoke_devices(identifier: str, *, by: UUID | None = None) -> int:
    """Revoke every device of an account, as after a loss, and return how many; `by` whom, if not the console.

    A revoked device may still push, into quarantine, so that nothing written on it is lost; it learns nothing more.
    One that signed out is revoked too: its secret is still on the phone, and could sign a rescue file.
    """
    with transaction() as session:
        account = account_by_identifier(tidy_identifier(identifier))
        if account is None:
            return 0
        devices = session.scalars(
            select(Device).where(Device.account_id == account.id, Device.revoked_at.is_(None))
        ).all()
        for device in devices:
            device.revoked_at = clock.now()
            record("device_revoked", actor_id=by, record_kind="device", record_id=device.id)
    return len(devices)


def password_hash(password: str) -> str:
    """Return the argon2id hash to store for `password`."""
    return _hasher.hash(password)


def _fits(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _count_failure(account_id: UUID) -> None:
    with transaction() as session:
        account = session.get_one(Account, account_id)
        account.failed_sign_ins += 1
        account.locked_until = lock_after(account.failed_sign_ins, clock.now())
        if account.locked_until:
            account.failed_sign_ins = 0
        record("sign_in_refused", actor_id=None, record_kind="account", record_id=account.id)


def set_password(identifier: str, password: str) -> bool:
    """Give an account a new password; False when there is no such account or the password is too short."""
    if len(password) < MIN_PASSWORD:
        return False
    hashed = password_hash(password)
    with transaction():
        account = account_by_identifier(tidy_identifier(identifier))
        if account is None:
            return False
        account.password_hash = hashed
        account.failed_sign_ins = 0
        account.locked_until = None
        record("password_set", actor_id=None, record_kind="account", record_id=account.id)
    return True
