"""The facts of the tree as rows: those a change takes out, those it puts in, and the rows of new units."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from webapp import clock
from webapp.db import Model, new_id
from webapp.places.current import columns, find_bases, refresh
from webapp.places.dated import Changes, Fact, Membership, Reading, State, Version
from webapp.places.models import HouseholdCount, PlaceChange, Unit, UnitMembership, UnitVersion
from webapp.text import fold, sort_key

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

CHUNK = 2000


def write_units(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new units, parents before children, with the versions they begin with: for filling and importing.

    A row has the columns of `Unit`; `base_id` is the unit of the base tier it lies in, `feed_unit_id` follows it.
    """
    said = ("type_code", "parent_id", "name", "official_code", "valid_from", "valid_to")
    units, versions = [], []
    for row in rows:
        known = {name: row.get(name) for name in said}
        known |= {"sort_key": sort_key(row["name"]), "folded_name": fold(row["name"])}
        base = {"base_id": row.get("base_id"), "feed_unit_id": row.get("base_id")}
        units.append({"id": row["id"], **known, **base})
        versions.append({"id": new_id(), "unit_id": row["id"], "state": State.STANDS.value, **known})
        versions[-1]["change_id"] = row.get("change_id")
    for model, values in ((Unit, units), (UnitVersion, versions)):
        for start in range(0, len(values), CHUNK):
            session.connection().execute(insert(model), values[start : start + CHUNK])


def write(session: Session, changes: Changes, change: PlaceChange) -> None:
    """Write what a change takes out and puts in, and let the rows of its units say so."""
    fresh = make_units(session, changes, changes.began())
    put_in = {replace(fact, end=None) if isinstance(fact, Version) else fact: fact for fact in changes.added}
    for fact in changes.removed:
        after = put_in.pop(replace(fact, end=None), None) if isinstance(fact, Version) else None
        if isinstance(fact, Version) and isinstance(after, Version):
            session.execute(_rows_of(update(UnitVersion), fact).values(valid_to=after.end))
        else:
            _take_out(session, fact)
    session.flush()
    session.add_all([_row_of(fact, change) for fact in put_in.values()])
    session.flush()
    refresh(session, changes.units - fresh, clock.today())
    find_bases(session, fresh, clock.today())


def make_units(session: Session, changes: Changes, began: Collection[UUID]) -> set[UUID]:
    """Give units that begin a row; one that was taken back and begins again has its row already.

    Return those whose row says all there is to say of them.
    """
    versions: dict[UUID, list[Version]] = {}
    for fact in changes.added:
        if isinstance(fact, Version) and fact.unit in began:
            versions.setdefault(fact.unit, []).append(fact)
    new = set(began) - set(session.scalars(select(Unit.id).where(Unit.id.in_(began))))
    rows = [
        {"id": unit, "valid_from": found[-1].start, "valid_to": None, **columns(found[-1])}
        for unit, found in versions.items()
        if unit in new
    ]
    for start in range(0, len(rows), CHUNK):
        session.connection().execute(insert(Unit), rows[start : start + CHUNK])
    return {unit for unit in new if len(versions[unit]) == 1}


def _take_out(session: Session, fact: Fact) -> None:
    match fact:
        case Version():
            session.execute(_rows_of(delete(UnitVersion), fact))
        case Membership():
            session.execute(delete(UnitMembership).where(
                UnitMembership.overlay_id == fact.overlay, UnitMembership.unit_id == fact.member,
                UnitMembership.valid_from == fact.start))  # fmt: skip
        case Reading():
            session.execute(delete(HouseholdCount).where(
                HouseholdCount.unit_id == fact.counted, HouseholdCount.as_of == fact.as_of))  # fmt: skip


def _row_of(fact: Fact, change: PlaceChange) -> Model:
    match fact:
        case Version():
            return UnitVersion(id=new_id(), unit_id=fact.unit, valid_from=fact.start, valid_to=fact.end,
                               state=fact.state.value, change_id=change.id, **columns(fact))  # fmt: skip
        case Membership():
            return UnitMembership(overlay_id=fact.overlay, unit_id=fact.member, valid_from=fact.start,
                                  valid_to=fact.end)  # fmt: skip
        case Reading():
            return HouseholdCount(unit_id=fact.counted, as_of=fact.as_of, households=fact.households)


def _rows_of(statement: Any, fact: Version) -> Any:  # noqa: ANN401 - an update or a delete
    parent = UnitVersion.parent_id == fact.parent if fact.parent else UnitVersion.parent_id.is_(None)
    return statement.where(
        UnitVersion.unit_id == fact.unit, UnitVersion.valid_from == fact.start,
        UnitVersion.state == fact.state.value, parent,
    )  # fmt: skip
