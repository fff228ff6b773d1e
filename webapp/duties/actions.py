"""Writes of windows and duties: a new row from a month on, the one before ends; nothing is rewritten."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlalchemy import exists, select

from webapp import clock
from webapp.accounts.models import Role
from webapp.audit.actions import record
from webapp.db import db, new_id, transaction
from webapp.duties import queries, rules
from webapp.duties.models import Decided, DutyRule, MeetingWindow
from webapp.duties.rules import MeetingType, Period, Row
from webapp.errors import Problem
from webapp.fields import N_
from webapp.permissions import Permission
from webapp.places.queries import below
from webapp.sync.feeds import announce, feeds_below

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from webapp.accounts.rules import Actor


class WindowFacts(NamedTuple):
    """What is decided of a window."""

    unit_id: UUID
    meeting_type: MeetingType
    first_day: int
    last_day: int
    valid_from: date
    basis: str


class DutyFacts(NamedTuple):
    """What is decided of a duty."""

    unit_id: UUID
    role_code: str
    meeting_type: MeetingType
    min_count: int
    for_each: bool
    period: Period
    valid_from: date
    basis: str


def set_window(actor: Actor, row_id: UUID, facts: WindowFacts) -> None:
    """Keep days of every month for a kind of meeting, at a unit and below; sent twice, it is one row.

    Raises `Refused` for a month that is over, `Problem` when the unit is not the actor's to decide for.
    """
    _check_right(actor, facts.unit_id)
    if facts.last_day < facts.first_day:
        raise rules.Refused(N_("Ngày cuối không thể trước ngày đầu."))
    with transaction() as session:
        if session.get(MeetingWindow, row_id):
            return
        same = [
            row
            for row in queries.all_windows()
            if (row.unit_id, row.meeting_type) == (facts.unit_id, facts.meeting_type)
        ]
        _begin(session, MeetingWindow(id=row_id, **facts._asdict(), **_by(actor)), same)
        _note(actor, "window_set", row_id, facts.unit_id)


def set_duty(actor: Actor, row_id: UUID, facts: DutyFacts) -> None:
    """Say how many meetings of a kind a role must attend, at a unit and below; sent twice, it is one row."""
    _check_right(actor, facts.unit_id)
    if facts.role_code not in {role.code for role in queries.roles()}:
        raise Problem("not_found")
    with transaction() as session:
        if session.get(DutyRule, row_id):
            return
        same = [
            row
            for row in queries.all_duties()
            if (row.unit_id, row.role_code, row.meeting_type)
            == (facts.unit_id, facts.role_code, facts.meeting_type)
        ]
        _begin(session, DutyRule(id=row_id, **facts._asdict(), **_by(actor)), same)
        _note(actor, "duty_set", row_id, facts.unit_id)


def end(actor: Actor, row_id: UUID) -> None:
    """Let a row end with this month: from the next on, what holds further up holds here too."""
    with transaction() as session:
        row = session.get(MeetingWindow, row_id) or session.get(DutyRule, row_id)
        if row is None or row.unit_id is None:
            raise Problem("not_found")
        _check_right(actor, row.unit_id)
        row.valid_to = max(row.valid_from, rules.after_month(clock.today()))
        session.flush()
        _note(actor, "window_ended" if isinstance(row, MeetingWindow) else "duty_ended", row_id, row.unit_id)


def add_defaults() -> None:
    """Write what an installation starts with, where nothing was ever decided. Safe to run again."""
    with transaction() as session:
        started = {"basis": rules.DEFAULT_WINDOWS[0].basis, "valid_from": rules.SINCE, "made_at": clock.now()}
        if not session.scalar(select(exists().where(MeetingWindow.id.is_not(None)))):
            session.add_all(
                MeetingWindow(
                    id=new_id(), meeting_type=one.meeting_type, first_day=one.first_day, last_day=one.last_day,
                    **started,
                )
                for one in rules.DEFAULT_WINDOWS
            )  # fmt: skip
        if not session.scalar(select(exists().where(DutyRule.id.is_not(None)))):
            known = set(session.scalars(select(Role.code)))
            session.add_all(
                DutyRule(
                    id=new_id(), role_code=role, meeting_type=kind, min_count=1, for_each=for_each,
                    period=Period.MONTH, **started,
                )
                for role, kind, for_each in rules.DEFAULT_DUTIES if role in known
            )  # fmt: skip


def _begin(session: Session, row: MeetingWindow | DutyRule, same: Iterable[Row]) -> None:
    """Write a row that holds from its day on; what held until then of the `same` ends."""
    room = rules.make_room(same, row.valid_from, clock.today())
    if room.ended:
        kind: type[Decided] = type(row)
        session.get_one(kind, room.ended).valid_to = row.valid_from
    row.valid_to = room.valid_to
    session.add(row)
    session.flush()


def _check_right(actor: Actor, unit_id: UUID) -> None:
    today = clock.today()
    tree = below(actor.roots(Permission.SET_DUTIES, today), today)
    if db.session.scalar(select(tree.c.id).where(tree.c.id == unit_id)) is None:
        raise Problem("not_found")


def _by(actor: Actor) -> dict[str, object]:
    return {"made_at": clock.now(), "made_by_id": actor.officer_id}


def _note(actor: Actor, action: str, row_id: UUID, unit_id: UUID) -> None:
    """Write down who did it, and let the phones below ask again."""
    record(action, actor_id=actor.officer_id, record_kind="duty", record_id=row_id, unit_id=unit_id)
    announce(feeds_below(unit_id))
