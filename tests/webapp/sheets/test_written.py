"""Files LibreOffice wrote (`written/make.py`): days as days, phone numbers as numbers, merged cells, old code pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.conftest import make_app
from tests.webapp.sheets import office
from webapp.accounts.models import Account, Officer
from webapp.assignments.models import Assignment
from webapp.db import db
from webapp.ops.actions import prepare_database
from webapp.places.models import HouseholdCount, Unit
from webapp.sheets import actions, files
from webapp.sheets.cells import text
from webapp.sheets.planned import Plan, Verdict

WRITTEN = Path(__file__).parent / "written"
COUNTS = ["counts-utf8-mark", "counts-utf16", "counts-windows1258"]


@pytest.fixture
def _district(tmp_path: Path) -> Iterator[None]:
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'office.sqlite'}")
    with app.app_context(), app.test_request_context():
        prepare_database()
        office.build_district()
        yield
        db.session.remove()
        db.engine.dispose()


def take_in(name: str) -> Plan:
    plan, _ = actions.take_in_at_once((WRITTEN / name).read_bytes(), None, "27-KH/HU", dry_run=False)
    return plan


@pytest.mark.usefixtures("_district")
def test_a_workbook_of_an_office_is_taken_in_as_it_is() -> None:
    """Nothing is said of it: which sheets count, what they hold and where their headers stand is found out."""
    plan = take_in("office.xlsx")
    assert {verdict: count for verdict, count in plan.counts.items() if count} == {
        Verdict.CREATED: 11, Verdict.SKIPPED: 2,
    }, [line for line in plan.lines if line.verdict is Verdict.REFUSED]  # fmt: skip
    people = db.session.execute(
        select(Account.code, Account.phone, Officer.full_name, Officer.kind)
        .join(Officer, Officer.id == Account.officer_id)
        .where(Account.code.startswith("100"))
        .order_by(Account.code)
    ).all()
    assert [tuple(one) for one in people] == [
        ("1001", "0912345678", "Nguyễn Thị Hoà", "civil_servant"),
        ("1002", "0987654321", "Trần Văn Uý", "hamlet_cadre"),
        ("1003", "0903111222", "Lê Quốc Thuỷ", "commune_cadre"),
    ]
    groups = db.session.scalars(select(Unit).where(Unit.type_code == "group").order_by(Unit.sort_key)).all()
    assert [(one.name, one.valid_from) for one in groups] == [
        (f"Tổ NDTQ số {number}", date(2022, 1, 1)) for number in (1, 2, 10)
    ]
    assert len({one.parent_id for one in groups}) == 1, "“Hoà” and “Hòa” are one place"
    counted = db.session.execute(select(HouseholdCount.as_of, HouseholdCount.households)).all()
    assert {tuple(one) for one in counted} == {
        (date(2022, 1, 1), 29), (date(2022, 1, 1), 31), (date(2022, 1, 1), 27), (date(2026, 11, 1), 30),
        (date(2026, 11, 1), 32),
    }  # fmt: skip
    begun = select(Assignment.valid_from, Assignment.decision_ref, Assignment.decision_date)
    assigned = db.session.execute(begun.where(Assignment.role_code == "group_officer")).all()
    assert [tuple(one) for one in assigned] == [(date(2022, 1, 10), "12-QĐ/HU", date(2022, 1, 5))] * 2
    for name in ("office.xlsx", *(f"{one}.csv" for one in COUNTS)):
        again = take_in(name)
        assert not again.counts[Verdict.CREATED] + again.counts[Verdict.REFUSED], name


@pytest.mark.parametrize("name", COUNTS)
def test_a_csv_says_the_same_in_each_encoding(name: str) -> None:
    (sheet,) = files.read((WRITTEN / f"{name}.csv").read_bytes())
    rows = [[text(cell) for cell in row] for row in sheet.rows]
    assert rows[0] == ["ỦY BAN NHÂN DÂN HUYỆN CHÂU THÀNH"]
    assert rows[3:6] == [
        ["STT", "Xã/thị trấn", "Ấp/khu phố", "Tổ NDTQ", "Tổng số hộ", "Tính đến ngày"],
        ["1", "Xã An Khánh", "Ấp Phước Hoà", "Tổ NDTQ số 1", "30", "01/11/2026"],
        ["2", "Xã An Khánh", "Ấp Phước Hoà", "Tổ NDTQ số 2", "32 hộ", "1-11-2026"],
    ]
