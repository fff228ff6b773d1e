"""Who may hold what: a book of dated assignments and what each deed changes in it. No Flask, no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from webapp.fields import N_, Choice


class Refused(Exception):  # noqa: N818 - a decision, not an accident
    """The book of assignments does not take it; the text says why."""


class AlreadyHeld(Refused):
    """Exactly this is in the book already: nothing is to be done."""


class EndReason(Choice):
    """Why an assignment ends, as lists offer it; the label is what is stored."""

    MOVED = "moved", N_("Chuyển công tác")
    RETIRED = "retired", N_("Nghỉ hưu, nghỉ việc")
    REARRANGED = "rearranged", N_("Điều chỉnh phân công")
    FELL_SHORT = "fell_short", N_("Không hoàn thành nhiệm vụ")
    BROKE_RULES = "broke_rules", N_("Vi phạm quy định")
    HEALTH = "health", N_("Sức khỏe, hoàn cảnh gia đình")
    MISTAKEN = "mistaken", N_("Nhập nhầm")


TURNED = N_("Đổi giữa phụ trách chính và phó")
MERGED = N_("Đơn vị được sắp xếp lại")
CLOSED = N_("Đơn vị kết thúc hoạt động")


class Line(NamedTuple):
    """A line of following: which role is expected at every unit of a tier, and how many one person should hold."""

    role: str
    rank: int
    most: int


DEFAULT_LINES: tuple[Line, ...] = (
    Line("group_officer", 5, 3),
    Line("hamlet_cadre", 4, 1),
    Line("district_officer", 4, 2),
    Line("district_officer", 3, 1),
    Line("provincial_officer", 3, 1),
    Line("cluster_lead", 0, 1),
)
"""What a new installation starts with: one to three groups each, 1:1 above them (article 001). Rows afterwards."""


@dataclass(frozen=True)
class Held:
    """An officer's role at a unit, from `start` until the day before `end`."""

    id: UUID
    officer: UUID
    unit: UUID
    role: str
    is_primary: bool
    start: date
    end: date | None = None

    @property
    def place(self) -> tuple[UUID, str]:
        """Return what is held: a role at a unit."""
        return self.unit, self.role

    def holds_on(self, day: date) -> bool:
        """Say whether it is held on `day`."""
        return self.start <= day and (self.end is None or day < self.end)

    def meets(self, start: date, end: date | None) -> bool:
        """Say whether it is held on any day from `start` until the day before `end`."""
        if self.start == self.end or start == end:
            return False
        return (end is None or self.start < end) and (self.end is None or start < self.end)


@dataclass(frozen=True)
class Exempt:
    """An officer is not to be assigned, from `start` until the day before `end`."""

    officer: UUID
    start: date
    end: date | None = None


@dataclass(frozen=True)
class Changes:
    """What a deed changes: what begins, and what ends on which day."""

    begun: tuple[Held, ...] = ()
    ended: Mapping[UUID, date] = field(default_factory=dict)


class Book:
    """What is held and who is exempt, as far as a deed is concerned."""

    def __init__(self, held: Iterable[Held] = (), exempt: Iterable[Exempt] = ()) -> None:
        """Open the book on these facts."""
        self._by_id: dict[UUID, Held] = {}
        self._by_place: dict[tuple[UUID, str], dict[UUID, Held]] = defaultdict(dict)
        self.exemptions = tuple(exempt)
        self._exempt: dict[UUID, list[Exempt]] = defaultdict(list)
        for one in held:
            self._put(one)
        for free in self.exemptions:
            self._exempt[free.officer].append(free)

    def __iter__(self) -> Iterator[Held]:
        """Go through everything that is or was held."""
        return iter(self._by_id.values())

    def get(self, assignment: UUID) -> Held:
        """Return an assignment; raise `Refused` when there is none."""
        if assignment not in self._by_id:
            raise Refused(N_("Không tìm thấy phân công này."))
        return self._by_id[assignment]

    def at(self, place: tuple[UUID, str], start: date, end: date | None) -> list[Held]:
        """Return what is held at a place on any day from `start` until the day before `end`."""
        return [one for one in self._by_place.get(place, {}).values() if one.meets(start, end)]

    def is_exempt(self, officer: UUID, start: date, end: date | None) -> bool:
        """Say whether an officer is exempt on any day from `start` until the day before `end`."""
        return any(
            (end is None or free.start < end) and (free.end is None or start < free.end)
            for free in self._exempt.get(officer, ())
        )

    def apply(self, changes: Changes) -> None:
        """Write changes into the book."""
        for one, on in changes.ended.items():
            self._put(replace(self._by_id[one], end=on))
        for new in changes.begun:
            self._put(new)

    def _put(self, one: Held) -> None:
        self._by_id[one.id] = one
        self._by_place[one.place][one.id] = one


def begin(book: Book, new: Held) -> Changes:
    """Let an officer hold a role at a unit, or raise `Refused`."""
    if new.end is not None and new.end <= new.start:
        raise Refused(N_("Ngày kết thúc phải sau ngày bắt đầu."))
    for other in book.at(new.place, new.start, new.end):
        if other.officer == new.officer:
            same = (other.is_primary, other.start, other.end) == (new.is_primary, new.start, new.end)
            raise (AlreadyHeld if same else Refused)(
                N_("Người này đã giữ vai trò này ở đây trong thời gian ấy.")
            )
        if other.is_primary and new.is_primary:
            raise Refused(N_("Nơi này đã có người phụ trách chính; hãy thay người, hoặc giao làm phó."))
    if book.is_exempt(new.officer, new.start, new.end):
        raise Refused(N_("Người này được miễn phân công trong thời gian ấy."))
    return Changes((new,))


def finish(book: Book, assignment: UUID, on: date) -> Changes:
    """End an assignment: `on` is the first day on which it is no longer held."""
    held = book.get(assignment)
    if held.end is not None and held.end <= on:
        raise Refused(N_("Phân công này đã kết thúc."))
    if on < held.start:
        raise Refused(N_("Phân công này bắt đầu sau ngày ấy."))
    return Changes(ended={assignment: on})


def succeed(book: Book, assignment: UUID, officer: UUID, on: date, new_id: UUID) -> Changes:
    """Let another officer hold from `on` what somebody holds; who was deputy there and succeeds is deputy no more."""
    old = book.get(assignment)
    if officer == old.officer:
        raise Refused(N_("Người mới phải khác người cũ."))
    done = finish(book, assignment, on)
    ended = dict(done.ended)
    for other in book.at(old.place, on, old.end):
        if other.officer != officer:
            continue
        if other.is_primary or not old.is_primary:
            raise Refused(N_("Người này đã giữ vai trò này ở đây trong thời gian ấy."))
        ended[other.id] = max(on, other.start)
    new = Held(new_id, officer, old.unit, old.role, old.is_primary, on, old.end)
    return _checked(book, Changes((new,), ended), officer)


def turn(book: Book, assignment: UUID, on: date, new_ids: Sequence[UUID], *, primary: bool) -> Changes:
    """Make a deputy the primary holder or the other way round; who was primary becomes deputy.

    History is kept: what was held so far ends on that day, and begins anew as the other. `new_ids` are two fresh ids.
    """
    held = book.get(assignment)
    if held.is_primary == primary:
        raise Refused(N_("Người này đã là phụ trách chính.") if primary else N_("Người này đã là phó."))
    turned = [held]
    if primary:
        turned += [one for one in book.at(held.place, on, held.end) if one.is_primary]
    if len(turned) > len(new_ids):
        raise Refused(N_("Nơi này có nhiều người phụ trách chính; cho thôi bớt trước."))
    ended: dict[UUID, date] = {}
    begun = []
    for one, new_id in zip(turned, new_ids, strict=False):
        ended |= finish(book, one.id, max(on, one.start) if one is not held else on).ended
        begun.append(replace(one, id=new_id, is_primary=not one.is_primary, start=max(on, one.start)))
    return _checked(book, Changes(tuple(begun), ended), held.officer if primary else None)


def _checked(book: Book, changes: Changes, rising: UUID | None) -> Changes:
    """Return changes after checking what begins against the book as it will be; only who rises may not be exempt."""
    later = Book(book, (free for free in book.exemptions if free.officer == rising))
    later.apply(Changes(ended=changes.ended))
    for new in changes.begun:
        later.apply(begin(later, new))
    return changes


# What the screen says of a day


class Cover(NamedTuple):
    """Who follows a place on a day."""

    primary: tuple[Held, ...]
    deputies: tuple[Held, ...]

    @property
    def is_uncovered(self) -> bool:
        """Say whether nobody is in charge, although a deputy may be there."""
        return not self.primary

    @property
    def is_doubled(self) -> bool:
        """Say whether more than one person is in charge."""
        return len(self.primary) > 1


def cover(units: Iterable[UUID], held: Iterable[Held], day: date) -> dict[UUID, Cover]:
    """Return who follows each of these units on `day`, those nobody follows included."""
    found: dict[UUID, tuple[list[Held], list[Held]]] = {unit: ([], []) for unit in units}
    for one in held:
        if one.unit in found and one.holds_on(day):
            found[one.unit][0 if one.is_primary else 1].append(one)
    return {unit: Cover(tuple(primary), tuple(deputies)) for unit, (primary, deputies) in found.items()}


def load(held: Iterable[Held], day: date) -> dict[UUID, int]:
    """Return how many places each officer is in charge of on `day`."""
    counts: dict[UUID, set[UUID]] = defaultdict(set)
    for one in held:
        if one.is_primary and one.holds_on(day):
            counts[one.officer].add(one.unit)
    return {officer: len(units) for officer, units in counts.items()}
