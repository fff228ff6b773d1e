"""The month's report on the tree of any day, and the reform played on the demonstration."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
import pytest
from flask import Flask, g
from sqlalchemy import func, select

from webapp import clock, create_app
from webapp.accounts.actions import open_device
from webapp.accounts.models import Account
from webapp.accounts.queries import actor_of_officer, who_follows_what
from webapp.accounts.rules import Actor
from webapp.assignments.models import Assignment
from webapp.config import Settings
from webapp.db import db, new_id
from webapp.demo import actions as demo
from webapp.demo.district import AGENCIES, Scale
from webapp.demo.reform import EARLIER, REFORM_DAY, TODAY, reform
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.ops.actions import prepare_database
from webapp.permissions import Permission
from webapp.places.models import PlaceChange, Unit, UnitVersion
from webapp.places.queries import above, below, children
from webapp.reports.queries import MonthReport, month_report
from webapp.review.queries import Filters, queue
from webapp.sync.scope import scope_of

MARCH = EARLIER[0]
JULY = date(2025, 7, 1)
SCALE = Scale(communes=21, clusters=6, hamlets=42, groups=210, officers=130)
NEW = ["Phường Phú Tân", "Phường Sơn Đông", "Xã Giao Long", "Xã Phú Túc", "Xã Tân Phú", "Xã Tiên Thủy"]


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("reform")
    clock.pretend_today(TODAY)
    app = create_app(Settings(folder, f"sqlite:///{folder / 'gandan.sqlite'}", "a key for tests", None))
    with app.app_context():
        prepare_database()
        demo.fill(TODAY, 7, scale=SCALE, earlier=EARLIER)
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(autouse=True)
def july() -> None:
    clock.pretend_today(TODAY)


def person(code: str) -> Actor:
    account = db.session.scalars(select(Account).where(Account.code == code)).one()
    actor = actor_of_officer(account.officer_id, new_id())
    assert actor
    return actor


def page_of(app: Flask, code: str, month: str) -> str:
    """Return what somebody sees of a month, to the letter."""
    account = db.session.scalars(select(Account).where(Account.code == code)).one()
    device_id = open_device(account.id, "test").id
    db.session.remove()
    g.pop("actor", None)
    client = app.test_client()
    with client.session_transaction() as session:
        session["device"] = str(device_id)
    answer = client.get(f"/reports/month?month={month}")
    assert answer.status_code == 200
    g.pop("actor", None)
    return answer.text[answer.text.index("<main") : answer.text.index("</main>")]


def counted(report: MonthReport) -> tuple[int, ...]:
    total = report.total
    return total.groups, total.met, total.not_held, total.households, total.came, total.expected


def everything() -> tuple[int, set[str]]:
    entries = db.session.scalar(select(func.count()).select_from(MeetingEntry)) or 0
    return entries, set(db.session.scalars(select(MeetingRevision.payload)))


def test_the_reform_loses_nothing_and_old_reports_stay(district: Flask) -> None:
    """One walk through the scenario: before, the reform, after."""
    reviewer, leader = person("tong-hop-huyen"), person("lanh-dao-huyen")
    march, july = month_report(None, MARCH), month_report(None, JULY, date(2025, 6, 30))
    assert len(march.rows) == 21
    assert march.total.groups == SCALE.groups
    assert march.total.met > 150
    assert 0.5 < (march.total.rate or 0) < 1
    for name in ("groups", "met", "not_held", "households", "came", "expected"):
        assert sum(getattr(row, name) for row in march.rows) == getattr(march.total, name)
    kept, readable = everything(), queue(reviewer, Filters(state="accepted")).counts
    entry = db.session.scalars(
        select(MeetingEntry).where(MeetingEntry.meeting_date < date(2022, 4, 1))
    ).first()
    assert entry
    written_at, held_on = entry.unit_id, entry.meeting_date
    chain = [version.name for version in above(written_at, held_on)]
    assert chain[-2:] == ["Huyện Châu Thành", "Tỉnh Bến Tre"]
    phones = {code: len(scope_of(person(code)).mine) for code in ("can-bo-to", "can-bo-ap")}

    pages = [page_of(district, code, "2022-03") for code in ("lanh-dao-huyen", "can-bo-huyen")]

    assert reform(REFORM_DAY) > 15

    assert [page_of(district, code, "2022-03") for code in ("lanh-dao-huyen", "can-bo-huyen")] == pages
    assert "Huyện" not in page_of(district, "tong-hop-huyen", "2025-07")

    assert month_report(None, MARCH) == march  # to the last number and name
    after = month_report(None, JULY)
    assert [row.name for row in after.rows] == NEW
    assert counted(after) == counted(july)  # nothing is lost between the trees
    assert [
        row.name for row in month_report(None, MARCH, TODAY).rows
    ] == NEW  # the past on today's tree, said so
    assert counted(month_report(None, MARCH, TODAY))[:3] == counted(march)[:3]
    assert len(month_report(None, JULY, date(2025, 6, 30)).rows) == 21  # and today on the old one
    assert everything() == kept

    assert [v.name for v in above(written_at, held_on)] == chain  # old entries keep their chain
    assert above(written_at, TODAY)[1].name in NEW
    reviewer, leader = person("tong-hop-huyen"), person("lanh-dao-huyen")
    (root,) = reviewer.roots(Permission.DECIDE_MEETING, TODAY)
    area = db.session.get_one(Unit, root)
    assert (area.name, area.type_code) == ("Khu vực Châu Thành", "area")
    assert queue(reviewer, Filters(state="accepted")).counts == readable
    assert counted(month_report(leader, MARCH)) == counted(march)
    assert {code: len(scope_of(person(code)).mine) for code in phones} == phones
    clerk = person("tong-hop-xa")
    (root,) = clerk.roots(Permission.DECIDE_MEETING, TODAY)
    assert db.session.get_one(Unit, root).name == "Xã Phú Túc"  # Tân Thạch went into it

    province = db.session.scalars(select(Unit).where(Unit.type_code == "province")).one()
    assert {v.name for v in children(province.id, TODAY)} == {
        *NEW, "Khu vực Châu Thành", *AGENCIES["province"],
    }  # fmt: skip
    tree = below([province.id], TODAY)
    entries = select(func.count()).where(MeetingEntry.unit_id.in_(select(tree.c.id)))
    assert db.session.scalar(entries) == kept[0]
    with pytest.raises(click.ClickException):
        reform(REFORM_DAY)
    codes = (
        select(UnitVersion.name).where(UnitVersion.official_code == "28810").order_by(UnitVersion.valid_from)
    )
    assert list(dict.fromkeys(db.session.scalars(codes))) == ["Xã An Khánh", "Xã Phú Túc"]
    bases = set(db.session.scalars(select(PlaceChange.basis)))
    assert bases == {"Nghị quyết 202/2025/QH15", "Nghị quyết 1687/NQ-UBTVQH15"}


def test_an_officer_reads_the_month_of_their_own_place(district: Flask) -> None:
    with pytest.MonkeyPatch.context():
        officer = person("can-bo-huyen")
    report = month_report(officer, MARCH)
    assert len(report.rows) == 1
    assert report.total.groups == report.rows[0].groups > 0


def test_the_table_of_the_article_is_computed(district: Flask) -> None:
    day = date(2024, 5, 25)
    found = {(row.role, row.tier): (row.people, row.places) for row in who_follows_what(day)}
    assert found["Cán bộ tỉnh theo dõi xã", "Thị trấn, Xã"] == (21, 21)
    assert found["Trưởng cụm vùng", "Cụm vùng"] == (6, 6)
    assert found["Cán bộ huyện phụ trách ấp", "Thị trấn, Xã"] == (21, 21)
    assert found["Cán bộ huyện phụ trách ấp", "Khu phố, Ấp"] == (42, 42)
    assert found["Cán bộ ấp", "Khu phố, Ấp"] == (42, 42)
    people, places = found["Cán bộ phụ trách tổ", "Tổ nhân dân tự quản"]
    assert (people, places) == (130, 210)
    (followers,) = (row for row in who_follows_what(day) if row.people == 130)
    assert followers.kinds["hamlet_cadre"] == 42  # those cadres of hamlets who follow a group as well
    assert sum(followers.kinds.values()) == 130


def test_only_a_demonstration_is_reformed(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        with pytest.raises(click.ClickException):
            reform(REFORM_DAY)
        assert not db.session.scalar(select(func.count()).select_from(PlaceChange))
        assert db.session.scalar(select(func.count()).select_from(Assignment))
