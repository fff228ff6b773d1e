"""People: kept by their administrator alone, codes that work once, accounts that rest."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from tests.webapp.world import PASSWORD, PEOPLE, SAME_ORIGIN, officer_id, sign_in, unit_id
from webapp import cli, clock
from webapp.accounts.models import Account
from webapp.accounts.queries import actor_of_officer
from webapp.accounts.rules import Actor
from webapp.db import db, new_id, transaction
from webapp.errors import Problem
from webapp.people import actions, queries, rules
from webapp.people.actions import PersonFacts, TakenError
from webapp.people.models import Activation
from webapp.people.queries import Filters
from webapp.people.rules import AccountState
from webapp.text import matches

QUERIES = (
    "", "lan", "ng", "van t", "t van", "Nguyễn THỊ", "thi l", "an", "09123", "12", "cu", "x%", "_",
)  # fmt: skip
CODE = re.compile(r'class="slip-typed">([0-9A-Z]{5}-[0-9A-Z]{5})<')


@pytest.fixture
def quan(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(app, "quan").client


def as_actor(key: str) -> Actor:
    found = actor_of_officer(officer_id(key), new_id())
    assert found is not None
    return found


def post(client: FlaskClient, address: str, **data: object) -> tuple[int, str]:
    answer = client.post(address, data=data, headers=SAME_ORIGIN)
    return answer.status_code, answer.text


def code_for(client: FlaskClient, *keys: str) -> str:
    status, text = post(client, "/people/slips", officer=[str(officer_id(key)) for key in keys])
    assert status == 200
    return str(CODE.findall(text)[0])


def use(app: Flask, code: str) -> int:
    form = {"code": code, "password": "mat-khau-moi-1", "again": "mat-khau-moi-1"}
    return app.test_client().post("/activate", data=form, headers=SAME_ORIGIN).status_code


def sign_in_status(app: Flask, key: str, password: str) -> int:
    form = {"identifier": key, "password": password}
    return app.test_client().post("/sign-in", data=form, headers=SAME_ORIGIN).status_code


def test_the_list_finds_counts_and_pages_in_the_database(
    any_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What SQL finds is what the rules say of each person, in the order of given names, page after page."""
    monkeypatch.setattr(queries, "PAGE", 5)
    with any_app.app_context():
        quan = as_actor("quan")
        with transaction() as session:
            session.execute(update(Account).where(Account.code == "lan").values(is_active=False))
            session.execute(
                update(Account).where(Account.code == "minh").values(password_hash=None, phone="0912345678")
            )
        actions.hand_out(quan, [officer_id("xuan")])
        everybody = [one for page in (1, 2, 3) for one in queries.people(quan, Filters(page=page)).people]
        assert [one.name.split()[-1] for one in everybody] == [
            "Âu", "Cúc", "Cụm", "Hòa", "Kinh", "Lan", "Lành", "Liên", "Minh", "Quản", "Rạng", "Tỉnh", "Xuân",
        ]  # fmt: skip
        assert len(everybody) == len({one.id for one in everybody}) == len(PEOPLE)
        for query in QUERIES:
            found = queries.people(quan, Filters(query=query))
            expected = [one for one in everybody if matches(query, one.name, one.code, one.phone)]
            assert (found.total, found.pages) == (len(expected), max(1, -(-len(expected) // 5))), query
            assert [one.id for one in found.people] == [one.id for one in expected[:5]]
            for state in AccountState:
                assert found.states[state] == sum(one.state is state for one in expected)
                only = queries.people(quan, Filters(query=query, state=state)).people
                assert only == [one for one in expected if one.state is state][:5]
        states = queries.people(quan, Filters()).states
        assert [states[state] for state in AccountState] == [1, 1, 10, 1]
        assert queries.people(quan, Filters(state="nonsense")).total == 0
        assert queries.people(quan, Filters(page=9)).people == []
        actions.save_person(quan, officer_id("lan"), PersonFacts(
            "Nguyễn Thị Đào", "Cán bộ", "commune_cadre", unit_id("A"), "lan", ""))  # fmt: skip
        assert [one.name for one in queries.people(quan, Filters(query="dao")).people] == ["Nguyễn Thị Đào"]


def test_a_slip_works_once_and_signs_its_owner_in(app: Flask, quan: FlaskClient) -> None:
    code = code_for(quan, "lan")
    client = app.test_client()
    form = {"code": code.lower().replace("-", " "), "password": "mat-khau-moi-1", "again": "mat-khau-moi-1"}
    answer = client.post("/activate", data=form, headers=SAME_ORIGIN)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/notebook/?signed_in={officer_id('lan')}",
    )
    assert client.get("/sync/session").get_json()["officer"]["id"] == str(officer_id("lan"))
    assert use(app, code) == 422
    assert sign_in_status(app, "lan", "mat-khau-moi-1") == 303
    assert sign_in_status(app, "lan", PASSWORD) == 422


def test_opening_the_page_of_a_slip_uses_nothing(app: Flask, quan: FlaskClient) -> None:
    code = code_for(quan, "lan")
    for _ in range(2):
        assert app.test_client().get(f"/activate?code={code}").status_code == 200
    assert use(app, code) == 303


def test_a_new_slip_ends_the_old_one(app: Flask, quan: FlaskClient) -> None:
    old, new = code_for(quan, "lan"), code_for(quan, "lan")
    assert use(app, old) == 422
    assert use(app, new) == 303


def test_a_slip_expires(app: Flask, quan: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    code = code_for(quan, "lan")
    later = clock.now() + rules.LIFETIME + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert use(app, code) == 422


def test_a_code_is_stored_as_a_keyed_hash_only(app: Flask, quan: FlaskClient) -> None:
    code = code_for(quan, "lan")
    with app.app_context():
        (stored,) = db.session.scalars(select(Activation.digest)).all()
        assert stored == rules.digest(code, app.config["SECRET_KEY"])
        assert stored != rules.digest(code, "another installation's key")


@pytest.mark.parametrize(
    ("password", "again"), [("ngan", "ngan"), ("mat-khau-moi-1", "mat-khau-moi-2"), ("", "")]
)
def test_a_poor_password_leaves_the_code_good(
    app: Flask, quan: FlaskClient, password: str, again: str
) -> None:
    code = code_for(quan, "lan")
    form = {"code": code, "password": password, "again": again}
    assert app.test_client().post("/activate", data=form, headers=SAME_ORIGIN).status_code == 422
    assert use(app, code) == 303


def test_a_locked_account_gets_no_slip_and_its_slip_is_dead(app: Flask, quan: FlaskClient) -> None:
    code = code_for(quan, "lan")
    lan = sign_in(app, "lan")
    assert post(quan, f"/people/{officer_id('lan')}/lock")[0] == 303
    assert use(app, code) == 422
    assert CODE.findall(post(quan, "/people/slips", officer=str(officer_id("lan")))[1]) == []
    assert sign_in_status(app, "lan", PASSWORD) == 422
    assert lan.client.get("/sync/session").status_code == 401
    assert post(quan, f"/people/{officer_id('lan')}/unlock")[0] == 303
    assert sign_in_status(app, "lan", PASSWORD) == 303


def test_nobody_locks_themselves_out(quan: FlaskClient) -> None:
    assert post(quan, f"/people/{officer_id('quan')}/lock")[0] == 403


def test_revoked_phones_may_only_push(app: Flask, quan: FlaskClient) -> None:
    lan = sign_in(app, "lan")
    assert post(quan, f"/people/{officer_id('lan')}/revoke")[0] == 303
    assert lan.client.get("/sync/session").get_json()["device"]["revoked"]
    assert lan.client.get("/sync/pull").status_code == 403


def test_somebody_new_comes_in_by_a_slip(app: Flask, quan: FlaskClient) -> None:
    made = str(new_id())
    form = {
        "new_id": made, "full_name": "  Lâm  Thị Én ", "title": "Trưởng ấp", "kind": "hamlet_cadre",
        "home_unit_id": str(unit_id("A1")), "code": "EN-01", "phone": "90 123 45 67",
    }  # fmt: skip
    for _ in range(2):  # a double tap is one person
        assert post(quan, "/people/new", **form)[0] == 303
    with app.app_context():
        (person,) = queries.chosen(as_actor("quan"), [UUID(made)])
        assert (person.name, person.code, person.phone) == ("Lâm Thị Én", "en-01", "0901234567")
        assert person.state is AccountState.NONE
    (code,) = CODE.findall(post(quan, "/people/slips", officer=made)[1])
    assert use(app, code) == 303
    assert sign_in_status(app, "0901234567", "mat-khau-moi-1") == 303


def test_a_code_or_phone_belongs_to_one_person(app: Flask) -> None:
    facts = PersonFacts("Ai Đó", "Trưởng ấp", "hamlet_cadre", unit_id("A1"), "lan", "")
    with app.app_context(), pytest.raises(TakenError):
        actions.save_person(as_actor("quan"), new_id(), facts)


def test_the_scope_of_an_administrator_ends_at_their_units(app: Flask) -> None:
    facts = PersonFacts("Lan Khác", "x", "district", unit_id("A1"), "lan-2", "")
    with app.app_context():
        outsider = as_actor("lan")  # administers nothing
        assert queries.people(outsider, queries.Filters()).total == 0
        assert actions.hand_out(outsider, [officer_id("xuan")]) == []
        with pytest.raises(Problem, match="not_found"):
            actions.set_locked(outsider, officer_id("xuan"), locked=True)
        with pytest.raises(Problem, match="not_found"):
            actions.save_person(outsider, officer_id("xuan"), facts)


def test_people_are_listed_by_given_name_and_found_without_diacritics(app: Flask) -> None:
    with app.app_context():
        actor = as_actor("quan")
        everybody = [person.name for person in queries.people(actor, queries.Filters()).people]
        assert everybody[:3] == ["Phạm Văn Âu", "Võ Thị Cúc", "Cao Văn Cụm"]
        found = queries.people(actor, queries.Filters(query="thi lan"))
        assert [person.name for person in found.people] == ["Nguyễn Thị Lan"]
        assert queries.people(actor, queries.Filters(unit_id=unit_id("B"))).total == 1


def test_what_an_account_is_asked_is_where_it_stands(app: Flask, quan: FlaskClient) -> None:
    code_for(quan, "minh")
    with app.app_context():
        found = queries.people(as_actor("quan"), queries.Filters(state="code_out"))
        assert [person.name for person in found.people] == ["Trần Văn Minh"]
        assert found.states[AccountState.CODE_OUT] == 1
        password = select(Account.password_hash).where(Account.officer_id == officer_id("minh"))
        assert db.session.scalar(password) is not None  # the old password holds until the slip is used


@given(st.integers(0, 2**50 - 1))
def test_a_code_reads_the_same_however_it_is_typed(number: int) -> None:
    code = "".join(rules.ALPHABET[number >> 5 * place & 31] for place in range(rules.LENGTH))
    sloppy = code.lower().replace("0", "o").replace("1", "l")
    assert rules.tidy_code(f" {sloppy[:5]} - {sloppy[5:]} ") == code
    assert rules.digest(sloppy, "k") == rules.digest(code, "k")


def test_an_installation_begins_with_its_administrator(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "create_app", lambda: app)
    command = ["user", "administrator", "Quản Trị Mới", "QT-01"]
    answer = CliRunner().invoke(cli.main, command)
    assert answer.exit_code == 0, answer.output
    assert "Quản Trị Mới administers Huyện Mẫu." in answer.output
    again = CliRunner().invoke(cli.main, command)
    assert (again.exit_code, "has the code" in again.output) == (1, True)
    nowhere = CliRunner().invoke(cli.main, [*command, "--unit", "99"])
    assert (nowhere.exit_code, "no such unit" in nowhere.output) == (1, True)

    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    form = {
        "code": re.findall("[0-9A-Z]{5}-[0-9A-Z]{5}", answer.output)[0],
        "password": "mat-khau-moi-1", "again": "mat-khau-moi-1",
    }  # fmt: skip
    assert client.post("/activate", data=form, headers=SAME_ORIGIN).status_code == 303
    assert client.get("/people/").status_code == 200
