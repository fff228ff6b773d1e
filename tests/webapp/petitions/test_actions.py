"""Steps on both databases: the log grows, the row says what the log says, phones hear of it, nobody oversteps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.webapp.petitions.acting import DUE, actor, alone, do, raised, raised_on, step
from tests.webapp.world import PEOPLE, petition, sign_in, unit_id
from webapp import clock
from webapp.audit.models import AuditEvent
from webapp.db import db
from webapp.errors import Problem
from webapp.petitions import queries, rules
from webapp.petitions.actions import Refused, recount, take_step
from webapp.petitions.models import PetitionCategory, PetitionEvent, PetitionRecord
from webapp.petitions.records import Topic, View
from webapp.petitions.rules import Deed, Relation, State
from webapp.sync.models import Quarantined
from webapp.workdays.actions import decree

R = Relation


@pytest.fixture
def here(any_app: Flask) -> Iterator[Flask]:
    with any_app.app_context():
        yield any_app


def answer_is_a_problem(code: str, who: str, petition_id: UUID, deed: Deed) -> None:
    with pytest.raises(Problem) as problem:
        do(who, petition_id, deed)
    assert problem.value.code == code


RELATIONS = {
    "lan": {R.FOLLOWER}, "minh": set(), "xuan": set(), "au": {R.FOLLOWER},
    "cuc": {R.FOLLOWER, R.HOME, R.OWNER, R.READER}, "lanh": {R.FOLLOWER, R.HOME, R.OWNER, R.READER},
    "hoa": {R.FOLLOWER, R.READER}, "rang": {R.FOLLOWER, R.REVIEWER, R.READER}, "cum": {R.REVIEWER, R.READER},
    "lien": {R.READER}, "tinh": set(), "quan": set(), "kinh": set(),
}  # fmt: skip


def test_in_what_capacity_everybody_stands_to_a_petition(here: Flask) -> None:
    found = db.session.get_one(PetitionRecord, raised(here))
    assert {who: set(queries.relations_of(actor(who), found)) for who, *_ in PEOPLE} == RELATIONS


def test_capacities_change_with_what_happens(here: Flask) -> None:
    hamlet, agency = step(Deed.ASSIGN, unit_id=unit_id("A1")), step(Deed.REFER)
    wish = raised(here)
    do("cuc", wish, hamlet)
    do("au", wish, Deed.START, agency)
    found = db.session.get_one(PetitionRecord, wish)
    changed = {"au": {R.FOLLOWER, R.OWNER}, "kinh": {R.AGENCY}}
    changed["cuc"] = changed["lanh"] = {R.FOLLOWER, R.HOME, R.REVIEWER, R.READER}
    assert {who: set(queries.relations_of(actor(who), found)) for who, *_ in PEOPLE} == RELATIONS | changed
    clock.pretend_today(DUE + timedelta(days=1))  # overdue: the province sees it by itself
    assert queries.relations_of(actor("tinh"), found) == {R.READER}
    clock.pretend_today(DUE)
    assert not queries.relations_of(actor("tinh"), found)


def test_from_raised_to_closed_and_the_phone_hears_of_it(here: Flask) -> None:
    lan = sign_in(here, "lan")
    wish = raised_on(lan)
    do("cuc", wish, Deed.ASSIGN, Deed.REFER)
    do("kinh", wish, Deed.REPLY)
    do("cuc", wish, Deed.HOLD, Deed.RESUME, Deed.RESOLVE)
    do("lan", wish, Deed.FEED_BACK)
    found = do("cuc", wish, Deed.CLOSE)
    assert found.state == State.CLOSED
    assert found.next_by is None
    log = db.session.scalars(select(PetitionEvent).order_by(PetitionEvent.seq)).all()
    assert [one.deed for one in log] == [
        "triage", "assign", "start", "refer", "reply", "hold", "resume", "resolve", "feed_back", "close",
    ]  # fmt: skip
    assert [one.seq for one in log] == list(range(1, 11))
    assert [one.relation for one in log] == [
        "home", "home", "owner", "owner", "agency", "owner", "owner", "owner", "follower", "owner",
    ]  # fmt: skip
    deeds = db.session.scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("petition.")))
    assert sorted(deeds) == sorted(["petition.save", *(f"petition.{one.deed}" for one in log)])
    with alone():
        lan.pull()
    assert lan.petitions[str(wish)]["state"] == "closed"


def test_a_pull_tells_where_a_petition_stands_and_the_answer(here: Flask) -> None:
    lan = sign_in(here, "lan")
    wish, elsewhere, old = raised_on(lan), raised_on(lan), raised_on(lan)
    plain = {
        "id",
        "seq",
        "unit_id",
        "meeting_id",
        "author",
        "rev",
        "state",
        "received_at",
        "receipt",
        "body",
        "revisions",
    }
    with alone():
        lan.pull()
    assert set(lan.petitions[str(wish)]) == plain
    do("cuc", wish, step(Deed.ASSIGN, unit_id=unit_id("A1")))
    do("cuc", elsewhere, Deed.REDIRECT)
    with alone():
        lan.pull()
    told = lan.petitions[str(wish)]
    assert (told["state"], told["owner"], told["due"]) == ("assigned", "Ấp Phú Thạnh", "2026-12-04")
    assert set(told) == plain | {"since", "owner", "due"}
    assert lan.petitions[str(elsewhere)]["channel"] == "denunciation"
    do("au", wish, Deed.RESOLVE)
    do("lan", wish, step(Deed.FEED_BACK, view=View.NOT_YET))
    with alone():
        lan.pull()
    told = lan.petitions[str(wish)]
    answer = told["answer"]
    assert (told["state"], told["view"]) == ("fed_back", "not_yet")
    assert (answer["kind"], answer["text"], answer["evidence"]) == (
        "resolve", "Đã nạo vét 35 m.", "Biên bản nghiệm thu ngày 20/11",
    )  # fmt: skip
    assert answer["id"] == str(db.session.get_one(PetitionRecord, wish).ending_id)
    # A phone that starts over in spring is told what is still open, and not what was settled long ago.
    clock.pretend_today(date(2027, 4, 1))
    anew = sign_in(here, "lan")
    with alone():
        anew.pull()
    assert set(anew.petitions) == {str(old)}


def test_nobody_but_who_may(here: Flask) -> None:
    wish = raised(here)
    answer_is_a_problem("not_found", "xuan", wish, Deed.PRESS)  # the outsider
    answer_is_a_problem("not_found", "minh", wish, Deed.ADVISE)  # the colleague
    answer_is_a_problem("not_found", "kinh", wish, Deed.REPLY)  # nothing was referred to this agency
    answer_is_a_problem("forbidden", "lan", wish, Deed.TRIAGE)  # who follows does not decide
    answer_is_a_problem("forbidden", "lien", wish, Deed.REOPEN)
    answer_is_a_problem("petition_moved_on", "rang", wish, Deed.ASSIGN)  # not while the commune is in time
    answer_is_a_problem("petition_moved_on", "cuc", wish, Deed.CLOSE)
    assert db.session.scalar(select(func.count()).select_from(PetitionEvent)) == 0


def test_what_the_commune_leaves_lying_the_tier_above_may_take(here: Flask) -> None:
    wish = raised(here)
    found = db.session.get_one(PetitionRecord, wish)
    assert found.next_by == date(2026, 11, 26)  # Sunday the 22nd; Tuesday is a holiday
    clock.pretend_today(date(2026, 11, 26))
    answer_is_a_problem("petition_moved_on", "rang", wish, Deed.ASSIGN)
    clock.pretend_today(date(2026, 11, 27))
    taken = do("rang", wish, step(Deed.ASSIGN, unit_id=unit_id("district")))
    assert (taken.state, taken.owner_unit_id) == ("assigned", unit_id("district"))
    answer_is_a_problem("forbidden", "cum", wish, Deed.RESOLVE)
    do("rang", wish, Deed.RESOLVE)


def test_a_step_sent_twice_is_taken_once(here: Flask) -> None:
    wish, once = raised(here), step(Deed.TRIAGE)
    do("cuc", wish, once, once)
    assert db.session.scalar(select(func.count()).select_from(PetitionEvent)) == 1
    with pytest.raises(Problem, match="bad_request"):
        take_step(actor("lanh"), wish, once)


def test_a_decision_on_less_than_there_is_now_is_refused(here: Flask) -> None:
    wish = raised(here)
    do("cuc", wish, step(Deed.TRIAGE, seen=0))
    with pytest.raises(Problem, match="petition_moved_on"):
        do("lanh", wish, step(Deed.ANSWER, seen=0))
    do("lanh", wish, step(Deed.ANSWER, seen=1))


def test_twelve_groups_get_one_answer(here: Flask) -> None:
    lan, minh = sign_in(here, "lan"), sign_in(here, "minh")
    first = raised_on(lan, title="Đèn đường hẻm 5 hư")
    others = [raised_on(lan, "A1-10") for _ in range(10)] + [raised_on(minh, "A2-1")]
    nested = others[3]
    do("cuc", others[4], step(Deed.MERGE, other_id=nested))
    for other in (*others[:4], *others[5:]):
        do("cuc", other, step(Deed.MERGE, other_id=first))
    do("cuc", first, Deed.ASSIGN, Deed.RESOLVE)
    rows = db.session.scalars(select(PetitionRecord)).all()
    assert len(rows) == 12
    assert {row.state for row in rows} == {"resolved"}
    answers = db.session.scalars(select(PetitionEvent).where(PetitionEvent.deed == "resolve")).all()
    assert len({one.petition_id for one in answers}) == 12
    assert len({one.said for one in answers}) == 1
    with alone():
        minh.pull()
    assert minh.petitions[str(others[-1])]["state"] == "resolved"
    # Each group is told by itself, and may see it otherwise.
    told = do("minh", others[-1], step(Deed.FEED_BACK, view=View.NOT_YET))
    assert (told.state, told.view) == ("fed_back", "not_yet")
    assert do("minh", others[-1], Deed.REOPEN).state == "reopened"
    assert db.session.get_one(PetitionRecord, first).state == "resolved"


def test_a_petition_is_merged_into_one_that_is_open_in_sight_and_another(here: Flask) -> None:
    wish, other = raised(here), raised(here)
    foreign = raised(here, "B1-1", "xuan")
    for head in (wish, foreign, uuid4()):
        with pytest.raises(Refused):
            do("cuc", wish, step(Deed.MERGE, other_id=head))
    do("cuc", other, step(Deed.MERGE, other_id=wish))
    with pytest.raises(Refused):
        do("cuc", wish, step(Deed.MERGE, other_id=other))  # no ring


def test_it_is_given_to_units_that_can_own_it_and_referred_to_agencies(here: Flask) -> None:
    wish = raised(here)
    names = [unit.name for unit in queries.addressees(db.session.get_one(PetitionRecord, wish)).owners]
    assert names == ["Ấp Phú Thạnh", "Xã An Lộc", "Huyện Mẫu", "Ấp Thới Hòa", "Phòng Kinh tế"]
    for place in ("A1-2", "B", "B1", "cluster"):
        with pytest.raises(Refused):
            do("cuc", wish, step(Deed.ASSIGN, unit_id=unit_id(place)))
    do("cuc", wish, Deed.ASSIGN, Deed.START)
    with pytest.raises(Refused):
        do("cuc", wish, step(Deed.REFER, unit_id=unit_id("district")))
    with pytest.raises(Refused):
        do("cuc", wish, step(Deed.REFER, day=date(2026, 11, 21)))


def test_words_from_the_field_come_late_and_in_any_order(here: Flask) -> None:
    """The group was told and disagreed, offline; meanwhile somebody else told it, and the desk closed."""
    first, second = raised(here), raised(here)
    evening = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
    told = {"recorded_at": evening, "learned_at": evening, "view": View.NOT_YET}
    for wish, order in ((first, 1), (second, -1)):
        answer = do("cuc", wish, Deed.ASSIGN, Deed.RESOLVE).ending_id
        do("au", wish, Deed.FEED_BACK)
        do("cuc", wish, step(Deed.CLOSE))
        late = [
            step(Deed.FEED_BACK, about=answer, **told),
            step(Deed.REOPEN, about=answer, recorded_at=evening),
        ]
        found = do("lan", wish, *late[::order], *late)
        assert found.state == "reopened"
    event = db.session.scalars(select(PetitionEvent).where(PetitionEvent.learned_at.is_not(None))).first()
    assert event
    assert event.recorded_at == event.learned_at == evening
    assert event.received_at > evening + timedelta(days=1)
    with pytest.raises(Problem, match="forbidden"):
        do("lien", first, step(Deed.REOPEN, recorded_at=evening))  # a leader reads, also from the field


def test_the_author_may_correct_it_until_somebody_acts(here: Flask) -> None:
    lan = sign_in(here, "lan")
    operation = lan.operation("petition.save", petition())
    again = lan.operation(
        "petition.save", petition(title="Xin hai cống"), id=operation["id"], rev=2, base_rev=1
    )
    assert [one["outcome"] for one in lan.push(operation, again)] == ["applied", "applied"]
    do("cuc", UUID(operation["id"]), Deed.TRIAGE)
    late = lan.operation(
        "petition.save", petition(title="Xin ba cống"), id=operation["id"], rev=3, base_rev=2
    )
    gone = lan.operation("petition.withdraw", {"reason": "Ghi nhầm"}, id=operation["id"], rev=3, base_rev=2)
    assert [one["code"] for one in lan.push(late, gone)] == ["closed", "closed"]
    assert db.session.scalar(select(func.count()).select_from(Quarantined)) == 2  # kept whole, not applied
    found = db.session.get_one(PetitionRecord, UUID(operation["id"]))
    assert (found.state, found.title) == ("triaged", "Xin hai cống")


def test_what_was_withdrawn_is_left_alone(here: Flask) -> None:
    lan = sign_in(here, "lan")
    operation = lan.operation("petition.save", petition())
    lan.push(
        operation,
        lan.operation("petition.withdraw", {"reason": "Nhầm"}, id=operation["id"], rev=2, base_rev=1),
    )
    wish = UUID(operation["id"])
    answer_is_a_problem("petition_moved_on", "cuc", wish, Deed.TRIAGE)
    late = step(Deed.PRESS, recorded_at=datetime(2026, 11, 20, tzinfo=UTC))
    assert do("lan", wish, late).state == "withdrawn"


def test_a_decree_moves_the_clocks_that_run(here: Flask) -> None:
    wish, sorted_out = raised(here), raised(here)
    do("cuc", sorted_out, Deed.ASSIGN)
    decree(date(2026, 11, 25), "Quyết định thử", is_worked=False)
    recount()
    db.session.remove()
    assert db.session.get_one(PetitionRecord, wish).next_by == date(2026, 11, 27)
    assert db.session.get_one(PetitionRecord, sorted_out).next_by == DUE  # a promise is not moved


def test_triage_may_set_the_kind_right(here: Flask) -> None:
    found = do("cuc", raised(here), step(Deed.TRIAGE, category=Topic.ROADS, urgency="urgent"))
    assert (found.category, found.urgency) == ("roads", "urgent")


def test_nothing_is_written_of_what_belongs_elsewhere(here: Flask) -> None:
    found = do("cuc", raised(here), Deed.REDIRECT)
    assert (found.state, found.channel, found.next_by) == ("redirected", "denunciation", None)
    events = db.session.scalars(select(PetitionEvent.said).where(PetitionEvent.deed == "redirect")).all()
    assert [json.loads(said) for said in events] == [{"channel": "denunciation"}]
    assert do("cuc", found.id, Deed.REOPEN).state == "reopened"  # a slip of the finger


def test_every_kind_has_its_rule_and_its_basis(here: Flask) -> None:
    found = queries.categories(clock.today())
    assert set(found) == set(Topic)
    assert all(row.basis and row.routing and row.answer_days > 0 for row in found.values())
    db.session.add(PetitionCategory(
        code="roads", valid_from=date(2027, 1, 1), valid_to=None, level="local", must_report=False, answer_days=7,
        routing="Ban xây dựng", basis="Quyết định thử",
    ))  # fmt: skip
    found["roads"].valid_to = date(2027, 1, 1)
    db.session.flush()
    assert queries.categories(date(2026, 12, 31))["roads"].answer_days == 10
    assert queries.categories(date(2027, 1, 1))["roads"].answer_days == 7


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(PEOPLE), st.sampled_from(Deed), st.booleans()), min_size=5, max_size=30
    )
)
def test_the_row_says_what_the_log_says_whoever_tries_what(
    app: Flask, tries: list[tuple[tuple[str, ...], Deed, bool]]
) -> None:
    with app.app_context():
        wish, head = raised(app), raised(app)
        for (who, *_), deed, in_the_field in tries:
            field = {"recorded_at": clock.now()} if in_the_field else {}
            more = {"other_id": head} if deed is Deed.MERGE else {}
            before = db.session.get_one(PetitionRecord, wish)
            state, late = State(before.state), rules.is_late(before.next_by, clock.today())
            relations = queries.relations_of(actor(who), before)
            allowed = bool(rules.steps(deed, state, relations, late=late))
            try:
                take_step(actor(who), wish, step(deed, **field, **more))
            except Problem:
                assert not allowed
            except Refused:
                pass  # what was said did not fit
            else:
                assert allowed or (in_the_field and deed in rules.IN_THE_FIELD)
            db.session.remove()
        found = db.session.get_one(PetitionRecord, wish)
        standing = rules.standing_of(queries.log_of(wish))
        said = (standing.state, standing.ending, standing.owner, standing.due, standing.head, standing.view)
        assert (
            found.state,
            found.ending_id,
            found.owner_unit_id,
            found.due,
            found.head_id,
            found.view,
        ) == said
