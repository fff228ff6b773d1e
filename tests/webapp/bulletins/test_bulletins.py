"""Bulletins from the desk to the phones and back as reach: who sees and does what, on both databases."""

from __future__ import annotations

import hashlib
import io
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import TODAY
from tests.webapp.world import SAME_ORIGIN, Phone, meeting, sign_in, unit_id
from webapp.audit.models import AuditEvent
from webapp.bulletins.models import Attachment, BulletinItem, Conveyance
from webapp.db import db, new_id
from webapp.places.actions import carry_out
from webapp.places.operations import Merge, NewUnit

WATER = "Lịch xả nước ngọt tháng 11"
LEAFLET = b"%PDF-1.4 " + b"x" * 1000
MAP = b"\xff\xd8\xff" + b"m" * 500


@pytest.fixture(autouse=True)
def no_tokens(any_app: Flask) -> None:
    any_app.config["WTF_CSRF_ENABLED"] = False


def desk(app: Flask, who: str) -> FlaskClient:
    return sign_in(app, who).client


def compose(client: FlaskClient, **said: Any) -> str:
    """Compose a draft and return its id."""
    made = str(new_id())
    form = {"new_id": made, "month": "2026-11", "title": WATER, "text": "Xả ngày 24.\nTrữ nước trước."} | said
    answer = client.post("/bulletins/new", data=form, headers=SAME_ORIGIN)
    assert answer.status_code == 303, answer.text
    return made


def take(client: FlaskClient, item: str, deed: str) -> int:
    return client.post(f"/bulletins/items/{item}/{deed}", headers=SAME_ORIGIN).status_code


def publish(client: FlaskClient, **said: Any) -> str:
    made = compose(client, **said)
    assert take(client, made, "publish") == 303
    return made


def told(phone: Phone) -> list[dict[str, Any]] | None:
    """Return what a phone was told of bulletins by its newest pull, if it was told any."""
    found: list[dict[str, Any]] | None = None
    for page in phone.pull():
        found = page.get("bulletins", found)
    return found


def titles(phone: Phone) -> list[str]:
    return [one["title"] for one in told(phone) or []]


def state_of(app: Flask, item: str) -> str:
    with app.app_context():
        return str(db.session.get_one(BulletinItem, UUID(item)).state)


def reach(client: FlaskClient, item: str, place: str = "") -> str:
    page = client.get(f"/bulletins/items/{item}/groups" + (f"?place={unit_id(place)}" if place else "")).text
    return page[page.index('class="lead"') :].split("</p>")[0]


def test_it_reaches_the_phones_of_its_audience_at_their_next_sync(any_app: Flask) -> None:
    lan, minh, xuan = (sign_in(any_app, who) for who in ("lan", "minh", "xuan"))
    for phone in (lan, minh, xuan):
        assert told(phone) == []
    made = compose(desk(any_app, "cuc"), places=[str(unit_id("A1"))], is_pinned="y")
    assert told(lan) is None  # a draft is nobody's
    assert take(desk(any_app, "cuc"), made, "publish") == 303
    [item] = told(lan) or []
    assert item == {
        "id": made, "month": "2026-11", "title": WATER, "text": "Xả ngày 24.\nTrữ nước trước.", "pinned": True,
        "from": "Xã An Lộc", "at": item["at"], "places": [str(unit_id("A1"))],
    }  # fmt: skip
    assert not told(minh)
    assert not told(xuan)
    assert told(lan) is None  # told once


def test_a_district_reaches_everybody_and_a_kind_of_place(any_app: Flask) -> None:
    lan, xuan = sign_in(any_app, "lan"), sign_in(any_app, "xuan")
    publish(desk(any_app, "rang"), title="Cả huyện")
    publish(desk(any_app, "rang"), title="Chỉ các ấp", kinds=["hamlet"])
    publish(desk(any_app, "rang"), title="Chỉ một tổ ở Mỹ Thạnh", places=[str(unit_id("B1"))])
    assert titles(lan) == ["Cả huyện", "Chỉ các ấp"]
    assert titles(xuan) == ["Cả huyện", "Chỉ các ấp", "Chỉ một tổ ở Mỹ Thạnh"]


def test_an_empty_pull_says_nothing_and_the_calendar_is_not_told_again(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    lan.pull()
    publish(desk(any_app, "cuc"))
    [page] = lan.pull()
    assert "bulletins" in page
    assert "calendar" not in page
    [quiet] = lan.pull()
    assert not {"bulletins", "calendar", "scope"} & quiet.keys()


def test_a_replacement_takes_over_and_the_old_one_is_kept(any_app: Flask) -> None:
    cuc, lan = desk(any_app, "cuc"), sign_in(any_app, "lan")
    old = publish(cuc)
    assert titles(lan) == [WATER]
    answer = cuc.post(f"/bulletins/items/{old}/replace", headers=SAME_ORIGIN)
    new = answer.headers["Location"].split("/")[-2]
    assert (
        cuc.post(f"/bulletins/items/{old}/replace", headers=SAME_ORIGIN).headers["Location"]
        == answer.headers["Location"]
    )  # the same draft
    form = {"month": "2026-11", "title": "Lịch xả nước, bản đúng", "text": "Xả ngày 26."}
    assert cuc.post(f"/bulletins/items/{new}/edit", data=form, headers=SAME_ORIGIN).status_code == 303
    assert told(lan) is None
    assert take(cuc, new, "publish") == 303
    [item] = told(lan) or []
    assert (item["title"], item["replaces"]) == ("Lịch xả nước, bản đúng", old)
    assert (state_of(any_app, old), state_of(any_app, new)) == ("replaced", "published")
    page = cuc.get(f"/bulletins/items/{old}").text
    assert "Đã có bản thay thế" in page
    assert "Xả ngày 24." in page
    assert take(cuc, new, "withdraw") == 303
    assert told(lan) == []
    assert "Đã thu hồi" in cuc.get("/bulletins/?month=2026-11").text
    with any_app.app_context():
        deeds = db.session.scalars(
            select(AuditEvent.action).where(AuditEvent.record_id.in_([UUID(old), UUID(new)]))
        ).all()
    assert sorted(deeds) == sorted([
        "bulletin_drafted", "bulletin_published", "bulletin_drafted", "bulletin_drafted", "bulletin_published",
        "bulletin_replaced", "bulletin_withdrawn",
    ])  # fmt: skip


def test_what_is_published_is_not_changed(any_app: Flask) -> None:
    cuc = desk(any_app, "cuc")
    made = publish(cuc)
    form = {"new_id": made, "month": "2026-11", "title": "Khác", "text": "Khác"}
    assert cuc.post(f"/bulletins/items/{made}/edit", data=form, headers=SAME_ORIGIN).status_code == 404
    cuc.post("/bulletins/new", data=form, headers=SAME_ORIGIN)
    assert take(cuc, made, "discard") == 303  # says why not
    assert WATER in cuc.get(f"/bulletins/items/{made}").text
    assert take(cuc, made, "publish") == 303  # twice is once
    with any_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(BulletinItem)) == 1


def test_a_draft_can_be_thrown_away(any_app: Flask) -> None:
    cuc = desk(any_app, "cuc")
    made = compose(cuc, places=[str(unit_id("A1"))])
    assert take(cuc, made, "discard") == 303
    assert cuc.get(f"/bulletins/items/{made}").status_code == 404


def test_five_are_pinned_and_not_a_sixth(any_app: Flask) -> None:
    cuc = desk(any_app, "cuc")
    for _ in range(5):
        publish(cuc, is_pinned="y")
    sixth = compose(cuc, is_pinned="y")
    assert "đã ghim đủ 5" in cuc.post(
        f"/bulletins/items/{sixth}/publish", headers=SAME_ORIGIN, follow_redirects=True
    ).text  # fmt: skip
    assert state_of(any_app, sixth) == "draft"


def test_only_below_and_in_the_name_of_ones_own_unit(any_app: Flask) -> None:
    cuc = desk(any_app, "cuc")
    form = {"new_id": str(new_id()), "month": "2026-11", "title": "x", "text": "x"}
    for place in ("district", "B", "A1"):
        answer = cuc.post(f"/bulletins/new?unit={unit_id(place)}", data=form, headers=SAME_ORIGIN)
        assert answer.status_code == 404, place
    outside = form | {"places": [str(unit_id("B1"))]}
    assert cuc.post("/bulletins/new", data=outside, headers=SAME_ORIGIN).status_code == 422
    made = publish(cuc)
    for who, allowed in (
        ("rang", 200),
        ("hoa", 200),
        ("cum", 200),
        ("lan", 403),
        ("quan", 403),
        ("tinh", 403),
    ):
        assert desk(any_app, who).get(f"/bulletins/items/{made}").status_code == allowed, who
    for who, status in (("hoa", 403), ("cum", 403), ("lan", 403), ("rang", 303)):
        assert take(desk(any_app, who), made, "withdraw") == status if who != "rang" else True, who
    assert take(desk(any_app, "rang"), made, "withdraw") == 404  # read from above, withdrawn by its own only
    assert state_of(any_app, made) == "published"


def test_a_neighbour_sees_nothing_of_it(any_app: Flask) -> None:
    """Commune B has no desk in this world: Hòa, who reads in hamlet A1, is the outsider of an item for A2."""
    draft = compose(desk(any_app, "cuc"))
    assert desk(any_app, "hoa").get(f"/bulletins/items/{draft}").status_code == 404
    made = publish(desk(any_app, "cuc"), places=[str(unit_id("A2"))])
    assert "0 trên 0 tổ" in reach(desk(any_app, "hoa"), made)
    assert "0 trên 1 tổ" in reach(desk(any_app, "cuc"), made)


def test_reach_counts_groups_told_by_entries_received(any_app: Flask) -> None:
    cuc, lan, minh = desk(any_app, "cuc"), sign_in(any_app, "lan"), sign_in(any_app, "minh")
    made = publish(cuc)
    assert "0 trên 3 tổ" in reach(cuc, made)
    row = {"text": WATER, "item_id": made, "questions": "Nước lên ruộng cao được không?"}
    entry = lan.operation("meeting.save", meeting(conveyed=[row]))
    [outcome] = lan.push(entry)
    assert outcome["outcome"] == "applied"
    assert "1 trên 3 tổ" in reach(cuc, made)
    assert "1 trên 2 tổ" in reach(cuc, made, "A1")
    assert "1 trên 2 tổ" in reach(desk(any_app, "hoa"), made)
    listed = cuc.get(f"/bulletins/items/{made}/groups?told=yes").text
    assert f"/review/entries/{entry['id']}" in listed
    assert "Nước lên ruộng cao được không?" in listed
    assert "Tổ NDTQ số 10" in cuc.get(f"/bulletins/items/{made}/groups?told=no").text
    assert ">1/3</a>" in cuc.get("/bulletins/?month=2026-11").text
    again = lan.operation("meeting.save", meeting(conveyed=[row]))
    lan.push(again)
    assert "1 trên 3 tổ" in reach(cuc, made)  # a group is counted once
    minh.push(minh.operation("meeting.save", meeting("A2-1", conveyed=[row])))
    assert "2 trên 3 tổ" in reach(cuc, made)
    for one in (entry, again):
        taken = lan.operation("meeting.withdraw", {"reason": "Ghi nhầm"}, id=one["id"], rev=2, base_rev=1)
        lan.push(taken)
    assert "1 trên 3 tổ" in reach(cuc, made)


def test_a_group_that_went_into_another_was_told_and_is_told_there(any_app: Flask) -> None:
    cuc, lan = desk(any_app, "cuc"), sign_in(any_app, "lan")
    made = publish(cuc, places=[str(unit_id("A1-2"))])
    lan.push(lan.operation("meeting.save", meeting(conveyed=[{"text": WATER, "item_id": made}])))
    assert "1 trên 1 tổ" in reach(cuc, made)
    whole = NewUnit(id=new_id(), kind="group", name="Tổ NDTQ số 3")
    with any_app.app_context():
        both = (unit_id("A1-2"), unit_id("A1-10"))
        carry_out(None, Merge(on=TODAY, sources=both, into=whole), "Nghị quyết 1")
    [item] = told(lan) or []
    assert str(whole.id) in item["places"]
    assert "1 trên 1 tổ" in reach(cuc, made)
    assert "Tổ NDTQ số 3" in cuc.get(f"/bulletins/items/{made}/groups?told=yes").text
    begun = (
        cuc.post(f"/bulletins/items/{made}/replace", headers=SAME_ORIGIN).headers["Location"].split("/")[-2]
    )
    assert take(cuc, begun, "publish") == 303
    assert state_of(any_app, begun) == "published"
    assert "0 trên 1 tổ" in reach(cuc, begun)


def test_the_last_word_of_an_entry_holds(any_app: Flask) -> None:
    cuc, lan = desk(any_app, "cuc"), sign_in(any_app, "lan")
    made = publish(cuc)
    first = lan.operation("meeting.save", meeting(conveyed=[{"text": WATER, "item_id": made}]))
    lan.push(first)
    assert "1 trên 3 tổ" in reach(cuc, made)
    mended = meeting(conveyed=[{"text": "Chuyện khác"}])
    lan.push(lan.operation("meeting.save", mended, id=first["id"], rev=2, base_rev=1))
    assert "0 trên 3 tổ" in reach(cuc, made)


def test_an_item_nobody_knows_and_an_old_entry_are_taken_as_they_are(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    rows = [{"text": "Bầu cử"}, {"text": "Lạ", "item_id": str(new_id())}]
    [outcome] = lan.push(lan.operation("meeting.save", meeting(conveyed=rows)))
    assert outcome["outcome"] == "applied"
    with any_app.app_context():
        assert not db.session.scalars(select(Conveyance)).all()


def test_without_javascript_it_is_read_and_ticked(any_app: Flask) -> None:
    made = publish(desk(any_app, "cuc"))
    lan = sign_in(any_app, "lan")
    page = lan.client.get("/notebook/plain/bulletins").text
    assert WATER in page
    assert "Trữ nước trước." in page
    assert WATER not in sign_in(any_app, "xuan").client.get("/notebook/plain/bulletins").text
    assert f'value="{made}"' in lan.client.get("/notebook/plain/record").text
    form = {"id": str(new_id()), "opened": str(new_id()), "base_rev": "0", "unit_id": str(unit_id("A1-2")),
            "status": "held", "meeting_date": "2026-11-18", "households_present": "20"}  # fmt: skip
    ticked = lan.client.post("/notebook/plain/record", data=form | {"convey": made}, headers=SAME_ORIGIN)
    assert ticked.status_code == 200
    assert f'name="conveyed-0-item_id" type="hidden" value="{made}"' in ticked.text
    assert 'name="convey"' not in ticked.text
    row = {"conveyed-0-text": WATER, "conveyed-0-item_id": made, "conveyed-0-questions": "Mấy giờ?"}
    assert lan.client.post("/notebook/plain/record", data=form | row, headers=SAME_ORIGIN).status_code == 303
    assert "1 trên 3 tổ" in reach(desk(any_app, "cuc"), made)


def files(*chosen: tuple[bytes, str]) -> list[tuple[io.BytesIO, str]]:
    return [(io.BytesIO(data), name) for data, name in chosen]


def address_of(data: bytes) -> str:
    return f"/bulletins/files/{hashlib.sha256(data).hexdigest()}"


def kept(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Attachment)) or 0


def test_files_go_with_an_item_to_its_audience_and_to_nobody_else(any_app: Flask) -> None:
    cuc, lan, minh = desk(any_app, "cuc"), sign_in(any_app, "lan"), sign_in(any_app, "minh")
    made = compose(
        cuc, places=[str(unit_id("A1"))], files=files((LEAFLET, "Lịch  xả.pdf"), (MAP, "Bản đồ.jpg"))
    )
    assert cuc.get(address_of(LEAFLET)).data == LEAFLET
    assert lan.client.get(address_of(LEAFLET)).status_code == 404  # a draft is nobody's
    take(cuc, made, "publish")
    [item] = told(lan) or []
    assert item["files"] == [
        {"sha256": address_of(data)[-64:], "name": name, "type": kind, "size": len(data)}
        for data, name, kind in (
            (LEAFLET, "Lịch xả.pdf", "application/pdf"), (MAP, "Bản đồ.jpg", "image/jpeg"),
        )
    ]  # fmt: skip
    answer = lan.client.get(address_of(MAP))
    assert (answer.data, answer.content_type) == (MAP, "image/jpeg")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        lan.client.get(address_of(MAP), headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    )
    assert "Bản đồ.jpg" in lan.client.get("/notebook/plain/bulletins").text
    assert minh.client.get(address_of(MAP)).status_code == 404
    assert any_app.test_client().get(address_of(MAP)).status_code in (302, 401)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ([(b"MZ program", "hay.pdf")], "không phải ảnh hay PDF"),
        ([(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "ảnh.svg")], "không phải ảnh hay PDF"),
        ([(MAP + b"m" * 150_000, "to.jpg")], "lớn hơn 150 kB"),
        ([(MAP + bytes([one]), f"{one}.jpg") for one in range(3)], "nhiều nhất 2 tệp"),
        ([(b"", "rỗng.pdf")], "không phải ảnh hay PDF"),
    ],
    ids=["a program", "a drawing with scripts", "too large", "too many", "empty"],
)
def test_what_phones_cannot_open_or_carry_is_refused_in_words(
    any_app: Flask, chosen: list[tuple[bytes, str]], said: str
) -> None:
    form = {"new_id": str(new_id()), "month": "2026-11", "title": WATER, "text": "Xả ngày 24."}
    cuc = desk(any_app, "cuc")
    answer = cuc.post("/bulletins/new", data={**form, "files": files(*chosen)}, headers=SAME_ORIGIN)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Xả ngày 24." in answer.text
    assert kept(any_app) == 0


def test_versions_share_their_files_and_what_no_item_has_is_gone(any_app: Flask) -> None:
    cuc = desk(any_app, "cuc")
    first = publish(cuc, files=files((LEAFLET, "Lịch.pdf")))
    draft = cuc.post(f"/bulletins/items/{first}/replace", headers=SAME_ORIGIN).location.split("/")[-2]
    assert "Lịch.pdf" in cuc.get(f"/bulletins/items/{draft}").text
    form = {"new_id": draft, "month": "2026-11", "title": WATER, "text": "Xả ngày 25."}
    address = f"/bulletins/items/{draft}/edit"
    cuc.post(address, data={**form, "files": files((MAP, "Bản đồ.jpg"))}, headers=SAME_ORIGIN)
    page = cuc.get(f"/bulletins/items/{draft}").text
    assert "Bản đồ.jpg" in page
    assert "Lịch.pdf" not in page  # not ticked any more
    assert kept(any_app) == 2  # the first version still has it
    assert "Lịch.pdf" in cuc.get(f"/bulletins/items/{first}").text
    many = {
        **form,
        "kept": address_of(MAP)[-64:],
        "files": files((MAP + b"2", "2.jpg"), (MAP + b"3", "3.jpg")),
    }
    assert cuc.post(address, data=many, headers=SAME_ORIGIN).status_code == 422
    take(cuc, draft, "discard")
    assert kept(any_app) == 1
