"""Rows judged one by one: names as lists write them, and what follows from other rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import count
from uuid import UUID

import pytest

from webapp.assignments.rules import Held
from webapp.people.rules import KINDS
from webapp.places.operations import Create
from webapp.sheets.cells import Cell, spelled
from webapp.sheets.columns import Kind, Tier, read_headers
from webapp.sheets.data_rows import sheet_of
from webapp.sheets.naming import Node, Type, Vocabulary
from webapp.sheets.planned import Defaults, Line, Person, Plan, Standing, Verdict
from webapp.sheets.rules import plan

TODAY = date(2026, 11, 22)
SINCE = date(2022, 1, 1)
TYPES = (
    Type("district", 2, "Huyện"), Type("commune", 3, "Xã"), Type("town", 3, "Thị trấn"), Type("hamlet", 4, "Ấp"),
    Type("quarter", 4, "Khu phố"), Type("to_dan_pho", 4, "Tổ dân phố"),
    Type("group", 5, "Tổ nhân dân tự quản", can_meet=True), Type("agency", 9, "Cơ quan, ban, ngành"),
)  # fmt: skip
TIERS = [
    Tier(rank, {one.code: one.label for one in TYPES if one.rank == rank}, can_meet=rank == 5)
    for rank in (2, 3, 4, 5)
]


def uid(n: int) -> UUID:
    return UUID(int=n)


PLACES = (
    (1, "district", "Huyện Châu Thành", None, "831"), (2, "commune", "Xã An Lộc", 1, "28810"),
    (3, "town", "Thị trấn Châu Thành", 1, "28801"), (4, "hamlet", "Ấp Thới Hòa", 2, None),
    (5, "quarter", "Khu phố 3", 3, None), (6, "hamlet", "Ấp 3", 3, None), (7, "group", "Tổ NDTQ số 2", 4, None),
    (8, "group", "Tổ NDTQ số 2", 5, None), (9, "agency", "Phòng Nội vụ", 1, None),
)  # fmt: skip
PEOPLE = (
    Person(uid(100), "Nguyễn Thị Lan", "Công chức", "commune_cadre", uid(2), "lan", "0912345678"),
    Person(uid(101), "Trần Văn Minh", "Trưởng ấp", "hamlet_cadre", uid(4), "00123"),
)


def standing(*, roots: int = 1) -> Standing:
    """Return a small district; with two roots its administrator keeps the commune and the town alone."""
    places = [
        Node(
            uid(n),
            kind,
            name,
            uid(above) if above else None,
            SINCE,
            code,
            is_mine=roots == 1 or n not in (1, 9),
        )
        for n, kind, name, above, code in PLACES
    ]
    held = [Held(uid(200), uid(100), uid(7), "group_officer", is_primary=True, start=date(2022, 1, 10))]
    return Standing(
        TODAY, TYPES, places, PEOPLE, {uid(7): {SINCE: 29, date(2026, 1, 1): 31}}, KINDS,
        {"group_officer": "Cán bộ phụ trách tổ"}, {"administrator": "Quản trị"}, held,
    )  # fmt: skip


def judged(kind: Kind, header: Sequence[str], *rows: Sequence[Cell], roots: int = 1) -> Plan:
    table: list[list[Cell]] = [list(header), *(list(row) for row in rows)]
    part = read_headers(0, "", table, TIERS, kind, 1)
    ids = count(1000)
    return plan(standing(roots=roots), [sheet_of(0, part, table)], Defaults(TODAY), lambda: uid(next(ids)))


def one(kind: Kind, header: Sequence[str], row: Sequence[Cell], *, roots: int = 1) -> Line:
    (line,) = judged(kind, header, row, roots=roots).lines
    return line


@pytest.mark.parametrize(
    "said",
    [
        ("Xã An Lộc", "Ấp Thới Hòa", "Tổ NDTQ số 2"), ("AN LỘC", "THỚI HOÀ", "2"), ("X. An Lộc", "ấp  thới hoà", 2.0),
        ("xã an lộc", "Thới Hòa", "Tổ 02"), ("", "Ấp Thới Hòa", "tổ ndtq 2"),
        ("An Lộc", "", "Tổ nhân dân tự quản số 2"),
        ("An Lo\u0323\u0302c", "Ấp Thới Hòa\u00a0", "Tổ số 2"),
    ],
)  # fmt: skip
def test_a_group_is_found_by_any_way_to_write_its_path(said: tuple[Cell, ...]) -> None:
    line = one(Kind.COUNTS, ["Xã", "Ấp", "Tổ", "Số hộ"], [*said, 31])
    assert (line.verdict, line.what) == (
        Verdict.UNCHANGED,
        "Tổ NDTQ số 2, Ấp Thới Hòa, Xã An Lộc, Huyện Châu Thành",
    )


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("Tổ 2, Khu phố 3, TT. Châu Thành", "Khu phố 3"), ("tổ 2 - KP3 - TT Châu Thành", "Khu phố 3"),
        ("Tổ 2, ấp Thới Hòa, xã An Lộc", "Ấp Thới Hòa"), ("Tổ NDTQ số 2 thuộc Ấp Thới Hòa", "Ấp Thới Hòa"),
    ],
)  # fmt: skip
def test_a_path_in_one_cell_leads_from_the_inside_out(path: str, found: str) -> None:
    assert found in one(Kind.COUNTS, ["Tên đơn vị", "Số hộ"], [path, 30]).what


def fault(kind: Kind, header: Sequence[str], row: Sequence[Cell], *, roots: int = 1) -> str:
    return one(kind, header, row, roots=roots).fault


def test_a_number_that_two_kinds_of_hamlet_bear_is_asked_about() -> None:
    header = ["Xã", "Ấp/khu phố", "Tổ", "Số hộ"]
    assert fault(Kind.COUNTS, header, ["Châu Thành", "3", "2", 30]) == ""
    assert fault(Kind.COUNTS, ["Ấp", "Số hộ"], ["3", 30]) == "unit_ambiguous"
    assert fault(Kind.COUNTS, ["Ấp", "Số hộ"], ["Ấp 3", 30]) == "not_a_group"
    assert fault(Kind.COUNTS, ["Tổ", "Số hộ"], ["Tổ 2", 30]) == "unit_ambiguous"


def test_a_code_finds_nothing_and_contradicts_only() -> None:
    header = ["Tên đơn vị", "Mã đơn vị", "Thuộc đơn vị"]
    assert fault(Kind.UNITS, header, ["", "28810", ""]) == "unit_missing"
    assert fault(Kind.UNITS, header, ["Xã An Lộc", "28811", ""]) == "code_contradicts"
    assert one(Kind.UNITS, header, ["Xã An Lộc", 28810.0, ""]).verdict is Verdict.UNCHANGED
    assert fault(Kind.UNITS, header, ["Xã Phú Túc", "28810", "Huyện Châu Thành"]) == "code_taken"
    assert one(Kind.UNITS, header, ["Ấp Thới Hòa", "A7", "Xã An Lộc"]).verdict is Verdict.CHANGED


def test_a_unit_is_placed_where_its_type_may_stand() -> None:
    header = ["Loại đơn vị", "Tên đơn vị", "Thuộc đơn vị"]
    assert fault(Kind.UNITS, header, ["Xã", "Mới", "Ấp Thới Hòa, Xã An Lộc"]) == "unit_misplaced"
    assert fault(Kind.UNITS, header, ["Tổ nhân dân tự quản", "9", "Xã An Lộc"]) == "unit_without_parent"
    assert (
        fault(Kind.UNITS, header, ["Cơ quan, ban, ngành", "Trạm Y tế", "Xã An Lộc"]) == "unit_without_parent"
    )
    made = judged(
        Kind.UNITS, header, ["Khu phố", "4", "Thị trấn Châu Thành"], ["Cơ quan, ban, ngành", "Phòng Y tế", ""]
    )
    assert [line.fault for line in made.lines] == ["", "unit_without_parent"]
    (create,) = made.operations
    assert isinstance(create, Create)
    assert (create.unit.name, create.parent) == ("Khu phố 4", uid(3))


def test_what_is_above_may_stand_below_in_the_file() -> None:
    header = ["Xã", "Ấp", "Tổ", "Số hộ"]
    made = judged(Kind.UNITS, header, ["An Lộc", "Ấp Mới", "1", 20], ["An Lộc", "Ấp Mới", "", ""])
    assert [line.verdict for line in made.lines] == [Verdict.CREATED, Verdict.CREATED]
    names = [one.unit.name for one in made.operations if isinstance(one, Create)]
    assert names == ["Ấp Mới", "Tổ NDTQ số 1"], "named as groups are named here, and made in this order"


def test_what_follows_from_a_refused_row_points_at_it() -> None:
    header = ["Xã", "Ấp", "Tổ", "Từ ngày"]
    made = judged(Kind.UNITS, header, ["An Lộc", "Ấp Mới", "", "31/02/2022"], ["An Lộc", "Ấp Mới", "1", ""])
    assert [(line.fault, line.says[0][1].get("row")) for line in made.lines] == [
        ("date_not_there", None), ("unit_refused", "2")]  # fmt: skip


def test_households_are_entered_in_the_order_of_their_days() -> None:
    header = ["Ấp", "Tổ", "Số hộ", "Ngày"]
    assert fault(Kind.COUNTS, header, ["Thới Hòa", "2", 30, "01/06/2025"]) == "count_refused"
    assert one(Kind.COUNTS, header, ["Thới Hòa", "2", 29, "01/06/2025"]).verdict is Verdict.UNCHANGED
    assert one(Kind.COUNTS, header, ["Thới Hòa", "2", 33, "01/06/2026"]).verdict is Verdict.CREATED


def test_people_without_an_employer_belong_to_the_only_place_there_is() -> None:
    header = ["Họ tên", "Mã CB"]
    assert one(Kind.PEOPLE, header, ["Lê Văn Mới", "M1"]).verdict is Verdict.CREATED
    assert fault(Kind.PEOPLE, header, ["Lê Văn Mới", "M1"], roots=2) == "home_missing"


def test_a_code_that_lost_its_zeros_finds_its_owner_and_only_theirs() -> None:
    header = ["Họ tên", "Mã CB", "SĐT"]
    assert one(Kind.PEOPLE, header, ["TRẦN VĂN MINH", 123, ""]).verdict is Verdict.UNCHANGED
    assert fault(Kind.PEOPLE, header, ["Trần Văn Khác", 123.0, ""]) == "person_other_name"
    made = judged(
        Kind.PEOPLE, header, ["Nguyễn Thị Lan", "", 912345678.0], ["Trần Văn Minh", "00123", "0987 654 321"]
    )
    assert [line.verdict for line in made.lines] == [Verdict.UNCHANGED, Verdict.CHANGED]
    assert made.people[0].phone == "0987654321"


def test_an_empty_cell_takes_nothing_away() -> None:
    header = ["Họ tên", "Mã CB", "SĐT", "Chức vụ", "Thuộc diện", "Đơn vị"]
    assert one(Kind.PEOPLE, header, ["Nguyễn Thị Lan", "lan", "", "", "", ""]).verdict is Verdict.UNCHANGED


def test_an_assignment_that_is_there_is_left_alone() -> None:
    header = ["Mã CB", "Ấp", "Tổ", "Vai trò", "Chính/phụ", "Từ ngày", "Đến ngày"]
    there = ["lan", "Thới Hòa", "2", "Cán bộ phụ trách tổ"]
    assert one(Kind.ASSIGNMENTS, header, [*there, "", "", ""]).verdict is Verdict.UNCHANGED
    assert one(Kind.ASSIGNMENTS, header, [*there, "Chính", "10/01/2022", ""]).verdict is Verdict.UNCHANGED
    assert fault(Kind.ASSIGNMENTS, header, [*there, "", "11/01/2022", ""]) == "assignment_other_day"
    assert fault(Kind.ASSIGNMENTS, header, [*there, "", "10/01/2022", "31/12/2026"]) == "assignment_other_end"
    assert fault(Kind.ASSIGNMENTS, header, [*there, "Phụ", "", ""]) == "assignment_other_way"
    other = ["00123", *there[1:], "Chính", "01/02/2022", ""]
    assert fault(Kind.ASSIGNMENTS, header, other) == "assignment_refused", "somebody is in charge already"
    other[4] = "Phụ"
    (new, _, _) = judged(Kind.ASSIGNMENTS, header, [*other[:6], "31/12/2026"]).assignments[0]
    assert (new.is_primary, new.end) == (False, date(2027, 1, 1)), "the last day is a day of it"


def test_rows_that_are_no_data_are_left_out_and_said_so() -> None:
    header = ["TT", "Xã", "Ấp", "Tổ", "Số hộ"]
    rows: list[list[Cell]] = [
        ["(1)", "(2)", "(3)", "(4)", "(5)"], ["VD", "Xã A", "Ấp B", "Tổ 1", 29], header,  # type: ignore[list-item]
        ["", "Tổng cộng", "", "", 4000], ["Người lập biểu", "", "Thủ trưởng đơn vị", "", ""], [], [None, "  "],
        ["1", "An Lộc", "Thới Hòa", "2", 31],
    ]  # fmt: skip
    made = judged(Kind.COUNTS, header, *rows)
    assert [(line.row, line.verdict) for line in made.lines] == [
        (2, Verdict.SKIPPED), (3, Verdict.SKIPPED), (4, Verdict.SKIPPED), (5, Verdict.SKIPPED), (6, Verdict.SKIPPED),
        (9, Verdict.UNCHANGED),
    ]  # fmt: skip


def test_a_person_called_like_a_total_is_a_person() -> None:
    header = ["Họ tên", "Mã CB", "SĐT"]
    for name in ("Tống Văn An", "Công Văn Cộng", "Tổng Thị Mẫu"):
        assert one(Kind.PEOPLE, header, [name, "X1", "0987654321"]).verdict is Verdict.CREATED, name


def test_the_word_for_a_type_is_read_in_all_its_forms() -> None:
    words = Vocabulary(TYPES)
    said = {
        "KP3": ({"quarter"}, "3"), "Khu phố 03": ({"quarter"}, "3"), "TT. Châu Thành": ({"town"}, "Châu Thành"),
        "Tổ 5": ({"to_dan_pho", "group"}, "5"), "TDP 4": ({"to_dan_pho"}, "4"), "Tổ NDTQ số 12": ({"group"}, "12"),
        "Xã": (set(), "Xã"), "Thị trấn": (set(), "Thị trấn"),
    }  # fmt: skip
    for name, (kinds, rest) in said.items():
        found = words.named(name)
        assert (set(found.kinds), found.bare) == (kinds, spelled(rest)), name
