"""Types of units an installation may start with. They are rows afterwards: labels, ranks and flags can be changed."""

from __future__ import annotations

from typing import Final, NamedTuple

from webapp.fields import N_


class UnitKind(NamedTuple):
    """A row of `UnitType` as an installation starts with it."""

    code: str
    rank: int
    label: str
    label_en: str
    can_meet: bool = False
    can_own_petitions: bool = False
    can_review: bool = False
    is_overlay: bool = False
    is_agency: bool = False
    is_base: bool = False


def _province(code: str, label: str, label_en: str) -> UnitKind:
    return UnitKind(code, 1, label, label_en, can_own_petitions=True)


def _district(code: str, label: str, label_en: str) -> UnitKind:
    return UnitKind(code, 2, label, label_en, can_own_petitions=True, can_review=True)


def _commune(code: str, label: str, label_en: str) -> UnitKind:
    return UnitKind(code, 3, label, label_en, can_own_petitions=True, can_review=True, is_base=True)


def _hamlet(code: str, label: str, label_en: str) -> UnitKind:
    return UnitKind(code, 4, label, label_en, can_own_petitions=True)


PROVINCES: Final = (_province("province", N_("Tỉnh"), "Province"), _province("city", N_("Thành phố"), "City"))
DISTRICTS: Final = (
    _district("district", N_("Huyện"), "District"),
    _district("urban_district", N_("Quận"), "Urban district"),
    _district("district_town", N_("Thị xã"), "Town of district rank"),
    _district("district_city", N_("Thành phố thuộc tỉnh"), "City of district rank"),
)
COMMUNES: Final = (
    _commune("commune", N_("Xã"), "Commune"),
    _commune("ward", N_("Phường"), "Ward"),
    _commune("town", N_("Thị trấn"), "Town"),
    _commune("special_zone", N_("Đặc khu"), "Special zone"),
)
HAMLETS: Final = (
    _hamlet("hamlet", N_("Ấp"), "Hamlet"),
    _hamlet("quarter", N_("Khu phố"), "Quarter"),
    _hamlet("thon", N_("Thôn"), "Village"),
    _hamlet("ban", N_("Bản"), "Upland village"),
    _hamlet("to_dan_pho", N_("Tổ dân phố"), "Residential block"),
)
GROUP: Final = UnitKind("group", 5, N_("Tổ nhân dân tự quản"), "Self-managed group", can_meet=True)
AGENCY: Final = UnitKind(
    "agency", 9, N_("Cơ quan, ban, ngành"), "Agency", can_own_petitions=True, is_agency=True
)
CLUSTER: Final = UnitKind("cluster", 0, N_("Cụm vùng"), "Cluster", is_overlay=True)
AREA: Final = UnitKind("area", 0, N_("Khu vực"), "Area of communes", can_review=True, is_overlay=True)
"""Reviews for the communes it lays itself over: what a district did before July 2025."""

PRESETS: Final[dict[str, tuple[UnitKind, ...]]] = {
    "district": (*PROVINCES, *DISTRICTS, CLUSTER, *COMMUNES, *HAMLETS, GROUP, AGENCY),
    "area": (*PROVINCES, AREA, CLUSTER, *COMMUNES, *HAMLETS, GROUP, AGENCY),
    "commune": (*COMMUNES, *HAMLETS, GROUP, AGENCY),
}
"""Province, district, commune, hamlet, group; the same with areas that review for districts; one commune alone."""
