"""An office's spreadsheets: a district of 117 hamlets, 1,702 groups and 1,091 people, clean and with faults planted."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from openpyxl import Workbook

from webapp.db import transaction
from webapp.places.presets import PRESETS
from webapp.places.rows import write_units
from webapp.places.unit_types import add_types
from webapp.text import person_sort_key

SINCE: Final = date(2022, 1, 1)
HAMLETS: Final = 117
GROUPS: Final = 1702
PEOPLE: Final = 1091
TWINS: Final = (115, 116)
"""Two hamlets of two communes with the same name."""
_COMMUNES: Final = (
    "Thị trấn Châu Thành", "Xã Tân Thạch", "Xã Quới Sơn", "Xã An Khánh", "Xã Giao Long", "Xã Phú An Hòa",
    "Xã An Phước",
    "Xã Tân Phú", "Xã Phú Đức", "Xã Phú Túc", "Xã Tiên Long", "Xã Tường Đa", "Xã Sơn Hòa", "Xã Tam Phước",
    "Xã Thành Triệu",
    "Xã An Hiệp", "Xã Tiên Thủy", "Xã Hữu Định", "Xã Quới Thành", "Xã An Hóa", "Xã Phước Thạnh",
)  # fmt: skip
_FAMILY: Final = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Huỳnh",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Tống",
    "Ông",
)
_MIDDLE: Final = ("Văn", "Thị", "Hữu", "Ngọc", "Minh", "Thanh", "Quốc")
_GIVEN: Final = [
    "An",
    "Bình",
    "Cúc",
    "Dũng",
    "Hòa",
    "Khánh",
    "Lan",
    "Mỹ",
    "Nga",
    "Oanh",
    "Phúc",
    "Quý",
    "Thủy",
    "Út",
    "Xuân",
    "Yến",
]
_WORDS: Final = ("Phú", "Tân", "An", "Mỹ", "Long", "Thạnh", "Hòa", "Lợi", "Bình", "Phước", "Thới", "Đông")
_NAMES: Final = UUID("6f0d7c0e-0000-4000-8000-000000000009")


def nfd(said: str) -> str:
    """Write a text in the other Unicode form, as a Mac does."""
    return unicodedata.normalize("NFD", said)


@dataclass
class Office:
    """What the office knows, as rows of its sheets."""

    hamlets: list[list[Any]] = field(default_factory=list)
    groups: list[list[Any]] = field(default_factory=list)
    people: list[list[Any]] = field(default_factory=list)
    assignments: list[list[Any]] = field(default_factory=list)
    counts: list[list[Any]] = field(default_factory=list)

    def copy(self) -> Office:
        """Return rows that may be spoilt."""
        return Office(**{kind: [list(row) for row in getattr(self, kind)] for kind in HEADERS})


def unit_id(key: str) -> UUID:
    """Return the id of a commune, or of the district."""
    return uuid5(_NAMES, key)


def district() -> Office:
    """Return the rows of the whole district; the communes are in the system already."""
    office = Office()
    places: list[tuple[str, str]] = []
    for number in range(HAMLETS):
        commune = _COMMUNES[number % len(_COMMUNES)]
        name = (
            f"Ấp {_WORDS[number % 12]} {_WORDS[(number // 12 + number + 1) % 12]}"
            if number >= 3
            else f"Khu phố {number + 1}"
        )
        if number < 3:
            commune = _COMMUNES[0]
        if number in TWINS:
            name = "Ấp Trùng Tên"
        while (commune, name) in places:
            name += " A"
        places.append((commune, name))
        office.hamlets.append([commune, name, "01/01/2022"])
    for number in range(GROUPS):
        commune, hamlet = places[number % HAMLETS]
        order = number // HAMLETS + 1
        office.groups.append([commune, hamlet, f"Tổ NDTQ số {order}", 20 + number % 26, SINCE, None, None])
        if number % 9 == 0:
            office.counts.append([commune, hamlet, f"Tổ {order}", f"{21 + number % 26} hộ", "01/11/2026"])
    for number in range(PEOPLE):
        name = f"{_FAMILY[number % 13]} {_MIDDLE[number % 7]} {_GIVEN[(number // 7) % 16]}"
        commune = _COMMUNES[number % len(_COMMUNES)]
        office.people.append(
            [name, "Công chức", "Cán bộ cấp xã", commune, f"CB{number:04d}", f"09{number:08d}"]
        )
        commune, hamlet, group = office.groups[number][:3]
        office.assignments.append(
            [
                f"CB{number:04d}",
                name,
                commune,
                hamlet,
                group,
                "Cán bộ phụ trách tổ",
                "Chính",
                "12-QĐ/HU",
                "05/01/2022",
                "10/01/2022",
                "",
            ]
        )
    return office


HEADERS: Final[dict[str, tuple[str, Sequence[str]]]] = {
    "hamlets": ("Ấp, khu phố", ("TT", "Xã/thị trấn", "Ấp/khu phố", "Ngày thành lập")),
    "groups": ("Các tổ", ("TT", "Xã/thị trấn", "Ấp/khu phố", "Tổ NDTQ", "Số hộ", "Từ ngày", "Mã đơn vị",
                          "Loại đơn vị")),
    "people": ("Cán bộ", ("TT", "Họ và tên", "Chức vụ", "Thuộc diện", "Đơn vị công tác", "Mã cán bộ", "Điện thoại")),
    "assignments": ("Phân công", ("TT", "Mã cán bộ", "Họ tên cán bộ", "Xã/thị trấn", "Ấp/khu phố", "Tổ NDTQ", "Vai trò",
                                  "Chính/phụ", "Số quyết định", "Ngày quyết định", "Từ ngày", "Đến ngày")),
    "counts": ("Số hộ", ("TT", "Xã/thị trấn", "Ấp/khu phố", "Tổ NDTQ", "Tổng số hộ", "Tính đến ngày", "Mã đơn vị")),
}  # fmt: skip
ABOVE: Final = 4
"""Rows above the header: the office's name, a title merged over all columns, a date, nothing."""


def workbook(office: Office, dress: Callable[[Workbook], None] = lambda _: None) -> bytes:
    """Write the sheets as an office keeps them."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for kind, (title, header) in HEADERS.items():
        sheet = book.create_sheet(title)
        sheet.append(["ỦY BAN NHÂN DÂN HUYỆN CHÂU THÀNH"])
        sheet.append([None, f"DANH SÁCH {title.upper()}"])
        sheet.merge_cells(start_row=2, start_column=2, end_row=2, end_column=len(header))
        sheet.append([None, None, datetime(2026, 11, 1)])  # noqa: DTZ001 - a day in a spreadsheet
        sheet.append([])
        sheet.append([nfd(label) if number % 2 else f" {label}\u00a0" for number, label in enumerate(header)])
        for number, row in enumerate(getattr(office, kind), 1):
            sheet.append([number, *row])
        sheet.append([])
        sheet.append([None, "Tổng cộng", None, None, 48_000])
        sheet.append([None, None, None, "Châu Thành, ngày 01 tháng 11 năm 2026"])
        sheet.append([None, "NGƯỜI LẬP BIỂU", None, "THỦ TRƯỞNG ĐƠN VỊ"])
    dress(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def row_of(kind: str, index: int) -> int:
    """Return in which row of its sheet an entry stands."""
    return ABOVE + 2 + index


def build_district(administrator: str = "chief") -> UUID:
    """Write the district and its communes into an empty, migrated database, and an administrator."""
    from webapp.accounts.models import Account, Officer
    from webapp.assignments.models import Assignment
    from webapp.db import new_id

    officer = uuid5(_NAMES, administrator)
    with transaction() as session:
        add_types(session, PRESETS["district"])
        session.flush()
        rows: list[dict[str, Any]] = [
            {"id": unit_id("province"), "type_code": "province", "parent_id": None, "name": "Tỉnh Bến Tre",
             "official_code": "83"},
            {"id": unit_id("district"), "type_code": "district", "parent_id": unit_id("province"),
             "name": "Huyện Châu Thành", "official_code": "831"},
        ]  # fmt: skip
        for number, name in enumerate(_COMMUNES):
            kind = "town" if name.startswith("Thị trấn") else "commune"
            rows.append({
                "id": unit_id(name), "type_code": kind, "parent_id": unit_id("district"), "name": name,
                "official_code": str(28_801 + number), "base_id": unit_id(name),
            })  # fmt: skip
        ended = unit_id("ended")
        rows.append({
            "id": ended, "type_code": "hamlet", "parent_id": unit_id("Xã An Khánh"), "name": "Ấp Cũ",
            "base_id": unit_id("Xã An Khánh"),
        })  # fmt: skip
        write_units(session, [row | {"valid_from": SINCE} for row in rows])
        for key, name, code, phone, home in (
            (administrator, "Ngô Thị Quản", "chief", None, "district"),
            ("outsider", "Lý Ngoài", "NGOAI01", "0888000111", "province"),
            ("trung1", "Trùng Văn Tên", "TRUNG1", None, "Xã An Khánh"),
            ("hai1", "Hai Một", "HAI1", "0855000111", "Xã An Khánh"),
            ("hai2", "Hai Hai", "HAI2", "0855000222", "Xã An Khánh"),
            ("trung2", "Trùng Văn Tên", "TRUNG2", "0877000222", "Xã An Khánh"),
        ):
            session.add(Officer(id=uuid5(_NAMES, key), full_name=name, sort_name=person_sort_key(name), title="Cán bộ",
                                kind="district_office", home_unit_id=unit_id(home)))  # fmt: skip
            session.flush()
            session.add(Account(id=new_id(), officer_id=uuid5(_NAMES, key), code=code.lower(), phone=phone))
        session.add(
            Assignment(
                id=new_id(),
                officer_id=officer,
                unit_id=unit_id("district"),
                role_code="administrator",
                valid_from=SINCE,
            )
        )
        session.flush()
    from webapp.places.actions import carry_out
    from webapp.places.operations import Close

    carry_out(None, Close(on=date(2024, 5, 1), unit=ended))
    return officer
