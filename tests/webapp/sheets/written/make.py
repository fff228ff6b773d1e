"""Makes the files of this folder: a workbook as an office keeps it, written by LibreOffice, which must be installed.

`python -m tests.webapp.sheets.written.make` writes the workbook as flat OpenDocument, then lets LibreOffice open it and
save it as Excel's format and as CSV in the encodings its dialogue offers. Excel's own mark for UTF-8, which LibreOffice
7 does not write, is put before its text. Done once with LibreOffice 7.4.7.2; the tests read what came of it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from datetime import date
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

HERE: Final = Path(__file__).parent
SPACES: Final = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}"'
    for name, urn in (
        ("office", "office:1.0"), ("table", "table:1.0"), ("text", "text:1.0"), ("style", "style:1.0"),
        ("number", "datastyle:1.0"), ("of", "of:1.2"),
    )
)  # fmt: skip
STYLES: Final = """<office:automatic-styles>
<number:date-style style:name="in-words"><number:day/><number:text> tháng </number:text><number:month/>
<number:text> năm </number:text><number:year number:style="long"/></number:date-style>
<number:date-style style:name="in-figures"><number:day number:style="long"/><number:text>/</number:text>
<number:month number:style="long"/><number:text>/</number:text><number:year number:style="long"/></number:date-style>
<style:style style:name="words" style:family="table-cell" style:data-style-name="in-words"/>
<style:style style:name="figures" style:family="table-cell" style:data-style-name="in-figures"/>
<style:style style:name="away" style:family="table"><style:table-properties table:display="false"/></style:style>
</office:automatic-styles>"""
CSV: Final = "csv:Text - txt - csv (StarCalc):{separator},34,{charset},1,,1066,false,true,true,false,false,3"
"""The third sheet, cells as they are shown in Vietnamese (1066); 76 is UTF-8, 65535 UTF-16, 40 Windows-1258."""


class Shown(str):
    """A day that is shown in words."""

    __slots__ = ()


class Merged(str):
    """A text that stands in several columns or rows at once, written “columns x rows|text”."""

    __slots__ = ()


Cell = str | int | float | date | None
HEADED: Final[list[list[Cell]]] = [
    [Merged("8x1|ỦY BAN NHÂN DÂN HUYỆN CHÂU THÀNH")], [Merged("8x1|DANH SÁCH KÈM KẾ HOẠCH 27-KH/HU")], [],
]  # fmt: skip
BOOK: Final[dict[str, list[list[Cell]]]] = {
    "Cán bộ": [
        *HEADED,
        ["STT", "Họ và\ntên", "Chức vụ", "Thuộc diện", "Đơn vị\ncông tác", "Mã cán bộ", "Điện thoại", "Ngày sinh"],
        [1, "NGUYỄN THỊ HOÀ", "Công chức văn phòng", "Công chức cấp xã", "Xã An Khánh", 1001, 912345678,
         date(1990, 2, 1)],
        [2, "Trần Văn Uý", "Trưởng ấp", "Cán bộ ấp", "Xã An Khánh", 1002, "0987 654 321", date(1985, 12, 31)],
        [3, " Lê  Quốc Thuỷ ", "Chủ tịch Hội Nông dân", "Cán bộ cấp xã", "Xã An Khánh", 1003, "+84 903 111 222",
         None],
    ],
    "Các tổ": [
        *HEADED,
        ["STT", "Xã/thị trấn", "Ấp/khu phố", "Tổ NDTQ", "Số hộ", "Từ ngày"],
        [1, Merged("1x4|Xã An Khánh"), "Ấp Phước Hoà", None, None, Shown("2022-01-01")],
        [2, None, Merged("1x3|Ấp Phước Hòa"), "Tổ NDTQ số 1", 29, Shown("2022-01-01")],
        [3, None, None, "Tổ NDTQ số 2", 31.0, date(2022, 1, 1)],
        [4, None, None, "Tổ NDTQ số 10", 27, "01.01.2022"],
        [],
        [None, "Tổng cộng", None, None, "of:=SUM([.E5:.E8])"],
    ],
    "Số hộ": [
        *HEADED,
        ["STT", "Xã/thị trấn", "Ấp/khu phố", "Tổ NDTQ", "Tổng số hộ", "Tính đến ngày"],
        [1, "Xã An Khánh", "Ấp Phước Hoà", "Tổ NDTQ số 1", 30, date(2026, 11, 1)],
        [2, "Xã An Khánh", "Ấp Phước Hoà", "Tổ NDTQ số 2", "32 hộ", "1-11-2026"],
        [],
        [None, "Tổng cộng", None, None, "of:=SUM([.E5:.E6])"],
    ],
    "Phân công": [
        *HEADED,
        ["STT", "Họ tên cán bộ", "Điện thoại", "Xã/thị trấn", "Ấp/khu phố", "Tổ NDTQ", "Vai trò", "Chính/phụ",
         "Số quyết định", "Ngày quyết định", "Từ ngày"],
        [1, "Nguyễn Thị Hòa", 912345678, "Xã An Khánh", "Ấp Phước Hòa", "Tổ NDTQ số 1", "Cán bộ phụ trách tổ", "Chính",
         "12-QĐ/HU", date(2022, 1, 5), date(2022, 1, 10)],
        [2, "Trần Văn Úy", 987654321, "Xã An Khánh", "Ấp Phước Hòa", "Tổ NDTQ số 2", "Cán bộ phụ trách tổ", "Chính",
         "12-QĐ/HU", "05/01/2022", "10/01/2022"],
    ],
    "Ghi chú": [["Số hộ lấy theo báo cáo tháng 12/2021."]],
    "Nháp": [["Xã", "Ấp", "Tổ"], ["không nhập", "không nhập", "không nhập"]],
}  # fmt: skip
HIDDEN: Final = "Nháp"


def cell(said: Cell) -> str:
    """Write one cell as OpenDocument does."""
    spans = ""
    if isinstance(said, Merged):
        size, _, said = said.partition("|")
        columns, rows = size.split("x")
        spans = f' table:number-columns-spanned="{columns}" table:number-rows-spanned="{rows}"'
    match said:
        case None:
            return "<table:table-cell/>"
        case date() | Shown():
            style = "words" if isinstance(said, Shown) else "figures"
            return f'<table:table-cell table:style-name="{style}" office:value-type="date" office:date-value="{said}"/>'
        case int() | float():
            return f'<table:table-cell office:value-type="float" office:value="{said}"/>'
    if said.startswith("of:="):
        return f"<table:table-cell table:formula={quoteattr(said)}/>"
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in said.split("\n"))
    return f'<table:table-cell office:value-type="string"{spans}>{lines}</table:table-cell>'


def book() -> str:
    """Write the workbook."""
    tables = ""
    for title, rows in BOOK.items():
        written = "".join(
            f"<table:table-row>{''.join(map(cell, row)) or '<table:table-cell/>'}</table:table-row>"
            for row in rows
        )
        away = ' table:style-name="away"' if title == HIDDEN else ""
        tables += f"<table:table table:name={quoteattr(title)}{away}>{written}</table:table>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {SPACES} office:version="1.3"'
        f' office:mimetype="application/vnd.oasis.opendocument.spreadsheet">{STYLES}'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document>"
    )


def saved_as(source: Path, form: str, folder: Path) -> bytes:
    """Let LibreOffice open a file and save it in another form."""
    program = shutil.which("soffice")
    assert program, "LibreOffice is not installed"
    subprocess.run(
        [program, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--convert-to", form,
         "--outdir", str(folder / "out"), str(source)],
        check=True, capture_output=True,
    )  # fmt: skip
    (written,) = (folder / "out").iterdir()
    content = written.read_bytes()
    written.unlink()
    return content


def main() -> None:
    """Make the files anew."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "office.fods"
        source.write_text(book(), "utf-8")
        (HERE / "office.xlsx").write_bytes(saved_as(source, "xlsx:Calc MS Excel 2007 XML", folder))
        for encoding, separator, charset, mark in (
            ("utf8-mark", 59, 76, b"\xef\xbb\xbf"), ("utf16", 9, 65535, b""), ("windows1258", 59, 40, b""),
        ):  # fmt: skip
            content = saved_as(source, CSV.format(separator=separator, charset=charset), folder)
            (HERE / f"counts-{encoding}.csv").write_bytes(mark + content)


if __name__ == "__main__":
    main()
