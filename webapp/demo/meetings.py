"""A year of invented meetings, petitions and reviews of one commune after the other."""
# ruff: noqa: PLR2004 - shares and chances are invented where they stand

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from webapp.demo import calendar, desk
from webapp.demo.bodies import Author, Group, Writer
from webapp.demo.bulletins import Editors
from webapp.demo.district import FULL, District, Place, Scale, build
from webapp.demo.flashes import UNOPENED, Flashes
from webapp.demo.ids import mint
from webapp.demo.people import GROUP_OFFICER, HAMLET_CADRE, Staff, everybody
from webapp.demo.petitions import ANSWERED, ASKED, Heard, Matter, Offices
from webapp.demo.saved import Revision, Saved

MONTHS = 12
"""Whole months before the current one."""
_OUTSIDE = (12, 13, 14, 15, 26, 27, 28)
_RETURN_SHOWN_FROM = 18
"""Until this day of the month the entry shown as returned is last month's."""


@dataclass(slots=True)
class _Pending:
    """An operation somebody is about to save."""

    saved: Saved
    made_at: datetime
    learned_at: datetime | None
    lag: timedelta
    body: dict[str, Any]
    is_shown_returned: bool = False
    op_id: UUID | None = None
    """Where it is not minted by the chance of the meetings."""


@dataclass(frozen=True)
class Demonstration:
    """The whole invented district: places, people, and a year of records, commune by commune."""

    today: date
    seed: int
    district: District
    staff: Staff
    editors: Editors
    earlier: tuple[date, ...] = ()
    """Months before the last twelve that have records too."""

    @classmethod
    def of(cls, today: date, seed: int, scale: Scale = FULL, earlier: tuple[date, ...] = ()) -> Demonstration:
        """Invent places and people; the records are invented when `records` is walked."""
        first = min((month.year for month in earlier), default=None)
        district = build(Random(f"{seed}:places"), today, scale, first)
        staff = everybody(district, Random(f"{seed}:people"), today)
        months = (*earlier, *(calendar.months_before(today, back) for back in range(MONTHS, -1, -1)))
        editors = Editors(district, staff, today, months, seed)
        return cls(today, seed, district, staff, editors, earlier)

    def records(self) -> Iterator[tuple[Place, list[Saved]]]:
        """Yield each commune with its records in the order in which they last changed."""
        for commune in self.district.communes:
            yield commune, _Commune(self, commune).saved()


class _Commune:
    """One commune's year."""

    def __init__(self, demonstration: Demonstration, commune: Place) -> None:
        self.today, self.staff, self.district = (
            demonstration.today,
            demonstration.staff,
            demonstration.district,
        )
        self.months_back = (
            *(
                (self.today.year - month.year) * 12 + self.today.month - month.month
                for month in demonstration.earlier
            ),
            *range(MONTHS, -1, -1),
        )
        self.commune = commune
        self.is_shown = commune is self.district.demonstration_commune
        self.rng = Random(f"{demonstration.seed}:{commune.official_code}")
        editors, is_town = demonstration.editors, commune.kind == "town"
        self.writer = Writer(
            self.rng, demonstration.seed, lambda day: editors.due(commune, day), is_town=is_town
        )
        self.horizon = calendar.moment(self.today, 0)
        """Nothing has happened after midnight before today."""
        self.authors: dict[UUID, Author] = {}
        self.pending: dict[UUID, list[_Pending]] = {}
        kept = {self.staff.demonstrators.get(person.code) for person in (GROUP_OFFICER, HAMLET_CADRE)}
        self.groups = [
            Group.invented(
                self.rng, place, is_model=any(d.person_id in kept for d in self.staff.followers[place.id])
            )
            for place in self.district.groups_of_commune(commune.id)
        ]
        self.hamlets = {group.place.id: group.place.parent_id for group in self.groups}
        self.desk = desk.Desk(
            self.rng, self.staff.clerks[commune.id], self.staff.leaders[commune.id], self.staff, self.writer
        )
        self.offices = Offices(
            Random(f"{demonstration.seed}:{commune.official_code}:petitions"), commune.id,
            self.staff.clerks[commune.id][0], self.staff.leaders[commune.id], self.horizon, is_town,
            {
                topic: [(agency.id, self.staff.agencies[agency.id]) for agency in agencies]
                for topic, agencies in self.district.asked_about().items()
            },
            self.staff.district_officers,
        )  # fmt: skip

        self.flashes = Flashes(
            Random(f"{demonstration.seed}:{commune.official_code}:flashes"), commune.id,
            self.staff.leaders[commune.id], self.horizon, is_town,
        )  # fmt: skip

    def saved(self) -> list[Saved]:
        """Return the records of the commune in the order in which they last changed."""
        for months_back in self.months_back:
            month = calendar.months_before(self.today, months_back)
            for group in self.groups:
                self._month(group, month, months_back)
        self._let_happen()
        found = [saved for author_id in self.pending for saved in self._simulate(author_id)]
        if self.is_shown:
            self._leave_some_waiting(found)
        self._let_live(found)
        return sorted(found, key=lambda saved: (saved.changed_at, saved.id))

    def _let_happen(self) -> None:
        """Let something happen here and there between the meetings; in the shown commune also these days."""
        rng = self.flashes.rng
        for group in self.groups:
            for months_back in self.months_back:
                if self.flashes.happens():
                    month = calendar.months_before(self.today, months_back)
                    self._report(group.place, month + timedelta(days=rng.randrange(28)))
        if self.is_shown and self.staff.demonstration_groups:
            kept, _ = self.staff.demonstration_groups
            mine = next(group.place for group in self.groups if group.place.id == kept)
            another = next(
                group.place
                for group in self.groups
                if group.place.parent_id == mine.parent_id
                and group.place is not mine
                and self._reporter(group.place, self.today)
            )
            self._report(mine, self.today - timedelta(days=4), hour=6)
            self._report(another, self.today - timedelta(days=1), hour=19, shown=UNOPENED)

    def _report(self, place: Place, day: date, *, hour: int | None = None, shown: str = "") -> None:
        author, rng = self._reporter(place, day), self.flashes.rng
        if author is None:
            return
        learned_at, made_at, body = self.flashes.on(day, place.id, author, hour)
        saved = Saved("flash_report", mint(rng, made_at), place.id, author.id, author.device_id, shown=shown)
        lag, op_id = self.flashes.lag(), mint(rng, made_at)
        self.pending[author.id].append(_Pending(saved, made_at, learned_at, lag, body, op_id=op_id))

    def _reporter(self, place: Place, day: date) -> Author | None:
        """Return who follows a group on a day, of those who write of its meetings."""
        followers = (
            self.authors.get(duty.person_id)
            for duty in self.staff.followers[place.id]
            if duty.valid_from <= day and (duty.valid_to is None or day < duty.valid_to)
        )
        return next((author for author in followers if author), None)

    def _let_live(self, found: list[Saved]) -> None:
        """Let the petitions live, and the meetings tell their answers; then what phones sent is certain."""
        heard: dict[UUID, list[tuple[Saved, Heard]]] = {}
        for saved in sorted((one for one in found if one.kind == "meeting"), key=lambda one: one.id):
            first = saved.revisions[0]
            if first.body.get("status") != "not_held":
                heard.setdefault(saved.unit_id, []).append((saved, Heard(
                    saved.id, saved.author_id, date.fromisoformat(first.body["meeting_date"]), first.made_at,
                    first.learned_at, first.clock_offset, first.received_at, [],
                )))  # fmt: skip
        for saved in sorted((one for one in found if one.kind == "petition"), key=lambda one: one.id):
            sent, hamlet = saved.revisions[0], self.hamlets[saved.unit_id]
            if saved.request and hamlet:
                meetings = [one for _, one in heard.get(saved.unit_id, ())]
                saved.life = self.offices.live(Matter(
                    saved.id, hamlet, sent.received_at, saved.author_id, sent.body, saved.request, meetings, saved.shown
                ))  # fmt: skip
        for saved, one in (pair for pairs in heard.values() for pair in pairs):
            for revision in saved.revisions if one.told else ():
                revision.body["feedback_given"] = one.told
        for saved in found:
            for revision in saved.revisions:
                revision.freeze()

    def _month(self, group: Group, month: date, months_back: int) -> None:
        """Let a group meet, or not, in one month."""
        returned, due = self.staff.demonstration_groups or (None, None)
        if group.place.id in (returned, due):
            group.day = 16
            is_skipped = months_back == 0 and (group.place.id == due or self.today.day <= _RETURN_SHOWN_FROM)
        else:
            is_skipped = group.is_silent(months_back) or (not group.is_model and self.rng.random() < 0.006)
        day = self._meeting_day(group, month)
        if is_skipped or day >= self.today:
            return
        author = self._author_on(group.place, day)
        if author is None:
            return
        total = self.district.households_on(group.place.id, day)
        is_held = group.is_model or not self.writer.fails_to_meet(group, day)
        month_shown = 0 if self.today.day > _RETURN_SHOWN_FROM else 1
        is_shown = group.place.id == returned and months_back == month_shown
        made_at, learned_at = self._made(day, group, is_prompt=group.is_model, is_held=is_held)
        meeting_id = mint(self.rng, made_at)
        following = calendar.moment(
            calendar.months_before(month, -1) + timedelta(days=group.day - 1), group.start
        )
        shows = [ANSWERED, ASKED] if group.place.id == due and months_back == 1 else []
        body, petitions = self.writer.meeting(
            group, author, day, total, following, is_held=is_held, raises=len(shows)
        )
        records = []
        for n, (petition, request) in enumerate(petitions):
            saved = Saved(
                "petition", mint(self.rng, made_at), group.place.id, author.id, author.device_id, request=request,
                shown=shows[n] if n < len(shows) else "",
            )  # fmt: skip
            records.append(
                (saved, {"unit_id": str(group.place.id), "meeting_id": str(meeting_id), **petition})
            )
        if records:
            body["petition_ids"] = [str(saved.id) for saved, _ in records]
        meeting = Saved("meeting", meeting_id, group.place.id, author.id, author.device_id)
        lag = timedelta(seconds=20) if group.is_model else self._lag()
        pending = self.pending.setdefault(author.id, [])
        for saved, petition in records:
            pending.append(_Pending(saved, made_at, learned_at, lag, petition))
        pending.append(
            _Pending(meeting, made_at, learned_at, lag, {"unit_id": str(group.place.id), **body}, is_shown)
        )

    def _meeting_day(self, group: Group, month: date) -> date:
        chance = self.rng.random()
        if group.is_model or chance < 0.55:  # most groups keep their day
            day = group.day
        elif chance < 0.93:
            day = min(25, max(16, group.day + self.rng.randint(-3, 3)))
        else:
            day = self.rng.choice(_OUTSIDE)
        found = month.replace(day=day)
        while calendar.is_holiday(found):
            found += timedelta(days=1)
        return found if found.month == month.month else month.replace(day=12)

    def _author_on(self, place: Place, day: date) -> Author | None:
        """Return who records on `day`: the follower, else sometimes a colleague who stands in."""
        duties = self.staff.followers[place.id]
        active = [
            duty
            for duty in duties
            if duty.valid_from <= day and (duty.valid_to is None or day < duty.valid_to)
        ]
        if active:
            duty = active[-1] if len(active) > 1 and self.rng.random() < 0.2 else active[0]
            return self._author(duty.person_id)
        if self.rng.random() < 0.3:  # a group nobody follows
            neighbours = self.staff.followers[self.rng.choice(self.groups).place.id]
            return next((self._author(d.person_id) for d in neighbours if d.valid_to is None), None)
        return None

    def _author(self, person_id: UUID) -> Author:
        author = self.authors.get(person_id)
        if author is None:
            author = self.authors[person_id] = Author.invented(
                self.rng, person_id, self.district.since, self.rng.choice(self.writer.hands)
            )
        return author

    def _made(
        self, day: date, group: Group, *, is_prompt: bool, is_held: bool
    ) -> tuple[datetime, datetime | None]:
        chance = self.rng.random()
        end = group.start + (group.minutes if is_held else 0)
        if is_prompt or chance < 0.7:  # most write the same evening
            after = self.rng.uniform(4, 70)
        elif chance < 0.9:  # or the next morning
            after = 24 * 60 + self.rng.uniform(370, 490) - end
        else:
            after = 24 * 60 * self.rng.randint(1, 2) + self.rng.uniform(20, 200)
        milliseconds = timedelta(milliseconds=self.rng.randrange(1000))
        made_at = calendar.moment(day, int(end + after)) + milliseconds
        return made_at, calendar.moment(day, end) if chance > 0.85 else None  # few say when they learned

    def _lag(self) -> timedelta:
        chance = self.rng.random()
        if chance < 0.65:  # signal at home
            return timedelta(seconds=self.rng.randint(2, 60))
        if chance < 0.85:  # on the way
            return timedelta(minutes=self.rng.randint(5, 180))
        if chance < 0.97:  # the next day at work
            return timedelta(hours=self.rng.randint(6, 20))
        return timedelta(hours=self.rng.randint(24, 100))

    def _simulate(self, author_id: UUID) -> list[Saved]:
        """Let one author's phone send what it holds, in order, and the desk answer, until last midnight."""
        author = self.authors[author_id]
        heap = [(pending.made_at, n, pending) for n, pending in enumerate(self.pending[author_id])]
        heapq.heapify(heap)
        found: list[Saved] = []
        sequence, counter, last = 0, len(heap), calendar.moment(self.district.since, 0)
        while heap:
            made_at, _, pending = heapq.heappop(heap)
            received_at = last = max(last, made_at + pending.lag)
            if received_at >= self.horizon:
                break
            sequence += 1
            saved = pending.saved
            saved.revisions.append(self._revision(author, sequence, pending, received_at))
            if len(saved.revisions) == 1:
                found.append(saved)
            if saved.kind == "flash_report":
                saved.opening = None if saved.shown == UNOPENED else self.flashes.opening(received_at)
            if saved.kind != "meeting":
                continue
            verdict = self._review(saved, pending, author)
            if verdict is not None:
                again = _Pending(saved, verdict.again_at, None, timedelta(seconds=30), verdict.body)
                heapq.heappush(heap, (verdict.again_at, counter, again))
                counter += 1
        return found

    def _revision(self, author: Author, sequence: int, pending: _Pending, received_at: datetime) -> Revision:
        saved, rev = pending.saved, len(pending.saved.revisions) + 1
        op_id = pending.op_id or mint(self.rng, pending.made_at)
        made_at = pending.made_at - timedelta(milliseconds=author.clock_offset or 0)
        head = f'{{"op_id":"{op_id}","kind":"{saved.kind}.save","id":"{saved.id}"'
        head += f',"rev":{rev},"base_rev":{rev - 1},"made_at":"{calendar.iso(made_at)}"'
        if pending.learned_at:
            head += f',"learned_at":"{calendar.iso(pending.learned_at)}"'
        if author.clock_offset is not None:
            head += f',"clock_offset":{author.clock_offset}'
        head += f',"author":"{author.id}","device":"{author.device_id}","device_seq":{sequence}'
        return Revision(
            op_id,
            rev,
            made_at,
            pending.learned_at,
            author.clock_offset,
            received_at,
            sequence,
            pending.body,
            head,
        )

    def _review(self, saved: Saved, pending: _Pending, author: Author) -> desk.Verdict | None:
        newest = saved.revisions[-1]
        hamlet_id = self.hamlets[saved.unit_id]
        case = desk.Case(newest.op_id, newest.rev, newest.received_at, newest.body, author, hamlet_id)
        if pending.is_shown_returned:
            shown_at = max(newest.received_at + timedelta(minutes=30), self.horizon - timedelta(hours=39))
            saved.reviews.append(self.desk.shown_return(case, shown_at))
            return None
        is_shown = saved.author_id == self.staff.demonstrators.get(GROUP_OFFICER.code)
        reviews, verdict = (self.desk.accept(case), None) if is_shown else self.desk.judge(case)
        saved.reviews += [review for review in reviews if review.at < self.horizon]
        return verdict if saved.reviews and verdict and verdict.again_at < self.horizon else None

    def _leave_some_waiting(self, found: list[Saved]) -> None:
        """Leave the last few entries of the shown commune at the desk, whatever the day of the month."""
        shown = self.staff.demonstrators.get(GROUP_OFFICER.code)
        meetings = [
            s for s in found if s.kind == "meeting" and s.author_id != shown and len(s.revisions) == 1
        ]
        for saved in sorted(meetings, key=lambda s: s.revisions[0].received_at)[-6:]:
            saved.reviews.clear()
