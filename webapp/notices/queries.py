"""Reads of the notice board, in the actor's scope."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import CTE, or_, select

from webapp import clock
from webapp.db import db
from webapp.fields import Record
from webapp.notices.rules import Band, Count, Dated, Fitted, Item, Place, clipped, fit, may_hang, place_of
from webapp.permissions import Permission
from webapp.petitions import rules
from webapp.petitions.models import PetitionEvent, PetitionRecord
from webapp.petitions.queries import event_of, said_in, units
from webapp.petitions.rules import State
from webapp.places.models import Unit
from webapp.places.queries import below, stands_on, types

if TYPE_CHECKING:
    from webapp.accounts.rules import Actor

T = PetitionRecord
WHO = (Permission.READ_MEETING, Permission.RECORD_MEETING)
"""Whoever may do one of these at a group or hamlet may print its sheet."""


@dataclass(frozen=True)
class Sheet:
    """The notice board of a month."""

    unit: Unit
    parent: str
    first: date
    until: date
    """The last day that counts: the month's last, or today."""
    bands: Mapping[Band, Fitted]
    counts: Counter[Count]
    raised: int
    """How many matters the group raised in the month."""
    withheld: Sequence[PetitionRecord]
    """What does not hang because somebody could be recognised in it."""


def sheet(actor: Actor, unit_id: UUID, first: date, last: date) -> Sheet | None:
    """Return the sheet of a group or hamlet in the actor's scope; anything else is not found.

    Reads what was still open when the month began or has moved since, of these groups only, by their index.
    """
    unit = db.session.scalar(select(Unit).where(Unit.id == unit_id, Unit.id.in_(select(_scope(actor).c.id))))
    if unit is None or not _has_a_board(unit):
        return None
    last = min(last, clock.today())
    begin, end = (
        datetime.combine(day, time.min, clock.LOCAL_ZONE) for day in (first, last + timedelta(days=1))
    )
    # Named one by one: of a tree that is walked on the way PostgreSQL thinks too much, and reads every petition.
    groups = db.session.scalars(select(below([unit_id], last).c.id)).all()
    rows = db.session.scalars(
        select(T)
        .where(
            T.unit_id.in_(groups), T.state != State.WITHDRAWN, T.received_at < end,
            or_(T.since >= begin, T.state.in_(rules.OPEN | {State.MERGED})),
        )
        .order_by(T.received_at, T.id)
    ).all()  # fmt: skip
    log, said = _log_of([row.id for row in rows])
    places = {row.id: place_of(log[row.id], first, last) for row in rows}
    names = units([unit.parent_id, unit.base_id, *(row.unit_id for row in rows),
                   *(place.standing.owner for place in places.values())])  # fmt: skip
    counts, withheld, items = Counter[Count](), list[PetitionRecord](), dict[UUID, tuple[Band, Item]]()
    for row in sorted(
        rows, key=lambda one: places[one.id].standing.head is not None
    ):  # who stands for others first
        where, standing = places[row.id]
        if isinstance(where, Count):
            counts[where] += 1
        elif where is not None and row.state != State.REDIRECTED:  # its text shows nowhere any more
            text = _became(places[row.id], said, names, unit)
            if not may_hang(row.title, text):
                withheld.append(row)
                continue
            group = names[row.unit_id].name if row.unit_id != unit.id else ""
            head = standing.head if standing.head in items and items[standing.head][0] is where else None
            if head:
                items[head] = (where, _with(items[head][1], group))
            else:
                items[row.id] = (where, Item(" ".join(row.title.split()), text, group))
    by_band: dict[Band, list[Item]] = {band: [] for band in Band}
    for band, item in items.values():
        by_band[band].append(item)
    parent = names[unit.parent_id].name if unit.parent_id else ""
    raised = sum(row.received_at >= begin for row in rows)
    return Sheet(unit, parent, first, last, fit(by_band), counts, raised, withheld)


def _with(item: Item, group: str) -> Item:
    """Return a matter that is another group's too."""
    groups = dict.fromkeys([*item.groups.split(", "), group]) if group else {}
    return Item(item.title, item.text, ", ".join(one for one in groups if one))


def _log_of(
    petition_ids: Collection[UUID],
) -> tuple[Mapping[UUID, list[Dated]], Mapping[UUID, Record]]:
    """Return what happened to some petitions, with the day it reached the server, and what was said."""
    found: dict[UUID, list[Dated]] = defaultdict(list)
    said: dict[UUID, Record] = {}
    for row in db.session.scalars(
        select(PetitionEvent).where(PetitionEvent.petition_id.in_(petition_ids)).order_by(PetitionEvent.seq)
    ):
        found[row.petition_id].append(Dated(clock.local(row.received_at).date(), event_of(row)))
        if row.deed in rules.ANSWERS:
            said[row.id] = said_in(row)
    return found, said


def _became(place: Place, said: Mapping[UUID, Record], names: Mapping[UUID, Unit], unit: Unit) -> str:
    """Return in plain words what became of a matter."""
    standing = place.standing
    if standing.ending and standing.ending in said:
        return clipped(str(getattr(said[standing.ending], "text", "")))
    owner = names.get(standing.owner or unit.base_id or unit.id)
    match standing.state:
        case State.MERGED:
            return _("Đang giải quyết chung với kiến nghị cùng nội dung.")
        case State.REOPENED:
            return _("Tổ chưa đồng ý với kết quả, đang xem lại.")
        case State.ON_HOLD if standing.rests_until:
            return _("Tạm dừng đến ngày %(day)s. Phụ trách: %(unit)s.", day=_day(standing.rests_until),
                     unit=owner.name if owner else "–")  # fmt: skip
        case _ if standing.due:
            return _("Phụ trách: %(unit)s. Hạn: ngày %(day)s.", unit=owner.name if owner else "–",
                     day=_day(standing.due))  # fmt: skip
        case _:
            return _("Đã nhận, chờ giao đơn vị giải quyết.")


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def _has_a_board(unit: Unit) -> bool:
    return unit.base_id is not None and unit.base_id != unit.id


def _scope(actor: Actor) -> CTE:
    today = clock.today()
    return below({root for one in WHO for root in actor.roots(one, today)}, today)


def bases(actor: Actor) -> Sequence[Unit]:
    """Return the units of the base tier in which the actor may print sheets."""
    inside = select(Unit.base_id).where(Unit.id.in_(select(_scope(actor).c.id)), Unit.base_id.is_not(None))
    return db.session.scalars(select(Unit).where(Unit.id.in_(inside)).order_by(Unit.sort_key, Unit.id)).all()


class Boards(NamedTuple):
    """The sheets of one hamlet."""

    hamlet: Unit
    has_own: bool
    """Whether the hamlet's own sheet is in scope too, and not only that of some of its groups."""
    groups: list[Unit]


def boards(actor: Actor, base_id: UUID) -> list[Boards]:
    """Return, of one unit of the base tier, the hamlets with their groups whose sheets the actor may print."""
    today = clock.today()
    inside = db.session.scalars(
        select(Unit)
        .where(
            Unit.id.in_(select(_scope(actor).c.id)), Unit.base_id == base_id, Unit.id != base_id, stands_on(today)
        )
        .order_by(Unit.sort_key, Unit.id)
    ).all()  # fmt: skip
    kinds, own = types(), {one.id for one in inside}
    found: dict[UUID, list[Unit]] = defaultdict(list)
    for one in inside:
        if kinds[one.type_code].can_meet and one.parent_id:
            found[one.parent_id].append(one)
    hamlets = sorted(units(found).values(), key=lambda one: one.sort_key)
    return [Boards(hamlet, hamlet.id in own, found[hamlet.id]) for hamlet in hamlets]
