"""What tests of petitions do again and again: raise them on phones, and act on them as people of the world."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

from flask import Flask, g, has_app_context

from tests.webapp.world import Phone, officer_id, petition, sign_in, unit_id
from webapp.accounts.queries import actor_of_officer
from webapp.accounts.rules import Actor
from webapp.db import db
from webapp.petitions.actions import Step, take_step
from webapp.petitions.models import PetitionRecord
from webapp.petitions.records import Channel, Topic, View
from webapp.petitions.rules import SAYS, Deed

DUE = date(2026, 12, 4)
HOME = unit_id("A")
SAID: dict[Deed, dict[str, Any]] = {
    Deed.TRIAGE: {"category": Topic.DRAINAGE}, Deed.ASSIGN: {"unit_id": HOME, "day": DUE},
    Deed.ANSWER: {"text": "Đã có lịch, tuần sau làm."}, Deed.REDIRECT: {"channel": Channel.DENUNCIATION},
    Deed.HOLD: {"text": "Chờ nước rút", "day": DUE}, Deed.REPLY: {"text": "Thuộc tuyến do Phòng quản lý."},
    Deed.REFER: {"unit_id": unit_id("office"), "day": DUE, "text": "Ai quản lý tuyến này?"},
    Deed.RESOLVE: {"text": "Đã nạo vét 35 m.", "evidence": "Biên bản nghiệm thu ngày 20/11"},
    Deed.DECLINE: {"text": "Chưa có vốn trong năm nay."}, Deed.REOPEN: {"text": "Bà con chưa đồng ý."},
    Deed.FEED_BACK: {"day": date(2026, 11, 20), "view": View.AGREED}, Deed.ADVISE: {"text": "Nên làm trước mưa."},
    Deed.PROPOSE: {"unit_id": unit_id("district"), "text": "Xã đã báo, chưa ai trả lời."},
}  # fmt: skip
"""A plain thing to say with each deed."""


def actor(who: str) -> Actor:
    """Return somebody of the world, as they act today."""
    found = actor_of_officer(officer_id(who), UUID(int=1))
    assert found
    return found


def raised(app: Flask, group: str = "A1-2", who: str = "lan", **said: Any) -> UUID:
    """Raise a petition on a phone and return its id."""
    return raised_on(sign_in(app, who), group, **said)


def raised_on(phone: Phone, group: str = "A1-2", **said: Any) -> UUID:
    """Raise a petition on this phone and return its id."""
    operation = phone.operation("petition.save", petition(group, **said))
    with alone():
        assert phone.push(operation)[0]["outcome"] == "applied"
    return UUID(operation["id"])


@contextmanager
def alone() -> Iterator[None]:
    """Let requests be made inside a test's context of the app as the person of their own cookie."""
    if has_app_context():
        db.session.remove()  # what was read before is of an earlier moment
        g.pop("actor", None)
    yield
    if has_app_context():
        g.pop("actor", None)


def step(deed: Deed, **said: Any) -> Step:
    """Return a plain step; `said` overrides what is said, and anything of the step itself."""
    about = {
        name: said.pop(name) for name in ("id", "seen", "about", "learned_at", "recorded_at") if name in said
    }
    return Step(deed, SAYS[deed].model_validate(SAID.get(deed, {}) | said), **about)


def do(who: str, petition_id: UUID, *deeds: Deed | Step) -> PetitionRecord:
    """Let somebody take steps, one after the other, and return the petition."""
    for deed in deeds:
        take_step(actor(who), petition_id, deed if isinstance(deed, Step) else step(deed))
    db.session.remove()
    return db.session.get_one(PetitionRecord, petition_id)
