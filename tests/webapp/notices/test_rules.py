"""What hangs on a notice board, where it stands, and that one sheet holds it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tooling import ROOT
from webapp.notices import rules
from webapp.notices.rules import Band, Count, Dated, Item, clipped, fit, height, may_hang, person_in, place_of
from webapp.petitions.rules import Deed, Event

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
BEFORE, DURING, AFTER = date(2026, 10, 20), date(2026, 11, 12), date(2026, 12, 3)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Đề nghị ông Tư xem lại cống", "ông Tư"),
        ("Bà Nguyễn Thị Mẫu trình bày", "Bà Nguyễn Thị Mẫu"),
        ("Gặp Nguyễn Văn Mẫu ở chợ", "Nguyễn Văn Mẫu"),
        ("Liên hệ 0912 345 678", "0912 345 678"),
        ("gọi +84912345678 nha", "+84912345678"),
        ("CCCD 012345678901", "012345678901"),
        ("CMND 123456789", "123456789"),
        ("hộ Danh Mẫu", "hộ Danh Mẫu"),
        ("Nạo vét kênh Nguyễn Văn Tiếp", None),
        ("Sửa đường Lê Lợi, cầu Trần Phú", None),
        ("Bà con đồng tình cao", None),
        ("Ông bà nào cũng muốn có đèn", None),
        ("Góp 123456789 đ làm đường", None),
        ("Học tập tư tưởng Hồ Chí Minh", None),
    ],
)
def test_a_person_is_found_as_the_phone_finds_one(said: str, found: str | None) -> None:
    """The sentences are those of tests/js/forms.test.js."""
    assert person_in(said) == found


def test_the_lists_are_those_of_the_phone() -> None:
    script = (ROOT / "static/js/forms/privacy.js").read_text(encoding="utf-8")
    for name in ("TITLES", "FAMILIES", "PLACES"):
        said = re.search(rf'const {name} =\s*"([^"]+)"', script)
        assert said is not None
        assert said.group(1) == getattr(rules, name)


def test_what_belongs_to_another_channel_does_not_hang() -> None:
    assert may_hang("Nạo vét cống hẻm 12", "Đã làm 35 m.")
    assert not may_hang("Nạo vét cống hẻm 12", "Ông Tư Mẫu nhận làm.")
    for title in ("Tố cáo cán bộ nhận tiền", "Có người Trộm cá trong ao", "Bà con khiếu nại giá đền bù"):
        assert not may_hang(title), title
    assert may_hang("Nâng cấp trộn bê tông")  # a word is a word, not its beginning


def log(*events: tuple[Deed, date], about: UUID | None = None) -> list[Dated]:
    """Return a log; what speaks of an answer speaks of the one before it."""
    found: list[Dated] = []
    ending = about
    for deed, day in events:
        event = Event(uuid4(), deed, ending if deed in (Deed.FEED_BACK, Deed.CLOSE, Deed.REOPEN) else None)
        if deed in (Deed.ANSWER, Deed.RESOLVE, Deed.DECLINE, Deed.REDIRECT, Deed.MERGE):
            ending = event.id
        found.append(Dated(day, event))
    return found


WORK = ((Deed.TRIAGE, BEFORE), (Deed.ASSIGN, BEFORE), (Deed.START, BEFORE))


@pytest.mark.parametrize(
    ("events", "where"),
    [
        ((), Count.WAITING),
        (WORK[:1], Band.DOING),
        (WORK, Band.DOING),
        ((*WORK, (Deed.RESOLVE, DURING)), Band.DONE),
        ((*WORK, (Deed.RESOLVE, AFTER)), Band.DOING),  # as it was when the month was over
        ((*WORK, (Deed.DECLINE, DURING)), Band.NOT_YET),
        ((*WORK, (Deed.RESOLVE, BEFORE)), Band.DONE),  # the group has not been told
        ((*WORK, (Deed.RESOLVE, BEFORE), (Deed.FEED_BACK, DURING)), Band.DONE),
        ((*WORK, (Deed.RESOLVE, BEFORE), (Deed.FEED_BACK, BEFORE)), None),
        ((*WORK, (Deed.RESOLVE, BEFORE), (Deed.FEED_BACK, BEFORE), (Deed.CLOSE, DURING)), None),
        ((*WORK, (Deed.DECLINE, BEFORE), (Deed.FEED_BACK, BEFORE), (Deed.REOPEN, DURING)), Band.DOING),
        ((WORK[0], (Deed.REDIRECT, DURING)), Count.REDIRECTED),
        ((WORK[0], (Deed.REDIRECT, BEFORE)), None),
        ((WORK[0], (Deed.REDIRECT, BEFORE), (Deed.REOPEN, DURING)), Count.WAITING),
        ((WORK[0], (Deed.MERGE, DURING)), Band.DOING),
        ((WORK[0], (Deed.MERGE, BEFORE), (Deed.RESOLVE, DURING)), Band.DONE),
    ],
)
def test_where_a_matter_stands(events: tuple[tuple[Deed, date], ...], where: Band | Count | None) -> None:
    assert place_of(log(*events), FIRST, LAST).where == where


texts = st.text(st.sampled_from("aăâbcdđe êghiklmnoôơpqrstuưvxy  .,WĐÔ"), max_size=400)
items = st.builds(Item, st.text(st.sampled_from("abc đêW"), min_size=3, max_size=200), texts.map(clipped))


@given(st.fixed_dictionaries({band: st.lists(items, max_size=12) for band in Band}))
def test_one_sheet_holds_what_is_shown_and_says_what_is_not(bands: dict[Band, list[Item]]) -> None:
    found = fit(bands)
    lines = 0.0
    for band, items_ in bands.items():
        shown, more = found[band]
        assert list(shown) == items_[: len(shown)]  # the order of the day they were raised
        assert len(shown) + more == len(items_)
        lines += sum(map(height, shown)) + bool(more)
    assert lines <= rules.ROOM
    if sum(height(item) + 1 for items_ in bands.values() for item in items_) <= rules.ROOM:
        assert not any(part.more for part in found.values())


@given(st.lists(items, min_size=1, max_size=12), st.lists(items, max_size=12))
def test_a_long_part_does_not_push_out_another(one: list[Item], other: list[Item]) -> None:
    found = fit({Band.DONE: one, Band.DOING: other})
    assert found[Band.DONE].shown
    assert bool(found[Band.DOING].shown) == bool(other)


def test_a_matter_that_is_there_again_and_again_takes_its_room_each_time() -> None:
    part = fit({Band.DONE: [Item("Sửa đèn", "Đã sửa.")] * 40})[Band.DONE]
    assert (len(part.shown), part.more) == (10, 30)


@given(texts)
def test_a_clipped_text_is_the_beginning_of_the_text(text: str) -> None:
    tidy, printed = " ".join(text.split()), clipped(text)
    assert len(printed) <= rules.MOST + 2
    assert tidy.startswith(printed.removesuffix(" …"))
    assert (printed == tidy) == (len(tidy) <= rules.MOST)


def test_the_days_of_the_month_are_its_own() -> None:
    for day, where in ((LAST, Band.DONE), (LAST + timedelta(days=1), Band.DOING)):
        assert place_of(log(*WORK, (Deed.RESOLVE, day)), FIRST, LAST).where is where
