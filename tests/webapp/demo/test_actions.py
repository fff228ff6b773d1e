"""Filling a database: everything fits together, and nothing is left behind when it fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from tests.support.postgres import Cluster
from webapp import cli, create_app
from webapp.accounts.actions import sign_in
from webapp.accounts.models import Account, Device, Officer
from webapp.accounts.queries import actor_of_device, actor_of_officer, offered_people, who_follows_what
from webapp.accounts.rules import Actor
from webapp.assignments import board as assignments
from webapp.assignments.models import Assignment
from webapp.audit.models import AuditEvent
from webapp.bulletins.models import BulletinItem, Conveyance
from webapp.bulletins.queries import as_items, due_for, lines
from webapp.bulletins.rules import MAX_PINNED, MAX_TEXT, MAX_TITLE
from webapp.config import Settings
from webapp.db import Model, db, new_id
from webapp.demo import actions
from webapp.demo.district import FULL, SMALL, Scale
from webapp.demo.meetings import Demonstration
from webapp.demo.people import (
    ADMINISTRATOR,
    AGENCY,
    DEMONSTRATION_PASSWORD,
    DEMONSTRATION_PEOPLE,
    GROUP_OFFICER,
    LEADER,
    DemonstrationPerson,
)
from webapp.flash_reports import queries as flash_queries
from webapp.flash_reports import sync_handler as flash_handler
from webapp.flash_reports.models import FlashReportRecord, FlashReportRevision
from webapp.meetings import sync_handler as meeting_handler
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.ops.actions import prepare_database
from webapp.ops.queries import is_demonstration
from webapp.permissions import Permission
from webapp.petitions import queries
from webapp.petitions import sync_handler as petition_handler
from webapp.petitions.board import RECENT, Filters, Span, board, returned
from webapp.petitions.models import PetitionEvent, PetitionRecord, PetitionRevision
from webapp.petitions.rules import OPEN, OWED, Deed, Relation, Standing, State, after, may
from webapp.places.models import HouseholdCount, Unit, UnitType
from webapp.reports.queries import month_report
from webapp.review.models import ReviewEvent
from webapp.sync import rules
from webapp.sync.models import Feed, Receipt
from webapp.sync.records import Operation

TODAY = date(2026, 11, 22)
RECORDS: tuple[Any, ...] = (MeetingEntry, PetitionRecord, FlashReportRecord)
REVISIONS: tuple[Any, ...] = (MeetingRevision, PetitionRevision, FlashReportRevision)


def count(table: type[Model]) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def empty_app(folder: Path, url: str = "") -> Flask:
    app = create_app(
        Settings(folder, url or f"sqlite:///{folder / 'gandan.sqlite'}", "a key for tests", None)
    )
    app.testing = True
    with app.app_context():
        prepare_database()
        db.session.remove()
    return app


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = empty_app(tmp_path_factory.mktemp("demo"))
    with app.app_context():
        actions.fill(TODAY, 5, scale=SMALL)
        yield app
        db.session.remove()
        db.engine.dispose()


def test_the_database_says_that_it_is_a_demonstration(filled: Flask) -> None:
    assert is_demonstration()


def test_everything_that_was_invented_is_stored(filled: Flask) -> None:
    demonstration = Demonstration.of(TODAY, 5, SMALL)
    invented = [saved for _, found in demonstration.records() for saved in found]
    operations = sum(len(saved.revisions) for saved in invented)
    assert count(Unit) == len(demonstration.district.places)
    assert count(HouseholdCount) == 3 * SMALL.groups
    assert count(Officer) == count(Account) == len(demonstration.staff.people)
    assert count(Assignment) == len(demonstration.staff.duties)
    assert sum(count(table) for table in RECORDS) == len(invented)
    assert sum(count(table) for table in REVISIONS) == count(Receipt) == operations
    assert count(ReviewEvent) == sum(len(saved.reviews) for saved in invented)
    assert count(PetitionEvent) == sum(len(saved.life.log) for saved in invented if saved.life)
    items = demonstration.editors.items
    assert count(BulletinItem) == len(items)
    published = sum(item.published_at is not None for item in items)
    opened = sum(saved.opening is not None for saved in invented)
    events = count(ReviewEvent) + count(PetitionEvent) + opened + published
    assert count(AuditEvent) == operations + events + 1
    assert set(db.session.scalars(select(MeetingRevision.payload))) == {
        revision.text for saved in invented if saved.kind == "meeting" for revision in saved.revisions
    }


def test_petitions_live_by_the_rules_and_their_rows_say_what_their_logs_say(filled: Flask) -> None:
    states = set()
    for found in db.session.scalars(select(PetitionRecord)):
        standing = Standing()
        for event in queries.log_of(found.id):
            follows_of_itself = standing.state is State.MERGED
            assert may(event.deed, standing.state, list(Relation)) is not follows_of_itself, (found.id, event)
            standing = after(standing, event)
        said = (standing.state, standing.ending, standing.owner, standing.due, standing.view, standing.head)
        assert said == (
            found.state, found.ending_id, found.owner_unit_id, found.due, found.view, found.head_id,
        )  # fmt: skip
        assert (found.next_by is not None) is (standing.state in OPEN)
        states.add(found.state)
    assert len(states) >= 8


def test_what_entries_say_was_told_is_what_petitions_heard(filled: Flask) -> None:
    heard = {event.id: event for event in db.session.scalars(select(PetitionEvent))}
    told = 0
    for entry, payload in db.session.execute(
        select(MeetingEntry, MeetingRevision.payload).join(
            MeetingRevision, MeetingRevision.op_id == MeetingEntry.op_id
        )
    ):
        for row in json.loads(payload)["body"].get("feedback_given", ()):
            # The id that `petitions.actions.hear` gives it: sent once more, it would add nothing.
            event = heard[uuid5(UUID(row["answer_id"]), f"{entry.id} {row['view']} {Deed.FEED_BACK.value}")]
            assert (event.petition_id, event.about_id) == (UUID(row["petition_id"]), UUID(row["answer_id"]))
            assert heard[UUID(row["answer_id"])].received_at < event.received_at
            assert json.loads(event.said)["day"] == entry.meeting_date.isoformat()
            told += 1
    assert told > 100


def test_one_answer_reaches_every_petition_that_was_merged(filled: Flask) -> None:
    events = {event.id: event for event in db.session.scalars(select(PetitionEvent))}
    inherited = [one for one in events.values() if not one.relation]
    for one in inherited:
        assert one.about_id is not None
        first = events[one.about_id]
        assert (first.deed, first.said, first.received_at) == (one.deed, one.said, one.received_at)
        assert db.session.get_one(PetitionRecord, one.petition_id).head_id in (first.petition_id, None)
    assert inherited


def test_the_loop_is_alive_for_the_officer_and_the_agency_on_the_sign_in_page(filled: Flask) -> None:
    officer = actor_on_offer(GROUP_OFFICER)
    groups = officer.roots(Permission.RECORD_MEETING, TODAY)
    mine = list(db.session.scalars(select(PetitionRecord).where(PetitionRecord.unit_id.in_(groups))))
    assert [one for one in mine if one.state in OWED]
    assert [one for one in mine if one.state == State.IN_PROGRESS]
    items = [row for row, _ in due_for(groups) if row.month == TODAY.replace(day=1)]
    assert len(items) >= 5
    assert 1 <= sum(item.is_pinned for item in items) <= MAX_PINNED
    assert any(item.replaces_id for item in items)
    assert all(len(item.title) <= MAX_TITLE and len(item.text) <= MAX_TEXT for item in items)
    asked = board(actor_on_offer(AGENCY), Filters()).rows
    assert State.IN_PROGRESS.value in {row.petition.state for row in asked}
    found = returned(actor_on_offer(LEADER), Span(TODAY - RECENT, TODAY))
    assert found.share is not None
    assert 0.5 < found.share < 1


def actor_on_offer(person: DemonstrationPerson) -> Actor:
    device = sign_in(person.code, DEMONSTRATION_PASSWORD, "test")
    assert device is not None
    actor = actor_of_device(device.id)
    assert actor is not None
    return actor


def test_flash_reports_wait_at_the_desk_and_their_author_sees_who_opened_one(filled: Flask) -> None:
    listed = flash_queries.reports(actor_on_offer(LEADER), flash_queries.Filters())
    assert listed.rows[0].report.state == "reported"
    assert listed.counts["opened"] > 3
    officer = actor_on_offer(GROUP_OFFICER)
    groups = officer.roots(Permission.RECORD_MEETING, TODAY)
    mine = db.session.scalars(select(FlashReportRecord).where(FlashReportRecord.unit_id.in_(groups))).all()
    told = flash_queries.openings([one for one in mine if one.author_id == officer.officer_id])
    assert {opening.role.code for opening in told.values()} == {"commune_leader"}


def test_items_are_conveyed_where_and_when_they_stand(filled: Flask) -> None:
    chains = lines(list(db.session.scalars(select(MeetingEntry.unit_id).distinct())), TODAY)
    items = as_items(db.session.scalars(select(BulletinItem)).all())
    by_id = {item.id: item for item in items}
    conveyed = db.session.execute(
        select(Conveyance.item_id, MeetingEntry.unit_id, MeetingEntry.meeting_date).join(
            MeetingEntry, MeetingEntry.id == Conveyance.record_id
        )
    ).all()
    assert len(conveyed) > count(MeetingEntry) / 2
    for item_id, unit_id, day in conveyed:
        item = by_id[item_id]
        assert item.month == day.replace(day=1)
        assert item.audience.covers(chains[unit_id])


def test_every_reference_leads_somewhere(filled: Flask) -> None:
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_standing_rows_say_what_sync_would_have_written(filled: Flask) -> None:
    pairs: tuple[tuple[Any, Any, Any], ...] = (
        (MeetingEntry, MeetingRevision, meeting_handler.KIND),
        (PetitionRecord, PetitionRevision, petition_handler.KIND),
        (FlashReportRecord, FlashReportRevision, flash_handler.KIND),
    )
    for table, revision_table, kind in pairs:
        rows = db.session.execute(
            select(table, revision_table).join(revision_table, revision_table.op_id == table.op_id)
        )
        seen = 0
        for entry, revision in rows:
            operation = Operation.model_validate_json(revision.payload)
            for column, value in kind.project(kind.body.model_validate(operation.body)).items():
                assert getattr(entry, column) == value
            assert (entry.rev, entry.id, entry.author_id) == (operation.rev, operation.id, operation.author)
            assert revision.recorded_at == operation.made_at
            assert entry.recorded_at == revision.times.recorded
            assert (revision.device_id, revision.device_seq) == (operation.device, operation.device_seq)
            assert revision.learned_at == operation.learned_at
            seen += 1
        assert seen == count(table)


def test_receipts_are_those_sync_would_give(filled: Flask) -> None:
    key = b"a key for tests"
    for revision, receipt in db.session.execute(
        select(MeetingRevision, Receipt).join(Receipt, Receipt.op_id == MeetingRevision.op_id)
    ):
        assert receipt.digest == revision.digest == rules.digest(revision.payload)
        assert receipt.receipt_code == revision.receipt_code == rules.receipt_code(key, receipt.digest)
        assert (receipt.outcome, receipt.code) == (rules.APPLIED, rules.Code.APPLIED)


def test_feeds_number_each_record_once(filled: Flask) -> None:
    for feed in db.session.scalars(select(Feed)):
        numbers = [
            number
            for table in RECORDS
            for number in db.session.scalars(select(table.feed_seq).where(table.feed_unit_id == feed.unit_id))
        ]
        assert sorted(numbers) == list(range(1, feed.seq + 1))


def test_one_decision_for_each_revision_and_its_state(filled: Flask) -> None:
    for entry, event in db.session.execute(
        select(MeetingEntry, ReviewEvent).join(ReviewEvent, ReviewEvent.decides_op_id == MeetingEntry.op_id)
    ):
        assert entry.state == event.decision
    decided = select(ReviewEvent.decides_op_id).where(ReviewEvent.decides_op_id.is_not(None))
    waiting = db.session.scalars(select(MeetingEntry.state).where(MeetingEntry.op_id.not_in(decided)))
    assert set(waiting) == {"submitted"}


def test_only_those_on_offer_can_sign_in_with_the_shared_password(filled: Flask) -> None:
    for person in DEMONSTRATION_PEOPLE:
        device = sign_in(person.code, DEMONSTRATION_PASSWORD, "test")
        assert device is not None
        actor = actor_of_device(device.id)
        assert actor is not None
        assert actor.name == person.name
    open_codes = db.session.scalars(select(Account.code).where(Account.password_hash.is_not(None)))
    assert set(open_codes) == {person.code for person in DEMONSTRATION_PEOPLE}


def test_a_commune_alone_is_reviewed_by_its_own_people(tmp_path: Path) -> None:
    app = empty_app(tmp_path)
    with app.app_context():
        actions.fill(TODAY, 5, scale=Scale(1, 0, hamlets=3, groups=24, officers=16, is_alone=True))
        (top,) = db.session.scalars(select(Unit).where(Unit.parent_id.is_(None)))
        assert (top.name, top.official_code, top.type_code) == ("Xã Phú Túc", "28810", "commune")
        tiers = set(db.session.scalars(select(UnitType.rank)))
        assert min(tiers) == 3  # nothing above a commune is even a type
        assert count(MeetingEntry) > 200
        held = {row.role for row in who_follows_what(TODAY)}
        assert held == {
            "Quản trị", "Cán bộ tổng hợp xã", "Lãnh đạo xã", "Cán bộ ấp", "Cán bộ phụ trách tổ",
            "Cán bộ cơ quan, ban, ngành",
        }  # fmt: skip
        own = set(db.session.scalars(select(ReviewEvent.actor_id).distinct()))
        assert own <= set(db.session.scalars(select(Officer.id).where(Officer.home_unit_id == top.id)))
        offered = {person.code for person in offered_people()}
        assert offered == {"can-bo-to", "can-bo-ap", "tong-hop-xa", "quan-tri", "co-quan"}
        for code in offered:
            assert sign_in(code, DEMONSTRATION_PASSWORD, "test")
        for month in (date(2026, 3, 1), date(2026, 10, 1)):
            report = month_report(None, month)
            assert report.line_types == ("hamlet",)
            assert report.total.groups == 24
        db.session.remove()
        db.engine.dispose()


def test_invented_phones_are_signed_out_and_share_no_secret(filled: Flask) -> None:
    invented = db.session.scalars(select(Device).where(Device.label == "")).all()
    assert all(device.signed_out_at for device in invented)
    assert len({device.secret for device in invented}) == len(invented)


def test_a_second_time_leaves_it_as_it_is(filled: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    before = count(MeetingEntry)
    actions.demonstrate(TODAY, seed=6, scale=SMALL)
    assert count(MeetingEntry) == before
    assert "left as it is" in capsys.readouterr().out


def test_a_database_with_data_of_its_own_is_refused(app: Flask) -> None:
    with app.app_context():
        before = count(Unit)
        with pytest.raises(click.ClickException):
            actions.demonstrate(TODAY, scale=SMALL)
        assert count(Unit) == before
        assert not is_demonstration()


def test_an_interrupted_fill_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    app = empty_app(tmp_path)
    with app.app_context():
        with pytest.raises(KeyboardInterrupt):
            actions.fill(TODAY, 5, interrupt, SMALL)
        db.session.remove()
        assert not is_demonstration()
        assert count(Unit) == count(Officer) == count(MeetingEntry) == 0
        actions.fill(TODAY, 5, scale=SMALL)
        assert is_demonstration()
        db.session.remove()
        db.engine.dispose()


@pytest.mark.postgres
def test_it_fills_postgresql_too(postgres_cluster: Cluster, tmp_path: Path) -> None:
    with postgres_cluster.database() as name:
        app = empty_app(tmp_path, postgres_cluster.url(name))
        with app.app_context():
            counts = actions.fill(TODAY, 5, scale=SMALL)
            assert count(MeetingEntry) == counts["meeting"]
            assert is_demonstration()
            db.session.remove()
            db.engine.dispose()


@pytest.mark.slow
def test_the_whole_district_is_as_large_as_the_article_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = empty_app(tmp_path)
    done: list[int] = []
    with app.app_context():
        counts = actions.fill(TODAY, progress=done.append)
        table = {(row.role, row.tier): (row.people, row.places) for row in who_follows_what(TODAY)}
        (groups,) = (row for row in who_follows_what(TODAY) if row.people == 1091)
        account = select(Account.officer_id).where(Account.code == ADMINISTRATOR.code)
        quan = actor_of_officer(db.session.scalars(account).one(), new_id())
        assert quan
        shown = assignments.board(quan, assignments.Filters())
        db.session.remove()
        db.engine.dispose()
    monkeypatch.setattr(cli, "create_app", lambda: app)
    said = CliRunner().invoke(cli.main, ["places", "table"]).output
    print(said)  # noqa: T201 - figures, with -s
    for figures in (r"6 .*/ 6 ", r"21 .*/ 21 ", r"117 .*/ 117 ", r"1091 .*/ 1702 ", r"of them +117 "):
        assert re.search(rf"(?m)^ *{figures}", said), said
    assert sum(done) == FULL.groups
    assert counts["group"] == 1702
    assert counts["hamlet"] + counts["quarter"] == 117
    assert counts["commune"] + counts["town"] == 21
    assert table["Cán bộ tỉnh theo dõi xã", "Thị trấn, Xã"] == (21, 21)
    assert table["Trưởng cụm vùng", "Cụm vùng"] == (6, 6)
    assert table["Cán bộ huyện phụ trách ấp", "Thị trấn, Xã"] == (21, 21)
    assert table["Cán bộ huyện phụ trách ấp", "Khu phố, Ấp"] == (117, 117)
    assert table["Cán bộ ấp", "Khu phố, Ấp"] == (117, 117)
    assert table["Cán bộ phụ trách tổ", "Tổ nhân dân tự quản"] == (1091, 1702)
    assert groups.kinds["hamlet_cadre"] == 117
    line = shown.lines[0]
    assert (line.uncovered, line.doubled, line.over, shown.exempt) == (3, 4, 2, 6)
    assert 20_400 < counts["meeting"] < 22_100
    assert 0.55 < counts["petition"] / counts["meeting"] < 0.65
