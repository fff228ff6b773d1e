"""What sync must know of flash reports, and what a pull says of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from webapp import clock
from webapp.accounts.models import Officer
from webapp.db import db
from webapp.flash_reports import queries, rules
from webapp.flash_reports.models import FlashReportRecord, FlashReportRevision
from webapp.flash_reports.records import FlashReport, FlashWithdrawal
from webapp.flash_reports.rules import State
from webapp.redaction.queries import redactions_of
from webapp.sync.queries import author_of, received_since, revisions_of, told_bodies, told_to
from webapp.sync.registry import Change, RecordKind, Share, Window, register, register_addition
from webapp.sync.rules import times_of

HISTORY = timedelta(days=60)
"""How far back a first load brings flash reports; one that nobody has opened comes however old it is."""


def project(body: FlashReport) -> dict[str, Any]:
    """Return the columns of the standing row."""
    return {"what": body.what}


def changes(window: Window) -> list[Change]:
    """Return the flash reports of a window, whole."""
    found, revision, share = FlashReportRecord, FlashReportRevision, window.share
    keeper = aliased(Officer)
    chosen = (
        select(
            found, Officer.full_name, keeper.full_name, revision.learned_at, revision.recorded_at,
            revision.clock_offset,
        )
        .join(Officer, Officer.id == found.author_id)
        .join(revision, revision.op_id == found.op_id)
        .outerjoin(keeper, keeper.id == found.keeper_id)
        .where(
            found.feed_unit_id == share.feed_id, found.feed_seq > window.after, found.feed_seq <= window.until,
            told_to(found, share),
        )
        .order_by(found.feed_seq)
        .limit(window.limit)
    )  # fmt: skip
    if window.is_first_load:
        chosen = chosen.where(or_(found.received_at >= clock.now() - HISTORY, found.state == State.REPORTED))
    rows = db.session.execute(chosen).all()
    held = {report.id: report for report, *_ in rows if share.holds(report)}
    bodies = told_bodies(FlashReportRevision, held.keys(), window.own_device)
    revisions = revisions_of(FlashReportRevision, list(held.values()), share.officer_id, window.own_device)
    became = _became(list(held.values()))
    told: list[Change] = []
    for report, author, keeper_name, learned, recorded, offset in rows:
        if report.id not in held:
            told.append(Change(report.feed_seq, report.id, None))
            continue
        times = times_of(learned, recorded, offset, report.received_at)
        said: dict[str, Any] = {
            "id": str(report.id), "seq": report.feed_seq, "unit_id": str(report.unit_id),
            "rev": report.rev, "state": report.state,
            "recorded_at": clock.iso(times.recorded), "received_at": clock.iso(report.received_at),
            "receipt": report.receipt_code, "revisions": revisions.get(report.id, []),
        }  # fmt: skip
        if times.learned:
            said["learned_at"] = clock.iso(times.learned)
        said |= author_of(report, author, keeper_name) | became.get(report.id, {}) | bodies[report.id]
        told.append(Change(report.feed_seq, report.id, said))
    return told


def received(share: Share, since: datetime) -> Iterable[tuple[UUID, int]]:
    """Return the (id, seq) of the flash reports received since a moment that a phone should hold."""
    found = received_since(FlashReportRecord, share, since)
    return [(one.id, one.feed_seq) for one in found if share.holds(one)]


def _became(reports: Sequence[FlashReportRecord]) -> dict[UUID, dict[str, Any]]:
    """Return what a phone is told of what the desk did: who opened it first, and where it was sent instead."""
    openings = queries.openings(reports)
    told: dict[UUID, dict[str, Any]] = {}
    for one in reports:
        said: dict[str, Any] = {}
        if one.opened_at and (opening := openings.get(one.id)):
            said["opened"] = {
                "at": clock.iso(one.opened_at),
                "role": opening.role.label,
                "place": opening.unit,
            }
        if one.state == State.REDIRECTED:
            said["channel"] = one.channel
        told[one.id] = said
    return told


KIND = RecordKind(
    name="flash_report", body=FlashReport, withdrawal=FlashWithdrawal, table=FlashReportRecord,
    revisions=FlashReportRevision, saved_state=State.REPORTED, fixed_states=frozenset(rules.FIXED),
    project=project, day=lambda _: None, pull_name="flash_reports", changes=changes, received=received,
)  # fmt: skip


def init() -> None:
    """Make flash reports known to sync, and let phones be told what was masked in them."""
    register(KIND)
    register_addition(KIND.name, redactions_of)
