"""Which rows of a sheet are data, and what they say in which column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from webapp.sheets import cells
from webapp.sheets.cells import Cell, text
from webapp.sheets.columns import Part
from webapp.sheets.faults import Fault
from webapp.sheets.planned import Row, Sheet
from webapp.text import fold

_TOTALS: Final = ("tổng cộng", "tổng số", "cộng dồn", "lũy kế", "luỹ kế")

_FOOTERS: Final = re.compile(
    r"^(nguoi lap|nguoi ghi|nguoi duyet|ky ten|\(?ky[ ,]|xac nhan|tm\.? |kt\.? |thu truong|ghi chu|luu y|noi nhan)"
    r"|ngay .{0,6}thang .{0,6}nam"
)

_NUMBERING: Final = re.compile(r"^\(?(\d{1,2}|[A-Z])\)?$")


def is_data(row: Sequence[Cell], header: Sequence[str], since_header: int) -> bool:
    """Say whether a row below the header is one to take in: not blank, a total, an example, a numbering, a footer."""
    said = [text(cell) for cell in row]
    filled = [one for one in said if one]
    if not filled:
        return False
    first = filled[0].casefold()
    if first in ("vd", "ví dụ", "tổng", "cộng", "mẫu") or first.startswith(("ví dụ", *_TOTALS)):
        return False
    if len(filled) > 1 and [fold(one) for one in said[: len(header)]] == [
        fold(one) for one in header[: len(said)]
    ]:
        return False  # the header once more, on a new page
    if since_header <= 2 and len(filled) > 2 and all(_NUMBERING.match(one) for one in filled):  # noqa: PLR2004 - below the header
        return False
    return not (len(filled) <= 3 and all(_is_footer(one) for one in filled))  # noqa: PLR2004 - signatures stand side by side


def _is_footer(said: str) -> bool:
    return bool(_FOOTERS.search(fold(said)))


def sheet_of(number: int, part: Part, rows: Sequence[Sequence[Cell]]) -> Sheet:
    """Return the rows below a header, with their cells under what the columns say."""
    found, skipped = list[Row](), list[int]()
    for place, row in enumerate(rows[part.header :], part.header + 1):
        said = {
            code: row[column]
            for column, code in part.columns.items()
            if column < len(row) and text(row[column])
        }
        if not any(text(cell) for cell in row):
            continue
        if said and is_data(row, part.headers, place - part.header):
            found.append(Row(number, place, said))
        else:
            skipped.append(place)
    labels = {
        code: part.headers[column] for column, code in part.columns.items() if column < len(part.headers)
    }
    return Sheet(number, part.title, part.kind, found, labels, skipped)


def signs(sheets: Iterable[Sheet]) -> set[str]:
    """Return the codes and phone numbers a file speaks of, as they would be stored."""
    found: set[str] = set()
    for sheet in sheets:
        for row in sheet.rows:
            found.add(cells.code(row.said.get("person_code")))
            if "phone" in row.said:
                with suppress(Fault):
                    found.add(cells.phone(row.said["phone"]))
    return found - {""}
