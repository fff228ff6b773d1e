"""Changing the tree in the database: scopes, phones, assignments and old entries follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, g
from sqlalchemy import func, select

from tests.conftest import make_app
from tests.webapp.world import Phone, meeting, officer_id, sign_in, unit_id
from webapp import clock
from webapp.accounts.queries import actor_of_device
from webapp.accounts.rules import Actor
from webapp.assignments.models import Assignment
from webapp.audit.models import AuditEvent
from webapp.db import db, new_id
from webapp.errors import Problem
from webapp.meetings.models import MeetingEntry
from webapp.permissions import Permission
from webapp.places import actions, counting
from webapp.places.current import settle
from webapp.places.dated import Refused
from webapp.places.models import HouseholdCount, PlaceChange, Unit, UnitVersion
from webapp.places.operations import Close, Create, Merge, Move, NewUnit, Part, Rename, Split
from webapp.places.queries import above, below, children, counts_of, tree_of, versions_of
from webapp.review import queries as desk
from webapp.review.queries import Filters

TODAY = date(2026, 11, 22)
BEFORE = date(2026, 11, 19)
DAY = date(2026, 11, 20)


@pytest.fixture
def places(any_app: Flask) -> Iterator[Flask]:
    with any_app.app_context():
        yield any_app
        db.session.remove()


def fresh() -> None:
    """Let the next read see what other sessions wrote; the test's context is that of every request in it."""
    db.session.remove()
    g.pop("actor", None)


def actor(app: Flask, who: str) -> Actor:
    device_id = sign_in(app, who).device.id
    fresh()
    found = actor_of_device(device_id)
    assert found
    return found


def communes_merge(on: date = DAY) -> Merge:
    into = NewUnit(id=new_id(), kind="commune", name="Xã Phú Túc", code="28810")
    return Merge(on=on, sources=(unit_id("A"), unit_id("B")), into=into)


def groups_merge(on: date = DAY) -> Merge:
    into = NewUnit(id=new_id(), kind="group", name="Tổ NDTQ số 1")
    return Merge(on=on, sources=(unit_id("A1-2"), unit_id("A1-10")), into=into)


def ids_below(root: UUID, day: date) -> set[UUID]:
    tree = below([root], day)
    return set(db.session.scalars(select(tree.c.id)))


def told(phone: Phone) -> dict[str, Any]:
    """Let a phone pull, and return the first page."""
    fresh()
    return phone.pull()[0]


def snapshot() -> dict[str, Any]:
    """Return all that the tree and the assignments say, but for ids that are minted anew."""
    db.session.expire_all()
    counts, assignments = db.session.scalars(select(HouseholdCount)), db.session.scalars(select(Assignment))
    return {
        "units": {
            (u.id, u.name, u.parent_id, u.base_id, u.type_code, u.valid_to)
            for u in db.session.scalars(select(Unit).where(Unit.valid_to.is_distinct_from(Unit.valid_from)))
        },
        "versions": set(versions_of(select(Unit.id))),
        "counts": {(one.unit_id, one.as_of, one.households) for one in counts},
        "assignments": {
            (a.officer_id, a.unit_id, a.role_code, a.valid_from, a.valid_to, a.end_reason)
            for a in assignments
        },
    }


def submitted(app: Flask, who: str) -> list[UUID]:
    return [row.entry.id for row in desk.queue(actor(app, who), Filters()).rows]


def push(phone: Phone, group: str | UUID, **said: Any) -> dict[str, Any]:
    body = meeting("A1-2", **said) | {"unit_id": str(group if isinstance(group, UUID) else unit_id(group))}
    fresh()
    (outcome,) = phone.push(phone.operation("meeting.save", body))
    return outcome


def test_the_tree_is_that_of_the_day(places: Flask) -> None:
    merge = communes_merge()
    actions.carry_out(None, merge, "Nghị quyết 1687/NQ-UBTVQH15")
    communes = ["Xã An Lộc", "Xã Mỹ Thạnh"]
    assert [v.name for v in children(unit_id("district"), BEFORE)] == [*communes, "Phòng Kinh tế"]
    assert [(v.name, v.official_code) for v in children(unit_id("district"), DAY)] == [
        ("Xã Phú Túc", "28810"), ("Phòng Kinh tế", None),
    ]  # fmt: skip
    assert [v.name for v in above(unit_id("A1-2"), BEFORE)] == ["Ấp Phú Thạnh", "Xã An Lộc", "Huyện Mẫu"]
    assert [v.name for v in above(unit_id("A1-2"), DAY)] == ["Ấp Phú Thạnh", "Xã Phú Túc", "Huyện Mẫu"]
    assert [v.name for v in above(unit_id("A"), DAY)] == ["Xã Phú Túc", "Huyện Mẫu"]
    assert ids_below(merge.into.id, DAY) >= {unit_id(key) for key in ("A", "B", "A1", "B1", "A1-2", "B1-1")}
    assert ids_below(merge.into.id, BEFORE) == {merge.into.id}
    assert ids_below(unit_id("A"), BEFORE) == {
        unit_id(key) for key in ("A", "A1", "A2", "A1-2", "A1-10", "A2-1")
    }
    assert unit_id("B1-1") in ids_below(unit_id("cluster"), DAY)  # the cluster got what its member became
    assert unit_id("B1-1") not in ids_below(unit_id("cluster"), BEFORE)
    (kept,) = db.session.scalars(
        select(UnitVersion).where(UnitVersion.unit_id == unit_id("B"), UnitVersion.valid_to.is_(None))
    )
    change = db.session.get_one(PlaceChange, kept.change_id)
    assert (kept.state, kept.parent_id, change.basis) == (
        "merged",
        merge.into.id,
        "Nghị quyết 1687/NQ-UBTVQH15",
    )


def test_entries_stay_with_whoever_follows_now(places: Flask) -> None:
    lan, xuan = sign_in(places, "lan"), sign_in(places, "xuan")
    push(lan, "A1-2")
    push(xuan, "B1-1")
    assert len(submitted(places, "cuc")) == 1
    merge = communes_merge()
    actions.carry_out(None, merge)
    assert len(submitted(places, "cuc")) == len(submitted(places, "rang")) == 2
    assert desk.filter_units(actor(places, "rang"))[0].parent_id == merge.into.id
    assert {one["name"] for one in told(lan)["scope"]["units"]} >= {"Xã Phú Túc", "Ấp Bình Long"}
    assert len(lan.entries) == 1  # what she has written is still on her phone
    # After the merger people of both old communes stand in for one another.
    assert push(xuan, "A1-2", meeting_date="2026-11-21")["outcome"] == "applied"
    assert push(xuan, "A2-1", meeting_date="2026-11-21")["outcome"] == "applied"


def test_merged_groups_keep_their_entries_and_their_officer(places: Flask) -> None:
    lan = sign_in(places, "lan")
    push(lan, "A1-2")
    merge = groups_merge()
    actions.carry_out(None, merge, "Quyết định 12-QĐ/ĐU")
    assert len(submitted(places, "cuc")) == 1
    held = db.session.scalars(
        select(Assignment).where(Assignment.officer_id == officer_id("lan"), Assignment.valid_to.is_(None))
    ).all()
    assert [(one.unit_id, one.decision_ref, one.valid_from) for one in held] == [
        (merge.into.id, "Quyết định 12-QĐ/ĐU", DAY)
    ]
    assert counts_of([merge.into.id]).on(merge.into.id, TODAY) == 58
    told(lan)
    assert [unit["id"] for unit in lan.units.values() if unit.get("mine")] == [str(merge.into.id)]
    assert push(lan, merge.into.id)["outcome"] == "applied"
    assert (
        push(lan, "A1-10", meeting_date="2026-11-21")["outcome"] == "applied"
    )  # typed before she heard of it
    assert len(submitted(places, "hoa")) == 3


def test_a_division_and_a_closing(places: Flask) -> None:
    push(sign_in(places, "minh"), "A2-1")
    parts = tuple(Part(id=new_id(), kind="group", name=f"Tổ {n}", households=n) for n in (9, 20))
    actions.carry_out(None, Split(on=DAY, source=unit_id("A2-1"), parts=parts))
    assert {u.id for u in children_of("A2")} == {part.id for part in parts}
    assert len(submitted(places, "cuc")) == 1
    with pytest.raises(Refused):
        actions.carry_out(None, Close(on=DAY, unit=unit_id("A2")))
    for part in parts:
        actions.carry_out(None, Close(on=TODAY, unit=part.id))
    actions.carry_out(None, Close(on=TODAY, unit=unit_id("A2")))
    assert len(submitted(places, "cuc")) == 1
    units = told(sign_in(places, "minh"))["scope"]["units"]
    assert [unit["name"] for unit in units] == ["Ấp Thới Hòa", "Tổ NDTQ số 1"]  # only what names his entry
    assert not any(unit.get("mine") for unit in units)


def children_of(key: str) -> list[Unit]:
    return [db.session.get_one(Unit, v.unit_id) for v in children(unit_id(key), TODAY)]


@pytest.mark.parametrize("make", [communes_merge, groups_merge])
def test_a_change_is_undone_to_the_letter(places: Flask, make: Any) -> None:
    before = snapshot()
    change = actions.carry_out(None, make())
    assert snapshot() != before
    counter = actions.undo(None, change.id)
    assert snapshot() == before
    assert db.session.get_one(PlaceChange, change.id).undone_by_id == counter.id
    with pytest.raises(Refused):
        actions.undo(None, change.id)
    actions.carry_out(None, make())  # and may be done again


def test_what_was_used_is_not_undone(places: Flask) -> None:
    merge = groups_merge()
    change_id = actions.carry_out(None, merge).id
    lan = sign_in(places, "lan")
    push(lan, merge.into.id)
    before = snapshot()
    with pytest.raises(Refused):
        actions.undo(None, change_id)
    assert snapshot() == before


def test_later_changes_are_undone_first(places: Flask) -> None:
    first = actions.carry_out(None, Rename(on=BEFORE, unit=unit_id("A"), name="Xã An Lộc Mới"))
    second = actions.carry_out(None, Rename(on=DAY, unit=unit_id("A"), name="Phường An Lộc"))
    with pytest.raises(Refused):
        actions.undo(None, first.id)
    actions.undo(None, second.id)
    actions.undo(None, first.id)
    assert db.session.get_one(Unit, unit_id("A")).name == "Xã An Lộc"


def test_what_is_decided_for_tomorrow_comes_true_tomorrow(places: Flask) -> None:
    tomorrow = TODAY + timedelta(days=1)
    actions.carry_out(None, Rename(on=tomorrow, unit=unit_id("A"), name="Phường An Lộc"))
    merge = communes_merge(tomorrow + timedelta(days=1))
    actions.carry_out(None, merge)
    lan = sign_in(places, "lan")
    assert "Xã An Lộc" in {unit["name"] for unit in told(lan)["scope"]["units"]}
    clock.pretend_today(tomorrow)
    assert "Phường An Lộc" in {unit["name"] for unit in told(lan)["scope"]["units"]}
    clock.pretend_today(tomorrow + timedelta(days=1))
    assert "Xã Phú Túc" in {unit["name"] for unit in told(lan)["scope"]["units"]}
    assert settle(clock.today()) == 0
    assert push(lan, "B1-1", meeting_date="2026-11-24")["outcome"] == "applied"


def test_only_an_administrator_changes_the_tree_and_only_inside(places: Flask) -> None:
    quan, cuc = actor(places, "quan"), actor(places, "cuc")
    operation = Rename(on=DAY, unit=unit_id("A"), name="x")
    with pytest.raises(Problem, match="forbidden"):
        actions.carry_out(cuc, operation)
    with pytest.raises(Problem, match="not_found"):
        actions.preview(quan, Rename(on=DAY, unit=unit_id("cluster"), name="x"))
    change = actions.carry_out(quan, operation)
    with pytest.raises(Problem, match="forbidden"):
        actions.undo(cuc, change.id)
    actions.undo(quan, change.id)
    deeds = db.session.execute(
        select(AuditEvent.action, AuditEvent.actor_id)
        .where(AuditEvent.record_kind == "place_change")
        .order_by(AuditEvent.id)
    ).all()
    assert [tuple(deed) for deed in deeds] == [
        ("place.rename", quan.officer_id),
        ("place.undo", quan.officer_id),
    ]
    assert quan.may(Permission.ADMINISTER, TODAY)


def test_a_preview_changes_nothing(places: Flask) -> None:
    before = snapshot()
    changes = actions.preview(None, communes_merge())
    assert {unit_id("A"), unit_id("B"), unit_id("A1"), unit_id("A2"), unit_id("B1")} < changes.units
    assert snapshot() == before
    assert not db.session.scalar(select(func.count()).select_from(PlaceChange))


def test_a_new_group_gets_a_feed_and_its_officers(places: Flask) -> None:
    group, commune = new_id(), new_id()
    actions.carry_out(
        None,
        Create(on=DAY, unit=NewUnit(id=commune, kind="commune", name="Xã Mới"), parent=unit_id("district")),
    )
    actions.carry_out(None, Move(on=DAY, unit=unit_id("B1"), parent=commune))
    actions.carry_out(
        None, Create(on=DAY, unit=NewUnit(id=group, kind="group", name="Tổ 5"), parent=unit_id("B1"))
    )
    unit = db.session.get_one(Unit, group)
    assert unit.base_id == unit.feed_unit_id == commune
    assert db.session.get_one(Unit, unit_id("B1-1")).feed_unit_id == unit_id("B")  # a feed is for good
    assert push(sign_in(places, "xuan"), group, meeting_date="2026-11-21")["outcome"] == "applied"


def test_households_are_dated_readings(places: Flask) -> None:
    counting.count_households(None, unit_id("A1-2"), DAY, 31)
    with pytest.raises(Refused):
        counting.count_households(None, unit_id("A1-2"), DAY, 32)
    found = [counts_of([unit_id("A1-2")]).on(unit_id("A1-2"), day) for day in (BEFORE, DAY)]
    assert found == [29, 31]


def test_the_loaded_part_is_a_tree(places: Flask) -> None:
    tree = tree_of([unit_id("A"), unit_id("cluster")])
    assert not list(tree.faults([unit_id("A"), unit_id("cluster")]))
    assert tree.on(unit_id("district"), DAY)


def test_health_is_asked_without_the_tree(tmp_path: Path) -> None:
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'empty.sqlite'}")  # nothing was migrated
    assert app.test_client().get("/healthz").status_code == 200
    assert app.test_client().get("/readyz").status_code == 503
    with app.app_context():
        db.engine.dispose()


def test_a_merged_groups_past_is_on_the_phone_and_can_still_be_mended(places: Flask) -> None:
    lan, au = sign_in(places, "lan"), sign_in(places, "au")
    fresh()
    first = lan.operation("meeting.save", meeting("A1-10"))
    lan.push(first)
    merge = groups_merge()
    actions.carry_out(None, merge)
    for phone in (lan, au):
        told(phone)
        (entry,) = phone.entries.values()
        assert entry["unit_id"] == entry["body"]["unit_id"] == str(merge.into.id)
    body = meeting("A1-10", households_present=20) | {"unit_id": str(merge.into.id)}
    fresh()
    (outcome,) = lan.push(lan.operation("meeting.save", body, id=first["id"], rev=2, base_rev=1))
    assert outcome["outcome"] == "applied"
    fresh()
    kept = db.session.get_one(MeetingEntry, UUID(first["id"]))
    assert (kept.unit_id, kept.rev, kept.households_present) == (unit_id("A1-10"), 2, 20)
    fresh()
    stray = lan.operation("meeting.save", meeting("A2-1"), id=first["id"], rev=3, base_rev=2)
    assert lan.push(stray)[0]["code"] == "wrong_record"
