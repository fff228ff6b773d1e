"""Spreadsheets that are handed out, as xlsx: what is said in them is text, and is read as it was written."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from flask import Response, make_response, send_file
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.properties import PageSetupProperties

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEAD: Final = PatternFill("solid", fgColor="DCEBE4")
_BOLD: Final = Font(bold=True)
_WRAPPED: Final = Alignment(wrap_text=True, vertical="top")
_A4: Final = 9
"""As the format counts sizes of paper."""


def handed_out(content: bytes, name: str) -> Response:
    """Return the answer that gives somebody a file to keep."""
    answer = make_response(send_file(io.BytesIO(content), XLSX, as_attachment=True, download_name=name))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def write(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[str]]]]) -> bytes:
    """Write sheets of texts: title, header, rows. Nothing becomes a formula, a number or a date by itself."""
    book = Workbook(write_only=True)
    for title, header, rows in sheets:
        sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or None)
        sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.fitToHeight = 0  # as many pages as it takes, each as wide as the table
        for number, label in enumerate(header):
            wide = max(14, min(60, len(label) + 4))
            sheet.column_dimensions[_letters(number)].width = wide
        sheet.append(_cells(sheet, header, _HEAD))
        for row in rows:
            sheet.append(_cells(sheet, row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cells(sheet: Any, row: Sequence[str], fill: PatternFill | None = None) -> Iterator[Any]:  # noqa: ANN401 - openpyxl's own
    for said in row:
        cell = WriteOnlyCell(sheet, value=None)
        if said:
            cell.value = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", said)
            cell.data_type = "s"
            cell.number_format = "@"
        cell.alignment = _WRAPPED
        if fill:
            cell.fill, cell.font = fill, _BOLD
        yield cell


def _letters(number: int) -> str:
    """Return a column's letters; the first is 0."""
    return (_letters(number // 26 - 1) if number >= 26 else "") + chr(65 + number % 26)  # noqa: PLR2004 - letters
