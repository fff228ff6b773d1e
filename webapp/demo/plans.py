"""Invented meetings in the calendar of this month and the next: committees, branches, and one that is in the way."""
# ruff: noqa: PLR2004 - shares and chances are invented where they stand

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from webapp.demo.calendar import moment, months_before
from webapp.demo.ids import mint
from webapp.demo.people import GROUP_OFFICER, LEADER, REVIEWER

if TYPE_CHECKING:
    from webapp.demo.district import District, Place
    from webapp.demo.people import Staff

MORNING, EVENING = 7.5 * 60, 18 * 60


@dataclass(frozen=True, slots=True)
class Plan:
    """A meeting somebody has put into the calendar."""

    id: UUID
    place_id: UUID
    kind: str
    at: datetime
    minutes: int
    where: str
    subject: str
    by: UUID
    is_public: bool
    people: dict[UUID, bool]
    """Who is to attend, and whether they did."""


class Planner:
    """Fills the calendar of a district."""

    def __init__(self, district: District, staff: Staff, today: date, seed: int) -> None:
        self.district, self.staff, self.today = district, staff, today
        self.rng = Random(f"plans {seed}")
        self.held: dict[UUID, list[tuple[str, UUID]]] = {}
        for duty in staff.duties:
            if duty.valid_to is None:
                self.held.setdefault(duty.place_id, []).append((duty.role, duty.person_id))

    @property
    def publisher(self) -> UUID:
        """Return who made the calendar public: whoever leads the whole."""
        return self.staff.demonstrators.get(LEADER.code) or self.staff.leaders[self.district.root.id]

    def plans(self) -> Iterator[Plan]:
        """Yield the meetings of this month and the next, in no order."""
        for month in (months_before(self.today, 0), months_before(self.today, -1)):
            for number, commune in enumerate(self.district.communes):
                day = month.replace(day=7 + number % 3)
                clerk = self.staff.clerks[commune.id][0]
                yield self._plan(commune, "committee", moment(day, MORNING), clerk,
                                 "Hội trường Ủy ban nhân dân xã", is_public=True)  # fmt: skip
                for place, hamlet in enumerate(self.district.hamlets_of(commune.id)):
                    day = month.replace(day=10 + (number + place) % 6)
                    yield self._plan(
                        hamlet, "branch", moment(day, EVENING), clerk, f"Nhà văn hóa {hamlet.name}"
                    )
        yield from self._this_week()

    def _this_week(self) -> Iterator[Plan]:
        """Two meetings in the days that are kept for groups: one of them at the hour of a group."""
        people = self.staff.demonstrators
        day = self.today + timedelta(days=2)
        if self.district.district:
            yield self._plan(
                self.district.district, "other", moment(day, MORNING), people[REVIEWER.code], "Phòng họp số 1",
                "Giao ban công tác dân vận", is_public=True, more=[people[LEADER.code], people[REVIEWER.code]],
            )  # fmt: skip
        commune = self.district.demonstration_commune
        yield self._plan(
            commune, "other", moment(day, EVENING - 30), self.staff.clerks[commune.id][0], "Hội trường xã",
            "Tập huấn ghi phiếu họp tổ", is_public=True, more=[people[GROUP_OFFICER.code]],
        )  # fmt: skip

    def _plan(
        self, place: Place, kind: str, at: datetime, by: UUID, where: str, subject: str = "", *,
        is_public: bool = False, more: list[UUID] | None = None,
    ) -> Plan:  # fmt: skip
        roles = ("commune_leader", "hamlet_cadre", "district_officer")
        found = (
            [person for role, person in self.held.get(place.id, []) if role in roles]
            if more is None
            else more
        )
        is_over = at < moment(self.today, 0)
        return Plan(
            mint(self.rng, self.today), place.id, kind, at, 90, where, subject, by, is_public,
            {person: is_over and self.rng.random() < 0.85 for person in found},
        )  # fmt: skip
