"""What is handed out: templates to fill in, and reports that say of each row what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from flask_babel import gettext as _

from webapp.sheets import files
from webapp.sheets.cells import text
from webapp.sheets.columns import TIER, Headers, Kind, Part, Tier
from webapp.sheets.faults import FAULTS
from webapp.sheets.planned import Line, Verdict
from webapp.workbook import write

EXAMPLE = "VD"
"""Marks a row that is not taken in."""
NAMES = ("Phú Thạnh", "An Phú", "Mỹ Hòa", "Tân Lợi", "Bình An")


def lines_to_json(lines: Iterable[Line]) -> str:
    """Write what becomes of each row."""
    return json.dumps([line[:] for line in lines], ensure_ascii=False)


def lines_from_json(said: str) -> list[Line]:
    """Read what becomes of each row."""
    return [
        Line(part, row, Verdict(verdict), what, tuple((m, dict(v)) for m, v in says), fault)
        for part, row, verdict, what, says, fault in json.loads(said or "[]")
    ]


def said_of(line: Line) -> tuple[str, str]:
    """Say in words what becomes of a row, and what to do about it."""
    if line.fault:
        wrong, said = FAULTS[line.fault], dict(line.says[0][1])
        reason = said.pop("reason", "")
        if reason:
            return _(reason), _(wrong.action)
        return _(wrong.message) % said, _(wrong.action) % said
    return " ".join(_(message) % {name: _(v) if name == "field" else v for name, v in said.items()}
                    for message, said in line.says if message), ""  # fmt: skip


def report(parts: Sequence[Part], sheets: Sequence[files.Sheet], lines: Iterable[Line]) -> bytes:
    """Write the rows as they were read, with what became of each; corrected, it can be handed in again.

    Only the columns that were matched stand in it: what was not asked for is not handed on.
    """
    by_row = {(line.part, line.row): line for line in lines}

    def rows(number: int, part: Part, columns: Sequence[int]) -> Iterator[list[str]]:
        for row, cells in enumerate(sheets[part.sheet].rows[part.header :], part.header + 1):
            line = by_row.get((number, row))
            if line and line.verdict is not Verdict.SKIPPED:
                verdict = _(line.verdict.label)
                said, action = said_of(line)
                values = [text(cells[column]) if column < len(cells) else "" for column in columns]
                yield [str(row), *values, f"{verdict}. {said}", action]

    written = []
    for number, part in enumerate(parts):
        columns = sorted(part.columns)
        header = [_("Dòng"), *(part.headers[column] for column in columns), _("Kết quả"), _("Cần làm gì")]
        written.append((part.title or _("Kết quả"), header, list(rows(number, part, columns))))
    return write(written)


def template(kinds: Sequence[Kind], tiers: Sequence[Tier], top: int) -> bytes:
    """Write a file to fill in: one sheet for each kind with headers and an example, and a sheet of notes."""
    written = []
    for kind in kinds:
        columns = [
            column for column in Headers(kind, tiers).columns
            if not (column.code.startswith(TIER) and not _is_asked(kind, column.code, tiers, top))
            and column.code not in ("family_name", "given_name", "within", "unit", "unit_type")
        ]  # fmt: skip
        header = [_("STT"), *(_(column.label) for column in columns)]
        example = [EXAMPLE, *(_example(column.code, column.example, tiers) for column in columns)]
        written.append((_(kind.label).split(" (")[0], header, [example]))
    written.append((_("Hướng dẫn"), [_("Cách điền")], [[note] for note in notes(kinds)]))
    return write(written)


def _is_asked(kind: Kind, code: str, tiers: Sequence[Tier], top: int) -> bool:
    """Say whether a template asks for a tier: those of the scope; of people only those to which people belong."""
    rank = int(code.removeprefix(TIER))
    tier = next(one for one in tiers if one.rank == rank)
    ranks = [one.rank for one in tiers if one.can_meet]
    lowest = max(ranks, default=rank)
    return top <= rank <= lowest and not (kind is Kind.PEOPLE and tier.can_meet)


def _example(code: str, example: str, tiers: Sequence[Tier]) -> str:
    if code.startswith(TIER):
        tier = next(one for one in tiers if one.rank == int(code.removeprefix(TIER)))
        label = next(iter(tier.labels.values()))
        return f"{label} số 1" if tier.can_meet else f"{label} {NAMES[tier.rank % len(NAMES)]}"
    return _("Cán bộ phụ trách tổ") if code == "role" else example


def notes(kinds: Sequence[Kind]) -> list[str]:
    """Return what whoever fills a template in should know."""
    said = [
        _("Mỗi dòng một đơn vị, một người hoặc một phân công. Dòng ví dụ (VD) không được nhập; có thể xóa."),
        _("Không đổi tiêu đề cột; thứ tự cột thế nào cũng được. Ô trống không xóa gì đã có."),
        _(
            "Ngày ghi ngày/tháng/năm, ví dụ 01/07/2025. Đặt cột số điện thoại và mã kiểu Văn bản để không mất số 0."
        ),
        _("Nộp lại cùng một tệp thì không có gì thay đổi. Còn một dòng chưa đúng thì cả tệp chưa được nhập."),
        _("Chỉ ghi cán bộ làm việc trong hệ thống; không ghi người dân, không ghi căn cước."),
    ]
    if Kind.UNITS in kinds:
        said.append(
            _(
                "Đơn vị: ghi tên ở cột cấp thấp nhất, và mọi cấp trên của nó. Ấp chưa có thì cũng cần một dòng riêng."
            )
        )
    if Kind.PEOPLE in kinds:
        said.append(_("Con người: được nhận ra bằng mã cán bộ hoặc số điện thoại, không bằng tên."))
    if Kind.COUNTS in kinds:
        said.append(_("Số hộ: ghi ở từng tổ, tính từ ngày ghi ở cột ngày."))
    if Kind.ASSIGNMENTS in kinds:
        said.append(_("Phân công: vai trò ghi đúng như ở màn hình; cán bộ ghi bằng mã hoặc số điện thoại."))
    return said
