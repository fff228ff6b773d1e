"""Files as programs write them, and files that want to do harm."""

from __future__ import annotations

import csv
import io
import tracemalloc
import unicodedata
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from webapp import workbook
from webapp.errors import CATALOGUE
from webapp.sheets import files
from webapp.sheets.cells import Cell, text
from webapp.sheets.files import Sheet, UnusableSheetError

ROWS: list[list[Cell]] = [
    ["TT", "Xã", "Ấp", "Số hộ"],
    ["1", "Xã An Lộc", "Ấp Thới Hòa; tổ 2", "29"],
    ["2", "Xã Mỹ Thạnh", "Ấp Đông, Tây", "31"],
]
MEGABYTE = 1 << 20
TONES = "\u0300\u0301\u0303\u0309\u0323"


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(separator: str, encoding: str, *, quote: int = csv.QUOTE_MINIMAL, first: str = "") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, quoting=quote).writerows(ROWS)  # type: ignore[arg-type]
    return (first + out.getvalue()).encode(encoding)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_csv_is_read_as_every_program_writes_it(separator: str, encoding: str) -> None:
    for quote in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        assert files.read(as_csv(separator, encoding, quote=quote)) == [Sheet("", ROWS)]


def test_csv_of_an_old_windows_is_read() -> None:
    """Code page 1258 writes some letters in two parts: "ệ" is "ê" and a mark."""
    said = "TT;Xã;Ấp\r\n1;Xã Thới Hòa;Ệ"
    letters = [unicodedata.normalize("NFD", ch) for ch in said]
    written = "".join(
        unicodedata.normalize("NFC", "".join(one for one in ch if one not in TONES))
        + "".join(one for one in ch if one in TONES)
        for ch in letters
    )
    (sheet,) = files.read(written.encode("cp1258"))
    rows = [[text(cell) for cell in row] for row in sheet.rows]
    assert rows == [["TT", "Xã", "Ấp"], ["1", "Xã Thới Hòa", "Ệ"]]


def test_excels_own_word_for_the_separator_is_heeded() -> None:
    (sheet,) = files.read(as_csv(";", "utf-8-sig", first="sep=;\r\n"))
    assert sheet.rows == [[], *ROWS], "rows keep the numbers a spreadsheet shows"


def test_merged_cells_speak_for_every_row_they_span() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Xã", "Ấp"], ["An Lộc", 1], [None, 2], [None, 3], ["B", 4], [None, 5]):
        sheet.append(row)
    sheet.merge_cells("A2:A4")
    (read,) = files.read(saved(book))
    assert [row[0] for row in read.rows] == ["Xã", "An Lộc", "An Lộc", "An Lộc", "B", None], (
        "what is only empty stays so"
    )


def test_hidden_sheets_and_formulas_without_a_value_are_not_read() -> None:
    book = Workbook()
    sheet, hidden = book.worksheets[0], book.create_sheet("ẩn")
    hidden.sheet_state = "hidden"
    hidden.append(["bí mật"])
    sheet.append(["Xã", "=1+1"])
    sheet["A1"].font = Font(bold=True)
    assert files.read(saved(book)) == [Sheet("Sheet", [["Xã"]])]


def test_nothing_written_becomes_a_formula_or_loses_a_zero() -> None:
    said = ["=HYPERLINK(1)", "+84", "0912345678", "01/02/2022", "\x07chuông"]
    sheet = load_workbook(io.BytesIO(workbook.write([("a/b", ["x"] * 5, [said])]))).worksheets[0]
    assert [cell.data_type for cell in sheet[2]] == ["s"] * 5
    assert [cell.value for cell in sheet[2]][:4] == said[:4]


def refused(content: bytes) -> str:
    with pytest.raises(UnusableSheetError) as told:
        files.read(content)
    assert told.value.code in CATALOGUE
    return told.value.code


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_is_no_spreadsheet_is_told_in_one_sentence() -> None:
    good = saved(Workbook())
    assert refused(b"") == "sheet_missing"
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == "sheet_old_format"
    assert (
        refused(zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"})) == "sheet_old_format"
    )
    assert refused(zipped({"readme.txt": b"x"})) == "sheet_unreadable"
    assert refused(good[: len(good) // 2]) == "sheet_unreadable"
    assert refused(good) == "sheet_empty"
    assert refused(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4) == "sheet_unreadable"
    assert refused(bytes(files.MOST_BYTES + 1)) == "sheet_too_large"


def test_a_bomb_does_not_go_off() -> None:
    parts = parts_of(saved(Workbook()))
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    ) + b"]>"  # fmt: skip
    sheet = "xl/worksheets/sheet1.xml"
    bombs = {
        "zeros": zipped(parts | {sheet: b"<x>" + b" " * (files.MOST_UNPACKED + 1)}),
        "many parts": zipped(parts | {f"x{n}": b"" for n in range(files.MOST_PARTS)}),
        "entities": zipped(
            parts | {"xl/workbook.xml": laughs + parts["xl/workbook.xml"].split(b"?>", 1)[-1]}
        ),
        "entities in UTF-16": zipped(parts | {sheet: (laughs + b"<worksheet/>").decode().encode("utf-16")}),
    }
    tracemalloc.start()
    try:
        assert {name: refused(bomb) for name, bomb in bombs.items()} == {
            "zeros": "sheet_too_large", "many parts": "sheet_too_large", "entities": "sheet_unreadable",
            "entities in UTF-16": "sheet_unreadable",
        }  # fmt: skip
        assert tracemalloc.get_traced_memory()[1] < 20 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_a_sheet_without_end_is_refused_and_a_lonely_cell_far_away_is_not_followed() -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for number in range(files.MOST_ROWS + 2):
        sheet.append([number])
    assert refused(saved(book)) == "sheet_too_many_rows"
    far = Workbook()
    far.worksheets[0]["XFD1048576"] = "xa"
    far.worksheets[0]["A1"] = "Xã"
    assert refused(saved(far)) == "sheet_too_many_rows"
    assert refused("\n".join(str(n) for n in range(files.MOST_ROWS + 2)).encode()) == "sheet_too_many_rows"


def readable(content: bytes) -> str:
    try:
        files.read(content)
    except UnusableSheetError as told:
        return told.code
    return ""


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b"sep=;\n"])
)
def test_no_bytes_break_the_reader(content: bytes, head: bytes) -> None:
    assert readable(head + content) in {"", *CATALOGUE}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_to_a_good_file_breaks_the_reader(data: st.DataObject) -> None:
    content = bytearray(workbook.write([("Tổ", ["Xã", "Ấp"], [["An Lộc", "Phú Thạnh"]])]))
    for share in data.draw(st.lists(st.floats(0, 0.999), min_size=1, max_size=20)):
        content[int(share * len(content))] ^= 0xFF
    assert readable(bytes(content)) in {"", *CATALOGUE}
