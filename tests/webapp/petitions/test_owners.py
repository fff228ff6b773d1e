"""Who settles a petition when its owner goes into another unit: what that became, from the day on, until undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from tests.webapp.petitions.acting import actor, alone, do, raised, raised_on, step
from tests.webapp.world import Phone, sign_in, unit_id
from webapp import clock
from webapp.db import db, new_id
from webapp.petitions import queries
from webapp.petitions.board import Filters, board
from webapp.petitions.models import PetitionRecord
from webapp.petitions.rules import Deed, Relation, State
from webapp.places import actions as places
from webapp.places.operations import Merge, NewUnit, Part, Split

HAMLETS = (unit_id("A1"), unit_id("A2"))
NEW = "Ấp Phú Thới"


@pytest.fixture
def here(any_app: Flask) -> Iterator[Flask]:
    with any_app.app_context():
        yield any_app


def merged(sources: tuple[UUID, ...], kind: str, name: str, days: int = 0) -> tuple[UUID, UUID]:
    """Merge units from a day on; return the new one and the change."""
    into = NewUnit(id=new_id(), kind=kind, name=name, code="28810" if kind == "commune" else None)
    change = places.carry_out(
        None, Merge(on=clock.today() + timedelta(days=days), sources=sources, into=into)
    )
    ident = change.id
    db.session.remove()
    return into.id, ident


def record(wish: UUID) -> PetitionRecord:
    db.session.remove()
    return db.session.get_one(PetitionRecord, wish)


def told(phone: Phone, wish: UUID) -> str:
    with alone():
        phone.pull(protocol=2)
    name: str = phone.petitions[str(wish)]["owner"]
    return name


def test_what_a_hamlet_was_to_settle_is_for_the_hamlet_it_went_into(here: Flask) -> None:
    lan = sign_in(here, "lan")
    wish = raised_on(lan)
    do("cuc", wish, step(Deed.ASSIGN, unit_id=unit_id("A1")))
    do("au", wish, Deed.START)
    assert told(lan, wish) == "Ấp Phú Thạnh"
    new, change = merged(HAMLETS, "hamlet", NEW)
    assert queries.owners_of([record(wish)]) == {wish: new}
    assert queries.relations_of(actor("au"), record(wish)) == {Relation.FOLLOWER, Relation.OWNER}
    assert Relation.REVIEWER in queries.relations_of(actor("cuc"), record(wish))
    above = queries.tier_above(record(wish))
    assert above
    assert above.id == unit_id("A")
    for who in ("au", "cuc"):
        assert [(row.petition.id, row.owner) for row in board(actor(who), Filters()).rows] == [(wish, NEW)]
    assert told(lan, wish) == NEW, "the phone hears of it though nobody touched the petition"
    with alone():
        assert NEW in sign_in(here, "cuc").client.get(f"/petitions/{wish}").text
    places.undo(None, change)
    assert told(lan, wish) == "Ấp Phú Thạnh"
    merged(HAMLETS, "hamlet", NEW)
    assert do("au", wish, Deed.RESOLVE).state == State.RESOLVED


def test_what_communes_were_to_settle_is_for_the_commune_they_became(here: Flask) -> None:
    wish, foreign = raised(here), raised(here, "B1-1", "xuan")
    do("cuc", wish, Deed.ASSIGN)
    do("rang", foreign, step(Deed.PRESS))
    new, _ = merged((unit_id("A"), unit_id("B")), "commune", "Xã Phú Túc")
    assert queries.owners_of([record(wish)])[wish] == new
    held = {Relation.FOLLOWER, Relation.HOME, Relation.OWNER, Relation.READER}
    assert queries.relations_of(actor("cuc"), record(wish)) == held, "nobody reviews what is their own"
    above = queries.tier_above(record(wish))
    assert above
    assert above.id == unit_id("district")
    assert [unit.name for unit in queries.addressees(record(wish)).past_a_tier] == []
    assert new in {unit.id for unit in queries.addressees(record(wish)).owners}
    do("cuc", foreign, step(Deed.ASSIGN, unit_id=new))  # what came to the other one is theirs now
    assert do("cuc", wish, Deed.RESOLVE).state == State.RESOLVED


def test_until_the_day_comes_it_is_the_old_one_s(here: Flask) -> None:
    wish = raised(here)
    do("cuc", wish, step(Deed.ASSIGN, unit_id=unit_id("A1")))
    new, _ = merged(HAMLETS, "hamlet", NEW, days=5)
    assert queries.owners_of([record(wish)])[wish] == unit_id("A1")
    clock.pretend_today(clock.today() + timedelta(days=5))
    assert queries.owners_of([record(wish)])[wish] == new


def test_of_a_hamlet_that_was_divided_it_is_the_part_of_its_group(here: Flask) -> None:
    wishes = [raised(here), raised(here, "A1-10")]
    for wish in wishes:
        do("cuc", wish, step(Deed.ASSIGN, unit_id=unit_id("A1")))
    parts = [
        Part(id=new_id(), kind="hamlet", name=name, children=(unit_id(group),))
        for name, group in (("Ấp Trên", "A1-2"), ("Ấp Dưới", "A1-10"))
    ]
    places.carry_out(None, Split(on=clock.today(), source=unit_id("A1"), parts=tuple(parts)))
    found = queries.owners_of([record(wish) for wish in wishes])
    assert [found[wish] for wish in wishes] == [part.id for part in parts]
