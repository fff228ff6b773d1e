"""The sheet of a group: who may print it, and what is on it and what never is."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp.petitions.acting import HOME, do, raised, step
from tests.webapp.world import PEOPLE, sign_in, unit_id
from webapp import clock
from webapp.petitions.rules import Deed

OF_GROUP = {"lan", "au", "cuc", "lanh", "hoa", "rang", "cum", "lien"}
"""Who may print the sheet of the group A1-2; of the hamlet around it, without its officer."""
NO_SHEETS = {"tinh", "quan", "kinh"}
"""Who neither records nor reads meetings anywhere."""


@pytest.fixture
def plain(any_app: Flask) -> Flask:
    any_app.config["WTF_CSRF_ENABLED"] = False
    return any_app


def sheet(client: FlaskClient, place: str = "A1-2", month: str = "2026-11") -> str:
    """Return the words of a sheet, without what is around it."""
    answer = client.get(f"/notices/{unit_id(place)}?month={month}")
    assert answer.status_code == 200, answer.text
    article = re.search(r"<article.*?</article>", answer.text, re.DOTALL)
    assert article is not None
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", article.group())).split())


def part(page: str, band: str) -> str:
    """Return the words of one part of a sheet."""
    ends = {
        "Đã làm": "Đang làm (",
        "Đang làm": "Chưa làm được, vì sao (",
        "Chưa làm được, vì sao": "Tính đến ngày",
    }
    return page.split(f"{band} (", 1)[1].split(ends[band], 1)[0]


@pytest.mark.parametrize("who", [person[0] for person in PEOPLE])
def test_who_may_print_which_sheet(plain: Flask, who: str) -> None:
    client = sign_in(plain, who).client
    statuses = {
        place: client.get(f"/notices/{unit_id(place)}").status_code for place in ("A1-2", "A1", "A", "B1-1")
    }
    missing = 403 if who in NO_SHEETS else 404
    assert statuses == {
        "A1-2": 200 if who in OF_GROUP else missing,
        "A1": 200 if who in OF_GROUP - {"lan"} else missing,
        "A": missing,  # neither group nor hamlet
        "B1-1": 200 if who in ("xuan", "rang", "lien") else missing,
    }
    listed = client.get("/notices/").text
    assert (f"/notices/{unit_id('A1-2')}?" in listed) is (who in OF_GROUP)
    assert (f"/notices/{unit_id('A1')}?" in listed) is (who in OF_GROUP - {"lan"})
    assert client.get(f"/notices/?unit={unit_id('B')}").status_code == (
        200 if who in ("xuan", "rang", "lien") else missing
    )


def test_each_matter_stands_where_it_belongs_and_nobody_is_named(plain: Flask) -> None:
    done, doing, refused, _ = (
        raised(plain, title=title) for title in ("Cống hẻm 12", "Đèn đường", "Cầu ván", "Việc chưa ai xem")
    )
    with plain.app_context():
        do("cuc", done, Deed.ASSIGN, Deed.RESOLVE)
        do("cuc", doing, Deed.ASSIGN)
        do("cuc", refused, Deed.ASSIGN, Deed.DECLINE)
    page = sheet(sign_in(plain, "lan").client)
    assert "Tổ NDTQ số 2, Ấp Phú Thạnh" in page
    assert "Bà con nêu: 4 việc trong tháng. Mới nêu, chờ phân loại: 1." in page
    assert "Cống hẻm 12 Đã nạo vét 35 m." in part(page, "Đã làm")
    assert "Đèn đường Phụ trách: Xã An Lộc. Hạn: ngày 04/12/2026." in part(page, "Đang làm")
    assert "Cầu ván Chưa có vốn trong năm nay." in part(page, "Chưa làm được, vì sao")
    assert "Việc chưa ai xem" not in page  # nobody has looked whether it may hang
    for _, name, *_ in PEOPLE:
        assert name not in page


def test_what_is_sent_to_another_channel_is_only_counted(plain: Flask) -> None:
    wish = raised(plain, title="Việc riêng của xóm")
    with plain.app_context():
        do("cuc", wish, Deed.TRIAGE)
    client = sign_in(plain, "cuc").client
    assert "Việc riêng của xóm" in sheet(client)
    with plain.app_context():
        do("cuc", wish, Deed.REDIRECT)
    for place in ("A1-2", "A1"):
        page = sheet(client, place)
        assert "Đã hướng dẫn sang kênh khác: 1." in page
        assert "Tố cáo" not in page
        assert "Việc riêng của xóm" not in page
    clock.pretend_today(clock.today() + timedelta(days=35))
    assert "kênh khác: 1" not in sheet(client, month="2026-12")
    assert "Việc riêng của xóm" not in sheet(client)


@pytest.mark.parametrize(
    ("title", "answer"),
    [
        ("Đề nghị ông Tư Mẫu tháo đập", "Đã làm."),
        ("Cấp lại giấy 012345678901", "Đã làm."),
        ("Tố cáo người đổ rác", "Đã làm."),
        ("Cống hẻm 12", "Anh Năm Mẫu đã nạo vét."),
    ],
)
def test_what_looks_like_a_person_stays_off_and_the_desk_is_told(
    plain: Flask, title: str, answer: str
) -> None:
    wish = raised(plain, title=title)
    with plain.app_context():
        do("cuc", wish, Deed.ASSIGN, step(Deed.RESOLVE, text=answer))
    client = sign_in(plain, "cuc").client
    page = sheet(client)
    assert title not in page
    assert answer not in page
    assert "1 việc khác không ghi ở đây." in page
    assert f'href="/petitions/{wish}"' in client.get(f"/notices/{unit_id('A1-2')}").text


def test_a_hamlet_s_sheet_says_once_what_several_groups_raised(plain: Flask) -> None:
    head, other, alone = (
        raised(plain, group, title=title)
        for group, title in (("A1-2", "Cống hẻm 12"), ("A1-10", "Cống hẻm"), ("A1-10", "Đèn đường"))
    )
    with plain.app_context():
        do("cuc", alone, Deed.TRIAGE)
        do("cuc", head, step(Deed.ASSIGN, unit_id=HOME))
        do("cuc", other, step(Deed.MERGE, other_id=head))
    client = sign_in(plain, "cuc").client
    doing = part(sheet(client, "A1"), "Đang làm")
    assert "Cống hẻm 12 (Tổ NDTQ số 2, Tổ NDTQ số 10)" in doing
    assert doing.count("Cống hẻm") == 1
    assert "Đang giải quyết chung với kiến nghị cùng nội dung." in part(sheet(client, "A1-10"), "Đang làm")
    with plain.app_context():
        do("cuc", head, Deed.RESOLVE)
    assert "Cống hẻm 12 (Tổ NDTQ số 2, Tổ NDTQ số 10) Đã nạo vét 35 m." in part(sheet(client, "A1"), "Đã làm")
    assert "Cống hẻm Đã nạo vét 35 m." in part(sheet(client, "A1-10"), "Đã làm")


def test_a_month_stays_what_it_was_and_the_future_is_not_yet(plain: Flask) -> None:
    today = clock.today()
    wish = raised(plain, title="Cống hẻm 12")
    with plain.app_context():
        do("cuc", wish, Deed.ASSIGN)
    client = sign_in(plain, "lan").client
    month, later = f"{today:%Y-%m}", today.replace(day=1) + timedelta(days=45)
    assert sheet(client, month="2099-01") == sheet(client, month="x") == sheet(client, month=month)
    clock.pretend_today(later)
    with plain.app_context():
        do("cuc", wish, Deed.RESOLVE)
    assert "Cống hẻm 12" in part(sheet(client, month=month), "Đang làm")
    assert "Cống hẻm 12" in part(sheet(client, month=f"{later:%Y-%m}"), "Đã làm")
    assert "Cống hẻm 12" not in sheet(client, month="2026-09")
    clock.pretend_today(date(2027, 3, 1))
    assert "Cống hẻm 12" in part(sheet(client, month="2027-03"), "Đã làm")  # until the group is told


def test_the_ways_to_the_sheet(plain: Flask) -> None:
    lan, cuc = sign_in(plain, "lan").client, sign_in(plain, "cuc").client
    assert f'href="/notices/{unit_id("A1-2")}"' in lan.get(f"/notebook/plain/groups/{unit_id('A1-2')}").text
    assert 'href="/notices/"' in cuc.get("/petitions/").text
    assert 'href="/notices/"' not in sign_in(plain, "kinh").client.get("/petitions/").text
