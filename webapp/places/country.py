"""Import of the official lists of provinces, districts and communes, and of what became of them on 1 July 2025.

The facts and their sources are in `facts/`. A unit is known by its list, code and name together, never by its
code alone: codes are given out again.
"""

from __future__ import annotations

import csv
import lzma
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import resources
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import exists, select

from webapp.db import transaction
from webapp.fields import N_
from webapp.places import rules
from webapp.places.actions import carry_out_import
from webapp.places.dated import Changes, Fact, Refused, State, Version
from webapp.places.models import Unit
from webapp.places.presets import PRESETS
from webapp.places.queries import kinds, versions_of
from webapp.places.rows import write_units
from webapp.places.tree import Tree
from webapp.places.unit_types import add_types
from webapp.text import fold

LISTS: Final = {"before-2022": "2021-02-03", "before-2025": "2025-01-04", "after-2025": "2025-07-01"}
"""The list of each preset, named by its day; that of February 2021 still held in 2022."""
REFORM: Final = date(2025, 7, 1)
BASES: Final = {
    "01": "1656", "04": "1657", "08": "1684", "11": "1661", "12": "1670", "14": "1681", "15": "1673", "19": "1683",
    "20": "1672", "22": "1679", "24": "1658", "25": "1676", "31": "1669", "33": "1666", "37": "1674", "38": "1686",
    "40": "1678", "42": "1665", "44": "1680", "46": "1675", "48": "1659", "51": "1677", "52": "1664", "56": "1667",
    "66": "1660", "68": "1671", "75": "1662", "79": "1685", "80": "1682", "82": "1663", "86": "1687", "91": "1654",
    "92": "1668", "96": "1655",
}  # fmt: skip
"""The resolution of 16 June 2025 on its communes, by province of today."""
UNREVIEWED: Final = "Chưa rà soát: chưa rõ nhập vào đơn vị nào, tỉnh giữ hồ sơ"
"""What stands in place of a legal basis where nobody has confirmed what a commune went into."""
_IDS: Final = UUID("6f0d7c0e-0000-4000-8000-000000000002")
_KINDS: Final = (
    ("Thành phố", ("city", "district_city")), ("Tỉnh", ("province",)), ("Quận", ("", "urban_district")),
    ("Huyện", ("", "district")), ("Thị xã", ("", "district_town")), ("Phường", ("", "", "ward")),
    ("Xã", ("", "", "commune")), ("Thị trấn", ("", "", "town")), ("Đặc khu", ("", "", "special_zone")),
)  # fmt: skip
PROVINCE, DISTRICT, COMMUNE = range(3)


def rows_of(name: str) -> Iterator[dict[str, str]]:
    """Read one of the files of facts."""
    packed = resources.files("webapp.places").joinpath(f"facts/{name}.csv.xz").read_bytes()
    return csv.DictReader(lzma.decompress(packed).decode("utf-8").splitlines())


def is_confirmed(row: Mapping[str, str]) -> bool:
    """Say whether a succession may be used: found as it is written, or looked at by somebody."""
    return row["how"] != "unknown" and (row["matched"] != "spelling" or bool(row["reviewed"]))


def unreviewed() -> list[str]:
    """Return the communes that ended in the reform while nobody has confirmed what they went into."""
    listed = LISTS["after-2025"]
    return [row["old_name"] for row in rows_of(f"successions-{listed}") if not is_confirmed(row)]


def unit_id(listed: str, level: int, code: str, name: str) -> UUID:
    """Return the id of a unit of a list: the same wherever it is imported."""
    return uuid5(_IDS, f"{listed}:{level}:{code}:{name}")


def kind_of(name: str, level: int) -> str:
    """Return the type that a unit's full name says."""
    for prefix, types in _KINDS:
        if name.casefold().startswith(prefix.casefold()) and len(types) > level and types[level]:
            return types[level]
    raise ValueError(name)


def import_units(preset: str, since: date | None = None) -> int:
    """Import an official list into an empty tree, or the reform of 2025 onto the list before it.

    Returns how many units it made or changed; 0 when it was imported before.
    """
    listed = LISTS[preset]

    def known(row: Mapping[str, Any]) -> bool:
        return bool(session.scalar(select(exists().where(Unit.id == row["id"]))))

    with transaction() as session:
        add_types(
            session, {kind.code: kind for one in ("district", "area") for kind in PRESETS[one]}.values()
        )
        session.flush()
        rows = list(_units(listed, since or date.fromisoformat(listed)))
        if known(rows[-1]):
            return 0
        before = LISTS["before-2025"]
        if preset == "after-2025" and known(next(_units(before, REFORM))):
            return _reform(_Reform.read(before, listed))
        if session.scalar(select(exists().where(Unit.id.is_not(None)))):
            raise Refused(N_("Cây địa bàn đã có đơn vị khác; danh mục này chỉ nhập vào cây còn trống."))
        write_units(session, rows)
        return len(rows)


def _units(listed: str, since: date) -> Iterator[dict[str, Any]]:
    """Yield the units of a list, parents before their children."""
    seen: set[UUID] = set()
    below: list[dict[str, Any]] = []
    for row in rows_of(listed):
        parent: UUID | None = None
        for level, (code, name) in enumerate(_levels(row)):
            if not name:
                continue
            own = unit_id(listed, level, code, name)
            if own not in seen:
                seen.add(own)
                unit = {
                    "id": own, "type_code": kind_of(name, level), "parent_id": parent, "name": name,
                    "official_code": code, "valid_from": since, "base_id": own if level == COMMUNE else None,
                }  # fmt: skip
                if level == COMMUNE:
                    below.append(unit)
                else:
                    yield unit
            parent = own
    yield from below


def _levels(row: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return (
        (row["province_code"], row["province"]),
        (row.get("district_code", ""), row.get("district", "")),
        (row["code"], row["name"]),
    )


@dataclass
class _Reform:
    """What was and what is, by code within the district or province, and what became what."""

    before: str
    after: str
    provinces: dict[str, UUID] = field(default_factory=dict)
    districts: dict[str, UUID] = field(default_factory=dict)
    district_provinces: dict[str, str] = field(default_factory=dict)
    communes: dict[tuple[str, str, str], UUID] = field(default_factory=dict)
    """By district, code and folded name."""
    commune_districts: dict[UUID, str] = field(default_factory=dict)
    new_provinces: dict[str, str] = field(default_factory=dict)
    new_communes: dict[tuple[str, str], str] = field(default_factory=dict)
    went: dict[UUID, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    came: dict[tuple[str, str], list[UUID]] = field(default_factory=lambda: defaultdict(list))
    unreviewed: set[UUID] = field(default_factory=set)
    """Communes of which nobody has confirmed what they went into."""

    @classmethod
    def read(cls, before: str, after: str) -> _Reform:
        """Read the lists and the table of successions."""
        found = cls(before, after)
        for row in rows_of(before):
            (province, province_name), (district, district_name), (code, name) = _levels(row)
            found.provinces[province] = unit_id(before, PROVINCE, province, province_name)
            found.districts[district] = unit_id(before, DISTRICT, district, district_name)
            found.district_provinces[district] = province
            if name:
                commune = unit_id(before, COMMUNE, code, name)
                found.communes[district, code, fold(name)] = commune
                found.commune_districts[commune] = district
        for row in rows_of(after):
            found.new_provinces[row["province_code"]] = row["province"]
            found.new_communes[row["province_code"], row["code"]] = row["name"]
        for row in rows_of(f"successions-{after}"):
            new = row["province_code"], row["code"]
            if row["how"] == "area":
                continue  # a tidal flat that was no commune
            if not is_confirmed(row):
                found.unreviewed.add(
                    found.communes[row["district_code"], row["old_code"], fold(row["old_name"])]
                )
                continue
            if row["how"] == "district":
                old = found.districts[row["district_code"]]
            else:
                old = found.communes[row["district_code"], row["old_code"], fold(row["old_name"])]
            found.went[old].append(new)
            found.came[new].append(old)
        return found

    def province_of(self, old: str) -> str:
        """Return which new province an old one went into: that of most of its communes."""
        counts: dict[str, int] = defaultdict(int)
        for commune, district in self.commune_districts.items():
            if self.district_provinces[district] == old:
                for province, _ in self.went.get(commune, ()):
                    counts[province] += 1
        return max(counts, key=lambda province: counts[province])

    def is_same(self, old: UUID, new: tuple[str, str]) -> bool:
        """Say whether a commune goes on: it alone became the new one, and nothing else."""
        return self.went[old] == [new] and self.came[new] == [old] and old in self.commune_districts


def _reform(reform: _Reform) -> int:
    """Write the reform, province by province, after all of it was checked together."""
    tree = Tree(kinds(), versions_of(select(Unit.id)))
    became = {old: reform.province_of(old) for old in reform.provinces}
    heads = _heads(reform, became)
    changes = {code: Changes() for code in reform.new_provinces}
    for code, change in _changes(reform, tree, became, heads):
        changes[code] += change
    unreviewed: dict[str, Changes] = defaultdict(Changes)
    for commune in reform.unreviewed:
        code = became[reform.district_provinces[reform.commune_districts[commune]]]
        unreviewed[code] += _ended(tree, commune, State.KEPT, [heads[code]])
    whole = sum([*changes.values(), *unreviewed.values()], Changes())
    rules.check(tree, whole)
    for code, change in changes.items():
        basis = f"Nghị quyết 202/2025/QH15, {BASES[code]}/NQ-UBTVQH15"
        carry_out_import(reform.after, heads[code], change, REFORM, basis)
    for code, change in unreviewed.items():
        carry_out_import(reform.after, heads[code], change, REFORM, UNREVIEWED)
    return len(whole.units)


def _heads(reform: _Reform, became: Mapping[str, str]) -> dict[str, UUID]:
    """Return the unit of each new province: the old one where it goes on, else a new one."""
    heads = {}
    for code, name in reform.new_provinces.items():
        sources = [old for old, new in became.items() if new == code]
        goes_on = sources == [code]
        heads[code] = reform.provinces[code] if goes_on else unit_id(reform.after, PROVINCE, code, name)
    return heads


def _changes(
    reform: _Reform, tree: Tree, became: Mapping[str, str], heads: Mapping[str, UUID]
) -> Iterable[tuple[str, Changes]]:
    """Yield each change with the new province it belongs to: provinces, communes, then districts."""
    for before, after in became.items():
        if reform.provinces[before] != heads[after]:
            yield after, _ended(tree, reform.provinces[before], State.MERGED, [heads[after]])
    for code, name in reform.new_provinces.items():
        if heads[code] not in tree.units:
            yield (
                code,
                Changes((), (Version(heads[code], REFORM, None, kind_of(name, PROVINCE), None, name, code),)),
            )
    made: dict[tuple[str, str], UUID] = {}
    for new, name in reform.new_communes.items():
        (province, code), sources = new, reform.came[new]
        parent, kind = heads[province], kind_of(name, COMMUNE)
        if len(sources) == 1 and reform.is_same(sources[0], new):
            old = tree.versions(sources[0])[-1]
            changed = replace(old, start=REFORM, kind=kind, parent=parent, name=name, code=code)
            yield province, Changes((old,), (replace(old, end=REFORM), changed))
            continue
        made[new] = unit_id(reform.after, COMMUNE, code, name)
        yield province, Changes((), (Version(made[new], REFORM, None, kind, parent, name, code),))
    for commune, district in reform.commune_districts.items():
        province, targets = became[reform.district_provinces[district]], reform.went.get(commune, [])
        keepers = [made[target] for target in dict.fromkeys(targets) if target in made]
        if commune in reform.unreviewed or (len(targets) == 1 and not keepers):
            continue  # nobody knows yet, or it goes on
        state = State.SPLIT if len(keepers) > 1 else State.MERGED if keepers else State.KEPT
        yield province, _ended(tree, commune, state, keepers or [heads[province]])
    for district, unit in reform.districts.items():
        province = became[reform.district_provinces[district]]
        zones = [made[target] for target in reform.went.get(unit, ())]
        yield province, _ended(tree, unit, State.MERGED if zones else State.KEPT, zones or [heads[province]])


def _ended(tree: Tree, unit: UUID, state: State, keepers: Iterable[UUID]) -> Changes:
    old = tree.versions(unit)[-1]
    ends: list[Fact] = [
        replace(old, start=REFORM, end=None, parent=keeper, state=state) for keeper in keepers
    ]
    return Changes((old,), (replace(old, end=REFORM), *ends))
