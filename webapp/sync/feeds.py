"""Feeds: one row below which changes are numbered, locked by whoever changes something.

The lock is held until commit, so numbers become visible in their order and a pull's cursor never
passes over a row that is committed later with a smaller number.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import bindparam, select, update

from webapp import clock
from webapp.db import db, insertion, run, table_of
from webapp.places.dated import Changes
from webapp.places.models import Unit
from webapp.places.queries import below
from webapp.places.registry import Effect
from webapp.sync.models import Feed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


_TAKE = (
    update(table_of(Feed))
    .where(Feed.unit_id == bindparam("feed"))
    .values(seq=Feed.seq + bindparam("count"))
    .returning(Feed.seq)
)


_ANNOUNCE = (
    update(table_of(Feed))
    .where(Feed.unit_id == bindparam("feed"))
    .values(seq=Feed.seq + 1, told_seq=Feed.seq + 1)
)


def take_numbers(feeds: Iterable[UUID]) -> dict[UUID, Iterator[int]]:
    """Lock the feeds in the order of their ids and return, for each, as many next numbers as it occurs."""
    taken: dict[UUID, Iterator[int]] = {}
    for feed_id, count in sorted(Counter(feeds).items()):
        last = run(_TAKE, {"feed": feed_id, "count": count}).scalar_one()
        taken[feed_id] = iter(range(last - count + 1, last + 1))
    return taken


def next_number(feed_id: UUID) -> int:
    """Lock one feed and return its next number."""
    return next(take_numbers([feed_id])[feed_id])


def announce(feeds: Iterable[UUID]) -> None:
    """Let the phones on these feeds be told anew what they are told whole (`registry.register_told`)."""
    for feed_id in sorted(set(feeds)):
        run(_ANNOUNCE, {"feed": feed_id})


def feeds_below(unit_id: UUID) -> list[UUID]:
    """Return the feeds on which what happens at a unit or below it is heard."""
    tree = below([unit_id], clock.today())
    heard = select(Unit.feed_unit_id).where(Unit.id.in_(select(tree.c.id)), Unit.feed_unit_id.is_not(None))
    return [feed_id for feed_id in db.session.scalars(heard.distinct()) if feed_id]


def open_feeds(changes: Changes, on: date, basis: str) -> None:  # noqa: ARG001 - as every effect is called
    """Open the feeds on which new units of the tree will be heard."""
    named = select(Unit.feed_unit_id).where(Unit.id.in_(changes.units), Unit.feed_unit_id.is_not(None))
    opened = select(Feed.unit_id)
    for feed_id in db.session.scalars(named.where(Unit.feed_unit_id.not_in(opened)).distinct()).all():
        run(insertion(Feed), {"unit_id": feed_id, "seq": 0})


def keep_feeds(done: None) -> None:
    """Leave feeds as they are when a change is undone: nobody is numbered on a feed that nothing uses."""


FOLLOW_PLACES = Effect("feeds", open_feeds, keep_feeds, frozenset({"feed"}))
