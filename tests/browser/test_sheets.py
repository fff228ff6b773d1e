"""An administrator takes a spreadsheet in: at the desk and on a phone, with scripts and without."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.support.browser import DESK, PHONE, THEMES, Browsers, Device, Theme
from tests.support.pages import axe_violations, html_errors, live_html, overflow, small_targets
from tests.support.people import sign_in_quietly
from tests.support.screens import ADMINISTRATOR_CODE
from tests.support.server import Server
from webapp import workbook

HEADER = ["TT", "Xã", "Ấp/khu phố", "Tổ NDTQ", "Số hộ", "Từ ngày"]
FAULTY = [["1", "An Phước", "Ấp Chưa Có", "1", "30", "01/06/2026"], ["2", "An Phuoc", "", "", "", ""]]


def written(folder: Path, rows: list[list[str]]) -> Path:
    file = folder / "Danh sách tổ.xlsx"
    file.write_bytes(workbook.write([("Đơn vị", HEADER, rows)]))
    return file


def upload(page: Page, server: Server, file: Path) -> None:
    page.goto(f"{server.origin}/sheets/")
    page.get_by_label("Bảng tính", exact=True).set_input_files(file)
    page.get_by_role("button", name="Tải lên").click()
    expect(page.get_by_role("heading", name="Chọn cột", level=1)).to_be_visible()


def as_units(page: Page) -> None:
    """Say that the sheet holds units, and look at what it would do."""
    kind = page.get_by_label("Trang này là")
    kind.select_option("Đơn vị (xã, ấp, tổ…)")
    page.get_by_role("button", name="Đọc lại theo lựa chọn này").click()
    expect(page.get_by_label("Số hộ")).to_have_value("households")
    page.get_by_role("button", name="Xem thử").click()
    work_is_done(page)


def work_is_done(page: Page) -> None:
    """Wait as a person does: with scripts the page follows by itself, without they press the link."""
    table = page.get_by_role("region", name="Từng dòng")
    link = page.get_by_role("link", name="Xem đến đâu rồi")
    expect(table.or_(link)).to_be_visible()
    while link.is_visible():
        link.click()
        expect(table.or_(link)).to_be_visible()
    expect(table).to_be_visible()


@pytest.mark.parametrize(
    "device", [DESK, PHONE, replace(DESK, script=False)], ids=["desk", "phone", "without scripts"]
)
def test_a_spreadsheet_goes_from_the_file_to_the_tree(
    server: Server, browsers: Browsers, tmp_path: Path, device: Device
) -> None:
    browser = browsers.new(device)
    browser.open()
    sign_in_quietly(browser.context, server.origin, ADMINISTRATOR_CODE)
    page = browser.page

    upload(page, server, written(tmp_path, FAULTY))
    as_units(page)
    expect(page.get_by_text("2 dòng chưa nhận được")).to_be_visible()
    expect(page.get_by_text("Nếu là nơi ấy, ghi đúng “Xã An Phước”.")).to_be_visible()
    expect(page.get_by_role("button", name="Nhập")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải bảng kết quả (xlsx)").click()
    report = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).worksheets[0]
    assert str(report["H2"].value).startswith("Xem lại cách viết")

    hamlet = ["1", "Xã An Phước", "Ấp Mới Lập", "", "", "01/06/2026"]
    groups = [["", "An Phước", "Mới Lập", str(n), "25", "01/06/2026"] for n in range(1, 4)]
    upload(page, server, written(tmp_path, [hamlet, *groups]))
    as_units(page)
    expect(page.get_by_text("Mọi dòng đều nhận được")).to_be_visible()
    page.get_by_role("button", name="Nhập 4 dòng").click()
    work_is_done(page)
    expect(page.get_by_text("Đã nhập xong")).to_be_visible()
    expect(page.get_by_text("Lập Tổ NDTQ số 3, thuộc Ấp Mới Lập, Xã An Phước")).to_be_visible()

    page.goto(f"{server.origin}/places/")
    page.get_by_role("link", name="Xã An Phước", exact=True).click()
    page.get_by_role("link", name="Ấp Mới Lập", exact=True).click()
    expect(page.get_by_role("link", name="Tổ NDTQ số 3", exact=True)).to_be_visible()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_every_step_is_accessible_valid_and_fits(
    shared_server: Server, browsers: Browsers, tmp_path: Path, device: Device, theme: Theme
) -> None:
    browser = browsers.new(device, theme=theme)
    browser.open()
    sign_in_quietly(browser.context, shared_server.origin, ADMINISTRATOR_CODE)
    page = browser.page
    found: list[str] = []
    documents: dict[str, str] = {}

    def look(name: str) -> None:
        found.extend(f"{name}: {violation}" for violation in axe_violations(page))
        documents[name] = live_html(page)
        if device is PHONE:
            found.extend(f"{name}: {place}" for place in overflow(page))
            found.extend(f"{name}: {place}" for place in small_targets(page))

    page.goto(f"{shared_server.origin}/sheets/")
    look("hand in")
    upload(page, shared_server, written(tmp_path, FAULTY))
    look("columns")
    as_units(page)
    look("dry run")
    page.get_by_role("link", name="Chọn lại cột").click()
    page.get_by_label("Tổ NDTQ").select_option("Không dùng cột này")
    page.get_by_label("Xã", exact=True).select_option("Không dùng cột này")
    page.get_by_label("Ấp/khu phố").select_option("Không dùng cột này")
    page.get_by_role("button", name="Xem thử").click()
    expect(page.get_by_role("alert")).to_contain_text("Chưa chọn cột nào")
    look("columns that lack something")
    assert not found, "\n".join(found)
    assert not html_errors(documents)
