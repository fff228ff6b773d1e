"""Types of units are called as people call them there, on every screen that speaks of a type."""

from __future__ import annotations

import re
from datetime import date

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.webapp.world import SAME_ORIGIN, meeting, officer_id, sign_in, unit_id
from webapp import cli
from webapp.accounts.models import Role
from webapp.assignments.models import Assignment
from webapp.audit.models import AuditEvent
from webapp.db import db, new_id, transaction
from webapp.places.models import UnitType
from webapp.places.unit_types import name_types


@pytest.fixture
def world(app: Flask) -> Flask:
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def filled(client: FlaskClient) -> dict[str, str]:
    page = client.get("/places/types").text
    tags = [tag for tag in re.findall(r"<input[^>]*>", page) if 'name="types-' in tag]
    return {_attribute(tag, "name"): _attribute(tag, "value") for tag in tags}


def _attribute(tag: str, name: str) -> str:
    (value,) = re.findall(rf' {name}="([^"]*)"', tag)
    return str(value)


def row_of(fields: dict[str, str], code: str) -> str:
    (name,) = (name for name, value in fields.items() if value == code and name.endswith("-code"))
    return name.removesuffix("-code")


def test_an_administrator_names_a_type_and_every_screen_says_so(world: Flask) -> None:
    quan, rang, lan = sign_in(world, "quan").client, sign_in(world, "rang").client, sign_in(world, "lan")
    fields = filled(quan)
    hamlet, group, commune = (row_of(fields, code) for code in ("hamlet", "group", "commune"))
    said = fields | {
        f"{hamlet}-label": " Thôn ", f"{hamlet}-label_en": "Village", f"{group}-label": "Tổ liên gia",
        f"{group}-label_en": "Neighbour group", f"{commune}-label": "Phường",
    }  # fmt: skip
    assert quan.post("/places/types", data=said, headers=SAME_ORIGIN).status_code == 303
    assert "Đã đổi tên gọi." in quan.get("/places/types").text
    entry = lan.operation("meeting.save", meeting())
    lan.push(entry)
    lan.pull()
    assert lan.units[str(unit_id("A1-2"))]["type_label"] == "Tổ liên gia"
    assert "Tổ liên gia" in lan.client.get(f"/notebook/plain/groups/{unit_id('A1-2')}").text
    tree = rang.get(f"/places/?unit={unit_id('A')}").text
    assert "<td>Thôn</td>" in tree
    assert ">Tổ liên gia</th>" in tree
    assert "Village" in rang.get(f"/places/?unit={unit_id('A')}&lang=en").text
    assert "Tổ liên gia, thuộc Ấp Phú Thạnh" in rang.get(f"/review/entries/{entry['id']}?lang=vi").text
    report = rang.get("/reports/month?month=2026-11").text
    assert '<th scope="col">Phường</th>' in report
    assert "Tổ liên gia" in report
    assert "(Thôn)" in quan.get("/people/new").text
    assert '<option value="hamlet">Thôn</option>' in quan.get(f"/places/{unit_id('A')}/create").text
    with world.app_context():
        noted = select(func.count()).where(AuditEvent.action == "unit_type.labelled")
        assert db.session.scalar(noted) == 3  # those that changed


def test_an_empty_name_is_said_at_its_field(world: Flask) -> None:
    quan = sign_in(world, "quan").client
    fields = filled(quan)
    answer = quan.post("/places/types", data=fields | {"types-0-label": " "}, headers=SAME_ORIGIN)
    assert (answer.status_code, "Cần điền mục này." in answer.text) == (422, True)


def test_names_that_others_use_too_are_not_theirs_to_change(world: Flask) -> None:
    """An administrator of one commune shows its hamlets under their name, and leaves it: another has hamlets too."""
    with world.app_context(), transaction() as session:
        assert session.get(Role, "administrator")
        session.add(Assignment(id=new_id(), officer_id=officer_id("cuc"), unit_id=unit_id("A"),
                               role_code="administrator", valid_from=date(2026, 1, 1)))  # fmt: skip
    cuc = sign_in(world, "cuc").client
    page = cuc.get("/places/types").text
    assert "Dùng chung với nơi khác" in page
    assert "<li>Ấp</li>" in page
    forged = {"types-0-code": "hamlet", "types-0-label": "Thôn", "types-0-label_en": "Village"}
    assert cuc.post("/places/types", data=forged, headers=SAME_ORIGIN).status_code == 403
    unknown = forged | {"types-0-code": "planet"}
    assert cuc.post("/places/types", data=unknown, headers=SAME_ORIGIN).status_code == 403
    assert sign_in(world, "rang").client.get("/places/types").status_code == 403
    with world.app_context():
        assert db.session.get_one(UnitType, "hamlet").label == "Ấp"


def test_the_command_names_a_type(world: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "create_app", lambda: world)
    done = CliRunner().invoke(cli.main, ["places", "label", "hamlet", "Bản", "Upland village"])
    assert done.exit_code == 0, done.output
    with world.app_context():
        assert db.session.get_one(UnitType, "hamlet").label == "Bản"
        name_types(None, {"hamlet": ("Bản", "Upland village")})
        noted = select(func.count()).where(AuditEvent.action == "unit_type.labelled")
        assert db.session.scalar(noted) == 1
    wrong = CliRunner().invoke(cli.main, ["places", "label", "planet", "x", "x"])
    assert (wrong.exit_code, "no type of unit" in wrong.output) == (1, True)
