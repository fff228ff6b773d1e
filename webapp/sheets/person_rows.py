"""Rows that say who there is. Pure."""

from __future__ import annotations

from webapp.fields import N_
from webapp.sheets import cells
from webapp.sheets.cells import spelled
from webapp.sheets.faults import Fault
from webapp.sheets.known import Known
from webapp.sheets.naming import Node
from webapp.sheets.planned import Person, Says, Verdict
from webapp.sheets.row_reader import RowReader


class PersonRows:
    """Judges people."""

    def __init__(self, known: Known) -> None:
        self._known, self._people = known, known.people
        self._kinds = dict(known.standing.person_kinds)

    def judge(self, row: RowReader) -> tuple[str, Says]:
        """Return who a row speaks of, and what it does; note a refused one, so that others can point at it."""
        try:
            return self._judged(row)
        except Fault:
            for key in (cells.code(row.cell("person_code")), spelled(row.rough_name())):
                if key:
                    self._people.refused.setdefault(key, row.at)
            raise

    def _judged(self, row: RowReader) -> tuple[str, Says]:
        name = row.person_name()
        if not name:
            raise Fault("missing", field=row.label("full_name"))
        code, phone = self._known.person_code(row), row.phone()
        if not code and not phone:
            raise Fault("person_without_id")
        for key in (code, phone):
            if key:
                self._known.once("person_twice", row, "person", key)
        known = self._people.recognised(name, code, phone)
        home = self._home(row, known)
        kind = self._kind(row, known)
        title = row.text("title", 160) or (known.title if known else self._kinds[kind])
        if known is None:
            self._check_new(name, code, home)
            person = Person(
                self._known.new_id(), name, title, kind, home.id, code or phone, phone or None,
                row=row.row.number,
            )  # fmt: skip
            self._people.add(person)
            self._known.plan.people.append(person)
            said = {"unit": self._known.places.path(home)}
            return name, [(Verdict.CREATED, N_("Thêm người, thuộc %(unit)s."), said)]
        return name, self._changed(known, Person(
            known.id, known.name if spelled(known.name) == spelled(name) else name,
            known.title if spelled(known.title) == spelled(title) else title, kind, home.id,
            code or known.code, phone or known.phone, row=row.row.number,
        ))  # fmt: skip

    def _check_new(self, name: str, code: str, home: Node) -> None:
        """Somebody of the same name at the same place is the same person, unless a code of their own says otherwise."""
        if code:
            return
        for other in self._people.called(name):
            if other.home == home.id:
                raise Fault("person_known", name=other.name, code=other.code)

    def _home(self, row: RowReader, known: Person | None) -> Node:
        places = self._known.places
        if row.names_a_place:
            home = self._known.place(row)
        elif known and known.home and known.home in places.nodes:
            return places.nodes[known.home]
        elif len(places.roots) == 1:
            home = places.roots[0]
        else:
            raise Fault("home_missing")
        if self._known.words.types[home.kind].can_meet:
            raise Fault("home_is_group", name=home.name)
        return home

    def _kind(self, row: RowReader, known: Person | None) -> str:
        said = row.text("person_kind")
        if said:
            for code, label in self._kinds.items():
                if spelled(label) == spelled(said):
                    return code
            raise Fault("kind_unknown", value=said, kinds=", ".join(self._kinds.values()))
        return known.kind if known else self._known.defaults.person_kind or next(iter(self._kinds))

    def _changed(self, known: Person, person: Person) -> Says:
        kinds, path = self._kinds, self._known.path
        compared = (
            (N_("Họ và tên"), known.name, person.name), (N_("Chức danh"), known.title, person.title),
            (N_("Thuộc diện"), kinds.get(known.kind, known.kind), kinds.get(person.kind, person.kind)),
            (N_("Đơn vị công tác"), path(known.home), path(person.home)),
            (N_("Mã cán bộ"), known.code, person.code), (N_("Số điện thoại"), known.phone or "", person.phone or ""),
        )  # fmt: skip
        says = [
            (Verdict.CHANGED, N_("%(field)s: %(before)s thành %(after)s."),
             {"field": field, "before": before or "–", "after": after})
            for field, before, after in compared if before != after
        ]  # fmt: skip
        if says:
            self._people.replace(known, person)
            self._known.plan.people.append(person)
        return says
