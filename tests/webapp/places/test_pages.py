"""The pages of the tree: a day in the address, a preview before anything is written, and the way back."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp.world import SAME_ORIGIN, officer_id, sign_in, unit_id
from webapp.accounts.models import Officer
from webapp.db import transaction
from webapp.places.actions import carry_out
from webapp.places.operations import Move


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(app, "quan").client


def address(key: str, kind: str) -> str:
    return f"/places/{unit_id(key)}/{kind}"


def said(client: FlaskClient, key: str, change: str, **fields: Any) -> dict[str, Any]:
    """Open the form of a change as a person does, and fill it in."""
    page = client.get(address(key, change)).text
    (new_id,) = re.findall(r'name="new_id"[^>]*value="([^"]+)"', page)
    return {"new_id": new_id, "on": "2026-11-20", "basis": "Nghị quyết 1687", **fields}


def send(client: FlaskClient, key: str, kind: str, step: str, fields: dict[str, Any]) -> Any:
    return client.post(address(key, kind), data=fields | {"step": step}, headers=SAME_ORIGIN)


def test_merging_two_communes_with_preview_and_undo(admin: FlaskClient) -> None:
    fields = said(
        admin, "A", "merge", sources=[str(unit_id("B"))], name="Xã Phú Túc", kind="commune", code="28810"
    )
    preview = send(admin, "A", "merge", "preview", fields)
    assert preview.status_code == 200
    for sentence in (
        "Lập Xã Phú Túc, thuộc Huyện Mẫu.", "Xã An Lộc kết thúc; hồ sơ xem ở Xã Phú Túc.",
        "Ấp Bình Long chuyển từ Xã Mỹ Thạnh sang Xã Phú Túc.", "Xã Phú Túc vào Cụm số 1.", "Ghi thay đổi",
    ):  # fmt: skip
        assert sentence in preview.text, sentence
    assert "3 phân công ở đơn vị kết thúc" in preview.text  # a clerk, a leader and a provincial officer
    assert "Xã Phú Túc" not in admin.get("/places/").text  # nothing was done yet
    done = send(admin, "A", "merge", "do", fields)
    assert done.status_code == 303
    after, before = admin.get("/places/?on=2026-11-20").text, admin.get("/places/?on=2026-11-19").text
    assert re.search(r"<a [^>]*>Xã Phú Túc</a>", after)
    assert not re.search(r"<a [^>]*>Xã An Lộc</a>", after)
    assert re.search(r"<a [^>]*>Xã An Lộc</a>", before)
    assert "Nghị quyết 1687" in after
    (undo,) = re.findall(r'action="(/places/changes/[^"]+/undo)"', after)
    assert admin.post(undo, headers=SAME_ORIGIN).status_code == 303
    page = admin.get("/places/").text
    assert "Đã hoàn tác" in page
    assert re.search(r"<a [^>]*>Xã An Lộc</a>", page)
    assert "undo" not in page


def test_a_form_sent_twice_makes_one_unit(admin: FlaskClient) -> None:
    fields = said(admin, "A2", "create", name="Tổ NDTQ số 2", kind="group")
    assert send(admin, "A2", "create", "do", fields).status_code == 303
    again = send(admin, "A2", "create", "do", fields)
    assert again.status_code == 422
    assert "Đơn vị này đã có." in again.text


def test_dividing_a_group(admin: FlaskClient) -> None:
    fields = said(admin, "A1-2", "split") | {
        "parts-0-name": "Tổ NDTQ số 2A", "parts-0-households": "15",
        "parts-1-name": "Tổ NDTQ số 2B", "parts-1-households": "13",
    }  # fmt: skip
    refused = send(admin, "A1-2", "split", "preview", fields)
    assert refused.status_code == 422
    assert "cộng lại bằng số hộ của đơn vị cũ" in refused.text
    assert send(admin, "A1-2", "split", "do", fields | {"parts-1-households": "14"}).status_code == 303
    page = admin.get(f"/places/?unit={unit_id('A1')}").text
    assert re.findall(r">(Tổ NDTQ số \w+)</a>", page) == ["Tổ NDTQ số 2A", "Tổ NDTQ số 2B", "Tổ NDTQ số 10"]
    ended = admin.get(f"/places/?unit={unit_id('A1-2')}").text
    assert "Đơn vị này đã kết thúc" in ended
    assert '<p class="notice-title">Nghị quyết 1687</p>' in ended
    alone = send(admin, "A1-10", "split", "preview", said(admin, "A1-10", "split", **{"parts-0-name": "x"}))
    assert "Cần ít nhất hai phần" in alone.text


@pytest.mark.parametrize(
    ("key", "kind", "fields"),
    [
        ("A", "rename", {"name": "Phường An Lộc", "kind": "commune"}),
        ("A1", "move", {"parent": str(unit_id("B"))}),
        ("A2-1", "close", {}),
    ],
)
def test_every_form_leads_to_its_change(
    admin: FlaskClient, key: str, kind: str, fields: dict[str, str]
) -> None:
    filled = said(admin, key, kind, **fields)
    assert "Ghi thay đổi" in send(admin, key, kind, "preview", filled).text
    assert send(admin, key, kind, "do", filled).status_code == 303


def test_what_is_missing_is_said_at_its_field(admin: FlaskClient) -> None:
    answer = send(admin, "A", "rename", "preview", {"new_id": str(unit_id("A")), "kind": "commune"})
    assert answer.status_code == 422
    assert "Cần điền mục này." in answer.text


def test_places_outside_the_scope_are_not_found(app: Flask) -> None:
    cuc = sign_in(app, "cuc").client
    assert cuc.get(f"/places/?unit={unit_id('A1')}").status_code == 200
    assert cuc.get(f"/places/?unit={unit_id('B')}").status_code == 404
    assert "Xã Mỹ Thạnh" not in cuc.get("/places/").text
    assert "Đổi tên" not in cuc.get("/places/").text


def test_an_overlay_shows_its_members_and_what_was_there_before_it(app: Flask) -> None:
    client = sign_in(app, "cum").client
    today, before = client.get("/places/").text, client.get("/places/?on=2019-12-31").text
    assert re.search(r"<h1[^>]*>Cụm số 1</h1>", today)
    assert re.findall(r'scope="row">\s*<a [^>]*>([^<]+)</a>', today) == ["Xã An Lộc"]
    assert "Chưa có đơn vị nào vào ngày này" in before


def test_overlays_stand_apart_from_what_lies_below(admin: FlaskClient) -> None:
    with admin.application.app_context():
        move = Move(on=date(2026, 11, 20), unit=unit_id("cluster"), parent=unit_id("district"))
        carry_out(None, move)
    page = admin.get(f"/places/?unit={unit_id('district')}").text
    places, overlays = re.findall(r"<table.*?</table>", page, re.DOTALL)[:2]
    below = ["Xã An Lộc", "Xã Mỹ Thạnh", "Phòng Kinh tế"]
    assert re.findall(r'scope="row">\s*<a [^>]*>([^<]+)</a>', places) == below
    assert re.findall(r'scope="row">\s*<a [^>]*>([^<]+)</a>', overlays) == ["Cụm số 1"]
    assert "Xã An Lộc" in overlays


def test_the_table_says_of_whom_the_people_are(admin: FlaskClient) -> None:
    with admin.application.app_context(), transaction() as session:
        for key, kind in (("lan", "hamlet_cadre"), ("minh", "commune_cadre"), ("xuan", "commune_cadre")):
            session.get_one(Officer, officer_id(key)).kind = kind
    page = " ".join(admin.get("/places/").text.split())
    assert "Trong đó 2 cán bộ cấp xã, 1 cán bộ ấp" in page
    english = " ".join(admin.get("/places/?lang=en").text.split())
    assert "Of whom 2 commune cadre, 1 hamlet officer" in english


def test_the_page_says_who_follows_what_and_speaks_english(admin: FlaskClient) -> None:
    page = admin.get("/places/?lang=en").text
    assert "Group officer" in page
    assert "Change this unit" in page
    assert "2022" in admin.get("/places/?on=2022-03-31").text
    assert admin.get("/places/?on=nonsense").status_code == 200


def test_the_month_says_on_which_tree_it_counts(app: Flask) -> None:
    client = sign_in(app, "rang").client
    assert "Tính theo cây địa bàn ngày 31/10/2026" in client.get("/reports/month?month=2026-10").text
    assert (
        "Tính theo cây địa bàn ngày 22/11/2026" in client.get("/reports/month?month=2026-10&tree=today").text
    )
    assert client.get("/reports/month?month=x").status_code == 200
