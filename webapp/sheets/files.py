"""Spreadsheet files: xlsx and CSV read into rows. Knows nothing of what they mean."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries

from webapp.sheets.cells import Cell, text

MOST_BYTES: Final = 4 * 1024 * 1024
MOST_UNPACKED: Final = 64 * 1024 * 1024
MOST_PARTS: Final = 2000
MOST_ROWS: Final = 8_000
"""Rows with something in them, in all sheets together."""
MOST_BLANK: Final = 100_000
MOST_COLUMNS: Final = 60
MOST_SHEETS: Final = 20
_CHUNK: Final = 1 << 20
_MERGE: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]{0,200}?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_OLE: Final = b"\xd0\xcf\x11\xe0"
_SEPARATORS: Final = ";,\t"


class Sheet(NamedTuple):
    """One sheet: row number n of the spreadsheet is `rows[n - 1]`; an empty row has no cells."""

    title: str
    rows: list[list[Cell]]


class UnusableSheetError(Exception):
    """A file that cannot be read; the code is one of `webapp.errors.CATALOGUE`."""

    def __init__(self, code: str) -> None:
        """Take the code of the failure."""
        super().__init__(code)
        self.code = code


def read(content: bytes, most_rows: int | None = None) -> list[Sheet]:
    """Read a file, or of each sheet the first `most_rows`; raise `UnusableSheetError` when it is none or too much."""
    if not content:
        raise UnusableSheetError("sheet_missing")
    if len(content) > MOST_BYTES:
        raise UnusableSheetError("sheet_too_large")
    if content.startswith(_OLE):
        raise UnusableSheetError("sheet_old_format")
    try:
        sheets = (
            _read_xlsx(content, most_rows) if content.startswith(b"PK") else [_read_csv(content, most_rows)]
        )
    except UnusableSheetError:
        raise
    except Exception as broken:  # anything, inside the libraries
        raise UnusableSheetError("sheet_unreadable") from broken
    if not any(row for sheet in sheets for row in sheet.rows):
        raise UnusableSheetError("sheet_empty")
    return sheets


def _read_xlsx(content: bytes, most_rows: int | None) -> list[Sheet]:
    merges = _looked_through(content)
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    budget = _Budget()
    try:
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if len(shown) > MOST_SHEETS:
            raise UnusableSheetError("sheet_too_many_rows")
        found = []
        for sheet in shown:
            sheet.reset_dimensions()  # some programs write them wrong
            rows = budget.kept(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), most_rows)
            path = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
            found.append(Sheet(str(sheet.title), _filled_down(rows, merges.get(path, []))))
        return found
    finally:
        book.close()


def _looked_through(content: bytes) -> dict[str, list[str]]:
    """Refuse what would grow without end when it is read; return the merged cells of each part."""
    merges: dict[str, list[str]] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if "mimetype" in names and "xl/workbook.xml" not in names:
            raise UnusableSheetError("sheet_old_format")  # OpenDocument
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise UnusableSheetError("sheet_too_large")
        for part in parts:
            if not part.filename.endswith((".xml", ".rels")):
                continue
            before = b""
            with archive.open(part) as file:  # never gives more than the size that was just summed up
                while piece := file.read(_CHUNK):
                    seen = before + piece
                    if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen or b"\x00" in seen:
                        raise UnusableSheetError("sheet_unreadable")
                    found = merges.setdefault(part.filename, [])
                    found += [match[1].decode() for match in _MERGE.finditer(seen, max(0, len(before) - 12))]
                    before = seen[-300:] if b"<" in seen[-300:] else b""
    return {name: list(dict.fromkeys(found)) for name, found in merges.items()}


def _filled_down(rows: list[list[Cell]], merges: Iterable[str]) -> list[list[Cell]]:
    """Let every row say what a cell that was merged over several rows says for all of them."""
    for merge in merges:
        left, top, _, bottom = range_boundaries(merge)
        if left is None or top is None or bottom is None or top == bottom or left > MOST_COLUMNS:
            continue
        if top > len(rows) or left > len(rows[top - 1]):
            continue
        value = rows[top - 1][left - 1]
        for row in rows[top : min(bottom, len(rows))]:
            if row and value is not None:
                row.extend([None] * (left - len(row)))
                row[left - 1] = value
    return rows


class _Budget:
    """Counts rows, so that no file takes more than its share."""

    def __init__(self) -> None:
        self.rows = self.blank = 0

    def kept(self, rows: Iterable[Sequence[Any]], most: int | None) -> list[list[Cell]]:
        """Return the rows with their trailing blanks cut off."""
        kept: list[list[Cell]] = []
        for row in rows:
            cells = list(row[:MOST_COLUMNS])
            while cells and not text(cells[-1]):
                cells.pop()
            kept.append(cells)
            self.rows += bool(cells)
            self.blank += not cells
            if most is not None and len(kept) >= most:
                break
            if self.rows > MOST_ROWS or self.blank > MOST_BLANK:
                raise UnusableSheetError("sheet_too_many_rows")
        while kept and not kept[-1]:
            kept.pop()
        return kept


def decoded(content: bytes) -> str:
    """Return a CSV file's text: as its mark says, else UTF-8, else the Vietnamese code page of Windows."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    if b"\x00" in content:
        odd = content[1::2].count(0) > len(content) // 8
        return content.decode("utf-16-le" if odd else "utf-16-be")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1258")


def _read_csv(content: bytes, most_rows: int | None) -> Sheet:
    said = decoded(content)
    first, _, rest = said.partition("\n")
    announced = re.fullmatch(r'"?sep=(.)"?', first.strip("\r"))
    if announced:
        said = rest
    separator = announced[1] if announced else _separator(said)
    rows = csv.reader(io.StringIO(said, newline=""), delimiter=separator)
    kept = _Budget().kept(rows, most_rows)
    return Sheet("", ([[]] if announced else []) + kept)


def _separator(said: str) -> str:
    """Return the separator by which most rows have the same number of columns."""
    head = said[:20_000]

    def regular(separator: str) -> int:
        widths = Counter(len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=separator))
        return max((count * (width - 1) for width, count in widths.items()), default=0)

    return max(_SEPARATORS, key=regular)
