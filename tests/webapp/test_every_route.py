"""Every route, as every role, inside and outside the scope: the truth table, and what every answer carries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.webapp.world import PEOPLE, SAME_ORIGIN, meeting, officer_id, sign_in, unit_id
from webapp.security import CONTENT_SECURITY_POLICY

OPEN = {
    "ops.health", "ops.readiness", "ops.metrics", "accounts.home", "accounts.sign_in", "accounts.open_session",
    "accounts.open_demonstration_session", "accounts.sign_out", "accounts.choose_language", "sync.schema",
    "rescue.key", "people.activation", "people.activate",
    "pwa.service_worker", "pwa.manifest", "pwa.assets",
    "open_calendar.public", "open_calendar.public_file", "open_calendar.notebook", "open_bulletins.notebook",
    "open_flash_reports.notebook", "open_petitions.guide",
}  # fmt: skip
"""Routes anybody may ask; the notebook's shells join them because they hold nothing of anybody."""

ANYBODY = {
    "rescue.page": 200, "rescue.take_in": 400, "petitions.petition": 404, "petitions.take": 404,
    "petitions.redact": 404, "open_bulletins.attachment": 404,
}  # fmt: skip
"""Anybody signed in may bring a colleague's file; these requests carry none. They name no petition and no file."""

READERS = {"cuc", "lanh", "hoa", "rang", "cum", "lien"}
PLACE_READERS = {*READERS, "tinh", "quan"}
OF_B = {"rang", "lien", "quan"}
"""Those whose scope reaches commune B."""
PLANNERS = {"cuc", "lanh", "rang", "lien"}
DECIDERS = {"lanh", "lien", "quan"}
PETITION_READERS = {*READERS, "lan", "minh", "xuan", "au", "tinh", "kinh"}
RECORDERS = {"lan", "minh", "xuan", "au"}


AT_THE_DESK = (
    "bulletins.",
    "calendar.",
    "duties.",
    "flash_reports.",
    "notices.",
    "people.",
    "petitions.",
    "places.",
    "reports.",
    "sheets.",
)


def is_open(rule: Rule) -> bool:
    return rule.endpoint in OPEN or (rule.endpoint.startswith("notebook.") and "/plain/" not in rule.rule)


def addresses(app: Flask, entry_id: str) -> Iterator[tuple[Rule, str, str]]:
    values = {
        "entry_id": entry_id, "held_id": entry_id, "code": "lan", "build": "0", "path": "css/app.css",
        "sha256": "0" * 64, "unit_id": unit_id("B"), "kind": "rename", "change_id": entry_id,
        "officer_id": officer_id("xuan"), "deed": "unlock", "plan_id": entry_id, "row_id": entry_id,
        "petition_id": entry_id, "name": "press",
        "import_id": entry_id, "which": "units", "step": "check", "assignment_id": entry_id,
        "exemption_id": entry_id, "item_id": entry_id, "report_id": entry_id, "role": "group_officer", "rank": 5,
    }  # fmt: skip
    for rule in app.url_map.iter_rules():
        with app.test_request_context():
            address = app.url_map.bind("localhost").build(
                rule.endpoint,
                {name: values[name] for name in rule.arguments},
                method=next(iter(rule.methods or {"GET"})),
                force_external=False,
            )
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, address


@pytest.fixture
def entry_of_b(app: Flask) -> str:
    app.config["WTF_CSRF_ENABLED"] = False
    xuan = sign_in(app, "xuan")
    entry = xuan.operation("meeting.save", meeting("B1-1"))
    xuan.push(entry)
    return str(entry["id"])


def test_a_stranger_sees_only_what_is_open(app: Flask, entry_of_b: str) -> None:
    for rule, method, address in addresses(app, entry_of_b):
        answer = app.test_client().open(address, method=method, headers=SAME_ORIGIN)
        where = f"{method} {address}"
        if is_open(rule):
            assert answer.status_code not in (401, 403), where
        elif method == "GET" and not address.startswith("/sync/"):
            assert answer.status_code == 302, where
            assert answer.headers["Location"].startswith("/sign-in?next="), where
        else:
            assert answer.status_code == 401, where


def at_the_desk(endpoint: str, who: str) -> int:
    """Return how pages for anybody, of places and of reports answer somebody; the unit asked for is commune B."""
    if endpoint in ANYBODY:
        return ANYBODY[endpoint]
    if endpoint == "reports.month":
        return 200 if who in READERS else 403
    if endpoint in ("places.tree", "places.contacts"):
        return (200 if who in OF_B or endpoint == "places.tree" else 404) if who in PLACE_READERS else 403
    if endpoint == "places.households":
        return 404 if who in PLACE_READERS else 403  # no group
    if endpoint == "places.count_households":
        return 404 if who in ("cuc", "quan") else 403
    # The requests carry no form, and name a change, a meeting, a duty and a file that never were.
    calendar = {
        "calendar.desk": (PLACE_READERS, 200), "calendar.plan": (PLACE_READERS, 404),
        "calendar.attended": (PLACE_READERS, 404), "calendar.new": (PLANNERS, 200), "calendar.add": (PLANNERS, 400),
        "calendar.save": (PLANNERS, 404), "calendar.cancel": (PLANNERS, 404), "calendar.publish": (DECIDERS, 400),
        "duties.page": (DECIDERS, 200), "duties.set_window": (DECIDERS, 422), "duties.set_duty": (DECIDERS, 422),
        "duties.end": (DECIDERS, 404),
        "flash_reports.everything": (READERS, 200), "flash_reports.report": (READERS, 404),
        "flash_reports.send_elsewhere": (READERS, 404), "flash_reports.redact": (READERS, 404),
        "bulletins.pack": (READERS, 200), "bulletins.item": (READERS, 404), "bulletins.groups": (READERS, 404),
        "bulletins.new": (PLANNERS, 200), "bulletins.add": (PLANNERS, 400), "bulletins.edit": (PLANNERS, 404),
        "bulletins.save": (PLANNERS, 404), "bulletins.take": (PLANNERS, 404),
        "petitions.everything": (PETITION_READERS, 200), "petitions.bulk": (PETITION_READERS, 303),
        "notices.choose": (READERS | RECORDERS, 200), "notices.sheet": (READERS | RECORDERS, 404),
    }  # fmt: skip
    for_administrators = {
        "places.type_names": 200, "places.name_types": 303,
        "places.change": 200, "places.carry_out": 422, "places.undo": 404, "people.everybody": 200, "people.new": 200,
        "people.add": 400, "people.person": 200, "people.save": 422, "people.change_account": 303, "people.slips": 200,
        "sheets.page": 200, "sheets.hand_in": 400, "sheets.template": 200, "sheets.columns": 404, "sheets.match": 404,
        "sheets.show": 404, "sheets.begin": 404, "sheets.give_report": 404, "sheets.discard": 404,
    }  # fmt: skip
    allowed, status = calendar.get(endpoint) or ({"quan"}, for_administrators[endpoint])
    return status if who in allowed else 403


def of_assignments(endpoint: str, method: str, who: str) -> int | None:
    """Return how pages of assignments answer: the place is commune B, the person Xuân, the assignment never was."""
    if not endpoint.startswith(("assignments.", "handover.")):
        return None
    readers = {
        "assignments.board": 200, "assignments.unit": 200 if who in OF_B else 404,
        "assignments.officer": 404 if who == "hoa" else 200, "handover.handover": 404, "handover.export": 404,
    }  # fmt: skip
    if endpoint in readers:
        return readers[endpoint] if who in PLACE_READERS else 403
    for_administrators = {
        "assignments.turn": 404, "assignments.end_exemption": 404, "handover.replace": 404, "handover.end": 404,
        "handover.settle": 400,
    }  # fmt: skip
    return for_administrators.get(endpoint, 200 if method == "GET" else 422) if who == "quan" else 403


@pytest.mark.parametrize("who", [person[0] for person in PEOPLE])
def test_every_role_meets_its_limits(app: Flask, entry_of_b: str, who: str) -> None:
    client = sign_in(app, who).client
    for rule, method, address in addresses(app, entry_of_b):
        if rule.endpoint in (
            "accounts.sign_out",
            "accounts.open_session",
            "accounts.open_demonstration_session",
            "people.activation",
            "people.activate",
        ):
            continue
        answer = client.open(
            address,
            method=method,
            headers=SAME_ORIGIN,
            data={"decision": "comment", "text": "x", "word": "release"},
        )
        where = f"{who}: {method} {address} -> {answer.status_code}"
        assert answer.status_code < 500, where
        expected = of_assignments(rule.endpoint, method, who)
        if expected or rule.endpoint in ANYBODY or rule.endpoint.startswith(AT_THE_DESK):
            assert answer.status_code == (expected or at_the_desk(rule.endpoint, who)), where
        elif rule.endpoint.startswith("review."):
            if who not in READERS:
                assert answer.status_code == 403, where
            elif rule.arguments and who not in ("rang", "lien"):
                assert answer.status_code in (400, 404), where  # out of scope is not found
            elif method == "GET" and rule.endpoint != "review.compare":  # which needs two revisions named
                assert answer.status_code == 200, where
        elif "/plain/" in address and who not in RECORDERS:
            assert answer.status_code in (403, 404), where
        elif "/plain/" in address and rule.arguments and who != "xuan":
            assert answer.status_code == 404, where


def test_every_answer_carries_the_strict_policy(app: Flask, entry_of_b: str) -> None:
    for _, method, address in addresses(app, entry_of_b):
        answer = sign_in(app, "rang").client.open(address, method=method, headers=SAME_ORIGIN)
        if answer.mimetype == "text/html" or address == "/service_worker.js":
            assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY, address
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "unsafe" not in CONTENT_SECURITY_POLICY
        if answer.content_type.startswith("text/html"):
            assert "<script>" not in answer.text, address
            assert " style=" not in answer.text, address
            assert "<title>" in answer.text, address


def test_an_unsafe_request_must_come_from_our_own_pages(app: Flask, entry_of_b: str) -> None:
    for _, method, address in addresses(app, entry_of_b):
        if method != "GET":
            answer = sign_in(app, "rang").client.open(
                address, method=method, headers={"Sec-Fetch-Site": "same-site"}
            )
            assert answer.status_code == 403, address


def test_shells_know_nobody(app: Flask) -> None:
    """The same bytes for everybody, without a cookie: a cached page may never carry a person."""
    for rule in app.url_map.iter_rules():
        if (
            rule.endpoint.startswith("notebook.")
            and "/plain/" not in rule.rule
            and "GET" in (rule.methods or ())
            and not rule.arguments
        ):
            stranger = app.test_client().get(rule.rule)
            insider = sign_in(app, "lan").client.get(rule.rule)
            assert stranger.status_code == 200, rule.rule
            assert stranger.data == insider.data
            assert "Set-Cookie" not in insider.headers
            assert "Cookie" not in insider.headers.get("Vary", "")


@pytest.mark.parametrize(
    "address",
    [
        "/nowhere",
        "/review/entries/x",
        "/assets/0/../../secret",
        "/assets/0/js/nope.js",
        "/review/entries/019a0000-0000-7000-8000-000000000000",
    ],
)
def test_what_is_not_there_is_a_page_with_a_way_on(app: Flask, address: str) -> None:
    answer = sign_in(app, "rang").client.get(address)
    assert answer.status_code == 404
    assert "Không tìm thấy" in answer.text
