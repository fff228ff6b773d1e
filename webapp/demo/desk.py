"""What the invented reviewers do with the entries that reach them."""
# ruff: noqa: PLR2004 - shares and chances are invented where they stand

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from webapp.demo import calendar
from webapp.demo.bodies import Author, Writer
from webapp.demo.ids import mint
from webapp.demo.people import REVIEWER, Staff
from webapp.demo.phrases import Slots, book, pick

ACCEPTED, RETURNED, COMMENT = "accepted", "returned", "comment"
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Review:
    """One thing somebody at the desk said about one revision."""

    id: UUID
    op_id: UUID
    rev: int
    decision: str
    text: str
    by: UUID
    at: datetime
    remarks: tuple[tuple[str, str], ...] = ()
    """Field and sentence."""


class Case(NamedTuple):
    """A revision as it lies on the desk."""

    op_id: UUID
    rev: int
    received_at: datetime
    body: dict[str, Any]
    author: Author
    hamlet_id: UUID | None


class Verdict(NamedTuple):
    """A return the author answers with another revision."""

    again_at: datetime
    body: dict[str, Any]


class Desk:
    """The reviewers of one commune."""

    def __init__(self, rng: Random, clerks: list[UUID], leader: UUID, staff: Staff, writer: Writer) -> None:
        self.rng, self.clerks, self.leader, self.staff, self.writer = rng, clerks, leader, staff, writer
        self.reviewer = staff.demonstrators.get(REVIEWER.code, leader)
        """Where nobody stands above the commune, its leader reviews in their place."""

    def judge(self, case: Case) -> tuple[list[Review], Verdict | None]:
        """Accept an entry or return it, some working days after it came; a few are forgotten for weeks."""
        chance = self.rng.random()
        forgotten = timedelta(days=self.rng.randint(15, 50) if chance > 0.992 else 0)
        at = self._working_time(case.received_at + forgotten)
        if case.rev == 1 and chance < 0.032:  # returned
            review, body = self._return(case, at)
            days = self.rng.randint(0, 3) if chance > 0.01 else self.rng.randint(10, 60)  # a few answer late
            again = calendar.moment(calendar.day_of(at) + timedelta(days=days), self.rng.randint(1080, 1290))
            return [review], Verdict(again, body) if again > at else None
        return self.accept(case, at), None

    def accept(self, case: Case, at: datetime | None = None) -> list[Review]:
        """Accept an entry; now and then the district officer adds a word."""
        at = at or self._working_time(case.received_at)
        text = pick(self.rng, book().common["accepted"]) if self.rng.random() < 0.25 else ""
        reviews = [self._review(case, ACCEPTED, text, self._somebody(), at)]
        officer = self.staff.district_officers.get(case.hamlet_id) if case.hamlet_id else None
        if officer and self.rng.random() < 0.025:  # a word from the district officer
            said_at = at + timedelta(hours=self.rng.randint(1, 30))
            reviews.append(
                self._review(case, COMMENT, pick(self.rng, book().common["comments"]), officer, said_at)
            )
        return reviews

    def shown_return(self, case: Case, at: datetime) -> Review:
        """Return the entry that the visitor on the sign-in page finds on top of their phone."""
        remarks = [("households_present", book().remarks["households_present"][0])]
        if case.body.get("opinions"):
            remarks.append(("opinions.0.text", book().remarks["opinion"][0]))
        text = book().common["returned"][0]
        return self._review(case, RETURNED, text, self.clerks[0], at, tuple(remarks))

    def _somebody(self) -> UUID:
        chance = self.rng.random()
        if chance < 0.8:  # mostly the clerk
            return pick(self.rng, self.clerks)
        return self.reviewer if chance < 0.95 else self.leader

    def _working_time(self, after: datetime) -> datetime:
        days = self.rng.randint(1, 4) if self.rng.random() < 0.93 else self.rng.randint(5, 11)
        day = calendar.day_of(after) + timedelta(days=days)
        while day.weekday() >= _SATURDAY:
            day += timedelta(days=1)
        return calendar.moment(day, self.rng.randint(450, 1010)) + timedelta(
            milliseconds=self.rng.randrange(60_000)
        )

    def _review(
        self,
        case: Case,
        decision: str,
        text: str,
        by: UUID,
        at: datetime,
        remarks: tuple[tuple[str, str], ...] = (),
    ) -> Review:
        return Review(mint(self.rng, at), case.op_id, case.rev, decision, text, by, at, remarks)

    def _return(self, case: Case, at: datetime) -> tuple[Review, dict[str, Any]]:
        """Return an entry with one remark or two, and say what its author will send instead."""
        body = deepcopy(case.body)
        slots = self.writer.slots(case.author, date.fromisoformat(body["meeting_date"]))
        fitting = [(key, fix) for key, fix in _FIXES if fix.fits(body)]
        remarks: list[tuple[str, str]] = []
        for key, fix in self.rng.sample(fitting, min(len(fitting), self.rng.choice((1, 1, 2)))):
            fix.apply(self.rng, slots, body)
            remarks.append((fix.field, pick(self.rng, book().remarks[key])))
        review = self._review(
            case, RETURNED, pick(self.rng, book().common["returned"]), self._somebody(), at, tuple(remarks)
        )
        return review, body


@dataclass(frozen=True)
class _Fix:
    """A thing to remark on: the field, whether a body invites it, and what the author then changes."""

    field: str
    fits: Callable[[dict[str, Any]], bool]
    apply: Callable[[Random, Slots, dict[str, Any]], None]


def _recount(rng: Random, slots: Slots, body: dict[str, Any]) -> None:  # noqa: ARG001 - the shape of a fix
    body["households_present"] -= rng.randint(1, 3)


def _add_sentence(item: dict[str, Any], sentence: str) -> None:
    item["text"] = f"{item['text'].removesuffix('.')}. {sentence}"


def _explain(rng: Random, slots: Slots, body: dict[str, Any]) -> None:
    _add_sentence(body["opinions"][0], slots.fill(pick(rng, book().remarks["opinion_fix"])))


def _say_when(rng: Random, slots: Slots, body: dict[str, Any]) -> None:
    _add_sentence(body["decisions"][0], slots.fill(pick(rng, book().remarks["decision_fix"])))


def _appoint(rng: Random, slots: Slots, body: dict[str, Any]) -> None:
    day = slots.day + timedelta(days=rng.randint(26, 33))
    body["next_meeting"] = calendar.iso(calendar.moment(day, 1080))


def _name_office(rng: Random, slots: Slots, body: dict[str, Any]) -> None:
    body["substitute_title"] = slots.bare(pick(rng, book().common["substitutes"]))


def _add_conveyed(rng: Random, slots: Slots, body: dict[str, Any]) -> None:
    scene = pick(rng, book().in_month(slots.day.month))
    body["conveyed"] = [*body.get("conveyed", []), {"text": slots.fill(pick(rng, scene.conveyed))}]


def _locate(rng: Random, slots: Slots, body: dict[str, Any]) -> None:
    body["place"] = pick(rng, book().common["places_quarter" if slots.is_town else "places_hamlet"])


_FIXES: tuple[tuple[str, _Fix], ...] = (
    ("households_present", _Fix("households_present", lambda body: body.get("households_present", 0) > 5,
    _recount)),
    ("opinion", _Fix("opinions.0.text", lambda body: bool(body.get("opinions")), _explain)),
    ("decision", _Fix("decisions.0.text", lambda body: bool(body.get("decisions")), _say_when)),
    ("next_meeting", _Fix("next_meeting", lambda body: "next_meeting" not in body, _appoint)),
    ("substitute_title", _Fix(
        "substitute_title",
        lambda body: body.get("officer_presence") == "substitute" and "substitute_title" not in body,
        _name_office,
    )),
    ("conveyed", _Fix("conveyed", lambda body: len(body.get("conveyed", ())) < 3, _add_conveyed)),
    ("place", _Fix("place", lambda body: "place" not in body and body.get("status") != "not_held", _locate)),
)  # fmt: skip
