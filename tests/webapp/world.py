"""A small district for tests, and the standing actors in it.

Lan is the insider: she follows two groups of commune A. Minh is the colleague with less right: he follows
one other group of commune A. Xuân is the outsider: she follows a group of commune B. Cúc reviews for
commune A, Rạng for the whole district, Hòa reads and comments in one hamlet of commune A.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp.accounts.actions import open_device, password_hash
from webapp.accounts.models import Account, Device, Officer
from webapp.assignments.models import Assignment
from webapp.db import db, new_id, transaction
from webapp.places.models import HouseholdCount, UnitMembership, UnitType
from webapp.places.rows import write_units
from webapp.sync.models import Feed
from webapp.text import person_sort_key

PASSWORD = "mot-mat-khau-dai"
SINCE = date(2020, 1, 1)
_NAMES = UUID("6f0d7c0e-0000-4000-8000-000000000001")
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}

_HASH = ""

TYPES: tuple[tuple[str, int, str, str, dict[str, bool]], ...] = (
    ("province", 1, "Tỉnh", "Province", {}),
    ("district", 2, "Huyện", "District", {"can_review": True, "can_own_petitions": True}),
    ("commune", 3, "Xã", "Commune", {"can_review": True, "can_own_petitions": True, "is_base": True}),
    ("hamlet", 4, "Ấp", "Hamlet", {"can_own_petitions": True}),
    ("group", 5, "Tổ", "Group", {"can_meet": True}),
    ("agency", 9, "Cơ quan", "Agency", {"can_own_petitions": True, "is_agency": True}),
    ("cluster", 0, "Cụm", "Cluster", {"is_overlay": True}),
)
UNITS = (
    # key, type, parent, name, base
    ("district", "district", None, "Huyện Mẫu", None),
    ("A", "commune", "district", "Xã An Lộc", "A"),
    ("B", "commune", "district", "Xã Mỹ Thạnh", "B"),
    ("A1", "hamlet", "A", "Ấp Phú Thạnh", "A"),
    ("A2", "hamlet", "A", "Ấp Thới Hòa", "A"),
    ("B1", "hamlet", "B", "Ấp Bình Long", "B"),
    ("A1-2", "group", "A1", "Tổ NDTQ số 2", "A"),
    ("A1-10", "group", "A1", "Tổ NDTQ số 10", "A"),
    ("A2-1", "group", "A2", "Tổ NDTQ số 1", "A"),
    ("B1-1", "group", "B1", "Tổ NDTQ số 1", "B"),
    ("cluster", "cluster", None, "Cụm số 1", None),
    ("office", "agency", "district", "Phòng Kinh tế", None),
)
PEOPLE = (
    # key, name, title, roles at units
    ("lan", "Nguyễn Thị Lan", "Cán bộ phụ trách tổ", (("group_officer", "A1-2"), ("group_officer", "A1-10"))),
    ("minh", "Trần Văn Minh", "Cán bộ phụ trách tổ", (("group_officer", "A2-1"),)),
    ("xuan", "Lê Thị Xuân", "Cán bộ phụ trách tổ", (("group_officer", "B1-1"),)),
    ("au", "Phạm Văn Âu", "Cán bộ ấp", (("hamlet_cadre", "A1"),)),
    ("cuc", "Võ Thị Cúc", "Cán bộ tổng hợp xã", (("commune_clerk", "A"),)),
    ("lanh", "Đỗ Văn Lành", "Lãnh đạo xã", (("commune_leader", "A"),)),
    ("hoa", "Huỳnh Thị Hòa", "Cán bộ huyện phụ trách ấp", (("district_officer", "A1"),)),
    ("rang", "Bùi Văn Rạng", "Cán bộ tổng hợp huyện", (("district_reviewer", "district"),)),
    ("cum", "Cao Văn Cụm", "Trưởng cụm vùng", (("cluster_lead", "cluster"),)),
    ("lien", "Đặng Thị Liên", "Lãnh đạo huyện", (("district_leader", "district"),)),
    ("tinh", "Hồ Văn Tỉnh", "Cán bộ tỉnh theo dõi xã", (("provincial_officer", "A"),)),
    ("quan", "Ngô Thị Quản", "Quản trị", (("administrator", "district"),)),
    ("kinh", "Mai Văn Kinh", "Cán bộ Phòng Kinh tế", (("agency_officer", "office"),)),
)


def unit_id(key: str) -> UUID:
    """Return the id of a unit of this world."""
    return uuid5(_NAMES, f"unit {key}")


def officer_id(key: str) -> UUID:
    """Return the id of a person of this world."""
    return uuid5(_NAMES, f"officer {key}")


def build() -> None:
    """Write the world into an empty, migrated database."""
    global _HASH  # noqa: PLW0603 - argon2 is slow on purpose: one hash serves every test
    _HASH = _HASH or password_hash(PASSWORD)
    with transaction() as session:
        for code, rank, label, label_en, flags in TYPES:
            session.add(UnitType(code=code, rank=rank, label=label, label_en=label_en, **flags))
        session.flush()
        for key, kind, parent, name, base in UNITS:
            row = {"id": unit_id(key), "type_code": kind, "name": name, "valid_from": SINCE}
            places = {
                "parent_id": unit_id(parent) if parent else None,
                "base_id": unit_id(base) if base else None,
            }
            write_units(session, [row | places])
            if kind == "group":
                session.add(HouseholdCount(unit_id=unit_id(key), as_of=SINCE, households=29))
        for key in ("A", "B"):
            session.add(Feed(unit_id=unit_id(key), seq=0))
        session.add(UnitMembership(overlay_id=unit_id("cluster"), unit_id=unit_id("A"), valid_from=SINCE))
        for key, name, title, roles in PEOPLE:
            session.add(
                Officer(id=officer_id(key), full_name=name, sort_name=person_sort_key(name), title=title,
                        kind="commune", home_unit_id=unit_id("A"))
            )  # fmt: skip
            session.flush()
            session.add(Account(id=new_id(), officer_id=officer_id(key), code=key, password_hash=_HASH))
            for role, place in roles:
                session.add(
                    Assignment(
                        id=new_id(),
                        officer_id=officer_id(key),
                        unit_id=unit_id(place),
                        role_code=role,
                        valid_from=SINCE,
                    )
                )


def meeting(group: str = "A1-2", **said: Any) -> dict[str, Any]:
    """Return a plain meeting's body."""
    return {
        "unit_id": str(unit_id(group)), "meeting_date": "2026-11-18", "start": "18:00", "end": "19:00",
        "place": "Nhà tổ trưởng", "households_total": 29, "households_present": 27, "summary": "Bà con đồng ý.",
    } | said  # fmt: skip


def flash_report(group: str = "A1-2", **said: Any) -> dict[str, Any]:
    """Return a plain flash report's body."""
    return {
        "unit_id": str(unit_id(group)), "what": "Đê bao tràn đoạn 25 m, nước vào đường", "where": "Đoạn cuối cồn",
        "since": "2026-11-22T16:00", "needed": "Bao cát và 10 người trước đỉnh triều",
    } | said  # fmt: skip


def petition(group: str = "A1-2", **said: Any) -> dict[str, Any]:
    """Return a plain petition's body."""
    return {"unit_id": str(unit_id(group)), "title": "Xin cống tròn đầu mương", "category": "drainage"} | said


@dataclass
class Phone:
    """A stranger's client, written from docs/sync-protocol.md alone."""

    client: FlaskClient
    device: Device
    owner: UUID
    secret: bytes
    seq: int = 0
    sent_at: datetime | None = None
    """What its clock shows when it sends; it need not say so."""
    cursor: str = ""
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    petitions: dict[str, dict[str, Any]] = field(default_factory=dict)
    flash_reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    units: dict[str, dict[str, Any]] = field(default_factory=dict)

    def operation(self, kind: str, body: dict[str, Any], **said: Any) -> dict[str, Any]:
        """Make an operation; `said` overrides any key."""
        self.seq += 1
        return {
            "op_id": str(new_id()), "kind": kind, "id": str(new_id()), "rev": 1, "base_rev": 0,
            "made_at": "2026-11-18T12:30:00.000Z", "author": str(self.owner), "device": str(self.device.id),
            "device_seq": self.seq, "body": body,
        } | said  # fmt: skip

    def signed(self, text: str) -> dict[str, str]:
        """Sign an operation's exact text."""
        mac = hmac.new(self.secret, text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        return {"op": text, "mac": urlsafe_b64encode(mac).decode().rstrip("=")}

    def send(self, *texts: str, packed: bool = False) -> TestResponse:
        """Push frozen texts and return the raw answer."""
        envelope = {
            "protocol": 1,
            "device": str(self.device.id),
            "operations": [self.signed(text) for text in texts],
        } | ({"sent_at": self.sent_at.isoformat()} if self.sent_at else {})
        data = json.dumps(envelope).encode()
        headers = dict(SAME_ORIGIN)
        if packed:
            data, headers["Content-Encoding"] = gzip.compress(data), "gzip"
        return self.client.post("/sync/push", data=data, headers=headers, content_type="application/json")

    def push(self, *operations: dict[str, Any]) -> list[dict[str, Any]]:
        """Push operations and return their outcomes."""
        answer = self.send(*(json.dumps(operation, ensure_ascii=False) for operation in operations))
        assert answer.status_code == 200, answer.text
        outcomes: list[dict[str, Any]] = answer.get_json()["outcomes"]
        return outcomes

    def pull(self, **asked: Any) -> list[dict[str, Any]]:
        """Pull until there is no more, keep what comes as a phone would, and return the pages."""
        pages = []
        while True:
            answer = self.client.get("/sync/pull", query_string={"since": self.cursor} | asked)
            assert answer.status_code == 200, answer.text
            page = answer.get_json()
            pages.append(page)
            if page["reset"]:
                self.entries, self.petitions, self.flash_reports = {}, {}, {}
            if "scope" in page:
                self.units = {unit["id"]: unit for unit in page["scope"]["units"]}
            self.entries |= {entry["id"]: entry for entry in page["entries"]}
            self.petitions |= {entry["id"]: entry for entry in page["petitions"]}
            self.flash_reports |= {entry["id"]: entry for entry in page["flash_reports"]}
            self.cursor = page["cursor"]
            if not page["more"]:
                return pages


def sign_in(app: Flask, key: str) -> Phone:
    """Give a person a phone that is signed in."""
    with app.app_context():
        account = db.session.query(Account).filter_by(code=key).one()
        device = open_device(account.id, "test")
        device_id, secret = device.id, device.secret
        db.session.remove()
    client = app.test_client()
    with client.session_transaction() as session:
        session["device"] = str(device_id)
    return Phone(client, Device(id=device_id), officer_id(key), secret)
