"""What a sheet holds and which column says what: guessed from its headers, corrected by people. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from webapp.fields import N_, Choice
from webapp.sheets.cells import Cell, text
from webapp.text import fold

HEADER_WITHIN: Final = 30
"""A header stands within the first rows, below titles and the names of the office."""
TIER: Final = "tier:"


class Kind(Choice):
    """What the rows of a sheet are."""

    UNITS = "units", N_("Đơn vị (xã, ấp, tổ…)")
    PEOPLE = "people", N_("Con người")
    COUNTS = "counts", N_("Số hộ")
    ASSIGNMENTS = "assignments", N_("Phân công")


class Column(NamedTuple):
    """Something a column may say."""

    code: str
    label: str
    headers: tuple[str, ...]
    """How offices head it, folded; words beside them do not matter."""
    example: str = ""
    telling: int = 1
    """How much it says about what the sheet holds."""
    short: str = ""
    """A header that says it only where nothing else does, such as “Tổ” for “Tổ nhân dân tự quản”."""


def _column(code: str, label: str, headers: str, example: str = "", telling: int = 1) -> Column:
    return Column(code, label, tuple(headers.split("; ")), example, telling)


_UNIT = _column("unit", N_("Tên đơn vị"), "ten don vi; don vi; ten dia ban; dia ban")
_WITHIN = _column("within", N_("Thuộc đơn vị"), "thuoc; truc thuoc; thuoc don vi; don vi cap tren; cap tren")
_UNIT_CODE = _column(
    "unit_code", N_("Mã đơn vị"), "ma don vi; ma dvhc; ma dia ban; ma so; ma xa; ma ap; ma to; ma"
)
_HOUSEHOLDS = _column("households", N_("Số hộ"), "so ho; tong so ho; ho gia dinh; so ho dan", "29")
_PHONE = _column(
    "phone", N_("Số điện thoại"),
    "so dien thoai; dien thoai; sdt; so dt; dtdd; di dong; phone; zalo", "0912 345 678",
)  # fmt: skip
_PERSON_CODE = _column(
    "person_code", N_("Mã cán bộ"), "ma can bo; ma cb; ma so can bo; so hieu; ma nhan vien; ma cong chuc",
    "CB-0001", 2,
)  # fmt: skip
_NAME = _column(
    "full_name", N_("Họ và tên"),
    "ho va ten; ho ten; ten can bo; can bo phu trach; nguoi phu trach; ho ten can bo; can bo", "Nguyễn Thị Lan", 2,
)  # fmt: skip
_FROM = _column(
    "from", N_("Từ ngày"),
    "tu ngay; ngay bat dau; ngay thanh lap; ngay lap; hieu luc tu; ngay giao; bat dau", "01/01/2026",
)  # fmt: skip

COLUMNS: Final[Mapping[Kind, tuple[Column, ...]]] = {
    Kind.UNITS: (
        _UNIT,
        _column("unit_type", N_("Loại đơn vị"), "loai don vi; loai; cap don vi; loai hinh", "", 3),
        _WITHIN._replace(telling=2),
        _UNIT_CODE._replace(telling=2),
        _FROM._replace(telling=5),  # a list of groups says their households too, but households have no beginning
        _HOUSEHOLDS,
    ),
    Kind.PEOPLE: (
        _NAME,
        _column("family_name", N_("Họ và tên đệm"), "ho va ten dem; ho va chu dem; ho dem; ho va dem; ho"),
        _column("given_name", N_("Tên"), "ten"),
        _column("title", N_("Chức danh"), "chuc danh; chuc vu; chuc vu chuc danh; nhiem vu; cong viec",
                "Công chức văn hóa", 2),
        _column("person_kind", N_("Thuộc diện"), "thuoc dien; dien; doi tuong; doi tuong can bo", "", 3),
        _column("unit", N_("Đơn vị công tác"), "don vi cong tac; noi cong tac; co quan; don vi; noi lam viec", "", 2),
        _PERSON_CODE,
        _PHONE._replace(telling=2),
    ),
    Kind.COUNTS: (
        _UNIT,
        _WITHIN,
        _UNIT_CODE,
        _HOUSEHOLDS._replace(telling=4),
        _column("as_of", N_("Tính đến ngày"),
                "tinh den ngay; den ngay; ngay; ngay tinh; thoi diem; ngay so lieu", "01/01/2026"),
    ),
    Kind.ASSIGNMENTS: (
        _NAME,
        _PERSON_CODE,
        _PHONE,
        _column("unit", N_("Địa bàn phụ trách"),
                "dia ban phu trach; dia ban; phu trach; to phu trach; noi phu trach; don vi phu trach", "", 2),
        _WITHIN,
        _UNIT_CODE,
        _column("role", N_("Vai trò"), "vai tro; nhiem vu duoc giao; phan cong; nhiem vu", "", 4),
        _column("primary", N_("Chính hay phụ"), "chinh hay phu; chinh phu; chinh; phu trach chinh", "Chính", 3),
        _column("decision", N_("Số quyết định"), "so quyet dinh; quyet dinh; quyet dinh so; so qd; qd; can cu",
                "12-QĐ/HU", 3),
        _column("decision_date", N_("Ngày quyết định"), "ngay quyet dinh; ngay qd; ngay ky; ngay ban hanh",
                "01/01/2026", 2),
        _FROM._replace(telling=2),
        _column("to", N_("Đến ngày"), "den ngay; ngay ket thuc; ket thuc; den het ngay", "", 2),
    ),
}  # fmt: skip

TITLES: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.UNITS: ("don vi", "dia ban", "danh sach to", "danh muc"),
    Kind.PEOPLE: ("can bo", "con nguoi", "nhan su", "danh sach can bo"),
    Kind.COUNTS: ("so ho", "ho gia dinh"),
    Kind.ASSIGNMENTS: ("phan cong", "giao nhiem vu", "phu trach"),
}
"""What the names of sheets say of them."""
NEVER: Final = frozenset({"ket qua", "can lam gi", "dong", "tt", "stt", "so tt", "ghi chu"})
"""Headers that say nothing to take in: those of our own report, and counters."""


class Tier(NamedTuple):
    """A tier of the tree: its rank, and the labels of its types by their code."""

    rank: int
    labels: Mapping[str, str]
    can_meet: bool = False

    @property
    def label(self) -> str:
        """Return how its column is headed."""
        return " / ".join(dict.fromkeys(self.labels.values()))


def forms_of(label: str) -> list[str]:
    """Return how a type's label is written in lists, folded: in full, shortened, by its first letters.

    “Tổ nhân dân tự quản” is also “to ndtq” and “tndtq”; “Khu phố” is also “kp”.
    """
    first, *others = re.findall(r"[a-z0-9]+", fold(label))
    letters = "".join(word[0] for word in others)
    full, initials = [" ".join([first, *others])], [first[0] + letters] if others else []
    return [*full, *([f"{first} {letters}"] if others[1:] else []), *initials]


def heading(cell: Cell) -> str:
    """Return a header as it is compared: folded, without what stands in brackets, and without signs."""
    said = re.sub(r"\([^)]*\)", " ", text(cell))
    return " ".join(re.findall(r"[a-z0-9]+", fold(said)))


_SHORT: Final = 19
"""Less than two letters in common; as much as a header that is only short for something says."""


def _likeness(header: str, known: str) -> int:
    """Say how well a header says a known one: 0 not at all, most when it says nothing else."""
    if header == known:
        return 1000
    if f" {known} " in f" {header} ":
        return 10 * len(known)
    return 0


def _tier_column(tier: Tier) -> Column:
    forms = tuple(dict.fromkeys(form for label in tier.labels.values() for form in forms_of(label)))
    return Column(f"{TIER}{tier.rank}", tier.label, forms, short=forms[0].split()[0])


@dataclass(frozen=True)
class Headers:
    """The headers of a sheet, and what they may say on the tree of an installation."""

    kind: Kind
    tiers: Sequence[Tier]

    @cached_property
    def columns(self) -> list[Column]:
        """Return everything a column of such a sheet may say, tiers first."""
        tiers = [_tier_column(tier) for tier in self.tiers]
        return [*tiers, *COLUMNS[self.kind]]

    def guess(self, cells: Sequence[Cell]) -> dict[int, str]:
        """Return which column most likely says what; each says one thing, and each thing is said once."""
        found: list[tuple[int, int, int, str]] = []
        for number, cell in enumerate(cells):
            header = heading(cell)
            if not header or header in NEVER:
                continue
            for order, column in enumerate(self.columns):
                best = max(_likeness(header, known) for known in column.headers)
                if best > _SHORT:
                    found.append((-best, order, number, column.code))
                elif column.short and f" {column.short} " in f" {header} ":
                    found.append((-_SHORT, -order, number, column.code))  # the lowest tier that is called so
        guessed: dict[int, str] = {}
        for _, _, number, code in sorted(found):
            if number not in guessed and code not in guessed.values():
                guessed[number] = code
        return guessed

    def weight(self, guessed: Mapping[int, str]) -> int:
        """Say how much the columns found speak for this kind of sheet."""
        telling = {column.code: column.telling for column in self.columns}
        return sum(telling[code] for code in guessed.values())

    def lacking(self, chosen: Iterable[str]) -> list[Column]:
        """Return what such a sheet cannot do without and no column says; of alternatives the first."""
        said = set(chosen)
        has_unit = any(code.startswith(TIER) for code in said) or "unit" in said
        needs = {
            Kind.UNITS: [has_unit],
            Kind.PEOPLE: [bool({"full_name", "given_name"} & said), bool({"person_code", "phone"} & said)],
            Kind.COUNTS: [has_unit, "households" in said],
            Kind.ASSIGNMENTS: [bool({"full_name", "person_code", "phone"} & said), has_unit, "role" in said],
        }[self.kind]
        first = {
            Kind.UNITS: ["unit"], Kind.PEOPLE: ["full_name", "person_code"], Kind.COUNTS: ["unit", "households"],
            Kind.ASSIGNMENTS: ["person_code", "unit", "role"],
        }[self.kind]  # fmt: skip
        by_code = {column.code: column for column in self.columns}
        return [by_code[code] for code, is_there in zip(first, needs, strict=True) if not is_there]


@dataclass
class Part:
    """One sheet of a file: what its rows are, where its header stands, which column says what."""

    sheet: int
    title: str
    kind: Kind | None
    header: int
    """The number of the header's row, counted from 1 as spreadsheets do; 0 when there is none."""
    columns: dict[int, str] = field(default_factory=dict)
    headers: list[str] = field(default_factory=list)
    samples: list[list[str]] = field(default_factory=list)

    def samples_of(self, column: int) -> list[str]:
        """Return what the first rows say in a column."""
        return [row[column][:60] for row in self.samples if column < len(row) and row[column]]


def header_cells(rows: Sequence[Sequence[Cell]], number: int) -> list[Cell]:
    """Return the headers that row `number` (from 1) gives; where it is empty, what the row above says."""
    if not 1 <= number <= len(rows):
        return []
    row = list(rows[number - 1])
    above = list(rows[number - 2]) if number > 1 else []
    single = len({text(cell) for cell in above if text(cell)}) < 2  # noqa: PLR2004 - a title is no header
    width = max(len(row), len(above))
    row += [None] * (width - len(row))
    above += [None] * (width - len(above))
    return [over if not text(cell) and not single else cell for cell, over in zip(row, above, strict=True)]


def read_headers(
    sheet: int,
    title: str,
    rows: Sequence[Sequence[Cell]],
    tiers: Sequence[Tier],
    kind: Kind | None = None,
    header: int | None = None,
) -> Part:
    """Guess what a sheet holds from its first rows, as far as it is not said already."""
    best: tuple[int, int, Kind | None, dict[int, str]] = (0, 0, None, {})
    named = heading(title)
    for candidate in [kind] if kind else list(Kind):
        headers = Headers(candidate, tiers)
        for number in [header] if header else range(1, min(len(rows), HEADER_WITHIN) + 1):
            guessed = headers.guess(header_cells(rows, number))
            weight = headers.weight(guessed) * 10 if len(guessed) > 1 or header else 0
            if weight:
                weight += 5 * any(f" {word} " in f" {named} " for word in TITLES[candidate])
                weight -= 12 * len(headers.lacking(guessed.values()))
            if weight > best[0]:
                best = (weight, number, candidate, guessed)
    found = header or best[1]
    cells = header_cells(rows, found)
    samples = [[text(cell) for cell in row] for row in rows[found:] if sum(bool(text(c)) for c in row) > 1][
        :3
    ]
    return Part(sheet, title, kind or best[2], found, best[3], [text(cell) for cell in cells], samples)
