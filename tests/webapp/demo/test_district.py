"""The invented places and people: the counts of the newspaper article, and who follows what."""

# ruff: noqa: S311 - invented data comes from a seeded generator, so that it can be repeated

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.demo.district import FULL, SMALL, District, Scale, build, facts
from webapp.demo.people import DEMONSTRATION_PEOPLE, GROUP_OFFICER, Duty, Staff, everybody

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def district() -> District:
    return build(Random(1), TODAY)


@pytest.fixture(scope="module")
def staff(district: District) -> Staff:
    return everybody(district, Random(2), TODAY)


def active(duties: list[Duty]) -> list[Duty]:
    return [duty for duty in duties if duty.valid_to is None or duty.valid_to > TODAY]


def test_facts_are_the_21_communes_of_the_district() -> None:
    rows = facts()
    assert [row["official_code"] for row in rows[:2]] == ["83", "831"]
    assert Counter(row["type"] for row in rows[2:]) == {"xã": 19, "thị trấn": 2}
    assert len({row["official_code"] for row in rows}) == 23


def test_places_have_the_counts_of_the_article(district: District) -> None:
    kinds = Counter(place.kind for place in district.places)
    assert kinds["province"] == kinds["district"] == 1
    assert kinds["commune"] + kinds["town"] == 21
    assert kinds["hamlet"] + kinds["quarter"] == 117
    assert kinds["group"] == 1702
    assert kinds["cluster"] == 6
    assert {len(list(v)) for v in district.households.values()} == {3}


def test_every_place_lies_where_it_should(district: District) -> None:
    by_id = {place.id: place for place in district.places}
    assert len(by_id) == len(district.places)
    for place in district.places:
        parent = by_id[place.parent_id] if place.parent_id else None
        if place.kind == "group":
            assert parent
            assert parent.kind in ("hamlet", "quarter")
        if place.kind == "quarter":
            assert parent
            assert parent.kind == "town"
        if place.kind in ("hamlet", "quarter", "group"):
            assert parent
            assert place.commune_id == parent.commune_id
    assert Counter(commune for _, commune in district.memberships) == Counter(c.id for c in district.communes)
    assert len({cluster for cluster, _ in district.memberships}) == 6


def test_households_are_twenty_to_forty_five_and_few_groups_are_small(district: District) -> None:
    newest = [counts[-1][1] for counts in district.households.values()]
    small = [count for count in newest if count < 15]
    assert 10 <= len(small) <= 120
    assert all(20 <= count <= 45 for count in newest if count >= 15)


def test_people_have_the_counts_of_the_article(staff: Staff) -> None:
    roles = Counter(duty.role for duty in staff.duties if duty.role != "group_officer")
    assert len(staff.commune_level) == len(set(staff.commune_level)) == 1091
    assert roles["hamlet_cadre"] == 117
    assert roles["commune_clerk"] == roles["commune_leader"] == 21
    assert roles["district_officer"] == 117 + 21  # and one committee member for each commune
    assert roles["provincial_officer"] == 21
    assert roles["cluster_lead"] == 6
    assert roles["district_reviewer"] == roles["district_leader"] == roles["administrator"] == 1
    assert roles["agency_officer"] == 11
    assert len(staff.people) == 1091 + 117 + 21 + 21 + 6 + 3 + 11
    assert len({person.code for person in staff.people}) == len(staff.people)


def test_everybody_follows_one_to_three_groups(staff: Staff) -> None:
    held = Counter(duty.person_id for duties in staff.followers.values() for duty in active(duties))
    assert set(held) == set(staff.commune_level)
    assert set(held.values()) == {1, 2, 3}


def test_nearly_every_group_has_exactly_one_follower(staff: Staff) -> None:
    covered = Counter(len(active(duties)) for duties in staff.followers.values())
    assert sum(covered.values()) == 1702
    assert 0 < covered[0] < 20
    assert 0 < covered[2] < 40
    assert covered[1] > 1640


def test_a_desk_finds_something_to_settle_of_each_kind(staff: Staff) -> None:
    in_charge = [duty for duty in active(staff.duties) if duty.role == "group_officer" and duty.is_primary]
    of_group = Counter(duty.place_id for duty in in_charge)
    of_person = Counter(duty.person_id for duty in in_charge)
    assert 0 < len(staff.followers) - len(of_group) < 20, "nobody in charge"
    assert sum(count > 1 for count in of_group.values()) == 4, "two in charge"
    assert sum(count > 3 for count in of_person.values()) == 2, "more than the line says"
    assert len(staff.leaves) == len({leave.person_id for leave in staff.leaves}) == 6
    assert all(leave.valid_from <= TODAY < (leave.valid_to or date.max) for leave in staff.leaves)
    assert set(staff.commune_level) == set(of_person), "and everybody still follows somewhere"


def test_groups_are_followed_from_within_the_commune(district: District, staff: Staff) -> None:
    commune_of = {place.id: place.commune_id for place in district.places}
    home = {person.id: commune_of[person.home_id] for person in staff.people}
    for group_id, duties in staff.followers.items():
        assert {home[duty.person_id] for duty in duties} == {commune_of[group_id]}


def test_demonstration_people_work_in_one_place(district: District, staff: Staff) -> None:
    assert set(staff.demonstrators) == {person.code for person in DEMONSTRATION_PEOPLE}
    officer = staff.demonstrators[GROUP_OFFICER.code]
    groups = {duty.place_id for duty in staff.duties if duty.person_id == officer}
    assert groups == set(staff.demonstration_groups or ())
    hamlet = district.hamlets_of(district.demonstration_commune.id)[0]
    assert groups <= {group.id for group in district.groups_of(hamlet.id)}
    assert staff.district_officers[hamlet.id] == staff.demonstrators["can-bo-huyen"]
    assert staff.clerks[district.demonstration_commune.id] == [staff.demonstrators["tong-hop-xa"]]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), day=st.dates(date(2021, 1, 1), date(2090, 12, 31)))
def test_any_seed_and_day_give_the_scale_that_was_asked_for(seed: int, day: date) -> None:
    district = build(Random(seed), day, SMALL)
    staff = everybody(district, Random(seed), day)
    assert len(district.groups) == SMALL.groups
    assert len(district.hamlets) == SMALL.hamlets
    assert len(staff.commune_level) == SMALL.officers
    assert {duty.person_id for duty in staff.duties} == {person.id for person in staff.people}
    assert set(staff.followers) == {group.id for group in district.groups}


def test_scale_defaults_to_the_article() -> None:
    assert Scale() == FULL
