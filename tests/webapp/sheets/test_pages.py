"""The way through the pages: hand in, match, dry run, do, report; what each file may be and who may see it."""

from __future__ import annotations

import io
import re
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from tests.support.server import until
from tests.webapp.world import SAME_ORIGIN, officer_id, sign_in, unit_id
from webapp import cli, clock, workbook
from webapp.accounts.models import Account
from webapp.audit.models import AuditEvent
from webapp.db import db, transaction
from webapp.places.models import HouseholdCount, PlaceChange, Unit
from webapp.sheets import actions, files
from webapp.sheets.layout import State
from webapp.sheets.models import SheetImport

SELECT = re.compile(r'<select[^>]*?\bname="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
ROWS = (
    ["TT", "Xã", "Ấp", "Tổ", "Số hộ", "Từ ngày"],
    ["1", "Xã An Lộc", "Ấp Phú Thạnh", "Tổ NDTQ số 2", "29", "01/01/2020"],
    ["2", "An Lộc", "Phú Thạnh", "Tổ NDTQ số 7", "31", "05/03/2026"],
)


@pytest.fixture
def quan(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(app, "quan").client


def sheet(*rows: list[str], title: str = "Đơn vị") -> bytes:
    return workbook.write([(title, rows[0], rows[1:])])


def hand_in(client: FlaskClient, content: bytes, name: str = "Danh sách tổ.xlsx") -> tuple[int, str]:
    answer = client.post("/sheets/", data={"file": (io.BytesIO(content), name)}, headers=SAME_ORIGIN)
    return answer.status_code, answer.headers.get("Location", answer.text)


def filled(page: str) -> dict[str, str]:
    """Return what a browser would send of the form of columns."""
    form = dict(re.findall(r'name="(offered-\d+)"\s+value="([^"]*)"', page))
    for name, options in SELECT.findall(page):
        found = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        assert found
        form[name] = found[1]
    form |= dict(re.findall(r'name="(header-\d+)"[^>]*?value="(\d*)"', page, re.DOTALL))
    return form | {"day": "2026-11-22", "basis": "12-QĐ/HU", "step": "check"}


def looked_at(client: FlaskClient, content: bytes, kind: str = "") -> tuple[str, str]:
    """Take a file through its dry run, saying what it holds if need be; return its address and the page."""
    status, columns = hand_in(client, content)
    assert status == 303, columns
    form = filled(client.get(columns).text)
    if kind and form["kind-0"] != kind:
        form = filled(client.post(columns, data=form | {"kind-0": kind}, headers=SAME_ORIGIN).text)
    answer = client.post(columns, data=form, headers=SAME_ORIGIN)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"], settled(client, answer.headers["Location"])


def settled(client: FlaskClient, address: str) -> str:
    """Return the page of a file when the work on it is over."""

    def page() -> str:
        said = client.get(address).text
        return "" if 'hx-trigger="every' in said else said

    return until(page, 20, "the work on a file")


def id_in(address: str) -> UUID:
    return UUID(address.rsplit("/", 1)[-1])


def test_a_file_goes_all_the_way_and_a_second_time_changes_nothing(any_app: Flask) -> None:
    any_app.config["WTF_CSRF_ENABLED"] = False
    client = sign_in(any_app, "quan").client
    here, page = looked_at(client, sheet(*ROWS), "units")
    assert "Lập Tổ NDTQ số 7, thuộc Ấp Phú Thạnh, Xã An Lộc, Huyện Mẫu, từ ngày 05/03/2026. 31 hộ" in page
    with any_app.app_context():
        assert db.session.scalar(select(func.count()).where(Unit.name == "Tổ NDTQ số 7")) == 0
    assert client.post(f"{here}/do", headers=SAME_ORIGIN).status_code == 303
    assert "Đã nhập xong" in settled(client, here)
    with any_app.app_context():
        made = db.session.scalars(select(Unit).where(Unit.name == "Tổ NDTQ số 7")).one()
        assert (made.parent_id, made.base_id, made.feed_unit_id) == (
            unit_id("A1"),
            unit_id("A"),
            unit_id("A"),
        )
        count = db.session.scalars(select(HouseholdCount).where(HouseholdCount.unit_id == made.id)).one()
        assert (count.households, f"{count.as_of:%d/%m/%Y}", count.source) == (31, "05/03/2026", "12-QĐ/HU")
        change = db.session.scalars(select(PlaceChange)).one()
        assert (change.kind, change.unit_id, change.basis) == ("batch", unit_id("district"), "12-QĐ/HU")
        kept = db.session.get_one(SheetImport, id_in(here))
        assert load_workbook(io.BytesIO(kept.content)).sheetnames == ["Đơn vị"], (
            "the report, no longer the file"
        )
    book = load_workbook(io.BytesIO(client.get(f"{here}/report.xlsx").data)).worksheets[0]
    assert [cell.value for cell in book[3]][:5] == ["3", "An Lộc", "Phú Thạnh", "Tổ NDTQ số 7", "31"]
    assert str(book["G3"].value).startswith("Thêm mới. Lập Tổ NDTQ số 7")
    here, page = looked_at(client, sheet(*ROWS), "units")
    assert "Không có gì thay đổi" in page
    assert "/do" not in page
    assert client.get("/places/?unit=" + str(unit_id("district"))).text.count("Nhập từ bảng tính") == 1


def test_what_a_file_made_is_taken_back_by_one_undo(app: Flask, quan: FlaskClient) -> None:
    rows = [ROWS[0][:4], *(["", "Xã An Lộc", "Ấp Phú Thạnh", f"Tổ NDTQ số {n}"] for n in (20, 21))]
    rows.append(["", "Xã An Lộc", "Ấp Mới", ""])
    rows.append(["", "Xã An Lộc", "Ấp Mới", "Tổ 1"])
    here, page = looked_at(quan, sheet(*rows))
    assert "Mọi dòng đều nhận được" in page, page
    quan.post(f"{here}/do", headers=SAME_ORIGIN)
    settled(quan, here)
    with app.app_context():
        change = db.session.scalars(select(PlaceChange)).one()
        standing = select(func.count()).select_from(Unit).where(Unit.valid_to.is_(None))
        before = db.session.scalar(standing) or 0
        change_id = change.id
    assert quan.post(f"/places/changes/{change_id}/undo", headers=SAME_ORIGIN).status_code == 303
    with app.app_context():
        assert db.session.scalar(standing) == before - 4


def test_one_wrong_row_holds_the_file_back_and_its_report_mended_goes_in(
    app: Flask, quan: FlaskClient
) -> None:
    rows = [*ROWS, ["3", "An Lộc", "Phu Thanh", "Tổ NDTQ số 8", "0", "05/03/2026"]]
    here, page = looked_at(quan, sheet(*rows), "units")
    assert "1 dòng chưa nhận được" in page
    assert "nhưng có “Ấp Phú Thạnh”" in page
    assert f"{here}/do" not in page
    assert quan.post(f"{here}/do", headers=SAME_ORIGIN).status_code == 409
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(PlaceChange)) == 0
    report = load_workbook(io.BytesIO(quan.get(f"{here}/report.xlsx").data))
    cells = report.worksheets[0]
    assert str(cells["H4"].value) == "Nếu là nơi ấy, ghi đúng “Ấp Phú Thạnh”."
    cells["C4"], cells["E4"] = "Ấp Phú Thạnh", "18"
    out = io.BytesIO()
    report.save(out)
    here, page = looked_at(quan, out.getvalue(), "units")
    assert "Mọi dòng đều nhận được" in page
    quan.post(f"{here}/do", headers=SAME_ORIGIN)
    assert "Đã nhập xong" in settled(quan, here)


def test_columns_are_corrected_by_hand(quan: FlaskClient) -> None:
    rows = [["A", "B", "C"], ["Nguyễn Thị Mới", "0912345678", "Xã An Lộc"]]
    status, columns = hand_in(quan, sheet(*rows, title="Trang"))
    assert status == 303
    page = quan.get(columns).text
    assert "Không nhập trang này" in page
    nothing = quan.post(columns, data=filled(page), headers=SAME_ORIGIN)
    assert (nothing.status_code, "Chưa có trang nào để nhập." in nothing.text) == (422, True)
    again = quan.post(
        columns,
        data=filled(page) | {"kind-0": "people", "header-0": "1", "step": "again"},
        headers=SAME_ORIGIN,
    )
    assert "Ví dụ: Nguyễn Thị Mới" in again.text
    form = filled(again.text)
    lacking = quan.post(columns, data=form, headers=SAME_ORIGIN)
    assert (lacking.status_code, "Chưa chọn cột nào cho “Họ và tên”." in lacking.text) == (422, True)
    twice = form | {"column-0-0": "full_name", "column-0-1": "full_name"}
    assert "Hai cột cùng được chọn" in quan.post(columns, data=twice, headers=SAME_ORIGIN).text
    form |= {"column-0-0": "full_name", "column-0-1": "phone", "column-0-2": "unit"}
    answer = quan.post(columns, data=form, headers=SAME_ORIGIN)
    assert "Thêm người, thuộc Xã An Lộc, Huyện Mẫu." in settled(quan, answer.headers["Location"])


def test_people_who_swap_their_numbers_both_keep_one(app: Flask, quan: FlaskClient) -> None:
    with app.app_context(), transaction() as session:
        for key, phone in (("lan", "0911111111"), ("minh", "0922222222")):
            session.execute(update(Account).where(Account.officer_id == officer_id(key)).values(phone=phone))
    rows = [["Họ và tên", "Mã cán bộ", "SĐT", "Chức vụ"], ["Nguyễn Thị Lan", "lan", "", "Phó Chủ tịch"]]
    here, page = looked_at(quan, sheet(*rows, title="Cán bộ"))
    assert "Chức danh: Cán bộ phụ trách tổ thành Phó Chủ tịch." in page
    with app.app_context():
        from webapp.accounts.queries import actor_of_officer
        from webapp.people.actions import PersonFacts, save_people

        facts = {
            officer_id(key): PersonFacts(name, "Cán bộ", "commune_cadre", unit_id("A"), key, phone)
            for key, name, phone in (
                ("lan", "Nguyễn Thị Lan", "0922222222"),
                ("minh", "Trần Văn Minh", "0911111111"),
            )
        }
        save_people(actor_of_officer(officer_id("quan"), unit_id("A")), facts)
        phones = dict(
            db.session.execute(select(Account.code, Account.phone).where(Account.phone.is_not(None))).all()
        )
        assert phones == {"lan": "0922222222", "minh": "0911111111"}
    assert quan.post(f"{here}/do", headers=SAME_ORIGIN).status_code == 303
    assert "Dữ liệu đã đổi từ lúc xem thử" in settled(quan, here), "the title it would change is another now"


def test_what_changed_since_the_dry_run_is_shown_before_it_is_done(app: Flask, quan: FlaskClient) -> None:
    here, _ = looked_at(quan, sheet(*ROWS), "units")
    other, _ = looked_at(quan, sheet(*ROWS), "units")
    quan.post(f"{other}/do", headers=SAME_ORIGIN)
    settled(quan, other)
    quan.post(f"{here}/do", headers=SAME_ORIGIN)
    assert "Dữ liệu đã đổi từ lúc xem thử; chưa có gì được ghi." in settled(quan, here)
    quan.post(f"{here}/check", headers=SAME_ORIGIN)
    assert "Không có gì thay đổi" in settled(quan, here)


@pytest.mark.parametrize(
    ("content", "name", "status", "said"),
    [
        (b"", "x.xlsx", 400, "Chưa chọn bảng tính."),
        (b"\xd0\xcf\x11\xe0" + bytes(99), "cũ.xls", 400, "Tệp kiểu cũ"),
        (b"PK\x03\x04" + bytes(99), "hỏng.xlsx", 400, "không đọc được như một bảng tính"),
        (b"\xff\xd8\xff" + bytes(range(256)), "ảnh.jpg", 400, "không đọc được như một bảng tính"),
        (b"x" * (files.MOST_BYTES + 1), "to.csv", 413, "quá lớn"),
        (b"x" * (files.MOST_BYTES + 200_000), "to hơn.csv", 413, "quá lớn"),
        (b"\n\n", "trống.csv", 400, "không có dòng nào"),
    ],
)
def test_a_bad_file_is_answered_with_one_sentence(
    quan: FlaskClient, content: bytes, name: str, status: int, said: str
) -> None:
    assert (answer := hand_in(quan, content, name))[0] == status
    assert said in answer[1]


def test_a_file_is_its_owners_alone_and_goes_when_they_say_so(app: Flask, quan: FlaskClient) -> None:
    here, _ = looked_at(quan, sheet(*ROWS), "units")
    with app.app_context(), transaction() as session:
        session.execute(update(SheetImport).values(officer_id=officer_id("lien")))
    for address in (here, f"{here}/columns", f"{here}/report.xlsx"):
        assert quan.get(address).status_code == 404
    for deed in ("do", "check", "discard", "columns"):
        assert quan.post(f"{here}/{deed}", headers=SAME_ORIGIN).status_code == 404
    with app.app_context(), transaction() as session:
        session.execute(update(SheetImport).values(officer_id=officer_id("quan")))
    assert quan.post(f"{here}/discard", headers=SAME_ORIGIN).status_code == 303
    assert quan.get(here).status_code == 404
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SheetImport)) == 0
        deeds = db.session.scalars(
            select(AuditEvent.action).where(AuditEvent.record_kind == "sheet_import")
        ).all()
        assert sorted(deeds) == ["sheet.discarded", "sheet.handed_in"]


def test_what_nobody_comes_back_for_is_forgotten(app: Flask, quan: FlaskClient) -> None:
    here, _ = looked_at(quan, sheet(*ROWS), "units")
    with app.app_context(), transaction() as session:
        session.execute(update(SheetImport).values(expires_at=clock.now()))
    assert quan.get(here).status_code == 404
    with app.app_context():
        assert actions.sweep() == 1
        assert actions.sweep() == 0
    for _ in range(actions.MOST_FILES + 2):
        assert hand_in(quan, sheet(*ROWS))[0] == 303
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SheetImport)) == actions.MOST_FILES


def test_work_that_died_is_begun_again(app: Flask, quan: FlaskClient) -> None:
    here, _ = looked_at(quan, sheet(*ROWS), "units")
    with app.app_context(), transaction() as session:
        session.execute(update(SheetImport).values(state=State.CHECKING))
    assert quan.post(f"{here}/check", headers=SAME_ORIGIN).status_code == 409, "it may still be at work"
    assert 'hx-trigger="every 1s"' in quan.get(here).text
    with app.app_context(), transaction() as session:
        session.execute(
            update(SheetImport).values(touched_at=clock.now() - actions.SILENCE[State.CHECKING] * 2)
        )
    assert "Việc này bị ngắt giữa chừng" in quan.get(here).text
    quan.post(f"{here}/check", headers=SAME_ORIGIN)
    assert "Mọi dòng đều nhận được" in settled(quan, here)


def test_templates_are_read_back_as_what_they_are_for_and_their_examples_are_left_out(
    quan: FlaskClient,
) -> None:
    content = quan.get("/sheets/template/all.xlsx").data
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Đơn vị", "Con người", "Số hộ", "Phân công", "Hướng dẫn"]
    assert [cell.value for cell in book["Đơn vị"][1]][:5] == ["STT", "Huyện", "Xã", "Ấp", "Tổ"]
    _, page = looked_at(quan, content)
    assert page.count("Không phải dòng dữ liệu.") == 4
    assert "Không có gì thay đổi" in page
    one = load_workbook(io.BytesIO(quan.get("/sheets/template/people.xlsx").data))
    assert one.sheetnames == ["Con người", "Hướng dẫn"]


def test_the_console_takes_in_the_same_files(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "create_app", lambda: app)
    file, report = tmp_path / "đơn vị.csv", tmp_path / "kết quả.xlsx"
    faulty = [
        ["Xã", "Ấp", "Tổ"],
        ["Xã An Lộc", "Ấp Phú Thạnh", "Tổ NDTQ số 3"],
        ["Xã An Lộc", "Phú Thanh", "Tổ 4"],
    ]
    file.write_bytes("\r\n".join(";".join(row) for row in faulty).encode("utf-16"))

    def run(*options: str) -> tuple[int, str]:
        answer = CliRunner().invoke(cli.main, ["import", "sheet", str(file), *options])
        return answer.exit_code, answer.output

    code, said = run("--kind", "units", "--report", str(report))
    assert (code, "     3  Chưa nhận được" in said) == (1, True), said
    assert "Không có “Phú Thanh”, nhưng có “Ấp Phú Thạnh”. Nếu là nơi ấy" in said
    assert load_workbook(report).worksheets[0]["A3"].value == "3"
    file.write_bytes("\r\n".join(",".join(row) for row in faulty[:2]).encode("utf-8-sig"))
    code, said = run("--dry-run")
    assert (code, "     1  Thêm mới" in said) == (0, True), said
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(PlaceChange)) == 0
    for made, unchanged in (("     1  Thêm mới", "     0  Đã có"), ("     0  Thêm mới", "     1  Đã có")):
        code, said = run("--basis", "12-QĐ/HU")
        assert (code, made in said, unchanged in said) == (0, True, True), said
    file.write_bytes(b"x")
    assert "Chưa nhận ra cột nào trong tệp này." in run()[1]
    assert "0 removed." in CliRunner().invoke(cli.main, ["import", "sweep"]).output
