"""The signed-in person of a request: the cookie names a device, the database says who that is."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast
from uuid import UUID

from flask import g, session

from webapp import clock
from webapp.accounts.models import Device
from webapp.accounts.queries import actor_of_device, is_locked
from webapp.accounts.rules import Actor
from webapp.errors import Problem
from webapp.permissions import Permission

View = TypeVar("View", bound=Callable[..., object])

_KEY = "device"


def begin(device: Device) -> None:
    """Remember the device in this browser for as long as browsers allow (400 days)."""
    session.clear()
    session[_KEY] = str(device.id)
    session.permanent = True


def end() -> None:
    """Forget the device in this browser."""
    session.clear()


def current_actor() -> Actor | None:
    """Return who is signed in, loaded once a request and only when asked."""
    if "actor" not in g:
        device_id = session.get(_KEY)
        g.actor = actor_of_device(UUID(device_id)) if device_id else None
    return cast("Actor | None", g.actor)


def present() -> Actor:
    """Return who is signed in, also on a revoked device, or say why nobody is.

    That an account is locked is told only to a browser in which it was signed in, never at the sign-in form.
    """
    actor = current_actor()
    if actor is None:
        device_id = session.get(_KEY)
        raise Problem("account_locked" if device_id and is_locked(UUID(device_id)) else "sign_in_required")
    return actor


def signed_in() -> Actor:
    """Return who is signed in, or answer that signing in is needed."""
    actor = present()
    if actor.is_revoked:
        raise Problem("revoked_device")
    return actor


def requires(permission: Permission) -> Callable[[View], View]:
    """Let a view run only for people who hold `permission` somewhere; its scope is the query's business."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: object, **kwargs: object) -> object:
            if not signed_in().may(permission, clock.today()):
                raise Problem("forbidden")
            return view(*args, **kwargs)

        return cast("View", guarded)

    return decorate
