"""The desk's pages of assignments: the board and its lists, one place, one person, and each deed with its preview."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from tests.webapp.assignments.test_actions import DAY, DECISION, actor, held, held_by
from tests.webapp.handover.leaving import give_back, hand_over, send
from tests.webapp.world import SAME_ORIGIN, SINCE, officer_id, sign_in, unit_id
from webapp.assignments import actions
from webapp.assignments.models import Assignment, Exemption
from webapp.db import db, new_id
from webapp.meetings.models import MeetingEntry

FORM = {"on": "2026-11-20", "number": "15-QĐ/ĐU", "decided_on": "2026-11-10"}


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    """The administrator's browser."""
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(app, "quan").client


def post(desk: FlaskClient, address: str, **said: object) -> TestResponse:
    return desk.post(address, data=said, headers=SAME_ORIGIN)


def text_of(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_every_number_opens_its_list(app: Flask, desk: FlaskClient) -> None:
    with app.app_context():
        quan = actor(app)
        actions.end(quan, held_by("lan", "A1-10"), DAY, "Nghỉ", DECISION)
        actions.set_most(quan, "group_officer", 5, 1, "")
        db.session.add(Assignment(id=new_id(), officer_id=officer_id("minh"), unit_id=unit_id("A1-2"),
                                  role_code="group_officer", valid_from=SINCE))  # fmt: skip
        db.session.commit()
        actions.exempt(quan, officer_id("lien"), DAY, None, "Trong Ban Thường vụ", DECISION)
    page = desk.get("/assignments/").text
    counted = re.findall(r'href="(/assignments/\?[^"]*line=group_officer[^"]*)"[^>]*>(\d+)<', page)
    assert [int(number) for _, number in counted] == [4, 1, 1, 3, 1]
    lists = [text_of(desk.get(address.replace("&amp;", "&"))) for address, _ in counted]
    assert "Tổ NDTQ số 10" in lists[1]
    assert "Tổ NDTQ số 2" not in lists[1]
    assert "Tổ NDTQ số 2 Ấp Phú Thạnh, Xã An Lộc Nguyễn Thị Lan , Trần Văn Minh" in lists[2]
    assert "Lê Thị Xuân" in lists[3]
    assert "Trần Văn Minh Cán bộ phụ trách tổ Xã An Lộc 2" in lists[4]
    assert "Lê Thị Xuân" not in lists[4]
    assert "Trong Ban Thường vụ" in text_of(desk.get("/assignments/?show=exempt"))


def test_filters_stand_in_the_address(desk: FlaskClient) -> None:
    def shown(**asked: str) -> str:
        return text_of(
            desk.get("/assignments/", query_string={"line": "group_officer:5", "show": "places"} | asked)
        )

    assert "Tổ NDTQ số 1 Ấp Bình Long, Xã Mỹ Thạnh Lê Thị Xuân" in shown()
    assert "Lê Thị Xuân" not in shown(unit=str(unit_id("A")))
    assert "Trần Văn Minh" not in shown(q="xuan")
    assert "Lê Thị Xuân" in shown(q="xuan")
    assert "Lê Thị Xuân" in shown(q="ap binh")
    for nonsense in ({"line": "x:9999"}, {"show": "x"}, {"unit": "x"}, {"page": "-4"}, {"page": "99"}):
        assert desk.get("/assignments/", query_string=nonsense).status_code == 200


def test_the_board_keeps_to_the_readers_places(app: Flask) -> None:
    page = text_of(sign_in(app, "hoa").client.get("/assignments/?line=group_officer:5&show=places"))
    assert "Tổ NDTQ số 10" in page
    assert "Lê Thị Xuân" not in page
    assert "Trần Văn Minh" not in page
    for where in (f"units/{unit_id('B1-1')}", f"officers/{officer_id('lien')}"):
        assert (where, sign_in(app, "tinh").client.get(f"/assignments/{where}").status_code) in (
            (f"units/{unit_id('B1-1')}", 404), (f"officers/{officer_id('lien')}", 200),
        )  # fmt: skip
    assert sign_in(app, "lan").client.get("/assignments/").status_code == 403


def test_the_work_of_the_board_does_not_grow_with_its_rows(app: Flask, desk: FlaskClient) -> None:
    def statements() -> int:
        seen: list[str] = []
        with app.app_context():
            engine = db.engine

        def note(*args: object) -> None:
            seen.append(str(args[2]))

        event.listen(engine, "before_cursor_execute", note)
        desk.get("/assignments/?line=group_officer:5&show=places")
        event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    statements()  # what is read once a process
    few = statements()
    with app.app_context():
        for key in ("minh", "au", "xuan"):
            actions.assign(actor(app), actions.NewAssignment(
                officer_id(key), unit_id("A1-10"), "group_officer", DAY, DECISION, is_primary=False))  # fmt: skip
    assert statements() == few


def test_assigning_is_previewed_and_done_once(app: Flask, desk: FlaskClient) -> None:
    address = f"/assignments/units/{unit_id('A1-2')}/assign"
    page = desk.get(address).text
    minted = re.search(r'name="new_id"[^>]*value="([^"]+)"', page)
    assert minted
    said = FORM | {"new_id": minted[1], "officer_id": str(officer_id("minh")), "role": "group_officer"}
    preview = post(desk, address, **said, standing="deputy", step="preview")
    assert "Từ 20/11/2026, Trần Văn Minh làm phó ở Tổ NDTQ số 2." in text_of(preview)
    with app.app_context():
        assert len(held("A1-2")) == 1
    assert post(desk, address, **said, standing="deputy", step="do").status_code == 303
    assert post(desk, address, **said, standing="deputy", step="do").status_code == 422, "sent twice"
    with app.app_context():
        assert held("A1-2")[1:] == [("minh", False, DAY, None)]
    refused = post(
        desk, address, **said | {"officer_id": str(officer_id("au"))}, standing="primary", step="preview"
    )
    assert refused.status_code == 422
    assert "Nơi này đã có người phụ trách chính" in refused.text
    assert post(desk, address, step="preview").status_code == 422


def test_who_gets_too_many_is_said_before(desk: FlaskClient) -> None:
    post(desk, "/assignments/lines/group_officer/5", most="2", basis="Quy định 32")
    said = FORM | {"new_id": str(new_id()), "officer_id": str(officer_id("lan")), "role": "group_officer"}
    assert post(desk, "/assignments/lines/group_officer/5", most="0").status_code == 422
    with_cover = f"/assignments/units/{unit_id('A2-1')}"
    end = desk.get(with_cover).text
    turn = re.search(r'href="(/assignments/[^"]+/turn)"', end)
    assert turn
    post(desk, turn[1], **FORM, new_id=str(new_id()), step="do")
    page = post(desk, f"{with_cover}/assign", **said, standing="primary", step="preview")
    assert "Phụ trách 3 nơi, quá nhiều" in text_of(page)


def test_a_replacement_shows_what_is_open_and_settles_it(app: Flask, desk: FlaskClient) -> None:
    lan = sign_in(app, "lan")
    kept, given = send(lan, meeting_date="2026-09-18"), send(lan, meeting_date="2026-10-18")
    for entry in (kept, given):
        give_back(app, entry)
    with app.app_context():
        old = held_by("lan", "A1-2")
    address = f"/assignments/{old}/replace?all=1"
    page = text_of(desk.get(address))
    assert "Tổ NDTQ số 2, 18/09/2026" in page
    assert "liên lạc lần cuối" in page
    said = FORM | {
        "new_id": str(new_id()),
        "officer_id": str(officer_id("xuan")),
        "why": "moved",
        "entries": given["id"],
    }
    preview = text_of(post(desk, address, **said, step="preview"))
    assert "Từ 20/11/2026, Nguyễn Thị Lan thôi phụ trách chính ở Tổ NDTQ số 2." in preview
    assert "Từ 20/11/2026, Lê Thị Xuân phụ trách chính ở Tổ NDTQ số 2." in preview
    assert "1 phiếu chưa xong giao cho người mới làm tiếp" in preview
    done = post(desk, address, **said, step="do")
    assert done.location == f"/assignments/{old}/handover"
    with app.app_context():
        keepers = {str(row.id): row.keeper_id for row in db.session.scalars(select(MeetingEntry))}
    assert keepers == {kept["id"]: None, given["id"]: officer_id("xuan")}
    page = text_of(desk.get(done.location))
    assert "Đã bàn giao cho người mới Lê Thị Xuân" in page
    assert "Chưa xong" in page
    settled = post(desk, done.location, entry=kept["id"], to=str(officer_id("xuan")))
    assert settled.status_code == 303
    assert "Chưa xong" not in text_of(desk.get(done.location))
    assert "Tổ NDTQ số 2" in text_of(desk.get(f"/assignments/officers/{officer_id('lan')}"))
    assert post(desk, done.location, entry=kept["id"]).status_code == 400
    assert "Người nhận bàn giao phải" in text_of(
        desk.post(
            done.location, data={"to": str(officer_id("minh"))}, headers=SAME_ORIGIN, follow_redirects=True
        )
    )


@pytest.mark.parametrize("who", ["cuc", "quan"])
def test_what_is_exported_is_a_table_that_a_spreadsheet_takes(
    app: Flask, desk: FlaskClient, who: str
) -> None:
    lan, summary = sign_in(app, "lan"), "=1+1, bà con đồng ý"
    entry = send(lan, summary=summary)
    give_back(app, entry)
    old = hand_over(app)
    assert "Xuất phiếu đã chọn" in text_of(desk.get(f"/assignments/{old}/handover"))
    answer = post(sign_in(app, who).client, f"/assignments/{old}/export", entry=entry["id"])
    assert answer.headers["Content-Disposition"] == "attachment; filename=ban-giao-2026-11-22.xlsx"
    (sheet,) = load_workbook(BytesIO(answer.data)).worksheets
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["Tổ", "Ngày họp", "Mục", "Nội dung", "Yêu cầu bổ sung"]
    assert ["Tổ NDTQ số 2", "18/11/2026", "Số hộ dự họp", "27", "23?"] in rows
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value == summary} == {"s"}
    assert "Đã xuất ra lưu hồ sơ" in text_of(desk.get(f"/assignments/{old}/handover"))


def test_an_end_and_an_exemption(app: Flask, desk: FlaskClient) -> None:
    with app.app_context():
        old = held_by("lan", "A1-10")
    said = FORM | {"new_id": str(new_id()), "why": "health", "words": "sinh con"}
    assert "thôi phụ trách chính" in text_of(post(desk, f"/assignments/{old}/end", **said, step="preview"))
    assert post(desk, f"/assignments/{old}/end", **said, step="do").status_code == 303
    page = text_of(desk.get(f"/assignments/units/{unit_id('A1-10')}"))
    assert "Sức khỏe, hoàn cảnh gia đình: sinh con. 15-QĐ/ĐU (10/11/2026)" in page
    assert "Chưa có ai phụ trách nơi này" in page
    address = f"/assignments/officers/{officer_id('lan')}"
    exempt = FORM | {"new_id": str(new_id()), "reason": "Nghỉ thai sản"}
    assert "vẫn tiếp tục" in text_of(post(desk, f"{address}/exempt", **exempt, step="preview"))
    assert post(desk, f"{address}/exempt", **exempt, step="do").location == address
    assert "Nghỉ thai sản" in desk.get(address).text
    with app.app_context():
        (row,) = db.session.scalars(select(Exemption))
        exemption = row.id
    post(desk, f"/assignments/exemptions/{exemption}/end")
    with app.app_context():
        assert db.session.get_one(Exemption, exemption).valid_to == date(2026, 11, 22)


def test_a_decision_for_later_is_handed_over_later(app: Flask, desk: FlaskClient) -> None:
    entry = send(sign_in(app, "lan"))
    give_back(app, entry)
    with app.app_context():
        old = held_by("lan", "A1-2")
    said = FORM | {
        "new_id": str(new_id()), "officer_id": str(officer_id("minh")), "why": "moved", "entries": entry["id"],
        "on": "2026-12-01",
    }  # fmt: skip
    address = f"/assignments/{old}/replace"
    assert "có hiệu lực về sau" in text_of(post(desk, address, **said, step="preview"))
    assert post(desk, address, **said, step="do").status_code == 303
    with app.app_context():
        assert held("A1-2")[0] == ("lan", True, SINCE, date(2026, 12, 1))
        assert db.session.get_one(MeetingEntry, UUID(entry["id"])).keeper_id is None


def test_a_person_leads_to_their_assignments(desk: FlaskClient) -> None:
    assert (
        f'href="/assignments/officers/{officer_id("lan")}"' in desk.get(f"/people/{officer_id('lan')}").text
    )


def test_it_is_there_in_english(desk: FlaskClient) -> None:
    page = text_of(desk.get("/assignments/?lang=en"))
    assert "Group officer" in page
    assert "Who follows which place" in page
