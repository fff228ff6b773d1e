"""Invented bulletins: what the district, and some communes, ask officers to convey each month."""
# ruff: noqa: PLR2004 - shares and chances are invented where they stand

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Final
from uuid import UUID

from webapp.bulletins.rules import MAX_TITLE, State
from webapp.demo import calendar
from webapp.demo.ids import mint
from webapp.demo.people import REVIEWER
from webapp.demo.phrases import PLAIN, Scene, Slots, book

if TYPE_CHECKING:
    from webapp.demo.district import District, Place
    from webapp.demo.people import Staff

QUESTIONS: Final = (
    "Làm từ ngày nào, ai hướng dẫn?", "Có mất phí không, đăng ký ở đâu?", "Hộ đi làm xa thì làm sao?",
    "Năm nay có hỗ trợ thêm không?", "Việc này có bắt buộc không?",
)  # fmt: skip
_CORRECTED: Final = "Bản này thay bản trước: đã chỉnh ngày và số điện thoại trực niêm yết tại nhà văn hóa."


@dataclass(frozen=True, slots=True)
class Item:
    """One version of one item."""

    id: UUID
    place_id: UUID
    """In whose name, and for whose groups."""
    kinds: tuple[str, ...]
    month: date
    title: str
    text: str
    is_pinned: bool
    state: State
    by: UUID
    made_at: datetime
    published_at: datetime | None
    ended_at: datetime | None = None
    replaces_id: UUID | None = None
    version: int = 1

    def covers(self, commune: Place) -> bool:
        """Say whether the groups of a commune hear of it."""
        return not self.kinds or ("quarter" in self.kinds) == (commune.kind == "town")

    def stood(self, at: datetime) -> bool:
        """Say whether this is what officers had to convey at a moment."""
        return self.published_at is not None and self.published_at <= at and not (
            self.ended_at and self.ended_at <= at
        )  # fmt: skip


class Editors:
    """Those who compose the packs of the months."""

    def __init__(
        self, district: District, staff: Staff, today: date, months: Sequence[date], seed: int
    ) -> None:
        self.district, self.today, self.seed = district, today, seed
        self.horizon = calendar.moment(today, 0)
        self.above = staff.demonstrators.get(REVIEWER.code)
        self.clerks = staff.clerks
        self.items = [item for month in months for item in self._month(month)]
        self._by_month: dict[date, list[Item]] = {}
        for item in self.items:
            self._by_month.setdefault(item.month, []).append(item)

    def due(self, commune: Place, day: date) -> list[Item]:
        """Return what the groups of a commune are to hear at a meeting on a day."""
        at = calendar.moment(day, 18 * 60)
        places = (commune.id, self.district.root.id)
        return [
            item
            for item in self._by_month.get(day.replace(day=1), [])
            if item.place_id in places and item.stood(at) and item.covers(commune)
        ]

    def _month(self, month: date) -> Iterator[Item]:
        rng, root = Random(f"{self.seed}:bulletin:{month}"), self.district.root
        scenes = rng.sample(book().in_month(month.month), 7)
        by = self.above or self.clerks[root.id][0]
        before = calendar.months_before(month, 1).replace(day=27)
        for n, scene in enumerate(scenes[:4]):
            item = self._item(
                rng, root, month, scene, by, calendar.moment(before, 830 + 7 * n), is_pinned=n == 0
            )
            again = calendar.moment(month.replace(day=5), 560)
            if n == 1 and again < self.horizon:
                yield from self._replaced(rng, item, again)
            elif n == 3 and root is not self.district.demonstration_commune:
                yield replace(item, kinds=("hamlet",))
            else:
                yield item
        commune = self.district.demonstration_commune
        if commune is not root and calendar.months_before(self.today, 2) <= month:
            clerk = self.clerks[commune.id][0]
            for n, scene in enumerate(scenes[4:6]):
                at = calendar.moment(before + timedelta(days=1), 930 + 9 * n)
                yield self._item(rng, commune, month, scene, clerk, at, is_pinned=n == 0)
        if month == calendar.months_before(self.today, 0):
            clerk, made_at = self.clerks[commune.id][0], self.horizon - timedelta(hours=9)
            yield self._item(rng, commune, month, scenes[6], clerk, made_at, is_draft=True)

    def _item(
        self, rng: Random, place: Place, month: date, scene: Scene, by: UUID, at: datetime, *,
        is_pinned: bool = False, is_draft: bool = False,
    ) -> Item:  # fmt: skip
        slots = Slots(rng, PLAIN, month.replace(day=15), is_town=place.kind == "town")
        title = slots.bare(rng.choice(scene.themes))
        lines = rng.sample(scene.conveyed, min(3, len(scene.conveyed)))
        return Item(
            mint(rng, at), place.id, (), month, title[:MAX_TITLE], "\n".join(slots.fill(line) for line in lines),
            is_pinned, State.DRAFT if is_draft else State.PUBLISHED, by, at, None if is_draft else at,
        )  # fmt: skip

    def _replaced(self, rng: Random, item: Item, at: datetime) -> Iterator[Item]:
        """Publish an item anew, with something put right; the first version stays, marked."""
        yield replace(item, state=State.REPLACED, ended_at=at)
        yield replace(
            item, id=mint(rng, at), text=f"{item.text}\n{_CORRECTED}", made_at=at - timedelta(minutes=20),
            published_at=at, replaces_id=item.id, version=2,
        )  # fmt: skip
