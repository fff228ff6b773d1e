"""What happens between the meetings and cannot wait: invented flash reports, and who opened them first."""
# ruff: noqa: PLR2004 - shares and chances are invented where they stand

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple
from uuid import UUID

from webapp.demo import calendar
from webapp.demo.bodies import Author
from webapp.demo.phrases import Slots, book, pick

LEADER: Final = "commune_leader"
UNOPENED: Final = "unopened"
SHARE: Final = 0.03
"""Of the months of a group, in how many something happens."""
_HOURS = (5, 6, 7, 8, 10, 11, 14, 15, 16, 17, 17, 18, 18, 19, 20, 21)


class Opening(NamedTuple):
    """Who opened a flash report first, as what, and when."""

    by: UUID
    role: str
    unit_id: UUID
    at: datetime


class Happening(NamedTuple):
    """Something that has happened: when it was learned of and written down, and what was said of it."""

    learned_at: datetime
    made_at: datetime
    body: dict[str, Any]


@dataclass(frozen=True)
class Flashes:
    """The flash reports of one commune, by a chance of their own: the meetings do not depend on them."""

    rng: Random
    commune_id: UUID
    leader_id: UUID
    horizon: datetime
    is_town: bool

    def happens(self) -> bool:
        """Say whether something happens to a group in a month."""
        return self.rng.random() < SHARE

    def on(self, day: date, unit_id: UUID, author: Author, hour: int | None = None) -> Happening:
        """Invent what an author reports of a group on a day."""
        minutes = (pick(self.rng, _HOURS) if hour is None else hour) * 60 + self.rng.randrange(60)
        learned_at = calendar.moment(day, minutes)
        what, where, needed = pick(self.rng, book().happenings[day.month])
        slots = Slots(self.rng, author.voice, day, is_town=self.is_town)
        body = {"unit_id": str(unit_id), "what": slots.fill(what), "needed": slots.fill(needed)}
        if where:
            body["where"] = slots.bare(where)
        if self.rng.random() < 0.6:
            body["since"] = calendar.iso(learned_at - timedelta(minutes=5 * self.rng.randint(1, 30)))
        wrote = timedelta(seconds=self.rng.randint(60, 900))
        return Happening(learned_at, learned_at + wrote, body)

    def lag(self) -> timedelta:
        """Return how long a flash report waits for signal: it goes before everything else."""
        if self.rng.random() < 0.8:
            return timedelta(seconds=self.rng.randint(2, 40))
        return timedelta(minutes=self.rng.randint(3, 150))

    def opening(self, received_at: datetime) -> Opening | None:
        """Let the leader of the commune open it, most within the hour; what came last is opened by nobody yet."""
        chance = self.rng.random()
        waited = self.rng.uniform(2, 45) if chance < 0.7 else self.rng.uniform(45, 900)
        at = received_at + timedelta(minutes=waited)
        return Opening(self.leader_id, LEADER, self.commune_id, at) if at < self.horizon else None
