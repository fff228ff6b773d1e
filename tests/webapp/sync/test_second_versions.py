"""What was made on top of a second version is one itself, however it arrives; what was decided stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.webapp.rescue.sealing import hand_in, rescue_file
from tests.webapp.world import Phone, meeting, sign_in
from webapp import clock
from webapp.accounts.queries import actor_of_device
from webapp.db import db, transaction
from webapp.meetings import sync_handler
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.review.actions import dismiss, release
from webapp.review.queries import held_in_scope
from webapp.review.queries import revisions as versions_of
from webapp.sync.models import Quarantined
from webapp.sync.plan import Plan

Operation = dict[str, Any]
Arrival = Callable[["Pair", Operation, Operation], None]


class Pair:
    """Two phones of one person: what the other has sent stands, this one has frozen two versions of its own."""

    def __init__(self, app: Flask) -> None:
        """Let the other phone's version stand."""
        self.app = app
        self.here, self.there = sign_in(app, "lan"), sign_in(app, "lan")
        self.id = ""
        first = self.made(self.there, 29, 0)
        self.id = first["id"]
        standing = self.made(self.there, 20, 1)
        assert outcomes(self.there, first, standing) == ["applied", "applied"]

    def made(
        self, phone: Phone, present: int, base_rev: int, on: Operation | None = None, **said: Any
    ) -> Operation:
        """Make a version on top of another, which is named if it was not answered yet."""
        said |= {"id": self.id} if self.id else {}
        said |= {"base_op": on["op_id"]} if on else {}
        body = meeting(households_present=present)
        return phone.operation("meeting.save", body, rev=base_rev + 1, base_rev=base_rev, **said)

    def standing(self) -> int | None:
        """Return what stands, by the number of households present."""
        with self.app.app_context():
            entry = db.session.get_one(MeetingEntry, UUID(self.id))
            return entry.households_present

    def standing_op(self) -> str:
        """Return the operation that stands."""
        with self.app.app_context():
            return str(db.session.get_one(MeetingEntry, UUID(self.id)).op_id)

    def second(self) -> list[str]:
        """Return the operations that are kept as second versions."""
        with self.app.app_context():
            found = db.session.scalars(select(MeetingRevision.op_id).where(MeetingRevision.is_parallel))
            return sorted(str(one) for one in found)


@pytest.fixture
def pair(any_app: Flask) -> Pair:
    return Pair(any_app)


def outcomes(phone: Phone, *operations: Operation) -> list[str]:
    return [one["outcome"] for one in phone.push(*operations)]


def frozen(*operations: Operation) -> list[str]:
    return [json.dumps(one, ensure_ascii=False) for one in operations]


def in_one_push(pair: Pair, first: Operation, on_top: Operation) -> None:
    assert outcomes(pair.here, first, on_top) == ["parallel", "parallel"]


def in_two_pushes(pair: Pair, first: Operation, on_top: Operation) -> None:
    assert outcomes(pair.here, first) == ["parallel"]
    assert outcomes(pair.here, on_top) == ["parallel"]


def beside_one_the_database_refuses(pair: Pair, first: Operation, on_top: Operation) -> None:
    bad = pair.here.operation("meeting.save", meeting("A1-10", households_present=13))

    def project(body: Any) -> dict[str, Any]:
        row = sync_handler.project(body)
        return row | ({"status": None} if body.households_present == 13 else {})

    object.__setattr__(sync_handler.KIND, "project", project)
    try:
        assert outcomes(pair.here, first, bad, on_top) == ["parallel", "quarantined", "parallel"]
    finally:
        object.__setattr__(sync_handler.KIND, "project", sync_handler.project)


def in_two_files_and_then_by_itself(pair: Pair, first: Operation, on_top: Operation) -> None:
    texts = frozen(first, on_top)
    carrier = sign_in(pair.app, "cuc")
    for count in (1, 2):
        assert hand_in(carrier.client, rescue_file(pair.app, pair.here, *texts[:count])).status_code == 200
    assert outcomes(pair.here, first) == ["parallel"]
    assert outcomes(pair.here, on_top) == ["parallel"]


def in_a_file_while_the_phone_sends_the_first(pair: Pair, first: Operation, on_top: Operation) -> None:
    assert outcomes(pair.here, first) == ["parallel"]
    file = rescue_file(pair.app, pair.here, *frozen(first, on_top))
    assert hand_in(sign_in(pair.app, "cuc").client, file).status_code == 200
    assert outcomes(pair.here, on_top) == ["parallel"]


def the_later_one_first(pair: Pair, first: Operation, on_top: Operation) -> None:
    assert outcomes(pair.here, on_top) == ["parallel"]
    assert outcomes(pair.here, first) == ["parallel"]


ARRIVALS: tuple[Arrival, ...] = (
    in_one_push, in_two_pushes, beside_one_the_database_refuses, in_two_files_and_then_by_itself,
    in_a_file_while_the_phone_sends_the_first, the_later_one_first,
)  # fmt: skip


@pytest.mark.parametrize("arrive", ARRIVALS, ids=lambda arrive: str(arrive.__name__))
def test_what_was_frozen_on_a_second_version_is_one_itself(pair: Pair, arrive: Arrival) -> None:
    first = pair.made(pair.here, 21, 1)
    on_top = pair.made(pair.here, 22, 2, on=first)
    arrive(pair, first, on_top)
    assert pair.standing() == 20
    assert pair.second() == sorted([first["op_id"], on_top["op_id"]])
    # and so on, however high the numbers become
    assert outcomes(pair.here, pair.made(pair.here, 23, 3, on=on_top)) == ["parallel"]
    assert pair.standing() == 20


@pytest.mark.parametrize("arrive", [in_one_push, beside_one_the_database_refuses])
def test_a_phone_that_names_no_base_is_understood_within_one_push(pair: Pair, arrive: Arrival) -> None:
    """As an older version of the app has frozen it: what comes together was not answered when it was made."""
    arrive(pair, pair.made(pair.here, 21, 1), pair.made(pair.here, 22, 2))
    assert pair.standing() == 20


@pytest.mark.parametrize("decides", ["here", "there"])
def test_what_was_decided_between_two_versions_stands(pair: Pair, decides: str) -> None:
    """Its number and its phone are those of what would be a second version; only it names no base of its own."""
    first = pair.made(pair.here, 21, 1)
    assert outcomes(pair.here, first, pair.made(pair.here, 22, 2, on=first)) == ["parallel", "parallel"]
    decision = pair.made(getattr(pair, decides), 22, 2)
    assert outcomes(pair.here if decides == "here" else pair.there, decision) == ["applied"]
    assert pair.standing() == 22


def test_what_follows_what_stands_is_applied(pair: Pair) -> None:
    third = pair.made(pair.there, 18, 2)
    fourth = pair.made(pair.there, 17, 3, on=third)
    assert outcomes(pair.there, third) == ["applied"]
    assert outcomes(pair.there, fourth) == ["applied"]
    assert pair.standing() == 17


def test_what_was_made_on_something_held_back_is_put_over_nothing_it_has_not_seen(pair: Pair) -> None:
    held = pair.made(pair.here, 400, 1)
    assert outcomes(pair.here, held) == ["quarantined"]
    assert outcomes(pair.here, pair.made(pair.here, 22, 2, on=held)) == ["parallel"]
    assert pair.standing() == 20


def test_a_mended_version_of_something_held_back_is_applied_where_nothing_came_between(
    any_app: Flask,
) -> None:
    lan = sign_in(any_app, "lan")
    entry = lan.operation("meeting.save", meeting())
    held = lan.operation("meeting.save", meeting(households_present=400), id=entry["id"], rev=2, base_rev=1)
    mended = lan.operation(
        "meeting.save", meeting(), id=entry["id"], rev=3, base_rev=2, base_op=held["op_id"]
    )
    assert outcomes(lan, entry, held, mended) == ["applied", "quarantined", "applied"]


def test_what_is_released_from_quarantine_is_asked_about_too(pair: Pair) -> None:
    first = pair.made(pair.here, 21, 1)
    assert outcomes(pair.here, first) == ["parallel"]
    elsewhere = meeting("A1-2", households_present=22, meeting_date="2019-12-31")
    on_top = pair.made(pair.here, 22, 2, on=first) | {"body": elsewhere}
    assert outcomes(pair.here, on_top) == ["quarantined"]
    with pair.app.test_request_context():
        actor = actor_of_device(sign_in(pair.app, "cuc").device.id)
        assert actor is not None
        release(actor, db.session.scalars(select(Quarantined.id)).one())
    assert pair.standing() == 20
    assert pair.second() == sorted([first["op_id"], on_top["op_id"]])


def test_what_follows_something_the_database_was_too_busy_for_waits_with_it(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the later one would be taken in first, and the earlier one put beside it."""
    third = pair.made(pair.there, 18, 2)
    fourth = pair.made(pair.there, 17, 3, on=third)
    neighbour = pair.there.operation("meeting.save", meeting("A1-10"))
    write = Plan.write

    def busy(plan: Plan) -> None:
        revisions = [row["op_id"] for rows in plan.revisions.values() for row in rows]
        if third["op_id"] in {str(op_id) for op_id in revisions + [row["op_id"] for row in plan.quarantined]}:
            raise IntegrityError("", None, Exception())
        write(plan)

    with monkeypatch.context() as patched:
        patched.setattr(Plan, "write", busy)
        assert outcomes(pair.there, third, fourth, neighbour) == ["retry", "retry", "applied"]
    assert outcomes(pair.there, third, fourth) == ["applied", "applied"]
    assert pair.standing() == 17


@pytest.fixture
def server_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Set the server's clock back or forward by so many hours."""
    before = clock._shift

    def put(hours: int) -> None:
        monkeypatch.setattr(clock, "_shift", before + timedelta(hours=hours))

    return put


def told(phone: Phone, record_id: str, **asked: int) -> list[tuple[str, bool]]:
    """Return what a phone is told of a record's versions, and whether each is a second one."""
    phone.pull(**asked)
    return [(one["op_id"], one["parallel"]) for one in phone.entries[record_id]["revisions"]]


def shown(pair: Pair) -> list[str]:
    """Return the versions at the desk, newest first."""
    with pair.app.test_request_context():
        return [str(one.op_id) for one in versions_of(db.session.get_one(MeetingEntry, UUID(pair.id)))]


def test_a_decision_is_one_although_the_servers_clock_was_set_back(
    pair: Pair, server_clock: Callable[[int], None]
) -> None:
    second, decision = pair.made(pair.here, 21, 1), pair.made(pair.here, 21, 2)
    assert outcomes(pair.here, second) == ["parallel"]
    server_clock(-3)
    assert outcomes(pair.here, decision) == ["applied"]
    assert told(pair.there, pair.id)[2:] == [(second["op_id"], True), (decision["op_id"], False)]
    assert shown(pair)[:2] == [decision["op_id"], second["op_id"]]


def test_a_second_version_is_asked_about_although_the_servers_clock_was_set_back(
    pair: Pair, server_clock: Callable[[int], None]
) -> None:
    server_clock(-3)
    second = pair.made(pair.here, 21, 1)
    assert outcomes(pair.here, second) == ["parallel"]
    assert told(pair.there, pair.id)[-1] == (second["op_id"], True)
    assert shown(pair)[0] == second["op_id"]


def state_of(phone: Phone, op_id: str) -> list[str]:
    """Return what a phone that begins is told of something in quarantine."""
    phone.cursor = ""
    held = [one for page in phone.pull() for one in page.get("quarantine", [])]
    return [one["state"] for one in held if one["op_id"] == op_id]


@pytest.mark.parametrize("hours", [-3, 0, 3])
@pytest.mark.parametrize("present", [400, 21])
def test_what_is_held_back_is_overtaken_by_what_came_later_whatever_the_servers_clock_says(
    pair: Pair, server_clock: Callable[[int], None], hours: int, present: int
) -> None:
    """Refused for what it says, or because its author followed the group later."""
    held = pair.made(pair.here, present, 2)
    if present == 21:
        held["body"] = meeting(households_present=21, meeting_date="2019-12-31")
    server_clock(hours)
    assert outcomes(pair.here, held) == ["quarantined"]
    assert state_of(pair.there, held["op_id"]) == ["waiting"]
    server_clock(0)
    assert outcomes(pair.here, pair.made(pair.here, 22, 2)) == ["applied"]
    assert state_of(pair.there, held["op_id"]) == ["superseded"]


def test_of_a_new_entry_too(any_app: Flask, server_clock: Callable[[int], None]) -> None:
    lan = sign_in(any_app, "lan")
    held = lan.operation("meeting.save", meeting(households_present=400))
    assert outcomes(lan, held) == ["quarantined"]
    server_clock(-3)
    assert outcomes(lan, lan.operation("meeting.save", meeting(), id=held["id"])) == ["applied"]
    assert state_of(lan, held["op_id"]) == ["superseded"]


def asked(phone: Phone, record_id: str) -> list[str]:
    """Return the second versions that a phone asks about: those that come after what stands."""
    versions = told(phone, record_id)
    standing = max(place for place, (_, is_second) in enumerate(versions) if not is_second)
    return [op_id for op_id, _ in versions[standing + 1 :]]


def test_a_version_that_the_next_author_did_not_know_of_is_asked_about_still(pair: Pair) -> None:
    unseen = pair.made(pair.here, 21, 1)
    assert outcomes(pair.here, unseen) == ["parallel"]
    later = pair.made(pair.there, 18, 2, settles=[])
    assert outcomes(pair.there, later) == ["applied"]
    for phone in (pair.here, pair.there):
        assert asked(phone, pair.id) == [unseen["op_id"]]
    assert shown(pair)[:2] == [unseen["op_id"], later["op_id"]]
    # Then it is known, and whoever saves with it in sight has decided.
    assert outcomes(pair.here, pair.made(pair.here, 21, 3, settles=[unseen["op_id"]])) == ["applied"]
    assert asked(pair.there, pair.id) == []
    assert pair.standing() == 21


def test_only_what_was_known_is_decided(pair: Pair) -> None:
    known, unseen = pair.made(pair.here, 21, 1), pair.made(pair.here, 22, 1)
    assert outcomes(pair.here, known, unseen) == ["parallel", "parallel"]
    decision = pair.made(pair.there, 21, 2, settles=[known["op_id"]])
    on_top = pair.made(pair.there, 19, 3, on=decision, settles=[known["op_id"]])
    assert outcomes(pair.there, decision, on_top) == ["applied", "applied"]
    assert asked(pair.here, pair.id) == [unseen["op_id"]]


def test_a_version_that_came_in_the_same_push_is_asked_about_still(pair: Pair) -> None:
    unseen = pair.made(pair.here, 21, 1)
    assert outcomes(pair.here, unseen, pair.made(pair.here, 22, 2, settles=[])) == ["parallel", "parallel"]
    both = [pair.made(pair.here, 21, 1), pair.made(pair.here, 18, 2, base_op=None, settles=[])]
    both[1]["base_op"] = pair.standing_op()
    assert outcomes(pair.here, *both) == ["parallel", "applied"]
    assert both[0]["op_id"] in asked(pair.there, pair.id)


def test_nobody_withdraws_an_entry_with_words_they_did_not_know_of(pair: Pair) -> None:
    unseen = pair.made(pair.here, 21, 1)
    assert outcomes(pair.here, unseen) == ["parallel"]
    said: dict[str, Any] = {"id": pair.id, "rev": 3, "base_rev": 2}
    withdrawal = pair.there.operation("meeting.withdraw", {"reason": "Ghi nhầm"}, settles=[], **said)
    assert outcomes(pair.there, withdrawal) == ["parallel"]
    assert asked(pair.here, pair.id) == [unseen["op_id"], withdrawal["op_id"]]
    said["settles"] = [unseen["op_id"], withdrawal["op_id"]]
    decision = pair.there.operation("meeting.withdraw", {"reason": "Ghi nhầm"}, **said)
    assert outcomes(pair.there, decision) == ["applied"]
    assert asked(pair.here, pair.id) == []


def test_an_app_that_names_no_versions_decides_all(pair: Pair) -> None:
    assert outcomes(pair.here, pair.made(pair.here, 21, 1)) == ["parallel"]
    assert outcomes(pair.there, pair.made(pair.there, 18, 2)) == ["applied"]
    assert asked(pair.here, pair.id) == []


def test_each_phone_of_the_author_is_told_the_words_it_is_asked_about(pair: Pair) -> None:
    told(pair.here, pair.id)
    second = pair.made(pair.here, 21, 1)
    assert outcomes(pair.here, second) == ["parallel"]
    third = sign_in(pair.app, "lan")
    for phone, words in ((pair.there, 21), (third, 21), (pair.here, None)):
        told(phone, pair.id, protocol=2, own=0)
        version = phone.entries[pair.id]["revisions"][-1]
        assert version["op_id"] == second["op_id"]
        assert version.get("body", {}).get("households_present") == words
    # What was decided is no question any more, and costs no bytes.
    assert outcomes(pair.there, pair.made(pair.there, 20, 2, settles=[second["op_id"]])) == ["applied"]
    told(third, pair.id)
    assert "body" not in third.entries[pair.id]["revisions"][2]


@pytest.mark.parametrize("arrive", ["in one push", "in three", "dismissed meanwhile"])
def test_what_was_made_on_something_held_back_is_on_what_that_was_made_on(pair: Pair, arrive: str) -> None:
    """Three revisions of one phone, the middle one refused: the last is still of those that are beside."""
    first = pair.made(pair.here, 21, 1)
    refused = pair.made(pair.here, 400, 2, on=first, settles=[])
    last = pair.made(pair.here, 22, 3, on=refused, settles=[])
    if arrive == "in one push":
        assert outcomes(pair.here, first, refused, last) == ["parallel", "quarantined", "parallel"]
    else:
        assert outcomes(pair.here, first) == ["parallel"]
        assert outcomes(pair.here, refused) == ["quarantined"]
        if arrive == "dismissed meanwhile":
            with pair.app.test_request_context():
                actor = actor_of_device(sign_in(pair.app, "cuc").device.id)
                assert actor is not None
                dismiss(actor, db.session.scalars(select(Quarantined.id)).one(), "Ghi lại ở phiếu khác.")
        assert outcomes(pair.here, last) == ["parallel"]
    assert pair.standing() == 20
    # Where all that stands was known, the last is applied, whatever was refused in between.
    third = pair.made(pair.there, 19, 2, settles=[first["op_id"], last["op_id"]])
    held = pair.made(pair.there, 401, 3, on=third, settles=[])
    assert outcomes(pair.there, third, held) == ["applied", "quarantined"]
    assert outcomes(pair.there, pair.made(pair.there, 18, 4, on=held, settles=[])) == ["applied"]


def test_what_is_held_back_waits_until_its_author_goes_on_in_the_knowledge_of_it(pair: Pair) -> None:
    held = pair.made(pair.here, 400, 2, settles=[])
    assert outcomes(pair.here, held) == ["quarantined"]
    assert outcomes(pair.there, pair.made(pair.there, 19, 2, settles=[])) == ["applied"]
    assert state_of(pair.here, held["op_id"]) == ["waiting"]
    assert outcomes(pair.there, pair.made(pair.there, 18, 3, settles=[held["op_id"]])) == ["applied"]
    assert state_of(pair.here, held["op_id"]) == ["superseded"]


@pytest.mark.parametrize("together", [True, False])
def test_what_is_held_back_is_overtaken_by_what_was_made_on_it(pair: Pair, *, together: bool) -> None:
    held = pair.made(pair.there, 400, 2, settles=[])
    mended = pair.made(pair.there, 19, 3, on=held, settles=[])
    said = outcomes(pair.there, held, mended) if together else [
        *outcomes(pair.there, held), *outcomes(pair.there, mended)
    ]  # fmt: skip
    assert said == ["quarantined", "applied"]
    assert state_of(pair.there, held["op_id"]) == ["superseded"]


def test_a_new_entry_overtakes_only_what_was_held_back_of_it_to_its_authors_knowledge(any_app: Flask) -> None:
    """As from two windows that go on with one draft, or two phones of which the desk has released one's entry."""
    lan = sign_in(any_app, "lan")
    held = lan.operation("meeting.save", meeting(households_present=400), settles=[])
    assert outcomes(lan, held) == ["quarantined"]
    beside = lan.operation("meeting.save", meeting(), id=held["id"], settles=[])
    assert outcomes(lan, beside) == ["applied"]
    assert state_of(lan, held["op_id"]) == ["waiting"]
    mended = lan.operation(
        "meeting.save", meeting(), id=held["id"], rev=2, base_rev=1, settles=[held["op_id"]]
    )
    assert outcomes(lan, mended) == ["applied"]
    assert state_of(lan, held["op_id"]) == ["superseded"]


def test_what_the_desk_releases_overtakes_nothing_that_came_while_it_waited(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    away = meeting(meeting_date="2019-12-31")
    first = lan.operation("meeting.save", away)
    later = lan.operation("meeting.save", away | {"households_present": 3}, id=first["id"], rev=2, base_rev=1)
    assert outcomes(lan, first) == ["quarantined"]
    assert outcomes(lan, later) == ["quarantined"]
    with any_app.test_request_context():
        actor = actor_of_device(sign_in(any_app, "cuc").device.id)
        assert actor is not None
        wanted = select(Quarantined.id).where(Quarantined.op_id == UUID(first["op_id"]))
        release(actor, db.session.scalars(wanted).one())
    assert state_of(lan, first["op_id"]) == ["released"]
    assert state_of(lan, later["op_id"]) == ["waiting"]


def away(operation: Operation) -> Operation:
    """Of a day on which its author did not follow the group."""
    return operation | {"body": operation["body"] | {"meeting_date": "2019-12-31"}}


def test_a_correction_of_the_second_of_two_that_were_refused_is_put_over_nothing(pair: Pair) -> None:
    """It names what it corrects: the number of that is the phone's own, and another's revision has the same."""
    first = away(pair.made(pair.here, 21, 1, settles=[]))
    second = away(pair.made(pair.here, 22, 2, on=first, settles=[]))
    assert outcomes(pair.here, first) == ["quarantined"]
    assert outcomes(pair.here, second) == ["quarantined"]
    known = [first["op_id"], second["op_id"]]
    assert outcomes(pair.here, pair.made(pair.here, 24, 2, on=second, settles=known)) == ["parallel"]
    assert pair.standing() == 20


def test_what_comes_before_what_it_was_made_on_is_put_over_nothing(pair: Pair) -> None:
    first = pair.made(pair.here, 21, 1, settles=[])
    second = pair.made(pair.here, 22, 2, on=first, settles=[])
    third = pair.made(pair.here, 23, 3, on=second, settles=[])
    for operation in (third, second, first):
        assert outcomes(pair.here, operation) == ["parallel"]
    assert pair.standing() == 20


def test_what_is_held_back_is_not_overtaken_by_a_second_version(pair: Pair) -> None:
    held = pair.made(pair.here, 400, 2, settles=[])
    assert outcomes(pair.here, held) == ["quarantined"]
    assert outcomes(pair.there, pair.made(pair.there, 19, 1, settles=[])) == ["parallel"]
    assert state_of(pair.there, held["op_id"]) == ["waiting"]


def test_numbers_made_up_in_a_chain_turn_nothing_back(pair: Pair) -> None:
    held = pair.made(pair.here, 400, 5, settles=[])
    assert outcomes(pair.here, held) == ["quarantined"]
    assert outcomes(pair.here, pair.made(pair.here, 21, 0, on=held, settles=[])) == ["parallel"]
    assert pair.standing() == 20


# SQLite has one writer at a time: nobody waits for anybody there.
@pytest.mark.parametrize("any_app", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_the_desk_locks_a_record_before_what_is_held_back_of_it_as_a_push_does(pair: Pair) -> None:
    """Else a push that overlooks what is released at the same moment, and the desk, would wait for each other."""
    held = away(pair.made(pair.here, 21, 2, settles=[]))
    assert outcomes(pair.here, held) == ["quarantined"]
    with pair.app.test_request_context():
        actor = actor_of_device(sign_in(pair.app, "cuc").device.id)
        assert actor is not None
        free = (
            select(MeetingEntry.id).where(MeetingEntry.id == UUID(pair.id)).with_for_update(skip_locked=True)
        )
        with transaction(), db.engine.connect() as other:
            assert other.scalar(free)
            other.rollback()
            assert held_in_scope(actor, db.session.scalars(select(Quarantined.id)).one())
            assert other.scalar(free) is None
