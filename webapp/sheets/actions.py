"""Taking a spreadsheet in: keep it, look at it row by row, do what the dry run said, report, forget it.

What takes time runs in a thread of the process that was asked. How far it is stands in the database, so that any
process can say it. Nothing is written before the one transaction at the end: a thread that dies leaves nothing
half done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING, Final
from uuid import UUID

from flask import Flask, current_app
from flask_babel import force_locale, get_locale
from sqlalchemy import delete, update

from webapp import clock
from webapp.accounts.rules import Actor
from webapp.assignments.actions import Decision, NewAssignment, assign_all
from webapp.assignments.rules import Refused as RefusedAssignment
from webapp.audit.actions import record
from webapp.db import db, new_id, transaction
from webapp.errors import Problem
from webapp.people.actions import PersonFacts, TakenError, save_people
from webapp.permissions import Permission
from webapp.places.actions import carry_out_all
from webapp.places.counting import count_all
from webapp.places.dated import Refused as RefusedPlaces
from webapp.sheets import data_rows, files, layout, planned, queries, report, rules
from webapp.sheets.columns import HEADER_WITHIN, Kind, Tier, read_headers
from webapp.sheets.files import UnusableSheetError
from webapp.sheets.layout import Layout, State
from webapp.sheets.models import SheetImport
from webapp.sheets.planned import Plan, Verdict

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

KEPT: Final = timedelta(hours=24)
"""How long a file, or its report, stays when nobody does anything with it."""
SILENCE: Final = {State.CHECKING: timedelta(minutes=1), State.WRITING: timedelta(minutes=15)}
"""After how long without a sign work is taken for dead; while it writes, it gives none."""
MOST_FILES: Final = 10
"""How many files one person may have here at once; the oldest go first."""
_TOLD_EVERY: Final = timedelta(milliseconds=500)
_log = logging.getLogger(__name__)


def hand_in(actor: Actor, name: str, content: bytes) -> UUID:
    """Keep a file for the steps that follow; raise `UnusableSheetError` when it cannot be read."""
    _check_right(actor)
    found = look(content, queries.tiers(actor))
    now = clock.now()
    with transaction() as session:
        sweep_expired(session)
        for old in queries.mine(actor)[MOST_FILES - 1 :]:
            session.delete(old)
        made = SheetImport(
            officer_id=actor.officer_id, file_name=name[-200:], content=content, layout=layout.to_json(found),
            state=State.MATCHING, made_at=now, touched_at=now, expires_at=now + KEPT,
        )  # fmt: skip
        session.add(made)
        session.flush()
        record("sheet.handed_in", actor_id=actor.officer_id, record_kind="sheet_import", record_id=made.id)
        return made.id


def look(content: bytes, tiers: list[Tier]) -> Layout:
    """Read the first rows of a file and guess what it holds."""
    sheets = files.read(content, most_rows=HEADER_WITHIN + 20)
    parts = [read_headers(number, sheet.title, sheet.rows, tiers) for number, sheet in enumerate(sheets)]
    return Layout(clock.today(), parts)


def match(actor: Actor, import_id: UUID, chosen: Layout) -> None:
    """Keep which column says what; what was looked at before is looked at anew."""
    with transaction():
        found = queries.opened(actor, import_id)
        if queries.is_at_work(found) or found.state == State.DONE:
            raise Problem("sheet_busy")
        found.layout, found.state, found.lines = layout.to_json(chosen), State.MATCHING, ""
        found.failure = ""


def discard(actor: Actor, import_id: UUID) -> None:
    """Forget a file, and what was said of it."""
    with transaction() as session:
        found = queries.opened(actor, import_id)
        session.delete(found)
        record("sheet.discarded", actor_id=actor.officer_id, record_kind="sheet_import", record_id=import_id)


def sweep() -> int:
    """Forget what nobody came back for; return how many files."""
    with transaction() as session:
        return sweep_expired(session)


def sweep_expired(session: Session) -> int:
    """Forget expired files, inside a transaction."""
    gone = session.execute(
        delete(SheetImport).where(SheetImport.expires_at <= clock.now()).returning(SheetImport.id)
    )
    return len(gone.all())


# Work that takes time


def start(actor: Actor, import_id: UUID, step: State) -> Thread:
    """Begin the dry run (`CHECKING`) or carry out what it said (`WRITING`); raise `Problem` when it is not its turn."""
    _check_right(actor)
    now = clock.now()
    with transaction() as session:
        found = queries.opened(actor, import_id)
        if is_dead(found, now):
            found.state = State.MATCHING
            session.flush()
        before = State.CHECKED if step is State.WRITING else State.MATCHING
        claimed = session.execute(
            update(SheetImport)
            .where(SheetImport.id == import_id, SheetImport.state == before)
            .values(state=step, rows_done=0, rows_total=0, failure="", touched_at=now, expires_at=now + KEPT)
            .returning(SheetImport.id)
        )
        if claimed.scalar_one_or_none() is None:
            raise Problem("sheet_busy")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own advice
    work = Thread(
        target=_work, args=(app, actor, import_id, step, str(get_locale() or "vi")), name=f"sheet {import_id}"
    )
    work.start()
    return work


def is_dead(found: SheetImport, now: datetime) -> bool:
    """Say whether the work on a file has stopped without saying so, as when the server was restarted."""
    silence = SILENCE.get(State(found.state))
    return silence is not None and now - found.touched_at > silence


def _work(app: Flask, actor: Actor, import_id: UUID, step: State, language: str) -> None:
    with app.app_context(), force_locale(language):
        try:
            (_check if step is State.CHECKING else _do)(actor, import_id)
        except UnusableSheetError as unusable:
            _stopped(import_id, unusable.code)
        except (RefusedPlaces, RefusedAssignment, TakenError, Problem):
            _log.exception("a file was refused after its dry run")
            _stopped(import_id, "sheet_changed")
        except Exception:  # noqa: BLE001 - nobody waits for a thread: what happened has to be written down
            _log.exception("work on a file failed")
            _stopped(import_id, "sheet_failed")
        finally:
            db.session.remove()


def _stopped(import_id: UUID, failure: str) -> None:
    with transaction() as session:
        session.execute(
            update(SheetImport)
            .where(SheetImport.id == import_id)
            .values(state=State.MATCHING, failure=failure)
        )


@dataclass
class _Told:
    """Writes down how far the work is, twice a second at most."""

    import_id: UUID
    total: int
    at: datetime

    def __call__(self, done: int) -> None:
        now = clock.now()
        if now - self.at < _TOLD_EVERY:
            return
        self.at = now
        with transaction() as session:
            session.execute(
                update(SheetImport)
                .where(SheetImport.id == self.import_id)
                .values(rows_done=done, rows_total=self.total, touched_at=now)
            )


def _check(actor: Actor, import_id: UUID) -> None:
    found = queries.opened(actor, import_id)
    content, chosen = found.content, layout.from_json(found.layout)
    sheets = _sheets(chosen, files.read(content))
    total = sum(len(sheet.rows) for sheet in sheets)
    standing = queries.standing(actor, data_rows.signs(sheets))
    db.session.rollback()
    told = _Told(import_id, total, clock.now() - _TOLD_EVERY)
    told(0)
    plan = make_plan(standing, chosen, sheets, told)
    with transaction() as session:
        session.execute(update(SheetImport).where(SheetImport.id == import_id).values(
            state=State.CHECKED, lines=report.lines_to_json(plan.lines), digest=plan.digest, rows_done=total,
            rows_total=total, touched_at=clock.now()))  # fmt: skip


def _do(actor: Actor, import_id: UUID) -> None:
    """Plan once more where nobody else can write, and do it only if it is what was shown."""
    found = queries.opened(actor, import_id)
    content, chosen, digest = found.content, layout.from_json(found.layout), found.digest
    read = files.read(content)
    sheets = _sheets(chosen, read)
    with transaction() as session:
        plan = make_plan(queries.standing(actor, data_rows.signs(sheets)), chosen, sheets)
        if plan.digest != digest or plan.counts[Verdict.REFUSED]:
            raise Problem("sheet_changed")
        carry_out(actor, plan, chosen.basis)
        record("sheet.taken_in", actor_id=actor.officer_id, record_kind="sheet_import", record_id=import_id)
        now = clock.now()
        session.execute(update(SheetImport).where(SheetImport.id == import_id).values(
            state=State.DONE, content=report.report(chosen.used(), read, plan.lines), touched_at=now,
            expires_at=now + KEPT))  # fmt: skip


def _sheets(chosen: Layout, read: list[files.Sheet]) -> list[planned.Sheet]:
    return [
        data_rows.sheet_of(number, part, read[part.sheet].rows) for number, part in enumerate(chosen.used())
    ]


def make_plan(
    standing: planned.Standing,
    chosen: Layout,
    sheets: list[planned.Sheet],
    told: Callable[[int], object] = lambda _: None,
) -> Plan:
    """Say what a file would change."""
    return rules.plan(standing, sheets, planned.Defaults(chosen.day, chosen.person_kind), new_id, told)


def carry_out(actor: Actor | None, plan: Plan, basis: str) -> None:
    """Do all a plan says, in one transaction, through the capabilities it belongs to."""
    with transaction():
        if plan.operations:
            carry_out_all(actor, plan.operations, basis)
        if plan.people:
            save_people(actor, {
                one.id: PersonFacts(one.name, one.title, one.kind, one.home or one.id, one.code, one.phone or "")
                for one in plan.people
            })  # fmt: skip
        if plan.readings:
            count_all(actor, plan.readings, basis)
        if plan.assignments:
            assign_all(actor, [
                NewAssignment(held.officer, held.unit, held.role, held.start, Decision(number, signed),
                              held.is_primary, held.end, held.id)
                for held, number, signed in plan.assignments
            ])  # fmt: skip


def take_in_at_once(content: bytes, kind: Kind | None, basis: str, *, dry_run: bool) -> tuple[Plan, bytes]:
    """Take a file in at the console, unless a row is refused or it is a dry run; return the plan and a report."""
    read = files.read(content)
    tiers = queries.tiers(None)
    parts = [read_headers(number, sheet.title, sheet.rows, tiers, kind) for number, sheet in enumerate(read)]
    chosen = Layout(clock.today(), parts, basis=basis)
    if not chosen.used():
        raise UnusableSheetError("sheet_no_columns")
    sheets = _sheets(chosen, read)
    with transaction():
        plan = make_plan(queries.standing(None, data_rows.signs(sheets)), chosen, sheets)
        if not dry_run and not plan.counts[Verdict.REFUSED]:
            carry_out(None, plan, basis)
            record("sheet.taken_in", actor_id=None, record_kind="sheet_import", record_id=None)
    return plan, report.report(chosen.used(), read, plan.lines)


def _check_right(actor: Actor) -> None:
    if not actor.may(Permission.ADMINISTER, clock.today()):
        raise Problem("forbidden")
