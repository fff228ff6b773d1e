"""People sign in by code or phone number, rest after many wrong tries, and are sent to their first screen."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.webapp.world import PASSWORD, SAME_ORIGIN, Phone, officer_id, sign_in
from webapp.accounts.actions import sign_out
from webapp.accounts.models import Account, Device
from webapp.accounts.queries import actor_of_device
from webapp.accounts.rules import MAX_FAILED_SIGN_INS, tidy_identifier
from webapp.db import db, transaction
from webapp.ops.models import Setting


def token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)
    assert found
    return found[1]


def try_to(client: FlaskClient, identifier: str, password: str, next_: str = "") -> tuple[int, str]:
    form = {"csrf_token": token(client), "identifier": identifier, "password": password, "next": next_}
    answer = client.post("/sign-in", data=form, headers=SAME_ORIGIN)
    return answer.status_code, answer.headers.get("Location", "")


@pytest.mark.parametrize(
    ("who", "first"),
    [
        ("lan", "/notebook/"),
        ("au", "/notebook/"),
        ("cuc", "/review/"),
        ("lien", "/review/"),
        ("tinh", "/places/"),
        ("quan", "/places/"),
    ],
)
def test_each_person_begins_at_their_own_screen(app: Flask, who: str, first: str) -> None:
    client = app.test_client()
    # The notebook that was open on this phone may be somebody else's: it is told to ask before it shows anything.
    told = f"{first}?signed_in={officer_id(who)}" if first == "/notebook/" else first
    assert try_to(client, f" {who.upper()} ", PASSWORD) == (303, told)
    assert client.get("/").headers["Location"] == first


def test_whoever_signs_in_on_the_way_goes_on_from_there(app: Flask) -> None:
    assert try_to(app.test_client(), "lan", PASSWORD, "/notebook/record?new=1") == (
        303,
        f"/notebook/record?new=1&signed_in={officer_id('lan')}",
    )
    # Said by whoever was here before, or by a link that only asks for it: it is said anew.
    for said in ("signed_in", f"signed_in={officer_id('minh')}&id=1"):
        kept = "id=1&" if "id=1" in said else ""
        assert try_to(app.test_client(), "lan", PASSWORD, f"/notebook/entry?{said}") == (
            303,
            f"/notebook/entry?{kept}signed_in={officer_id('lan')}",
        )
    assert try_to(app.test_client(), "cuc", PASSWORD, "/review/?month=2026-10") == (
        303,
        "/review/?month=2026-10",
    )


def test_the_session_lasts_and_is_hidden_from_scripts(app: Flask) -> None:
    client = app.test_client()
    try_to(client, "lan", PASSWORD)
    cookie = client.get_cookie("gandan")
    assert cookie
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert cookie.expires


@pytest.mark.parametrize(
    ("identifier", "password"), [("lan", "sai"), ("khong-co", PASSWORD), ("", ""), ("lan", "")]
)
def test_a_wrong_name_or_password_is_not_told_apart(app: Flask, identifier: str, password: str) -> None:
    client = app.test_client()
    assert try_to(client, identifier, password)[0] == 422
    assert client.get("/").headers["Location"] == "/sign-in"


def test_after_many_wrong_passwords_the_account_rests(app: Flask) -> None:
    client = app.test_client()
    for _ in range(MAX_FAILED_SIGN_INS):
        try_to(client, "lan", "sai")
    assert try_to(client, "lan", PASSWORD)[0] == 422
    with app.app_context(), transaction() as session:
        session.execute(update(Account).where(Account.code == "lan").values(locked_until=None))
    assert try_to(client, "lan", PASSWORD)[0] == 303


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_another_site(app: Flask, address: str) -> None:
    assert try_to(app.test_client(), "lan", PASSWORD, address) == (
        303,
        f"/notebook/?signed_in={officer_id('lan')}",
    )


def test_signing_out_ends_the_session_of_this_device_only(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    one, other = sign_in(app, "lan"), sign_in(app, "lan")
    assert one.client.post("/sign-out", headers=SAME_ORIGIN).status_code == 303
    assert one.client.get("/sync/session").status_code == 401
    assert other.client.get("/sync/session").status_code == 200
    with app.app_context():
        assert len(db.session.scalars(select(Device).where(Device.signed_out_at.is_not(None))).all()) == 1


def test_a_cookie_of_a_signed_out_device_opens_nothing(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    lan = sign_in(app, "lan")
    stolen = app.test_client()
    with stolen.session_transaction() as session:
        session["device"] = str(lan.device.id)
    lan.client.post("/sign-out", headers=SAME_ORIGIN)
    assert stolen.get("/sync/session").status_code == 401


def test_only_a_demonstration_offers_its_people(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    assert client.post("/sign-in/demonstration/lan", headers=SAME_ORIGIN).status_code == 404
    assert "Nguyễn Thị Lan" not in client.get("/sign-in").text
    with app.app_context(), transaction() as session:
        session.add(Setting(key="demonstration", value="lan,cuc"))
    page = client.get("/sign-in").text
    assert "Nguyễn Thị Lan" in page
    assert "Số liệu minh họa" in page
    assert client.post("/sign-in/demonstration/minh", headers=SAME_ORIGIN).status_code == 404
    assert client.post("/sign-in/demonstration/lan", headers=SAME_ORIGIN).status_code == 303
    assert client.get("/sync/session").get_json()["officer"]["name"] == "Nguyễn Thị Lan"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0912 345 678", "0912345678"),
        ("+84912345678", "0912345678"),
        ("912345678", "0912345678"),
        ("0912.345.678", "0912345678"),
        (" Can-Bo-1 ", "can-bo-1"),
        ("xa.an-loc", "xa.an-loc"),
    ],
)
def test_numbers_and_codes_are_tidied(typed: str, stored: str) -> None:
    assert tidy_identifier(typed) == stored


def test_the_language_is_vietnamese_until_somebody_chooses(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    assert '<html lang="vi"' in client.get("/sign-in", headers={"Accept-Language": "en"}).text
    client.post("/language", data={"lang": "en"}, headers=SAME_ORIGIN)
    assert '<html lang="en"' in client.get("/sign-in").text
    assert client.post("/language", data={"lang": "fr"}, headers=SAME_ORIGIN).status_code == 400


def test_a_language_asked_for_is_remembered(app: Flask) -> None:
    client = app.test_client()
    client.get("/sign-in?lang=en")
    assert '<html lang="en"' in client.get("/sign-in").text
    assert "Set-Cookie" not in app.test_client().get("/notebook/?lang=en").headers


def lock(app: Flask, key: str, *, locked: bool) -> None:
    with app.app_context(), transaction() as session:
        session.execute(update(Account).where(Account.code == key).values(is_active=not locked))


def told_to(phone: Phone) -> set[tuple[int, str]]:
    """Return what every door of sync answers."""
    upload = {"Upload-Offset": "0", "Upload-Length": "1", "Gandan-Device": str(phone.device.id)}
    address = f"/sync/media/{'0' * 64}"
    answers = (
        phone.client.get("/sync/session"),
        phone.client.get("/sync/pull"),
        phone.send(),
        phone.client.patch(address, data=b"1", headers=SAME_ORIGIN | upload),
    )
    assert all("Gandan-Protocol" in answer.headers for answer in answers)
    return {(answer.status_code, answer.get_json().get("error", {}).get("code", "")) for answer in answers}


def test_a_phone_that_was_signed_in_is_told_that_its_account_is_locked(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    lock(any_app, "lan", locked=True)
    assert told_to(lan) == {(401, "account_locked")}
    page = lan.client.get("/notebook/plain/")
    assert (page.status_code, "đã bị khóa" in page.text) == (401, True)
    assert "đã bị khóa" not in lan.client.get("/sign-in").text, "another may sign in on this phone"

    # Once it is unlocked the same phone goes on, without signing in again.
    lock(any_app, "lan", locked=False)
    assert lan.client.get("/sync/session").status_code == 200

    # Who has left is told nothing, locked or not.
    with any_app.app_context():
        actor = actor_of_device(lan.device.id)
        assert actor
        sign_out(actor)
    lock(any_app, "lan", locked=True)
    assert lan.client.get("/sync/session").get_json()["error"]["code"] == "sign_in_required"


def test_the_form_tells_nobody_which_accounts_are_locked(app: Flask) -> None:
    lock(app, "lan", locked=True)
    asked = [("lan", PASSWORD), ("lan", "sai"), ("minh", "sai"), ("khong-co", PASSWORD)]
    said = set()
    for identifier, password in asked:
        client = app.test_client()
        form = {"csrf_token": token(client), "identifier": identifier, "password": password}
        answer = client.post("/sign-in", data=form, headers=SAME_ORIGIN)
        said.add((answer.status_code, re.sub(r'value="[^"]*"', "", answer.text)))
    assert len(said) == 1
    assert "hỏi người quản trị" in said.pop()[1]


def test_wrong_passwords_elsewhere_do_not_stop_a_phone_that_is_signed_in(app: Flask) -> None:
    lan = sign_in(app, "lan")
    for _ in range(MAX_FAILED_SIGN_INS):
        try_to(app.test_client(), "lan", "sai")
    assert try_to(app.test_client(), "lan", PASSWORD)[0] == 422, "it rests"
    assert lan.client.get("/sync/session").status_code == 200
