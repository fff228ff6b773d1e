"""Bulletins as pure data: who publishes where, how many are pinned, and whom an item reaches on a day."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from webapp.fields import N_, Choice

MAX_PINNED = 5
"""How many items of a place may be pinned in a month: few and focused (domain analysis, A6)."""
MAX_ITEMS = 12
"""How many items a place may publish for a month."""
MAX_TITLE = 160
MAX_TEXT = 1500
"""Letters of an item: read in two minutes, and small on a slow line."""
MAX_QUESTIONS = 300
MAX_ATTACHMENTS = 2
"""How many files go with an item."""
MAX_ATTACHMENT_BYTES = 150_000
"""As large as a photo at most: half a minute on a slow line."""
MAX_ATTACHMENT_NAME = 120
TOLD_AROUND = 1
"""Phones know the packs of so many months before and after the present one."""
MAX_TOLD = 40
"""How many items a phone is told at most."""


class State(Choice):
    """Where a version of an item stands."""

    DRAFT = "draft", N_("Bản nháp")
    PUBLISHED = "published", N_("Đã phát hành")
    REPLACED = "replaced", N_("Đã có bản thay thế")
    WITHDRAWN = "withdrawn", N_("Đã thu hồi")


class Deed(Choice):
    """What can be done with a version that was composed."""

    PUBLISH = "publish", N_("Phát hành")
    REPLACE = "replace", N_("Soạn bản thay thế")
    WITHDRAW = "withdraw", N_("Thu hồi")
    DISCARD = "discard", N_("Xóa bản nháp")


ALLOWED: Mapping[State, frozenset[Deed]] = {
    State.DRAFT: frozenset({Deed.PUBLISH, Deed.DISCARD}),
    State.PUBLISHED: frozenset({Deed.REPLACE, Deed.WITHDRAW}),
    State.REPLACED: frozenset(),
    State.WITHDRAWN: frozenset(),
}
"""What may be done in which state; what has been published is never changed or deleted."""


class Refused(Exception):  # noqa: N818 - an answer, not a bug
    """What was asked cannot be done; the message is a Vietnamese sentence."""


class Step(NamedTuple):
    """One unit on the line from a group up to the top, and of what type it is on that day."""

    unit: UUID
    kind: str


Line = Sequence[Step]
"""A group and all above it on a day, nearest first."""


@dataclass(frozen=True)
class Audience:
    """For whom an item is meant."""

    places: frozenset[UUID]
    """At or below one of these."""
    kinds: frozenset[str] = frozenset()
    """Only where the group itself or a unit above it is of one of these types (every ấp, no khu phố); none: all."""

    def at(self, places: Collection[UUID]) -> Audience:
        """Return the same, of these places only."""
        return Audience(self.places & frozenset(places), self.kinds)

    def covers(self, line: Line) -> bool:
        """Say whether the group with this line hears of it."""
        return any(step.unit in self.places for step in line) and (
            not self.kinds or any(step.kind in self.kinds for step in line)
        )


@dataclass(frozen=True)
class Item:
    """One version of an item."""

    id: UUID
    unit_id: UUID
    """In whose name it is published."""
    month: date
    """The first day of the month it is for."""
    state: State
    audience: Audience
    is_pinned: bool = False


@dataclass(frozen=True)
class Attached:
    """A file that goes with an item, as phones are told of it."""

    sha256: str
    """Its content in lower-case hexadecimal: what it is asked for by."""
    name: str
    media_type: str
    size: int
    """In bytes."""


_BEGINNINGS: Mapping[bytes, str] = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"%PDF-": "application/pdf",
}
"""How the files begin that any phone opens without another app."""


def attached(name: str, data: bytes) -> Attached | None:
    """Return what a file is by its content, or None when it is none that phones open; its name says nothing."""
    kinds = [kind for beginning, kind in _BEGINNINGS.items() if data.startswith(beginning)]
    if not kinds:
        return None
    last = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    bare = "".join(letter for letter in " ".join(last.split()) if letter.isprintable()).strip()
    shown = bare[-MAX_ATTACHMENT_NAME:].strip() or f"tep.{kinds[0].rpartition('/')[2]}"
    return Attached(hashlib.sha256(data).hexdigest(), shown, kinds[0], len(data))


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def month_after(month: date, count: int = 1) -> date:
    """Return the first day of the month `count` months later, or earlier."""
    months = month.year * 12 + month.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def last_day(month: date) -> date:
    """Return the last day of a month."""
    return month_after(month) - timedelta(days=1)


def covered(audience: Audience, lines: Mapping[UUID, Line]) -> frozenset[UUID]:
    """Return the groups that an audience reaches, given the lines of groups on a day."""
    return frozenset(group for group, line in lines.items() if audience.covers(line))


def is_due(item: Item, line: Line, day: date) -> bool:
    """Say whether an item is to be conveyed by the group with this line at a meeting on `day`."""
    return item.state is State.PUBLISHED and item.month == month_of(day) and item.audience.covers(line)


def may_publish(unit_id: UUID, roots: Collection[UUID]) -> bool:
    """Say whether somebody who holds the right at `roots` publishes for a unit: in its own name, and no other."""
    return unit_id in roots


def why_not(
    item: Item,
    standing: Iterable[Item],
    lines: Mapping[UUID, Line],
    today: date,
    replaces: Item | None = None,
) -> str | None:
    """Return why a draft cannot be published, or None.

    `standing` are the published items of the same place and month, `lines` those of the places of its audience.
    """
    if item.month < month_of(today):
        return N_("Tháng này đã qua; bản tin chỉ phát hành cho tháng này hoặc tháng sau.")
    if not item.audience.places or not all(
        any(step.unit == item.unit_id for step in lines.get(place, ())) for place in item.audience.places
    ):
        return N_("Nơi nhận phải nằm trong địa bàn của đơn vị phát hành.")
    if replaces is not None and replaces.state is not State.PUBLISHED:
        return N_("Bản cũ đã được thay hoặc thu hồi; xem lại trước khi phát hành.")
    others = [one for one in standing if replaces is None or one.id != replaces.id]
    if len(others) >= MAX_ITEMS:
        return N_("Tháng này đã đủ 12 nội dung; thu hồi bớt một nội dung trước.")
    if item.is_pinned and sum(one.is_pinned for one in others) >= MAX_PINNED:
        return N_("Tháng này đã ghim đủ 5 nội dung trọng tâm; bỏ ghim nội dung này hoặc một nội dung khác.")
    return None
