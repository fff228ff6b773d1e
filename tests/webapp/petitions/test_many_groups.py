"""Twelve groups ask for the same: merged they get one answer, on twelve phones, and a second one too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from tests.webapp.petitions.acting import alone, do, step
from tests.webapp.world import SINCE, Phone, meeting, officer_id, petition, sign_in, unit_id
from webapp.accounts.models import Account, Officer
from webapp.assignments.models import Assignment
from webapp.db import db, new_id, transaction
from webapp.petitions.models import PetitionEvent, PetitionRecord
from webapp.petitions.rules import OWED, Deed, State
from webapp.places.rows import write_units

GROUPS = 12
FIRST, SECOND = "Đã nạo vét cả tuyến.", "Đã nạo vét lại, đặt thêm cống."


@pytest.fixture
def phones(any_app: Flask) -> Iterator[dict[UUID, Phone]]:
    """Twelve groups of two hamlets, each with an officer and a phone of its own."""
    with any_app.app_context():
        with transaction() as session:
            for n in range(GROUPS):
                place = {
                    "id": new_id(),
                    "type_code": "group",
                    "name": f"Tổ NDTQ số {n + 20}",
                    "valid_from": SINCE,
                }
                write_units(
                    session, [place | {"parent_id": unit_id(f"A{1 + n % 2}"), "base_id": unit_id("A")}]
                )
                someone = Officer(
                    id=officer_id(f"to-{n}"),
                    full_name=f"Người Ghi {n}",
                    sort_name="",
                    title="Cán bộ",
                    kind="commune",
                )
                session.add(someone)
                session.flush()
                session.add_all([
                    Account(id=new_id(), officer_id=someone.id, code=f"to-{n}", password_hash=""),
                    Assignment(id=new_id(), officer_id=someone.id, unit_id=place["id"], role_code="group_officer",
                               valid_from=SINCE),
                ])  # fmt: skip
        made = {n: sign_in(any_app, f"to-{n}") for n in range(GROUPS)}
        yield {_group_of(phone): phone for phone in made.values()}


def _group_of(phone: Phone) -> UUID:
    return db.session.scalars(select(Assignment.unit_id).where(Assignment.officer_id == phone.owner)).one()


def raise_all(phones: Mapping[UUID, Phone]) -> dict[UUID, UUID]:
    """Let each group ask for the same, and return their petitions by group."""
    asked: dict[UUID, UUID] = {}
    for group, phone in phones.items():
        operation = phone.operation("petition.save", petition() | {"unit_id": str(group)})
        with alone():
            assert phone.push(operation)[0]["outcome"] == "applied"
        asked[group] = UUID(operation["id"])
    return asked


def owed(phones: Mapping[UUID, Phone], asked: Mapping[UUID, UUID]) -> list[dict[str, Any]]:
    """Let every phone pull, and return the answers it owes its group."""
    found = []
    for group, phone in phones.items():
        with alone():
            phone.pull(protocol=2)
        told = phone.petitions[str(asked[group])]
        assert set(phone.petitions) == {str(asked[group])}, "a phone hears of its own group"
        if told["state"] in OWED:
            found.append(told["answer"])
    return found


def tell(phone: Phone, group: UUID, wish: UUID, answer: str, view: str) -> None:
    row = {"text": "Xin cống", "petition_id": str(wish), "answer_id": answer, "view": view}
    body = meeting(feedback_given=[row]) | {"unit_id": str(group)}
    with alone():
        assert phone.push(phone.operation("meeting.save", body))[0]["outcome"] == "applied"


def states(asked: Mapping[UUID, UUID]) -> list[str]:
    db.session.remove()
    rows = db.session.scalars(select(PetitionRecord).where(PetitionRecord.id.in_(asked.values())))
    return sorted(row.state for row in rows)


def test_one_answer_stands_on_twelve_agendas_and_a_second_one_too(phones: dict[UUID, Phone]) -> None:
    asked = raise_all(phones)
    head, *others = asked.values()
    for other in others:
        do("cuc", other, Deed.TRIAGE, step(Deed.MERGE, other_id=head))
    assert owed(phones, asked) == []
    assert states(asked) == [State.MERGED] * 11 + [State.RAISED]
    do("cuc", head, Deed.TRIAGE, Deed.ASSIGN, step(Deed.RESOLVE, text=FIRST))
    answers = owed(phones, asked)
    assert [one["text"] for one in answers] == [FIRST] * GROUPS
    assert len({one["id"] for one in answers}) == GROUPS, "each group is told of its own"

    for place, ((group, phone), answer) in enumerate(zip(phones.items(), answers, strict=True)):
        tell(phone, group, asked[group], answer["id"], "not_yet" if place == 0 else "agreed")
    assert owed(phones, asked) == []
    assert states(asked) == [State.FED_BACK] * 11 + [State.REOPENED]
    do("cuc", others[0], Deed.CLOSE)
    alone_again = others[1]
    do("rang", alone_again, Deed.REOPEN)
    do("cuc", head, Deed.ASSIGN, step(Deed.RESOLVE, text=SECOND))
    answers = owed(phones, asked)
    assert [one["text"] for one in answers] == [SECOND] * (GROUPS - 1), "one went its own way"
    assert states(asked) == [State.REOPENED] + [State.RESOLVED] * 11
    db.session.remove()
    assert db.session.get_one(PetitionRecord, alone_again).head_id is None
    log = select(PetitionEvent.deed).where(PetitionEvent.petition_id == others[0]).order_by(PetitionEvent.seq)
    assert list(db.session.scalars(log)) == ["triage", "merge", "resolve", "feed_back", "close", "resolve"]
