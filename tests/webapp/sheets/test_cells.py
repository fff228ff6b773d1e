"""What offices write into cells comes out in one form, whatever they wrote."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.sheets import cells
from webapp.sheets.columns import Tier, heading, read_headers
from webapp.sheets.faults import FAULTS, Fault

OLD_AND_NEW = (
    ("hoà", "hòa"), ("hoá", "hóa"), ("hoả", "hỏa"), ("hoã", "hõa"), ("hoạ", "họa"), ("khoẻ", "khỏe"), ("thuỷ", "thủy"),
    ("quí", "quí"), ("tuỳ", "tùy"), ("huỵ", "hụy"), ("loè", "lòe"),
)  # fmt: skip
"""The same syllables with the tone where schools put it before and where machines put it now."""
SYLLABLES = st.sampled_from(
    ["an", "bình", "phú", "thạnh", "thới", "hòa", "quới", "sơn", "đức", "ấp", "khu", "phố",
     "mỹ", "lợi", "nguyễn", "thị", "ngọc", "trường", "giang", "ướt", "quyền"]
)  # fmt: skip
NAMES = st.lists(SYLLABLES, min_size=1, max_size=5).map(" ".join)
FORMS: st.SearchStrategy[Literal["NFC", "NFD"]] = st.sampled_from(["NFC", "NFD"])
SPACES = st.sampled_from([" ", "  ", "\u00a0", "\t", "\u2009", " \u200b", "\n"])
DAYS = st.dates(date(1950, 1, 1), date(2098, 12, 31))
MOBILES = st.from_regex(r"0[35789][0-9]{8}", fullmatch=True)


@pytest.mark.parametrize(("old", "new"), OLD_AND_NEW)
def test_where_a_tone_is_placed_does_not_matter(old: str, new: str) -> None:
    assert cells.spelled(f"Thới {old}") == cells.spelled(f"THỚI {new}")


def test_marks_that_make_another_word_matter() -> None:
    words = (
        "thanh",
        "thành",
        "thạnh",
        "thánh",
        "thảnh",
        "thãnh",
        "dong",
        "đông",
        "đồng",
        "dông",
        "duc",
        "đức",
        "dục",
    )
    assert len({cells.spelled(word) for word in words}) == len(words)


@given(NAMES, SPACES, FORMS, st.sampled_from([str.upper, str.lower, str.title]))
def test_a_name_is_one_name_however_it_is_typed(
    name: str, space: str, form: Literal["NFC", "NFD"], case: object
) -> None:
    typed = unicodedata.normalize(form, case(f" {name} ".replace(" ", space)))  # type: ignore[operator]
    assert cells.spelled(typed) == cells.spelled(name)
    assert cells.text(typed).casefold() == name
    assert cells.text(cells.text(typed)) == cells.text(typed)


@given(st.text(max_size=80))
def test_any_text_becomes_one_tidy_line(said: str) -> None:
    tidy = cells.text(said)
    assert tidy == tidy.strip()
    assert "  " not in tidy
    assert not any(ch < " " for ch in tidy)
    assert unicodedata.is_normalized("NFC", tidy)
    cells.spelled(said)


@given(DAYS, st.sampled_from(["/", "-", "."]), st.booleans(), st.booleans())
def test_a_day_is_read_however_it_is_written(day: date, sign: str, zeros: bool, late: bool) -> None:  # noqa: FBT001 - drawn
    parts = f"{day:%d %m}" if zeros else f"{day.day} {day.month}"
    written = sign.join([*parts.split(), str(day.year)])
    assert cells.day(written) == day
    assert cells.day(f"\u00a0{written} ") == day
    assert cells.day(f"{written} 00:00:00") == day
    assert cells.day(f"{day:%Y-%m-%d}") == day
    assert cells.day(f"Ngày {day.day} tháng {day.month} năm {day.year}") == day
    assert cells.day(day) == cells.day(datetime(day.year, day.month, day.day, 23 if late else 0)) == day  # noqa: DTZ001
    if day > date(1954, 10, 3):
        assert cells.day((day - date(1899, 12, 30)).days) == day  # a date cell somebody made a number


@given(st.dates(date(2001, 1, 1), date(2030, 12, 31)).filter(lambda day: day.day > 12))
def test_a_month_before_the_day_is_told_with_what_was_meant(day: date) -> None:
    with pytest.raises(Fault) as told:
        cells.day(f"{day.month}/{day.day}/{day.year}")
    assert (told.value.code, told.value.said["better"]) == ("date_month_first", f"{day:%d/%m/%Y}")


@given(MOBILES, st.sampled_from(["", " ", ".", "-"]))
def test_a_phone_number_is_found_again_whatever_a_sheet_made_of_it(number: str, sign: str) -> None:
    spaced = sign.join([number[:4], number[4:7], number[7:]])
    lost = int(number)
    for cell in (number, spaced, lost, float(lost), str(lost), f"+84{number[1:]}", f"84{number[1:]}", f"'{number}",
                 f"+84 0{number[1:]}"):  # fmt: skip
        assert cells.phone(cell) == number, cell


def answered(reader: Callable[[cells.Cell], object], cell: cells.Cell) -> Fault | None:
    try:
        reader(cell)
    except Fault as fault:
        return fault
    return None


@given(st.text(max_size=30) | st.integers() | st.floats(allow_nan=True) | st.booleans() | st.datetimes())
def test_no_cell_breaks_a_reader(cell: cells.Cell) -> None:
    for reader in (cells.day, cells.phone, cells.households, cells.is_primary,
                   lambda one: cells.person_name(one, "Tên"), lambda one: cells.checked(one, "Ô")):  # fmt: skip
        told = answered(reader, cell)
        if told:
            assert "%(" not in (FAULTS[told.code].message + FAULTS[told.code].action) % told.said


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("NGUYỄN THỊ LAN", "Nguyễn Thị Lan"), ("nguyễn  thị lan", "Nguyễn Thị Lan"),
        ("Đ/c Nguyễn Thị Lan", "Nguyễn Thị Lan"),
        ("Ông Văn An", "Ông Văn An"), ("Ðặng Văn A", "Đặng Văn A"),
    ],
)  # fmt: skip
def test_a_persons_name_gets_its_capitals(written: str, name: str) -> None:
    assert cells.person_name(written, "Họ và tên") == name


@given(st.integers(1, cells.MOST_HOUSEHOLDS))
def test_households_are_read_as_numbers_and_as_texts(n: int) -> None:
    assert {cells.households(cell) for cell in (n, float(n), str(n), f" {n} hộ", f"{n},0")} == {n}


TIERS = (
    Tier(3, {"commune": "Xã", "ward": "Phường", "town": "Thị trấn"}), Tier(4, {"hamlet": "Ấp", "quarter": "Khu phố"}),
    Tier(5, {"group": "Tổ nhân dân tự quản"}, can_meet=True),
)  # fmt: skip
SHEETS = (
    (("STT", "Xã/thị trấn", "Ấp, khu phố", "Tổ NDTQ số", "Mã đơn vị", "Ngày thành lập"),
     {1: "tier:3", 2: "tier:4", 3: "tier:5", 4: "unit_code", 5: "from"}, "units"),
    (("Loại đơn vị", "Tên đơn vị", "Trực thuộc", "Mã"), {0: "unit_type", 1: "unit", 2: "within", 3: "unit_code"},
     "units"),
    (("STT", "Tên xã", "Tên ấp", "Tên tổ", "Tổng số hộ (đến 30/6)", "Ghi chú"),
     {1: "tier:3", 2: "tier:4", 3: "tier:5", 4: "households"}, "counts"),
    (("TT", "Họ và tên đệm", "Tên", "Chức vụ", "Đơn vị công tác", "SĐT", "Mã CB"),
     {1: "family_name", 2: "given_name", 3: "title", 4: "unit", 5: "phone", 6: "person_code"}, "people"),
    (("Cán bộ phụ trách", "Điện thoại", "Xã", "Ấp", "Tổ", "Vai trò", "QĐ số", "Ngày ký", "Từ ngày", "Đến ngày"),
     {0: "full_name", 1: "phone", 2: "tier:3", 3: "tier:4", 4: "tier:5", 5: "role", 6: "decision", 7: "decision_date",
      8: "from", 9: "to"}, "assignments"),
)  # fmt: skip


@pytest.mark.parametrize(("headers", "columns", "kind"), SHEETS, ids=[kind for _, _, kind in SHEETS])
@given(
    above=st.lists(st.sampled_from(["ỦY BAN NHÂN DÂN HUYỆN", "DANH SÁCH", "", "Năm 2026"]), max_size=6),
    data=st.data(),
)
def test_headers_are_found_below_titles_in_any_case_and_form(
    headers: tuple[str, ...], columns: dict[int, str], kind: str, above: list[str], data: st.DataObject
) -> None:
    form = data.draw(FORMS)
    case = data.draw(st.sampled_from([str.upper, str.lower, str.capitalize]))
    space = data.draw(SPACES)
    typed = [unicodedata.normalize(form, case(header)).replace(" ", space) for header in headers]
    rows: list[list[cells.Cell]] = [[title, None] for title in above]
    rows += [list(typed), [1, "x", "y", "z"]]
    part = read_headers(0, "", rows, TIERS)
    assert (part.kind, part.header, part.columns) == (kind, len(above) + 1, columns)


@given(st.text(max_size=40))
def test_a_header_is_the_same_however_often_it_is_tidied(said: str) -> None:
    assert heading(heading(said)) == heading(said)


def test_what_is_far_from_a_date_is_told_as_what_it_is() -> None:
    told = {}
    for cell in ("2022", "7/2025", "31/02/2022", "01/01/0202", "hôm qua", timedelta(days=1)):
        with pytest.raises(Fault) as fault:
            cells.day(cell)
        told[str(cell)] = fault.value.code
    assert told == {
        "2022": "date_only_year", "7/2025": "date_only_year", "31/02/2022": "date_not_there", "01/01/0202": "date_far",
        "hôm qua": "date_unreadable", "1 day, 0:00:00": "date_unreadable",
    }  # fmt: skip
