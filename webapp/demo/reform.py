"""The reform of 1 July 2025, played on the demonstration: districts end, communes merge, an area reviews."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING, Final
from uuid import UUID

import click
from sqlalchemy import select

from webapp.assignments.models import Assignment
from webapp.db import db, new_id, transaction
from webapp.ops.queries import is_demonstration
from webapp.places.actions import carry_out, new_unit
from webapp.places.models import Unit, UnitType
from webapp.places.operations import Close, Create, Join, Merge, Move, Operation, Rename
from webapp.places.presets import PRESETS
from webapp.places.queries import children, stands_on
from webapp.places.unit_types import add_types

if TYPE_CHECKING:
    from collections.abc import Sequence

PROVINCES_BASIS: Final = "Nghị quyết 202/2025/QH15"
COMMUNES_BASIS: Final = "Nghị quyết 1687/NQ-UBTVQH15"
REFORM_DAY: Final = date(2025, 7, 1)
TODAY: Final = date(2025, 7, 31)
"""The day on which the scenario is shown: the first month on the new tree is nearly over."""
EARLIER: Final = (date(2022, 3, 1),)
"""The month, long before it, whose report must not change."""


def reform(on: date = REFORM_DAY) -> int:
    """Let the demonstration's district go over to communes below the province and an area that reviews; count changes.

    Group by group nothing moves: hamlets go along with their commune, entries stay where they were written.
    """
    if not is_demonstration():
        raise click.ClickException("This plays on the invented district only: make one with `gandan demo`.")
    with transaction() as session:
        district = db.session.scalar(select(Unit).where(Unit.type_code == "district", stands_on(on)))
        if district is None or district.parent_id is None:
            raise click.ClickException("There is no district to be ended on this day.")
        add_types(session, PRESETS["area"])
        count = 0
        for operation, basis in _steps(district.id, district.parent_id, on):
            carry_out(None, operation, basis)
            count += 1
    return count


def _steps(district_id: UUID, province_id: UUID, on: date) -> Iterator[tuple[Operation, str]]:
    """Yield what has to be done, in its order; each step sees what the one before has done."""
    yield Rename(on=on, unit=province_id, name="Tỉnh Vĩnh Long", code="86"), PROVINCES_BASIS
    for overlay in _below(district_id, on, lambda kind: kind.is_overlay or kind.is_agency):
        yield Close(on=on, unit=overlay.id), COMMUNES_BASIS
    for (code, name, kind), communes in _successors(
        _below(district_id, on, lambda kind: kind.is_base)
    ).items():
        if len(communes) > 1:
            sources = tuple(commune.id for commune in communes)
            into = new_unit(kind, name, code)
            yield Merge(on=on, sources=sources, into=into, parent=province_id), COMMUNES_BASIS
        else:
            yield Rename(on=on, unit=communes[0].id, name=name, kind=kind, code=code), COMMUNES_BASIS
            yield Move(on=on, unit=communes[0].id, parent=province_id), COMMUNES_BASIS
    area = new_unit("area", "Khu vực Châu Thành")
    yield Create(on=on, unit=area, parent=province_id), COMMUNES_BASIS
    for commune in _below(province_id, on, lambda kind: kind.is_base):
        yield Join(on=on, overlay=area.id, unit=commune.id), COMMUNES_BASIS
    _hand_over(district_id, area.id, on)
    yield Close(on=on, unit=district_id), PROVINCES_BASIS


def _below(unit_id: UUID, on: date, fits: Callable[[UnitType], bool]) -> list[Unit]:
    kinds = {kind.code: fits(kind) for kind in db.session.scalars(select(UnitType))}
    return [
        db.session.get_one(Unit, version.unit_id)
        for version in children(unit_id, on)
        if kinds[version.type_code]
    ]


def _successors(communes: Sequence[Unit]) -> dict[tuple[str, str, str], list[Unit]]:
    """Return the communes by what they become: code, name and type."""
    text = resources.files("webapp.demo").joinpath("facts/chau_thanh_2025.csv").read_text(encoding="utf-8")
    become = {
        (row["old_code"], row["old_name"]): (row["code"], row["name"], row["type"])
        for row in csv.DictReader(text.splitlines())
    }
    found: dict[tuple[str, str, str], list[Unit]] = defaultdict(list)
    for commune in communes:
        found[become[commune.official_code or "", commune.name]].append(commune)
    return found


def _hand_over(district_id: UUID, area_id: UUID, on: date) -> None:
    """Give the people of the district the same roles at the area."""
    open_end = Assignment.valid_to.is_(None)
    held = db.session.scalars(select(Assignment).where(Assignment.unit_id == district_id, open_end))
    for one in held.all():
        db.session.add(Assignment(
            id=new_id(), officer_id=one.officer_id, unit_id=area_id, role_code=one.role_code,
            is_primary=one.is_primary, decision_ref=COMMUNES_BASIS, valid_from=on,
        ))  # fmt: skip
    db.session.flush()
