"""The places of the demonstration: real communes, invented hamlets and groups."""
# ruff: noqa: PLR2004 - shares and chances are invented where they stand

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from random import Random
from uuid import UUID

from webapp.demo.ids import mint

_HAMLET_FIRST = ("Phú", "Tân", "An", "Bình", "Long", "Thạnh", "Hòa", "Phước", "Mỹ", "Thới", "Vĩnh", "Hưng")
_HAMLET_LAST = (
    "Thạnh",
    "Lợi",
    "Hòa",
    "Bình",
    "Phú",
    "Đông",
    "Tây",
    "Trung",
    "Lộc",
    "Hưng",
    "Thuận",
    "Quới",
    "Điền",
    "Ngãi",
)
_CLUSTERS = ("trung tâm", "phía đông", "phía tây", "ven sông Tiền", "ven sông Hàm Luông", "phía nam")
AGENCIES: dict[str, dict[str, tuple[str, ...]]] = {
    "district": {
        "Phòng Kinh tế và Hạ tầng": ("roads", "drainage", "procedures"),
        "Phòng Nông nghiệp và Phát triển nông thôn": ("irrigation", "drought_salinity", "production", "disaster"),
        "Phòng Tài nguyên và Môi trường": ("environment", "land_compensation"),
        "Phòng Lao động - Thương binh và Xã hội": ("welfare",),
        "Phòng Văn hóa và Thông tin": ("culture",),
        "Phòng Giáo dục và Đào tạo": ("education",),
        "Trung tâm Y tế huyện": ("health",),
        "Điện lực huyện": ("lighting",),
        "Xí nghiệp cấp nước": ("clean_water",),
    },
    "province": {
        "Sở Giao thông vận tải": ("roads",),
        "Sở Nông nghiệp và Phát triển nông thôn": ("irrigation", "disaster", "production"),
    },
    "commune": {
        "Phòng Kinh tế": ("roads", "drainage", "irrigation", "lighting", "environment", "production", "disaster"),
        "Phòng Văn hóa - Xã hội": ("welfare", "culture", "education", "health"),
        "Trung tâm Phục vụ hành chính công": ("procedures", "land_compensation"),
    },
}  # fmt: skip
"""Whom the offices ask, by the tier they stand below, and about what. Below a commune only where it stands alone."""
_SMALL_GROUP = 0.035
"""The share of groups with fewer than fifteen households."""


@dataclass(frozen=True)
class Scale:
    """How much of everything there is. The defaults are the district of the newspaper article."""

    communes: int = 21
    clusters: int = 6
    hamlets: int = 117
    groups: int = 1702
    officers: int = 1091
    is_alone: bool = False
    """One commune with nothing above it, as an office installs it for itself after the reform."""


FULL = Scale()
COMMUNE = Scale(communes=1, clusters=0, hamlets=9, groups=124, officers=81, is_alone=True)
SMALL = Scale(communes=2, clusters=1, hamlets=4, groups=44, officers=28)


@dataclass(frozen=True, slots=True)
class Place:
    """A unit of any tier."""

    id: UUID
    kind: str
    name: str
    short_name: str
    parent_id: UUID | None
    commune_id: UUID | None
    official_code: str | None = None


@dataclass
class District:
    """The tree of places, with the clusters laid over it and the households counted."""

    scale: Scale
    since: date
    province: Place | None = None
    district: Place | None = None
    communes: list[Place] = field(default_factory=list)
    clusters: list[Place] = field(default_factory=list)
    memberships: list[tuple[UUID, UUID]] = field(default_factory=list)
    """Cluster and commune."""
    hamlets: list[Place] = field(default_factory=list)
    groups: list[Place] = field(default_factory=list)
    households: dict[UUID, list[tuple[date, int]]] = field(default_factory=dict)
    """By group, the counts with the day each holds from, the oldest first."""
    agencies: list[Place] = field(default_factory=list)
    _below: dict[UUID, list[Place]] = field(default_factory=dict)

    @property
    def demonstration_commune(self) -> Place:
        """Return the commune where the people of the sign-in page work."""
        return self.communes[:2][-1]

    @property
    def root(self) -> Place:
        """Return the unit that the whole is about: the district, or the commune that stands alone."""
        return self.district or self.communes[0]

    @property
    def preset(self) -> str:
        """Return which of `webapp.places.presets.PRESETS` it begins with."""
        return "commune" if self.scale.is_alone else "district"

    @property
    def places(self) -> list[Place]:
        """Return every unit, parents before their children."""
        above = [place for place in (self.province, self.district) if place]
        return [*above, *self.clusters, *self.communes, *self.hamlets, *self.groups, *self.agencies]

    def hamlets_of(self, commune_id: UUID) -> Sequence[Place]:
        """Return a commune's hamlets."""
        return self._below[commune_id]

    def groups_of(self, hamlet_id: UUID) -> Sequence[Place]:
        """Return a hamlet's groups."""
        return self._below[hamlet_id]

    def groups_of_commune(self, commune_id: UUID) -> list[Place]:
        """Return all groups of a commune, hamlet by hamlet."""
        return [group for hamlet in self._below[commune_id] for group in self._below[hamlet.id]]

    def households_on(self, group_id: UUID, day: date) -> int:
        """Return how many households a group had on `day`."""
        return next(n for as_of, n in reversed(self.households[group_id]) if as_of <= day)

    def officers_by_commune(self) -> dict[UUID, int]:
        """Share the commune-level people out by the number of groups; hamlet cadres come first."""
        hamlets = [len(self._below[commune.id]) for commune in self.communes]
        groups = [len(self.groups_of_commune(commune.id)) for commune in self.communes]
        others = _in_proportion(self.scale.officers - sum(hamlets), groups)
        return {commune.id: h + o for commune, h, o in zip(self.communes, hamlets, others, strict=True)}

    def asked_about(self) -> dict[str, list[Place]]:
        """Return the agencies that are asked about each topic, the nearest first."""
        found: dict[str, list[Place]] = {}
        for agency in self.agencies:
            for topics in AGENCIES.values():
                for topic in topics.get(agency.name, ()):
                    found.setdefault(topic, []).append(agency)
        return found

    def add(self, place: Place) -> None:
        """Remember a hamlet or group below its parent."""
        (self.hamlets if place.kind in ("hamlet", "quarter") else self.groups).append(place)
        self._below.setdefault(place.parent_id or place.id, []).append(place)


def facts() -> list[dict[str, str]]:
    """Read the names and official codes (see `facts/README.md`)."""
    text = resources.files("webapp.demo").joinpath("facts/chau_thanh_2022.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def facts_after_the_reform() -> list[dict[str, str]]:
    """Read the communes of July 2025 that the district became, wards left out."""
    text = resources.files("webapp.demo").joinpath("facts/chau_thanh_2025.csv").read_text(encoding="utf-8")
    rows = {row["code"]: row for row in csv.DictReader(text.splitlines()) if row["type"] == "commune"}
    return [{"official_code": code, "name": row["name"], "type": "xã"} for code, row in rows.items()]


def build(rng: Random, today: date, scale: Scale = FULL, since_year: int | None = None) -> District:
    """Lay out the district as it stands on `today` and has stood for two years, or since an earlier one."""
    since = date(min(today.year - 2, since_year or today.year), 1, 1)
    district = District(scale, since)
    province_row, district_row, *rows = facts()
    if scale.is_alone:
        rows = facts_after_the_reform()

    def known(row: dict[str, str], kind: str, parent: UUID | None, *, is_commune: bool = False) -> Place:
        place_id = mint(rng, since)
        short = (
            row["name"]
            .removeprefix("Thị trấn ")
            .removeprefix("Xã ")
            .removeprefix("Huyện ")
            .removeprefix("Tỉnh ")
        )
        return Place(
            place_id, kind, row["name"], short, parent, place_id if is_commune else None, row["official_code"]
        )

    if not scale.is_alone:
        district.province = known(province_row, "province", None)
        district.district = known(district_row, "district", district.province.id)
    root = district.district.id if district.district else None
    for row in rows[: scale.communes]:
        kind = "town" if row["type"] == "thị trấn" else "commune"
        district.communes.append(known(row, kind, root, is_commune=True))
    for n in range(scale.clusters):
        name = f"Cụm vùng số {n + 1} ({_CLUSTERS[n % len(_CLUSTERS)]})"
        district.clusters.append(Place(mint(rng, since), "cluster", name, f"Cụm {n + 1}", root, None))
    for n, commune in enumerate(district.communes if district.clusters else ()):
        cluster = district.clusters[n * scale.clusters // scale.communes]
        district.memberships.append((cluster.id, commune.id))
    hamlet_counts = _spread(rng, scale.hamlets, scale.communes, least=2, wobble=0.35)
    group_counts = iter(_spread(rng, scale.groups, scale.hamlets, least=5, wobble=0.3))
    for commune, count in zip(district.communes, hamlet_counts, strict=True):
        names = _hamlet_names(rng, count, is_town=commune.kind == "town")
        for kind, name, short in names:
            hamlet = Place(mint(rng, since), kind, name, short, commune.id, commune.id)
            district.add(hamlet)
            for n in range(1, next(group_counts) + 1):
                group = Place(mint(rng, since), "group", f"Tổ NDTQ số {n}", f"Tổ {n}", hamlet.id, commune.id)
                district.add(group)
                district.households[group.id] = _households(rng, today, since)
    above = [district.communes[0]] if scale.is_alone else [district.district, district.province]
    district.agencies = [
        Place(mint(rng, since), "agency", name, name, place.id, None)
        for place in above if place for name in AGENCIES[place.kind]
    ]  # fmt: skip
    return district


def _hamlet_names(rng: Random, count: int, *, is_town: bool) -> list[tuple[str, str, str]]:
    if is_town:
        return [("quarter", f"Khu phố {n}", str(n)) for n in range(1, count + 1)]
    pairs = [f"{first} {last}" for first in _HAMLET_FIRST for last in _HAMLET_LAST if first != last]
    return [("hamlet", f"Ấp {name}", name) for name in rng.sample(pairs, count)]


def _households(rng: Random, today: date, since: date) -> list[tuple[date, int]]:
    first = rng.randint(9, 14) if rng.random() < _SMALL_GROUP else round(min(45, max(20, rng.gauss(30, 5.5))))
    counts = [(since, first)]
    for year in range(since.year + 1, today.year + 1):
        low, high = (9, 14) if first < 15 else (20, 45)  # a small group stays small
        counts.append(
            (date(year, 1, 1), min(high, max(low, counts[-1][1] + rng.choice((-1, 0, 0, 0, 1, 1, 2)))))
        )
    return counts


def _spread(rng: Random, total: int, parts: int, *, least: int, wobble: float) -> list[int]:
    """Share `total` out unevenly over `parts`, at least `least` each."""
    shares = _in_proportion(total - least * parts, [max(0.1, rng.gauss(1, wobble)) for _ in range(parts)])
    return [least + share for share in shares]


def _in_proportion(total: int, weights: Sequence[float]) -> list[int]:
    """Share `total` out in proportion to `weights`, the largest remainders first."""
    exact = [total * weight / sum(weights) for weight in weights]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(weights)), key=lambda n: (shares[n] - exact[n], n))
    for n in by_remainder[: total - sum(shares)]:
        shares[n] += 1
    return shares
