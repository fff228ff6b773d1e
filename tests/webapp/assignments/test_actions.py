"""Assigning, ending, replacing, turning and exempting: what is written, by whom, and what is refused."""

from __future__ import annotations

import threading
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests.webapp.world import SINCE, officer_id, sign_in, unit_id
from webapp.accounts.models import Officer
from webapp.accounts.queries import actor_of_device
from webapp.accounts.rules import Actor
from webapp.assignments import actions
from webapp.assignments.actions import Decision, NewAssignment
from webapp.assignments.models import Assignment, AssignmentLine, Exemption
from webapp.assignments.rules import DEFAULT_LINES, AlreadyHeld, EndReason, Refused
from webapp.audit.models import AuditEvent
from webapp.db import db, new_id, transaction
from webapp.errors import Problem
from webapp.places import actions as place_actions
from webapp.places.actions import new_unit
from webapp.places.dated import Refused as RefusedPlaces
from webapp.places.operations import Merge
from webapp.text import person_sort_key

DAY = date(2026, 11, 20)
DECISION = Decision("15-QĐ/ĐU", date(2026, 11, 10))
ROLE = "group_officer"


def actor(app: Flask, key: str = "quan") -> Actor:
    """Return somebody as they act from a phone of their own; inside an application context."""
    device = sign_in(app, key).device.id
    db.session.rollback()  # what was read so far was read before
    found = actor_of_device(device)
    assert found
    return found


def held(unit: str, role: str = ROLE) -> list[tuple[str, bool, date, date | None]]:
    """Return who holds a role at a unit, as (sign-in name, in charge, from, to), the oldest first."""
    names = {officer_id(key): key for key in ("lan", "minh", "xuan", "au", "quan", "cuc")}
    rows = db.session.scalars(
        select(Assignment).where(Assignment.unit_id == unit_id(unit), Assignment.role_code == role)
        .order_by(Assignment.valid_from, Assignment.id)
    )  # fmt: skip
    return [(names[row.officer_id], row.is_primary, row.valid_from, row.valid_to) for row in rows]


def held_by(key: str, unit: str, role: str = ROLE) -> UUID:
    return db.session.scalars(
        select(Assignment.id).where(
            Assignment.officer_id == officer_id(key), Assignment.unit_id == unit_id(unit),
            Assignment.role_code == role, Assignment.valid_to.is_(None),
        )
    ).one()  # fmt: skip


def deeds() -> list[str]:
    rows = db.session.scalars(
        select(AuditEvent.action)
        .where(AuditEvent.action.like("assignment.%") | AuditEvent.action.like("exemption.%"))
        .order_by(AuditEvent.id)
    )
    return list(rows)


def wanted(
    key: str, unit: str, since: date = DAY, *, primary: bool = True, role: str = ROLE
) -> NewAssignment:
    return NewAssignment(officer_id(key), unit_id(unit), role, since, DECISION, primary)


def test_a_replacement_ends_one_and_begins_the_other_by_one_decision(any_app: Flask) -> None:
    with any_app.app_context():
        old = held_by("lan", "A1-2")
        new = actions.replace(actor(any_app), old, officer_id("minh"), DAY, EndReason.MOVED.label, DECISION)
        assert held("A1-2") == [("lan", True, SINCE, DAY), ("minh", True, DAY, None)]
        ended, begun = db.session.get_one(Assignment, old), db.session.get_one(Assignment, new)
        assert (ended.end_reason, ended.end_basis) == ("Chuyển công tác", "15-QĐ/ĐU (10/11/2026)")
        assert (begun.decision_ref, begun.decision_date, begun.replaces_id) == (
            *(DECISION.number, DECISION.date),
            old,
        )
        assert deeds() == ["assignment.ended", "assignment.begun"]


def test_nothing_is_half_done(any_app: Flask) -> None:
    with any_app.app_context():
        quan, before = actor(any_app), held("A1-2")
        wishes = [wanted("minh", "A1-2", primary=False), wanted("au", "A1-2")]
        with pytest.raises(Refused, match="phụ trách chính"):
            actions.assign_all(quan, wishes)
        assert held("A1-2") == before
        assert not deeds()
        first, second = actions.check(quan, wishes)
        assert first is None
        assert "phụ trách chính" in str(second)


def test_what_is_asked_for_twice_is_known(app: Flask) -> None:
    with app.app_context():
        quan = actor(app)
        wish = wanted("minh", "A1-2", primary=False)
        actions.assign(quan, wish)
        assert isinstance(actions.check(quan, [wish])[0], AlreadyHeld)
        with pytest.raises(AlreadyHeld):
            actions.assign(quan, wish)
        assert len(held("A1-2")) == 2


def test_a_deputy_is_put_in_charge_and_history_stays(any_app: Flask) -> None:
    with any_app.app_context():
        quan = actor(any_app)
        actions.assign(quan, wanted("minh", "A1-2", date(2026, 1, 1), primary=False))
        deputy = held_by("minh", "A1-2")
        assert len(actions.preview_turn(quan, deputy, DAY, primary=True).begun) == 2
        actions.turn(quan, deputy, DAY, DECISION, primary=True)
        assert sorted(held("A1-2"), key=lambda one: (one[2], one[0])) == [
            ("lan", True, SINCE, DAY), ("minh", False, date(2026, 1, 1), DAY),
            ("lan", False, DAY, None), ("minh", True, DAY, None),
        ]  # fmt: skip


def test_exempt_means_not_to_be_assigned(any_app: Flask) -> None:
    with any_app.app_context():
        quan = actor(any_app)
        exemption = actions.exempt(quan, officer_id("minh"), DAY, None, "Trong Ban Thường vụ", DECISION)
        with pytest.raises(Refused, match="đã được miễn"):
            actions.exempt(quan, officer_id("minh"), DAY, None, "Lần nữa", DECISION)
        with pytest.raises(Refused, match="miễn"):
            actions.replace(quan, held_by("lan", "A1-2"), officer_id("minh"), DAY, "", DECISION)
        actions.end_exemption(quan, exemption, date(2026, 12, 1))
        with pytest.raises(Refused, match="đã kết thúc"):
            actions.end_exemption(quan, exemption, date(2026, 12, 2))
        actions.replace(quan, held_by("lan", "A1-2"), officer_id("minh"), date(2026, 12, 1), "", DECISION)
        assert deeds()[:2] == ["exemption.begun", "exemption.ended"]
        assert db.session.get_one(Exemption, exemption).reason == "Trong Ban Thường vụ"


def at_commune_a(app: Flask) -> Actor:
    """Make Cúc administrator of commune A."""
    with transaction() as session:
        session.add(
            Assignment(
                id=new_id(), officer_id=officer_id("cuc"), unit_id=unit_id("A"), role_code="administrator",
                valid_from=SINCE,
            )
        )  # fmt: skip
    return actor(app, "cuc")


def test_outside_is_not_found_and_without_the_right_is_forbidden(any_app: Flask) -> None:
    with any_app.app_context():
        clerk, outsider = at_commune_a(any_app), held_by("xuan", "B1-1")
        actions.end(clerk, held_by("lan", "A1-10"), DAY, "Nghỉ", DECISION)
        actions.assign(clerk, wanted("minh", "A1-10"))
        with transaction() as session:
            stranger = Officer(
                id=new_id(), full_name="Lê Văn Lạ", sort_name=person_sort_key("Lê Văn Lạ"), title="", kind="x",
                home_unit_id=unit_id("B"),
            )  # fmt: skip
            session.add(stranger)
            session.flush()
            stranger_id = stranger.id
        for deed in (
            lambda: actions.end(clerk, outsider, DAY, "Nghỉ", DECISION),
            lambda: actions.replace(clerk, outsider, officer_id("lan"), DAY, "", DECISION),
            lambda: actions.assign(clerk, wanted("lan", "B1-1", primary=False)),
            lambda: actions.replace(clerk, held_by("lan", "A1-2"), stranger_id, DAY, "", DECISION),
            lambda: actions.exempt(clerk, stranger_id, DAY, None, "x", DECISION),
            lambda: actions.turn(clerk, outsider, DAY, DECISION, primary=False),
            lambda: actions.preview_end(clerk, outsider, DAY),
            lambda: actions.end(clerk, new_id(), DAY, "Nghỉ", DECISION),
        ):
            with pytest.raises(Problem) as refused:
                deed()
            assert refused.value.code == "not_found"
        assert actions.check(clerk, [wanted("lan", "B1-1", primary=False)])[0]
        for less in ("lan", "rang", "tinh"):
            with pytest.raises(Problem) as refused:
                actions.assign(actor(any_app, less), wanted("minh", "A1-2", primary=False))
            assert refused.value.code == "forbidden"
        assert held("B1-1") == [("xuan", True, SINCE, None)]


def test_administrators_do_not_end_their_own_rights(app: Flask) -> None:
    with app.app_context():
        quan = actor(app)
        own = held_by("quan", "district", "administrator")
        with pytest.raises(Refused, match="Không tự thôi"):
            actions.end(quan, own, DAY, "Nghỉ", DECISION)
        with pytest.raises(Refused, match="Không tự thôi"):
            actions.replace(quan, own, officer_id("cuc"), DAY, "", DECISION)


def test_a_unit_must_stand(app: Flask) -> None:
    with app.app_context(), pytest.raises(Refused, match="không còn hoặc chưa có"):
        actions.assign(actor(app), wanted("minh", "A1-2", date(2019, 1, 1), primary=False))


def test_two_desks_at_once_put_one_person_in_charge(any_app: Flask) -> None:
    with any_app.app_context():
        quan = actor(any_app)
        actions.end(quan, held_by("lan", "A1-2"), DAY, "Nghỉ", DECISION)
    start, said = threading.Barrier(2), []

    def put(key: str) -> None:
        with any_app.app_context():
            start.wait(10)
            try:
                actions.assign(quan, wanted(key, "A1-2"))
                said.append("assigned")
            except Refused:
                said.append("refused")
            finally:
                db.session.remove()

    desks = [threading.Thread(target=put, args=(key,)) for key in ("minh", "au")]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join()
    assert sorted(said) == ["assigned", "refused"]


def test_a_list_is_judged_in_a_few_statements(app: Flask) -> None:
    with app.app_context():
        quan = actor(app)
        wishes = [
            NewAssignment(
                officer_id("minh"), unit_id("A1-2"), ROLE, date(year, 1, 1), until=date(year, 2, 1), is_primary=False
            )
            for year in (2030, 2031, 2032)
        ]  # fmt: skip
        seen: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        actions.check(quan, wishes[:1])
        one = len(seen)
        seen.clear()
        assert actions.check(quan, wishes) == [None, None, None]
        assert len(seen) == one


def test_a_merger_is_not_undone_under_a_new_assignment(app: Flask) -> None:
    with app.app_context():
        quan = actor(app)
        made = new_unit("group", "Tổ NDTQ số 3")
        change = place_actions.carry_out(
            quan, Merge(on=DAY, sources=(unit_id("A1-2"), unit_id("A1-10")), into=made), "Nghị quyết 1"
        )
        one = db.session.scalars(select(Assignment).where(Assignment.unit_id == made.id)).one()
        actions.replace(quan, one.id, officer_id("minh"), date(2026, 11, 21), "", DECISION)
        with pytest.raises(RefusedPlaces):
            place_actions.undo(quan, change.id)


def test_the_lines_are_rows_that_an_administrator_sets(app: Flask) -> None:
    with app.app_context():
        rows = {(row.role_code, row.rank): row.most for row in db.session.scalars(select(AssignmentLine))}
        assert rows == {(line.role, line.rank): line.most for line in DEFAULT_LINES}
        actions.set_most(actor(app), ROLE, 5, 2, "Quy định 32-QĐ/HU")
        line = db.session.get_one(AssignmentLine, (ROLE, 5))
        assert (line.most, line.basis) == (2, "Quy định 32-QĐ/HU")
        with pytest.raises(Problem):
            actions.set_most(actor(app, "rang"), ROLE, 5, 9, "")
        with pytest.raises(Problem):
            actions.set_most(actor(app), ROLE, 77, 9, "")
