"""A messy spreadsheet of a whole district: every fault is told on its row, the clean rest goes in, twice is once.

The file has 117 hamlets, 1,702 groups with their households, 1,091 people and as many assignments.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import func, select

from tests.conftest import make_app
from tests.webapp.sheets import office
from tests.webapp.sheets.office import Office
from webapp.accounts.models import Officer
from webapp.accounts.queries import actor_of_officer
from webapp.accounts.rules import Actor
from webapp.assignments.models import Assignment
from webapp.audit.models import AuditEvent
from webapp.db import db, new_id
from webapp.ops.actions import prepare_database
from webapp.places.models import HouseholdCount, PlaceChange, Unit, UnitVersion
from webapp.sheets import actions, layout, report
from webapp.sheets.faults import FAULTS
from webapp.sheets.layout import State
from webapp.sheets.models import SheetImport
from webapp.sheets.planned import Line, Verdict
from webapp.text import fold


class Plant(NamedTuple):
    """A fault planted in a sheet: one cell spoilt in a row of its own, or a row too many."""

    name: str
    sheet: str
    fault: str
    cells: dict[int, Any] | None = None
    row: list[Any] | None = None
    at: int | None = None


def one_letter_more(row: list[Any]) -> str:
    return f"{row[1]}h"


PLANTS: Final = (
    # Places, in the sheet of hamlets or groups: commune, hamlet, group, households, day, code, type
    Plant("a hamlet that ended", "hamlets", "unit_ended", row=["Xã An Khánh", "Ấp Cũ", "01/01/2025"]),
    Plant("a hamlet twice", "hamlets", "unit_twice", row=["tx", "", ""]),
    Plant("a hamlet below the district", "hamlets", "unit_without_parent", row=["", "Ấp Không Cha", "01/01/2022"]),
    Plant("a hamlet without its type", "hamlets", "unit_type_missing", row=["Xã An Khánh", "Vô Danh", "01/01/2022"]),
    Plant("only a day", "hamlets", "unit_missing", row=["", "", "01/01/2022"]),
    Plant("a hamlet once more, without marks", "hamlets", "unit_nearly", row=["unmarked", "", ""]),
    Plant("a commune without marks", "groups", "unit_nearly", {0: "Xa Tan Thach"}),
    Plant("one letter too many", "groups", "unit_nearly", {1: one_letter_more}),
    Plant("a hamlet nobody knows", "groups", "unit_unknown_there", {1: "Ấp Không Có Đâu"}),
    Plant("a commune nobody knows", "groups", "unit_unknown", {0: "Xã Trên Mây"}),
    Plant("a commune of another type", "groups", "unit_other_type", {0: "Phường Tân Thạch"}),
    Plant("a hamlet's name of two places", "groups", "unit_ambiguous", {0: None}, at=1168 + 117),
    Plant("a code that is another's", "groups", "code_taken", {5: 28802}, at=1395),
    Plant("a type nobody knows", "groups", "unit_type_unknown", {6: "Bộ lạc"}),
    Plant("a type against the name", "groups", "unit_type_contradicts", {6: "Ấp"}),
    Plant("a commune in the place of a group", "groups", "unit_type_contradicts", {2: "Xã Mới", 6: "Xã"}),
    Plant("a name without end", "groups", "too_long", {2: "Tổ " + "rất dài " * 30}),
    Plant("an old font", "groups", "old_font", {1: "Êp Phó Th¹nh"}),
    Plant("letters lost on the way", "groups", "broken_text", {1: "Ấp Ph\ufffd"}),
    Plant("a broken formula", "groups", "error_value", {3: "#REF!"}),
    Plant("households in words", "groups", "number_unreadable", {3: "hai mươi"}),
    Plant("half a household", "groups", "number_fraction", {3: 12.5}),
    Plant("no household", "groups", "households_none", {3: 0}),
    Plant("persons, not households", "groups", "households_many", {3: 1240}),
    Plant("month before day", "groups", "date_month_first", {4: "12/31/2021"}),
    Plant("a day no month has", "groups", "date_not_there", {4: "31/02/2022"}),
    Plant("a year alone", "groups", "date_only_year", {4: 2022}),
    Plant("a year far away", "groups", "date_far", {4: "01/01/0202"}),
    Plant("a day to come", "groups", "date_future", {4: "01/01/2030"}),
    Plant("no day at all", "groups", "date_unreadable", {4: "đầu năm"}),
    Plant("before its hamlet", "groups", "unit_before_parent", {4: "01/01/2019"}),
    # Households: commune, hamlet, group, households, day, code
    Plant("households of a hamlet", "counts", "not_a_group", {2: None}),
    Plant("counted before it was", "counts", "before_unit", {4: "01/01/2021"}),
    Plant("counted twice on a day", "counts", "count_twice", row=["first", "", "", 30, "01/11/2026"]),
    Plant("a number left out", "counts", "missing", {3: None}),
    # People: name, title, kind, home, code, phone
    Plant("a phone number cut short", "people", "phone_length", {5: "0912 345"}),
    Plant("a number of eleven digits", "people", "phone_old", {5: "01234567890"}),
    Plant("two numbers in a cell", "people", "phone_two", {5: "0912345678 / 0987654321"}),
    Plant("a number the sheet rounded", "people", "phone_rounded", {5: "9.12E+08"}),
    Plant("a word for a number", "people", "phone_letters", {5: "không có"}),
    Plant("nobody's name", "people", "missing", {0: None}),
    Plant("two people in a cell", "people", "name_not_one", {0: "Nguyễn Văn A; Trần Thị B"}),
    Plant("a kind nobody knows", "people", "kind_unknown", {2: "Cán bộ vũ trụ"}),
    Plant("neither code nor number", "people", "person_without_id", {4: None, 5: None}),
    Plant("somebody of another administrator", "people", "person_outside",
          row=["Lý Ngoài", "", "", "", "NGOAI01", ""]),
    Plant("a code under another name", "people", "person_other_name", row=["Tên Khác", "", "", "", "TRUNG1", ""]),
    Plant("a code and a number of two people", "people", "person_two",
          row=["Hai Một", "", "", "", "HAI1", "0855000222"]),
    Plant("a code twice", "people", "person_twice", row=["Nguyễn Văn An", "", "", "", "CB0000", ""]),
    Plant("a name that is known", "people", "person_known",
          row=["Trùng Văn Tên", "", "", "Xã An Khánh", "", "0866000333"]),
    Plant("employed outside the scope", "people", "unit_outside", {3: "Tỉnh Bến Tre"}),
    Plant("employed by a group", "people", "home_is_group", {3: "Tổ NDTQ số 1, Khu phố 1, Thị trấn Châu Thành"}),
    # Assignments: code, name, commune, hamlet, group, role, primary, decision, its day, from, to
    Plant("a role nobody knows", "assignments", "role_unknown", {5: "Thần giữ cửa"}),
    Plant("the right to administer", "assignments", "role_too_high", {5: "Quản trị"}),
    Plant("neither in charge nor deputy", "assignments", "primary_unreadable", {6: "có lẽ"}),
    Plant("it ends before it begins", "assignments", "dates_crossed", {10: "01/01/2021"}),
    Plant("somebody who is not kept", "assignments", "person_unknown", {0: "CB9999", 1: "Không Ai Cả"}),
    Plant("a name of two people", "assignments", "person_ambiguous", {0: None, 1: "Trùng Văn Tên"}),
    Plant("an assignment twice", "assignments", "assignment_twice", row=["first"]),
    Plant("a place two are in charge of", "assignments", "assignment_refused", row=["second in charge"]),
)  # fmt: skip
ELSEWHERE: Final = {
    "assignment_other_day", "assignment_other_end", "assignment_other_way", "code_contradicts", "count_refused",
    "home_missing", "person_refused", "unit_misplaced", "unit_refused",
}  # fmt: skip
"""What follows from another fault, or needs another office: shown below and in test_rules.py."""


def spoilt(clean: Office) -> tuple[Office, dict[tuple[str, int], Plant]]:
    """Return the office with all faults planted, and in which row of which sheet each stands."""
    office_ = clean.copy()
    planted: dict[tuple[str, int], Plant] = {}
    # Groups nobody is assigned to, and of people the last: so that one fault does not bring another.
    nexts = {"groups": 1198, "people": 1000, "assignments": 10, "counts": 5, "hamlets": 0}
    for plant in PLANTS:
        rows = getattr(office_, plant.sheet)
        if plant.row is not None:
            index = len(rows)
            rows.append(extra(office_, plant))
        else:
            index = plant.at if plant.at is not None else nexts[plant.sheet]
            nexts[plant.sheet] += plant.at is None
            nexts[plant.sheet] += plant.sheet == "groups" and nexts[plant.sheet] % 9 == 0  # counted elsewhere
            for column, value in (plant.cells or {}).items():
                rows[index][column] = value(rows[index]) if callable(value) else value
        planted[plant.sheet, office.row_of(plant.sheet, index)] = plant
    return office_, planted


def extra(office_: Office, plant: Plant) -> list[Any]:
    """Return a row that is one too many."""
    row = list(plant.row or [])
    if row[0] == "tx":
        return list(office_.hamlets[0])
    if row[0] == "unmarked":
        commune, hamlet, day = office_.hamlets[10]
        return [commune, " ".join(word.capitalize() for word in fold(hamlet).split()), day]
    if row[0] == "first":
        return list(getattr(office_, plant.sheet)[0])
    if row[0] == "second in charge":
        return ["CB0001", office_.people[1][0], *office_.assignments[0][2:]]
    return row


class Desk:
    """Takes files in as the pages do."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.seconds: dict[str, float] = {}

    def check(self, content: bytes) -> tuple[UUID, list[Line]]:
        begun = time.perf_counter()
        made = actions.hand_in(self.actor, "Danh sách.xlsx", content)
        self.seconds["hand in"] = time.perf_counter() - begun
        begun = time.perf_counter()
        actions.start(self.actor, made, State.CHECKING).join()
        self.seconds["dry run"] = time.perf_counter() - begun
        db.session.remove()
        found = db.session.get_one(SheetImport, made)
        assert (found.state, found.failure) == (State.CHECKED, "")
        return made, report.lines_from_json(found.lines)

    def do(self, made: UUID) -> SheetImport:
        begun = time.perf_counter()
        actions.start(self.actor, made, State.WRITING).join()
        self.seconds["write"] = time.perf_counter() - begun
        db.session.remove()
        return db.session.get_one(SheetImport, made)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'office.sqlite'}")
    with app.app_context():
        prepare_database()
        actor = actor_of_officer(office.build_district(), new_id())
        assert actor is not None
        yield Desk(actor)
        db.session.remove()
        db.engine.dispose()


def everything() -> dict[str, int]:
    """Count the rows of everything a file may write."""
    tables = (Unit, UnitVersion, PlaceChange, Officer, Assignment, HouseholdCount)
    return {
        table.__name__: db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables
    }


def counted(lines: list[Line]) -> dict[Verdict, int]:
    return {verdict: n for verdict in Verdict if (n := sum(line.verdict is verdict for line in lines))}


def test_every_fault_is_told_on_its_row_and_the_clean_rest_goes_in_once(desk: Desk) -> None:
    clean = office.district()
    messy, planted = spoilt(clean)
    assert len(planted) == len(PLANTS) > 40
    assert {plant.fault for plant in PLANTS} | ELSEWHERE == set(FAULTS), "every fault there is"
    sheets = [title for title, _ in office.HEADERS.values()]
    kinds = list(office.HEADERS)
    before = everything()

    made, lines = desk.check(office.workbook(messy))
    chosen = layout.from_json(db.session.get_one(SheetImport, made).layout)
    assert [part.title for part in chosen.used()] == sheets
    told = {(kinds[line.part], line.row): line for line in lines if line.verdict is Verdict.REFUSED}
    wrong = {
        (plant.name, plant.fault, told[where].fault if where in told else "not refused")
        for where, plant in planted.items()
        if where not in told or told[where].fault != plant.fault
    }
    assert wrong == set()
    follows = {line.fault for where, line in told.items() if where not in planted}
    assert follows == {"person_refused", "unit_refused"}, "what is refused cannot be spoken of elsewhere"
    for line in told.values():
        message, action = report.said_of(line)
        assert message, line
        assert action.endswith("."), line
        assert "%(" not in message + action, line

    assert desk.do(made).failure == "sheet_changed", "the page offers no button; who asks anyway gets nothing"
    assert everything() == before, "nothing half done"

    made, lines = desk.check(office.workbook(clean))
    assert counted(lines) == {
        Verdict.CREATED: office.HAMLETS + office.GROUPS + 2 * office.PEOPLE + len(clean.counts), Verdict.SKIPPED: 15,
    }  # fmt: skip
    first = dict(desk.seconds)
    assert desk.do(made).state == State.DONE
    first |= desk.seconds
    after = everything()
    assert {name: after[name] - before[name] for name in after} == {
        "Unit": office.HAMLETS + office.GROUPS, "UnitVersion": office.HAMLETS + office.GROUPS, "PlaceChange": 1,
        "Officer": office.PEOPLE, "Assignment": office.PEOPLE, "HouseholdCount": office.GROUPS + len(clean.counts),
    }  # fmt: skip
    audited = dict(
        db.session.execute(select(AuditEvent.action, func.count()).group_by(AuditEvent.action)).all()
    )
    assert audited["person_saved"] == office.PEOPLE
    assert audited["assignment.begun"] == office.PEOPLE
    assert audited["households.counted"] == office.GROUPS
    assert (audited["place.batch"], audited["sheet.taken_in"]) == (1, 1)

    made, lines = desk.check(office.workbook(clean))
    assert counted(lines) == {Verdict.UNCHANGED: sum(counted(lines).values()) - 15, Verdict.SKIPPED: 15}
    desk.do(made)
    assert everything() == after, "the third run changes nothing"
    for what, seconds in first.items():
        print(f"{what}: {seconds:.2f} s")  # noqa: T201 - the figures of this test
    assert first["write"] < 25, "on SQLite nobody else writes meanwhile, and everybody waits 30 s at most"
