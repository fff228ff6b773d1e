"""Rows that say who holds which role where. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from webapp.assignments.rules import AlreadyHeld, Book, Held, Refused, begin
from webapp.fields import N_
from webapp.sheets import cells
from webapp.sheets.cells import spelled
from webapp.sheets.faults import Fault
from webapp.sheets.known import Known
from webapp.sheets.planned import Person, Says, Verdict
from webapp.sheets.row_reader import RowReader


class AssignmentRows:
    """Judges assignments."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._book = Book(known.standing.held, known.standing.exempt)

    def judge(self, row: RowReader) -> tuple[str, Says]:
        """Return whom and which place a row speaks of, and what it does."""
        known = self._known
        person = self._person(row)
        node = known.place(row)
        role = self._role(row)
        primary = cells.is_primary(row.cell("primary"))
        decision = row.text("decision", 80)
        signed = row.day("decision_date")
        start = row.day("from", may_be_future=True)
        last = row.day("to", may_be_future=True)
        end = last + timedelta(days=1) if last else None
        if start and end and end <= start:
            raise Fault("dates_crossed", to=f"{last:%d/%m/%Y}", **{"from": f"{start:%d/%m/%Y}"})
        known.once("assignment_twice", row, "assignment", person.id, node.id, role, start)
        what = f"{person.name}, {known.places.path(node)}"
        since = start or known.defaults.day
        for held in self._book.at((node.id, role), since, end):
            if held.officer == person.id:
                _check_same(held, start, end, primary=primary)
                return what, []
        if since < node.since:
            raise Fault("before_unit", day=f"{node.since:%d/%m/%Y}")
        new = Held(known.new_id(), person.id, node.id, role, primary, since, end)
        try:
            self._book.apply(begin(self._book, new))
        except AlreadyHeld:
            return what, []
        except Refused as refused:
            raise Fault("assignment_refused", reason=str(refused)) from refused
        known.plan.assignments.append((new, decision, signed))
        said = {"role": known.standing.roles[role], "day": f"{since:%d/%m/%Y}"}
        return what, [(Verdict.CREATED, N_("Giao %(role)s từ ngày %(day)s."), said)]

    def _person(self, row: RowReader) -> Person:
        people = self._known.people
        name, code, phone = row.person_name(), self._known.person_code(row), row.phone()
        if not (name or code or phone):
            raise Fault("missing", field=row.label("full_name"))
        if code or phone:
            found = people.recognised(name, code, phone) if name else people.unnamed(code, phone)
            if found:
                return found
        else:
            same = people.called(name)
            if len(same) > 1:
                raise Fault("person_ambiguous", n=len(same), name=name)
            if same:
                return same[0]
        refused = people.refused.get(code) or people.refused.get(spelled(name))
        if refused:
            raise Fault("person_refused", row=refused)
        raise Fault("person_unknown", said=", ".join(one for one in (name, code, phone) if one))

    def _role(self, row: RowReader) -> str:
        said = row.text("role")
        if not said:
            raise Fault("missing", field=row.label("role"))
        standing = self._known.standing
        if role := _role_called(said, standing.roles):
            return role
        if _role_called(said, standing.high_roles):
            raise Fault("role_too_high")
        raise Fault("role_unknown", value=said, roles=", ".join(standing.roles.values()))


def _role_called(said: str, roles: Mapping[str, str]) -> str | None:
    return next(
        (code for code, label in roles.items() if spelled(label) == spelled(said) or code == said), None
    )


def _check_same(held: Held, start: date | None, end: date | None, *, primary: bool) -> None:
    """Refuse what differs from how a role is held already: that is for the pages of assignments."""
    if start and held.start != start:
        raise Fault("assignment_other_day", known=f"{held.start:%d/%m/%Y}", value=f"{start:%d/%m/%Y}")
    if end and held.end != end:
        raise Fault("assignment_other_end")
    if held.is_primary != primary:
        raise Fault("assignment_other_way")
