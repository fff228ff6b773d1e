"""Writes of assignments: assign, end, replace, make deputy or in charge, exempt; and following the tree of places.

Every deed is judged by `rules`, previewed by the same code that carries it out, and audited. `actor` is None at the
server's console. They raise `Refused` when the book does not take it, `Problem` (``not_found``, ``forbidden``) when it
is not the actor's to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from webapp import clock
from webapp.accounts.models import Officer, Role, RolePermission
from webapp.assignments import rules
from webapp.assignments.models import Assignment, AssignmentLine, Exemption
from webapp.assignments.queries import book_of, holds_on, officers_below
from webapp.assignments.rules import DEFAULT_LINES, TURNED, Book, Changes, Held, Refused
from webapp.audit.actions import record
from webapp.db import db, new_id, transaction
from webapp.errors import Problem
from webapp.fields import N_
from webapp.permissions import Permission
from webapp.places.models import Unit, UnitType
from webapp.places.queries import below

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from webapp.accounts.rules import Actor


@dataclass(frozen=True)
class Decision:
    """The decision that orders it: its number, and its date."""

    number: str = ""
    date: date | None = None


@dataclass(frozen=True)
class NewAssignment:
    """What is asked for: this officer holds this role at this unit from `since` until the day before `until`."""

    officer_id: UUID
    unit_id: UUID
    role: str
    since: date
    decision: Decision = Decision()
    is_primary: bool = True
    until: date | None = None
    id: UUID = field(default_factory=new_id)
    """Minted when it is asked for: asked twice, it is one assignment."""

    def fact(self) -> Held:
        """Return it as the rules know it."""
        return Held(
            self.id, self.officer_id, self.unit_id, self.role, self.is_primary, self.since, self.until
        )


def check(actor: Actor | None, wanted: Sequence[NewAssignment]) -> list[Refused | None]:
    """Say of each, in order, why it cannot be assigned, as if those before it that can were; nothing is written.

    `AlreadyHeld` says that exactly this is in the book.
    """
    book = book_of({one.unit_id for one in wanted}, {one.officer_id for one in wanted})
    bounds = _Bounds.of(actor, wanted)
    found: list[Refused | None] = []
    for one in wanted:
        try:
            bounds.check(one)
            book.apply(rules.begin(book, one.fact()))
            found.append(None)
        except Refused as refused:
            found.append(refused)
        except Problem:
            found.append(Refused(N_("Đơn vị, người hoặc vai trò này không có trong phạm vi quản trị.")))
    return found


def assign_all(actor: Actor | None, wanted: Sequence[NewAssignment]) -> None:
    """Assign all of these or, raising the first `Refused`, none."""
    with transaction() as session:
        _lock(session, (one.unit_id for one in wanted), (one.officer_id for one in wanted))
        bounds = _Bounds.of(actor, wanted)
        book = book_of({one.unit_id for one in wanted}, {one.officer_id for one in wanted})
        for one in wanted:
            bounds.check(one)
            book.apply(rules.begin(book, one.fact()))
        for one in wanted:
            _begin(session, one.fact(), one.decision, None)
        session.flush()
        for one in wanted:
            _note(actor, "assignment.begun", one.id, one.unit_id)


def assign(actor: Actor | None, wanted: NewAssignment) -> None:
    """Let an officer hold a role at a unit."""
    assign_all(actor, [wanted])


def end(actor: Actor | None, assignment_id: UUID, on: date, reason: str, decision: Decision) -> None:
    """End an assignment; `on` is the first day on which it is no longer held."""
    with transaction() as session:
        held, book = _opened(session, actor, assignment_id)
        _keep_own_rights(actor, held)
        _write(session, actor, held, rules.finish(book, held.id, on), reason, decision)


def replace(
    actor: Actor | None, assignment_id: UUID, officer_id: UUID, on: date, reason: str, decision: Decision,
    id: UUID | None = None,  # noqa: A002 - of what begins: asked twice, it is done once
) -> UUID:  # fmt: skip
    """End an assignment and let another officer hold the same from that day, in one; return what begins."""
    with transaction() as session:
        held, book = _opened(session, actor, assignment_id, officer_id)
        _keep_own_rights(actor, held)
        changes = rules.succeed(book, held.id, officer_id, on, id or new_id())
        _Bounds.of(actor, [_wanted(one) for one in changes.begun]).check_all(changes)
        _write(session, actor, held, changes, reason, decision)
    return changes.begun[0].id


def turn(
    actor: Actor | None, assignment_id: UUID, on: date, decision: Decision, *, primary: bool
) -> None:  # fmt: skip
    """Make a deputy the one in charge, who was becomes deputy; or the other way round."""
    with transaction() as session:
        held, book = _opened(session, actor, assignment_id)
        changes = rules.turn(book, held.id, on, [new_id(), new_id()], primary=primary)
        _write(session, actor, held, changes, TURNED, decision)


def preview_replacement(actor: Actor | None, assignment_id: UUID, officer_id: UUID, on: date) -> Changes:
    """Return what `replace` would change; raise as it would."""
    held, book = _opened(None, actor, assignment_id, officer_id)
    _keep_own_rights(actor, held)
    changes = rules.succeed(book, held.id, officer_id, on, new_id())
    _Bounds.of(actor, [_wanted(one) for one in changes.begun]).check_all(changes)
    return changes


def preview_end(actor: Actor | None, assignment_id: UUID, on: date) -> Changes:
    """Return what `end` would change; raise as it would."""
    held, book = _opened(None, actor, assignment_id)
    _keep_own_rights(actor, held)
    return rules.finish(book, held.id, on)


def preview_turn(actor: Actor | None, assignment_id: UUID, on: date, *, primary: bool) -> Changes:
    """Return what `turn` would change; raise as it would."""
    held, book = _opened(None, actor, assignment_id)
    return rules.turn(book, held.id, on, [new_id(), new_id()], primary=primary)


def exempt(
    actor: Actor | None, officer_id: UUID, since: date, until: date | None, reason: str, decision: Decision,
    id: UUID | None = None,  # noqa: A002 - minted when it is asked for
) -> UUID:  # fmt: skip
    """Say that an officer is not to be assigned for a while; what they hold goes on until somebody ends it."""
    with transaction() as session:
        _check_officers(actor, {officer_id})
        _lock(session, (), [officer_id])
        if until is not None and until <= since:
            raise Refused(N_("Ngày kết thúc phải sau ngày bắt đầu."))
        if book_of((), [officer_id]).is_exempt(officer_id, since, until):
            raise Refused(N_("Người này đã được miễn trong thời gian ấy."))
        row = Exemption(
            id=id or new_id(), officer_id=officer_id, reason=reason, decision_ref=decision.number,
            decision_date=decision.date, valid_from=since, valid_to=until,
        )  # fmt: skip
        session.add(row)
        session.flush()
        _note(actor, "exemption.begun", row.id, None)
    return row.id


def end_exemption(actor: Actor | None, exemption_id: UUID, on: date) -> UUID:
    """Let an officer be assigned again from `on`; return whom."""
    with transaction() as session:
        row = session.get(Exemption, exemption_id, with_for_update=True)
        if row is None:
            raise Problem("not_found")
        _check_officers(actor, {row.officer_id})
        if row.valid_to is not None and row.valid_to <= on:
            raise Refused(N_("Việc miễn đã kết thúc trước ngày ấy."))
        row.valid_to = max(on, row.valid_from)
        _note(actor, "exemption.ended", row.id, None)
        return row.officer_id


def load_after(new: Held) -> int | None:
    """Return of how many places of the line an officer will be in charge when `new` begins, where that is too many."""
    if not new.is_primary:
        return None
    rank = select(UnitType.rank).join(Unit, Unit.type_code == UnitType.code)
    line = db.session.get(AssignmentLine, (new.role, db.session.scalar(rank.where(Unit.id == new.unit))))
    if line is None:
        return None
    others = select(Assignment.unit_id).distinct().where(
        Assignment.officer_id == new.officer, Assignment.role_code == new.role, Assignment.is_primary,
        holds_on(new.start), Assignment.unit_id != new.unit,
        Assignment.unit_id.in_(rank.with_only_columns(Unit.id).where(UnitType.rank == line.rank)),
    )  # fmt: skip
    count = len(db.session.scalars(others).all()) + 1
    return count if count > line.most else None


def set_most(actor: Actor, role: str, rank: int, most: int, basis: str) -> None:
    """Say how many places of a tier one person should follow at most, and which document says so."""
    with transaction() as session:
        if not actor.may(Permission.ADMINISTER, clock.today()):
            raise Problem("forbidden")
        line = session.get(AssignmentLine, (role, rank))
        if line is None:
            raise Problem("not_found")
        line.most, line.basis = most, basis
        record(
            "assignment_line.set", actor_id=actor.officer_id, record_kind="assignment_line", record_id=None
        )


def add_lines(session: Session) -> None:
    """Add the lines of following an installation starts with, where they are not there yet."""
    known = {(row.role_code, row.rank) for row in session.scalars(select(AssignmentLine))}
    roles = set(session.scalars(select(Role.code)))
    session.add_all(
        AssignmentLine(role_code=line.role, rank=line.rank, most=line.most, basis="")
        for line in DEFAULT_LINES
        if (line.role, line.rank) not in known and line.role in roles
    )


@dataclass(frozen=True)
class _Bounds:
    """What the book cannot know: whether units, officers and roles are there and the actor's to assign."""

    lives: dict[UUID, tuple[date, date | None]]
    officers: frozenset[UUID]
    roles: frozenset[str]

    @classmethod
    def of(cls, actor: Actor | None, wanted: Sequence[NewAssignment]) -> _Bounds:
        units = _allowed_units(actor, {one.unit_id for one in wanted})
        officers = _allowed_officers(actor, {one.officer_id for one in wanted})
        return cls(units, officers, frozenset(db.session.scalars(select(Role.code))))

    def check(self, one: NewAssignment) -> None:
        if one.unit_id not in self.lives or one.officer_id not in self.officers or one.role not in self.roles:
            raise Problem("not_found")
        begun, over = self.lives[one.unit_id]
        if one.since < begun or (over is not None and over <= one.since):
            raise Refused(N_("Đơn vị này không còn hoặc chưa có vào ngày ấy."))

    def check_all(self, changes: Changes) -> None:
        for one in changes.begun:
            self.check(_wanted(one))


def _wanted(fact: Held) -> NewAssignment:
    return NewAssignment(
        fact.officer, fact.unit, fact.role, fact.start, Decision(), fact.is_primary, fact.end
    )


def _allowed_units(actor: Actor | None, wanted: set[UUID]) -> dict[UUID, tuple[date, date | None]]:
    """Return the life spans of those of these units that the actor administers."""
    rows = select(Unit.id, Unit.valid_from, Unit.valid_to)
    if actor is not None:
        scope = below(_roots(actor), clock.today())
        rows = rows.join(scope, scope.c.id == Unit.id)
    found = db.session.execute(rows if len(wanted) > _FEW else rows.where(Unit.id.in_(wanted)))
    return {unit: (begun, over) for unit, begun, over in found if unit in wanted}


def _allowed_officers(actor: Actor | None, wanted: set[UUID]) -> frozenset[UUID]:
    found = officers_below(actor) if actor is not None else select(Officer.id)
    return (
        frozenset(db.session.scalars(found if len(wanted) > _FEW else found.where(Officer.id.in_(wanted))))
        & wanted
    )


_FEW = 400
"""Above this many, all in scope are read and compared here: a statement takes only so many values."""


def _check_officers(actor: Actor | None, wanted: set[UUID]) -> None:
    if _allowed_officers(actor, wanted) != wanted:
        raise Problem("not_found")


def _roots(actor: Actor) -> frozenset[UUID]:
    roots = actor.roots(Permission.ADMINISTER, clock.today())
    if not roots:
        raise Problem("forbidden")
    return roots


def _opened(
    session: Session | None, actor: Actor | None, assignment_id: UUID, officer_id: UUID | None = None
) -> tuple[Held, Book]:
    """Return an assignment the actor may change and the book around it, locked when it is to be written."""
    row = db.session.get(Assignment, assignment_id)
    if row is None or not _allowed_units(actor, {row.unit_id}):
        raise Problem("not_found")
    officers = {row.officer_id, officer_id} if officer_id else {row.officer_id}
    if session is not None:
        _lock(session, [row.unit_id], officers)
    book = book_of([row.unit_id], officers)
    return book.get(assignment_id), book


def _lock(session: Session, units: Iterable[UUID], officers: Iterable[UUID]) -> None:
    """Let nobody else decide on these units and officers until commit; in the order of their ids."""
    for table, ids in ((Unit, set(units)), (Officer, set(officers))):
        listed = sorted(ids)
        for start in range(0, len(listed), _FEW):
            some = listed[start : start + _FEW]
            session.execute(select(table.id).where(table.id.in_(some)).order_by(table.id).with_for_update())


def _keep_own_rights(actor: Actor | None, held: Held) -> None:
    """Refuse to let administrators end what makes them administrators."""
    if actor is None or held.officer != actor.officer_id:
        return
    keeps = select(RolePermission.role_code).where(
        RolePermission.role_code == held.role, RolePermission.permission == Permission.ADMINISTER
    )
    if db.session.scalar(keeps) is not None:
        raise Refused(N_("Không tự thôi quyền quản trị của mình; nhờ người quản trị khác."))


def _write(
    session: Session, actor: Actor | None, held: Held, changes: Changes, reason: str, decision: Decision
) -> None:
    basis = decision.number and (
        f"{decision.number} ({decision.date:%d/%m/%Y})" if decision.date else decision.number
    )
    for assignment_id, on in changes.ended.items():
        row = session.get_one(Assignment, assignment_id)
        row.valid_to, row.end_reason, row.end_basis = on, reason, basis
        _note(actor, "assignment.ended", row.id, row.unit_id)
    session.flush()
    for one in changes.begun:
        _begin(session, one, decision, held.id)
        session.flush()
        _note(actor, "assignment.begun", one.id, one.unit)


def _begin(session: Session, one: Held, decision: Decision, replaces: UUID | None) -> None:
    session.add(Assignment(
        id=one.id, officer_id=one.officer, unit_id=one.unit, role_code=one.role, is_primary=one.is_primary,
        decision_ref=decision.number, decision_date=decision.date, valid_from=one.start, valid_to=one.end,
        replaces_id=replaces,
    ))  # fmt: skip


def _note(actor: Actor | None, deed: str, record_id: UUID, unit_id: UUID | None) -> None:
    record(deed, actor_id=actor.officer_id if actor else None, record_kind=deed.partition(".")[0],
           record_id=record_id, unit_id=unit_id)  # fmt: skip
