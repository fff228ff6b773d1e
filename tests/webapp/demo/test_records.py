"""The invented year: repeatable, valid, in season, and without anybody's name."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from webapp.demo import calendar
from webapp.demo.bodies import SMALL_GROUP
from webapp.demo.district import SMALL, Scale
from webapp.demo.meetings import Demonstration
from webapp.demo.people import DEMONSTRATION_PEOPLE, FAMILY_NAMES, GROUP_OFFICER
from webapp.demo.phrases import book
from webapp.demo.saved import Revision, Saved
from webapp.flash_reports.records import FlashReport
from webapp.meetings.records import Meeting
from webapp.petitions.records import Petition
from webapp.sync.records import Operation

TODAY = date(2026, 11, 22)
MEDIUM = Scale(communes=3, clusters=1, hamlets=15, groups=216, officers=140)
FREE_TEXT = {
    "text",
    "note",
    "theme",
    "place",
    "substitute_title",
    "not_held_note",
    "summary",
    "title",
    "proposed_solution",
    "what",
    "where",
    "needed",
}
MODELS: dict[str, type[BaseModel]] = {"meeting": Meeting, "petition": Petition, "flash_report": FlashReport}


def records(today: date = TODAY, seed: int = 7, scale: Scale = MEDIUM) -> tuple[Demonstration, list[Saved]]:
    demonstration = Demonstration.of(today, seed, scale)
    return demonstration, [saved for _, found in demonstration.records() for saved in found]


@pytest.fixture(scope="module")
def year() -> tuple[Demonstration, list[Saved]]:
    return records()


@pytest.fixture(scope="module")
def demonstration(year: tuple[Demonstration, list[Saved]]) -> Demonstration:
    return year[0]


@pytest.fixture(scope="module")
def saved(year: tuple[Demonstration, list[Saved]]) -> list[Saved]:
    return year[1]


@pytest.fixture(scope="module")
def meetings(saved: list[Saved]) -> list[Saved]:
    return [one for one in saved if one.kind == "meeting"]


def revisions(saved: list[Saved]) -> Iterator[tuple[Saved, Revision]]:
    for one in saved:
        for revision in one.revisions:
            yield one, revision


def fingerprint(found: list[Saved]) -> str:
    said = [(one.state, [r.text for r in one.revisions], [repr(r) for r in one.reviews]) for one in found]
    return sha256(repr(said).encode()).hexdigest()


def texts(body: dict[str, Any]) -> Iterator[str]:
    """Yield every text somebody typed in a body."""
    for key, value in body.items():
        if isinstance(value, str) and key in FREE_TEXT:
            yield value
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    yield from texts(item)


def everything_typed(found: list[Saved]) -> Iterator[str]:
    for one in found:
        for revision in one.revisions:
            yield from texts(revision.body)
        for review in one.reviews:
            yield review.text
            yield from (text for _, text in review.remarks)


def every_phrase() -> Iterator[str]:
    for scene in book().scenes.values():
        yield from (*scene.themes, *scene.conveyed, *scene.decisions, *(text for _, text in scene.opinions))
        for request in scene.requests:
            yield from (request.title, *request.proposals, *request.results)
    for table in (book().slots, book().common, book().remarks):
        for phrases in table.values():
            yield from phrases
    for excuse in book().excuses:
        yield from excuse.notes
    for happenings in book().happenings.values():
        for happening in happenings:
            yield from happening


def test_same_seed_and_day_give_the_same_records() -> None:
    assert fingerprint(records(scale=SMALL)[1]) == fingerprint(records(scale=SMALL)[1])


def test_another_seed_gives_other_records() -> None:
    assert fingerprint(records(scale=SMALL)[1]) != fingerprint(records(scale=SMALL, seed=8)[1])


def test_one_commune_does_not_depend_on_the_others(demonstration: Demonstration, saved: list[Saved]) -> None:
    last = None
    for commune, found in Demonstration.of(TODAY, 7, MEDIUM).records():
        last = (commune.id, found)
    assert last is not None
    groups = {group.id for group in demonstration.district.groups_of_commune(last[0])}
    assert fingerprint(last[1]) == fingerprint([one for one in saved if one.unit_id in groups])


def test_every_frozen_text_is_an_operation_whose_body_fits(saved: list[Saved]) -> None:
    for one, revision in revisions(saved):
        said = json.loads(revision.text)
        operation = Operation.model_validate(said)
        assert operation.kind == f"{one.kind}.save"
        assert (operation.id, operation.author, operation.device) == (one.id, one.author_id, one.device_id)
        assert (operation.op_id, operation.rev, operation.base_rev) == (
            revision.op_id,
            revision.rev,
            revision.rev - 1,
        )
        assert operation.made_at == revision.made_at
        assert operation.body == revision.body
        MODELS[one.kind].model_validate(operation.body)
        assert said == json.loads(json.dumps(said))


def test_bodies_leave_defaults_out(saved: list[Saved]) -> None:
    for one, revision in revisions(saved):
        model = MODELS[one.kind]
        standing = model.model_validate(revision.body)
        for key in revision.body:
            field = model.model_fields[key]
            assert field.is_required() or getattr(standing, key) != field.default


def test_text_is_composed_and_tidy(saved: list[Saved]) -> None:
    for text in everything_typed(saved):
        assert unicodedata.is_normalized("NFC", text)
        assert text == text.strip()
        assert "{" not in text
        assert "  " not in text
        assert ".." not in text


def test_no_person_is_named_and_no_number_identifies_anyone(
    demonstration: Demonstration, saved: list[Saved]
) -> None:
    names = {person.name for person in demonstration.staff.people} | {p.name for p in DEMONSTRATION_PEOPLE}
    titles = ("ông", "bà", "anh", "chị", "cô", "chú", "bác", "dì", "cậu")
    before_a_name = "|".join({*FAMILY_NAMES, *titles, *(title.capitalize() for title in titles)})
    before = re.compile(rf"\b(?:{before_a_name}) +(\w)")
    number = re.compile(r"(?:\d[ .-]?){8,}")
    typed = "\n".join({*everything_typed(saved), *every_phrase()})
    assert not [found[0] for found in before.finditer(typed) if found[1].isupper()]
    assert not number.search(typed)
    assert not [name for name in names if name in typed]


def test_ids_are_of_version_seven_and_used_once(saved: list[Saved]) -> None:
    ids = [one.id for one in saved] + [revision.op_id for _, revision in revisions(saved)]
    ids += [review.id for one in saved for review in one.reviews]
    assert len(ids) == len(set(ids))
    assert {identifier.version for identifier in ids} == {7}
    for one, revision in revisions(saved):
        minted = datetime.fromtimestamp((revision.op_id.int >> 80) / 1000, UTC)
        assert abs(minted - revision.made_at) < timedelta(hours=2), one.kind


def test_records_refer_to_what_exists(demonstration: Demonstration, saved: list[Saved]) -> None:
    groups = {group.id for group in demonstration.district.groups}
    people = {person.id for person in demonstration.staff.people}
    by_id = {one.id: one for one in saved}
    for one, revision in revisions(saved):
        assert one.unit_id in groups
        assert one.author_id in people
        assert revision.body["unit_id"] == str(one.unit_id)
        for petition_id in revision.body.get("petition_ids", ()):
            petition = by_id[UUID(petition_id)]
            assert petition.revisions[0].body["meeting_id"] == str(one.id)
            assert petition.unit_id == one.unit_id
    for one in saved:
        for review in one.reviews:
            assert review.by in people
            assert one.revisions[review.rev - 1].op_id == review.op_id
            assert review.at > one.revisions[review.rev - 1].received_at
        assert [r.rev for r in one.revisions] == list(range(1, len(one.revisions) + 1))


def test_remarks_are_pinned_to_fields_that_a_meeting_has(meetings: list[Saved]) -> None:
    fields = {field for one in meetings for review in one.reviews for field, _ in review.remarks}
    assert len(fields) > 4
    for field in fields:
        assert field.partition(".")[0] in Meeting.model_fields


def test_authors_were_assigned_that_day_or_stand_in(
    demonstration: Demonstration, meetings: list[Saved]
) -> None:
    stand_ins = 0
    for one in meetings:
        day = date.fromisoformat(one.revisions[0].body["meeting_date"])
        followers = [
            duty.person_id for duty in demonstration.staff.followers[one.unit_id]
            if duty.valid_from <= day and (duty.valid_to is None or day < duty.valid_to)
        ]  # fmt: skip
        stand_ins += one.author_id not in followers
        assert not followers or one.author_id in followers
    assert stand_ins < len(meetings) / 100


def test_each_device_counts_its_operations_and_sends_them_in_order(saved: list[Saved]) -> None:
    sent: dict[UUID, list[Revision]] = {}
    for one, revision in revisions(saved):
        sent.setdefault(one.device_id, []).append(revision)
    for device in sent.values():
        device.sort(key=lambda revision: revision.device_seq)
        assert [revision.device_seq for revision in device] == list(range(1, len(device) + 1))
        arrivals = [revision.received_at for revision in device]
        assert arrivals == sorted(arrivals)


def test_households_are_those_counted_on_the_day(demonstration: Demonstration, meetings: list[Saved]) -> None:
    for one, revision in revisions(meetings):
        body = revision.body
        day = date.fromisoformat(body["meeting_date"])
        assert body["households_total"] == demonstration.district.households_on(one.unit_id, day)
        assert body.get("households_present", 0) <= body["households_total"]


def test_attendance_is_good_in_most_groups_and_weak_in_some(meetings: list[Saved]) -> None:
    present: Counter[UUID] = Counter()
    total: Counter[UUID] = Counter()
    for one in meetings:
        body = one.revisions[-1].body
        if "households_present" in body:
            present[one.unit_id] += body["households_present"]
            total[one.unit_id] += body["households_total"]
    rates = [present[group] / total[group] for group in total]
    assert 0.68 < sum(present.values()) / sum(total.values()) < 0.82
    assert 0.02 < sum(rate < 0.5 for rate in rates) / len(rates) < 0.13


def test_small_groups_only_ever_say_some(meetings: list[Saved]) -> None:
    small = [
        o
        for _, r in revisions(meetings)
        if r.body["households_total"] < SMALL_GROUP
        for o in r.body.get("opinions", ())
    ]
    assert small
    assert {opinion["prevalence"] for opinion in small} == {"some"}


def month_of(saved: Saved) -> int:
    return date.fromisoformat(saved.revisions[0].body["meeting_date"]).month


def test_what_is_raised_fits_the_season(meetings: list[Saved]) -> None:
    months: dict[str, set[int]] = {}
    for one in meetings:
        for opinion in one.revisions[0].body.get("opinions", ()):
            months.setdefault(opinion["topic"], set()).add(month_of(one))
    assert months["drought_salinity"] <= {12, 1, 2, 3, 4, 5}
    assert months["drainage"] <= set(range(5, 13))
    words = {
        r"lăng quăng|sốt xuất huyết|SXH": set(range(5, 12)),
        r"\bTết\b": {12, 1, 2},
        r"hộ nghèo, hộ cận nghèo": {9, 10, 11, 12},
        r"Đại đoàn kết": {10, 11},
        r"năm học mới|tựu trường": {8, 9},
        r"triều cường": set(range(5, 13)),
        r"đuối nước": {5, 6, 7},
        r"trên 1‰": {12, 1, 2, 3, 4, 5},
    }
    for one in meetings:
        body = one.revisions[0].body | {"feedback_given": [], "summary": ""}
        said = "\n".join(texts(body))
        for pattern, allowed in words.items():
            if re.search(pattern, said):
                assert month_of(one) in allowed, (pattern, said)


def test_meetings_that_were_not_held_say_why(meetings: list[Saved]) -> None:
    bodies = [one.revisions[0].body for one in meetings]
    not_held = [body for body in bodies if body.get("status") == "not_held"]
    assert 0.02 < len(not_held) / len(bodies) < 0.1
    assert all(body["not_held_reason"] for body in not_held)
    assert len({body["not_held_reason"] for body in not_held}) >= 5


def test_nobody_meets_in_the_days_of_tet(meetings: list[Saved]) -> None:
    assert not [
        one
        for one in meetings
        if calendar.is_holiday(date.fromisoformat(one.revisions[0].body["meeting_date"]))
    ]


def test_about_six_petitions_come_of_ten_meetings(saved: list[Saved], meetings: list[Saved]) -> None:
    assert 0.5 < sum(one.kind == "petition" for one in saved) / len(meetings) < 0.7


def test_something_happens_between_the_meetings_and_most_is_opened_within_the_hour(
    saved: list[Saved],
) -> None:
    flashes = [one for one in saved if one.kind == "flash_report"]
    assert 0.02 < len(flashes) / (13 * MEDIUM.groups) < 0.04
    waited = [one.opening.at - one.revisions[0].received_at for one in flashes if one.opening]
    assert 0.6 < sum(wait < timedelta(hours=1) for wait in waited) / len(flashes) < 0.85
    assert all(wait > timedelta() for wait in waited)
    assert [one for one in flashes if one.state == "reported"]


def test_the_past_is_settled_and_the_present_is_not(meetings: list[Saved]) -> None:
    months: dict[str, Counter[str]] = {}
    for one in meetings:
        months.setdefault(one.revisions[0].body["meeting_date"][:7], Counter())[one.state] += 1
    assert len(months) == 13
    present = months.pop("2026-11")
    for counts in months.values():
        assert counts["accepted"] / counts.total() > 0.9
        assert counts.total() > 0.95 * MEDIUM.groups
    assert 0.4 * MEDIUM.groups < present.total() < 0.8 * MEDIUM.groups
    assert present["submitted"] > present.total() / 4
    assert any(len(one.revisions) == 2 for one in meetings)


def test_nothing_happens_after_midnight_before_today(saved: list[Saved]) -> None:
    horizon = calendar.moment(TODAY, 0)
    assert all(revision.received_at < horizon for _, revision in revisions(saved))
    assert all(review.at < horizon for one in saved for review in one.reviews)
    assert max(one.revisions[-1].received_at for one in saved) > horizon - timedelta(days=2)


@pytest.mark.parametrize("day", [1, 2, 5, 12, 16, 17, 18, 19, 20, 24, 28, 30])
def test_the_officer_on_the_sign_in_page_has_one_returned_and_one_due(day: int) -> None:
    today = date(2026, 9, day)
    demonstration, found = records(today, scale=SMALL)
    officer = demonstration.staff.demonstrators[GROUP_OFFICER.code]
    mine = [one for one in found if one.kind == "meeting" and one.author_id == officer]
    returned = [one for one in mine if one.state == "returned"]
    assert len(returned) == 1
    assert (
        max(mine, key=lambda one: (one.revisions[0].body["meeting_date"], one.state == "returned"))
        is returned[0]
    )
    assert {field for field, _ in returned[0].reviews[-1].remarks} >= {"households_present"}
    this_month = [one.unit_id for one in mine if one.revisions[0].body["meeting_date"].startswith("2026-09")]
    assert len(set(demonstration.staff.demonstration_groups or ()) - set(this_month)) >= 1
    shown = {
        group.id
        for group in demonstration.district.groups_of_commune(demonstration.district.demonstration_commune.id)
    }
    assert [
        one for one in found if one.kind == "meeting" and one.unit_id in shown and one.state == "submitted"
    ]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), today=st.dates(date(2021, 1, 1), date(2090, 12, 31)))
def test_any_seed_and_day_give_valid_records(seed: int, today: date) -> None:
    check_validity(records(today, seed, SMALL)[1], today)


@pytest.mark.parametrize(
    "today", [date(2024, 2, 29), date(2028, 2, 29), date(2026, 1, 1), date(2026, 12, 31), date(2023, 1, 22)]
)
def test_odd_days_give_valid_records(today: date) -> None:
    check_validity(records(today, 3, SMALL)[1], today)


def check_validity(found: list[Saved], today: date) -> None:
    assert len(found) > SMALL.groups * 12
    for one, revision in revisions(found):
        body: dict[str, Any] = json.loads(revision.text)["body"]
        standing = MODELS[one.kind].model_validate(body)
        if isinstance(standing, Meeting):
            assert calendar.months_before(today, 12) <= standing.meeting_date < today


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (2023, date(2023, 1, 22)),
        (2024, date(2024, 2, 10)),
        (2025, date(2025, 1, 29)),
        (2026, date(2026, 2, 17)),
        (2027, date(2027, 2, 6)),
    ],
)
def test_lunar_new_year_is_found_to_within_a_day(year: int, day: date) -> None:
    assert abs((calendar.lunar_new_year(year) - day).days) <= 1
