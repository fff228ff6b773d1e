"""The contact card: who follows a place at every tier, at the desk and on the pages without JavaScript."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.webapp.world import sign_in, unit_id
from webapp.accounts.models import Account
from webapp.db import transaction


@pytest.fixture
def world(app: Flask) -> Flask:
    with app.app_context(), transaction() as session:
        session.execute(update(Account).where(Account.code == "tinh").values(phone="0900000001"))
    return app


def names(page: str) -> list[str]:
    return re.findall(r'class="row-title">([^<]+)</p>', page)


def card(client: FlaskClient, key: str) -> list[str]:
    answer = client.get(f"/places/{unit_id(key)}/contacts")
    assert answer.status_code == 200
    return names(answer.text)


COMMUNE = ["Võ Thị Cúc", "Đỗ Văn Lành", "Hồ Văn Tỉnh", "Cao Văn Cụm", "Đặng Thị Liên", "Bùi Văn Rạng"]


def test_every_tier_finds_the_others_of_the_same_place(world: Flask) -> None:
    """The province's, the district's and the commune's people of one place see one another, never themselves."""
    for key, who in (
        ("tinh", "Hồ Văn Tỉnh"),
        ("cum", "Cao Văn Cụm"),
        ("rang", "Bùi Văn Rạng"),
        ("cuc", "Võ Thị Cúc"),
    ):
        assert card(sign_in(world, key).client, "A") == [name for name in COMMUNE if name != who]
    rang = sign_in(world, "rang").client
    assert card(rang, "A1-2") == [
        "Nguyễn Thị Lan", "Phạm Văn Âu", "Huỳnh Thị Hòa",
        *(name for name in COMMUNE if name != "Bùi Văn Rạng"),
    ]  # fmt: skip
    page = rang.get(f"/places/{unit_id('A')}/contacts").text
    assert 'href="tel:0900000001"' in page
    assert "Cán bộ tỉnh theo dõi xã: Xã An Lộc · Cán bộ tỉnh theo dõi xã · Xã An Lộc" in page
    assert "Ngô Thị Quản" not in page  # who keeps the system follows nothing


def test_the_card_of_a_place_outside_is_not_there(world: Flask) -> None:
    outside = f"/places/{unit_id('B')}/contacts"
    assert sign_in(world, "cuc").client.get(outside).status_code == 404
    assert sign_in(world, "tinh").client.get(outside).status_code == 404
    assert sign_in(world, "lan").client.get(f"/places/{unit_id('A')}/contacts").status_code == 403
    assert world.test_client().get(outside).status_code == 302


def test_the_plain_page_of_a_group_says_what_the_phone_says(world: Flask) -> None:
    address = f"/notebook/plain/groups/{unit_id('A1-2')}"
    lan = sign_in(world, "lan")
    page = lan.client.get(address)
    assert page.status_code == 200
    lan.pull()
    line = [unit_id("A1-2"), unit_id("A1"), unit_id("A")]
    told = [one["name"] for unit in line for one in lan.units[str(unit)].get("contacts", [])]
    assert names(page.text) == told == ["Phạm Văn Âu", "Huỳnh Thị Hòa", *COMMUNE]
    assert 'href="tel:0900000001"' in page.text
    assert "29 hộ" in page.text
    assert address in lan.client.get("/notebook/plain/").text
    assert sign_in(world, "minh").client.get(address).status_code == 404  # a colleague of another group
    assert sign_in(world, "xuan").client.get(address).status_code == 404
    assert sign_in(world, "cuc").client.get(address).status_code == 403  # she records nothing
