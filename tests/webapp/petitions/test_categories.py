"""What phones are told of the kinds of petitions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.conftest import TODAY
from tests.webapp.world import Phone, sign_in, unit_id
from webapp.db import db, transaction
from webapp.petitions.models import PetitionCategory
from webapp.petitions.records import Topic
from webapp.sync.feeds import announce


def told(phone: Phone, **asked: Any) -> dict[str, dict[str, Any]] | None:
    """Return what a phone was told of the kinds by its newest pull, if it was told any."""
    found = None
    for page in phone.pull(protocol=2, **asked):
        found = page.get("categories", found)
    return None if found is None else {one["code"]: one for one in found}


def follow(code: str, day: date, days: int) -> None:
    """Let another rule hold for a kind from a day on."""
    with transaction() as session:
        old = session.scalars(select(PetitionCategory).where(PetitionCategory.code == code)).one()
        old.valid_to = day
        session.add(
            PetitionCategory(
                code=code, valid_from=day, level=old.level, must_report=False, answer_days=days,
                routing=old.routing, basis="QĐ 12/2026", words=old.words,
            )
        )  # fmt: skip


def test_a_phone_with_groups_is_told_what_holds_today_once(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    kinds = told(lan)
    assert kinds is not None
    assert list(kinds) == [topic.value for topic in Topic]
    assert kinds["disaster"]["must_report"] is True
    assert "must_report" not in kinds["roads"]
    assert (kinds["disaster"]["level"], kinds["disaster"]["days"]) == ("upper", 2)
    assert "cống nghẹt" in kinds["drainage"]["words"]
    assert kinds["roads"]["routing"]
    assert kinds["roads"]["basis"]
    assert told(lan) is None
    assert not told(sign_in(any_app, "rang"))


def test_a_rule_that_changes_is_told_anew_when_it_holds(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    assert told(lan)
    with any_app.app_context():
        follow("roads", TODAY, 7)
        follow("health", TODAY + timedelta(days=1), 3)
        with transaction():
            announce([unit_id("A")])
        db.session.remove()
    kinds = told(lan)
    assert kinds is not None
    assert (kinds["roads"]["days"], kinds["roads"]["basis"]) == (7, "QĐ 12/2026")
    assert kinds["health"]["days"] == 5
