"""A database as a file: what every table held at a released revision, as SQLite keeps it.

`python -m tests.migrations.frozen 0004 > tests/migrations/released/0004.json` writes one, with something of
everything in it. It is done once, before the next migration is added: from then on that one is tested with it.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    MetaData,
    Table,
    TextClause,
    Uuid,
    insert,
    select,
    text,
)

from tests.conftest import TODAY, make_app
from tests.webapp import world
from tests.webapp.world import SAME_ORIGIN, flash_report, meeting, officer_id, petition, sign_in, unit_id
from webapp import clock
from webapp.accounts.actions import revoke_devices
from webapp.accounts.queries import actor_of_officer
from webapp.assignments.actions import Decision, exempt
from webapp.bulletins.actions import ItemFacts, save_draft
from webapp.bulletins.actions import publish as publish_item
from webapp.bulletins.models import BulletinItem
from webapp.bulletins.rules import attached
from webapp.calendar.actions import PlanFacts, publish, save_plan
from webapp.db import db, new_id, transaction
from webapp.duties.rules import MeetingType
from webapp.ops.actions import prepare_database
from webapp.petitions.actions import Step, redact, take_step
from webapp.petitions.records import Topic, Triage
from webapp.petitions.rules import Deed
from webapp.redaction.records import Reason, Redacting
from webapp.sheets.models import SheetImport

RELEASED = Path(__file__).parent / "released"
LEAFLET = b"%PDF-1.4 a leaflet"
Tables = dict[str, list[dict[str, Any]]]


def read(revision: str) -> Tables:
    """Return the tables of a revision as they were kept."""

    def unpack(value: dict[str, Any]) -> Any:
        return bytes.fromhex(value["hex"]) if value.keys() == {"hex"} else value

    tables: Tables = json.loads((RELEASED / f"{revision}.json").read_text("utf-8"), object_hook=unpack)
    return tables


def _everything(table: Table) -> TextClause:
    """Select what SQLite keeps, as it keeps it."""
    return text("SELECT * FROM " + table.name)  # noqa: S608 - our own names


def tables_of(connection: Connection) -> Tables:
    """Return everything an SQLite database holds, as it keeps it."""
    reflected = MetaData()
    reflected.reflect(connection)
    return {
        table.name: [dict(row) for row in connection.execute(_everything(table)).mappings()]
        for table in reflected.sorted_tables
        if table.name != "alembic_version"
    }


def fill(connection: Connection, tables: Tables) -> None:
    """Write the rows into a database of the same revision, on either engine."""
    reflected = MetaData()
    reflected.reflect(connection)
    for table in reflected.sorted_tables:
        rows = tables.get(table.name, [])
        if not rows:
            continue
        connection.execute(table.delete())  # what the migration itself had put there
        if connection.dialect.name == "sqlite":
            names = ", ".join(f'"{name}"' for name in rows[0])
            marks = ", ".join(f":{name}" for name in rows[0])
            connection.execute(text(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'), rows)  # noqa: S608 - our own names
        else:
            columns = table.columns
            typed = [{name: _typed(columns[name], value) for name, value in row.items()} for row in rows]
            connection.execute(insert(table), typed)


def _typed(column: Column[Any], value: Any) -> Any:
    """Make of what SQLite keeps what PostgreSQL keeps."""
    if value is None:
        return None
    if isinstance(column.type, Uuid):
        return UUID(value)
    if isinstance(column.type, Boolean):
        return bool(value)
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return date.fromisoformat(value) if isinstance(column.type, Date) else value


def _live(app: Flask) -> None:
    """Do something of everything: versions, review, quarantine, photos, a slip, an exemption, a step, a plan."""
    lan, clerk = sign_in(app, "lan"), sign_in(app, "cuc")
    photo = {"sha256": hashlib.sha256(b"photo").hexdigest(), "size": 5, "caption": "Cống đầu mương"}
    first = lan.operation("meeting.save", meeting(photos=[photo]))
    wish = lan.operation("petition.save", petition(meeting_id=first["id"]))
    second, third = (lan.operation("meeting.save", meeting("A1-10", photos=[photo])) for _ in range(2))
    lan.push(first, wish, second, third)
    lan.push(
        lan.operation("meeting.save", meeting(summary="Sửa."), id=first["id"], rev=2, base_rev=1),
        lan.operation("meeting.save", meeting(summary="Bản khác."), id=first["id"], rev=2, base_rev=1),
        lan.operation("meeting.withdraw", {"reason": "Ghi nhầm"}, id=third["id"], rev=2, base_rev=1),
        lan.operation("meeting.save", meeting(households_present=400)),
        lan.operation("meeting.save", meeting("B1-1")),
    )
    lan.client.patch(f"/sync/media/{photo['sha256']}", data=b"pho", headers=SAME_ORIGIN | {
        "Upload-Offset": "0", "Upload-Length": "5", "Content-Type": "application/partial-upload",
    })  # fmt: skip
    app.config["WTF_CSRF_ENABLED"] = False
    for decision, remark in (("comment", "Bổ sung số hộ."), ("returned", "Xem lại số hộ.")):
        verdict = {"op_id": second["op_id"], "decision": decision, "text": remark}
        clerk.client.post(f"/review/entries/{second['id']}/verdicts", data=verdict, headers=SAME_ORIGIN)
    minh = sign_in(app, "minh")
    with app.app_context():
        revoke_devices("minh")
        exempt(None, officer_id("lien"), TODAY, None, "Trong Ban Thường vụ", Decision())
        with transaction() as session:
            day = {"made_at": clock.now(), "touched_at": clock.now(), "expires_at": clock.now()}
            session.add(SheetImport(officer_id=officer_id("quan"), file_name="Tổ.xlsx", content=b"PK", layout="{}",
                                    state="done", **day))  # fmt: skip
        actor = actor_of_officer(officer_id("cuc"), clerk.device.id)
        assert actor
        take_step(actor, UUID(wish["id"]), Step(Deed.TRIAGE, Triage(category=Topic.DRAINAGE)))
        redact(actor, UUID(wish["id"]), Redacting(reason=Reason.PERSON, passage="tròn"))
        evening = PlanFacts(unit_id("A1"), MeetingType.BRANCH, clock.now(), 90, "Nhà văn hóa ấp", "Họp chi bộ",
                            is_public=True, attendees=frozenset({officer_id("au")}))  # fmt: skip
        save_plan(actor, new_id(), evening)
        leader = actor_of_officer(officer_id("lanh"), clerk.device.id)
        assert leader
        publish(leader, unit_id("A"), is_public=True)
        leaflet = attached("Lịch.pdf", LEAFLET)
        assert leaflet
        water = ItemFacts(
            unit_id("A"),
            TODAY,
            "Lịch xả nước",
            "Xả ngày 24.",
            is_pinned=True,
            places=frozenset(),
            kinds=frozenset({"hamlet"}),
            added={leaflet: LEAFLET},
        )
        save_draft(actor, new_id(), water)
        [item] = db.session.scalars(select(BulletinItem.id))
        publish_item(actor, item)
    told = [{"text": "Lịch xả nước", "item_id": str(item), "questions": "Mấy giờ?"}]
    lan.push(lan.operation("meeting.save", meeting(conveyed=told)))
    minh.push(minh.operation("meeting.save", meeting("A2-1")))
    happened = lan.operation("flash_report.save", flash_report())
    lan.push(happened)
    clerk.client.get(f"/flash-reports/{happened['id']}")
    quan = sign_in(app, "quan")
    quan.client.post("/people/slips", data={"officer": str(officer_id("minh"))}, headers=SAME_ORIGIN)


def main() -> None:
    """Write what a database of one revision holds."""
    clock.pretend_today(TODAY)
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(Path(folder), f"sqlite:///{folder}/x.sqlite")
        with app.app_context():
            prepare_database()
            world.build()
            db.session.remove()
        _live(app)
        with app.app_context():
            downgrade(revision=sys.argv[1])
            with db.engine.connect() as connection:
                tables = tables_of(connection)
            db.engine.dispose()
    json.dump(tables, sys.stdout, ensure_ascii=False, indent=0, default=lambda value: {"hex": value.hex()})
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
