"""What a file would change: each row judged against what there is, nothing written. Pure.

The plan is made twice: for the dry run, and again inside the transaction that carries it out; both must say the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from webapp.assignments.rules import AlreadyHeld, Book, Held, begin
from webapp.assignments.rules import Refused as RefusedAssignment
from webapp.fields import N_
from webapp.places.dated import Reading
from webapp.places.households import count_fault
from webapp.places.operations import Create, NewUnit, Rename
from webapp.sheets import cells
from webapp.sheets.cells import spelled, text
from webapp.sheets.columns import TIER, Kind, forms_of, heading
from webapp.sheets.faults import Fault
from webapp.sheets.naming import Named, Node, Places, Vocabulary
from webapp.sheets.planned import Defaults, Line, Person, Plan, Row, Sheet, Standing, Verdict

ORDER: Final = (Kind.UNITS, Kind.PEOPLE, Kind.COUNTS, Kind.ASSIGNMENTS)
"""Units first, for the rest speaks of them; whatever the order of the sheets."""


def plan(
    standing: Standing, sheets: Sequence[Sheet], defaults: Defaults, new_id: Callable[[], UUID],
    told: Callable[[int], object] = lambda _: None,
) -> Plan:  # fmt: skip
    """Judge every row; `told` hears how many are judged."""
    planner = _Planner(standing, defaults, new_id, is_alone=len(sheets) == 1)
    done = 0
    for kind in ORDER:
        rows = [(sheet, row) for sheet in sheets if sheet.kind is kind for row in sheet.rows]
        if kind is Kind.UNITS:  # what is above before what is below it, whatever the order in the file
            rows.sort(key=lambda pair: planner.depth(pair[1]))
        for sheet, row in rows:
            planner.judge(sheet, row)
            done += 1
            told(done)
    made = planner.plan
    made.lines += [
        Line(sheet.part, row, Verdict.SKIPPED, "", ((NOT_DATA, {}),))
        for sheet in sheets
        for row in sheet.skipped
    ]
    made.lines.sort(key=lambda line: line[:2])
    return made


NOT_DATA: Final = N_("Không phải dòng dữ liệu.")

SAME: Final = N_("Đã có đúng như vậy.")

Says = list[tuple[Verdict, str, dict[str, str]]]
"""What a row does, in messages with their values; nothing when it is so already."""


class _Planner:
    def __init__(
        self, standing: Standing, defaults: Defaults, new_id: Callable[[], UUID], *, is_alone: bool
    ) -> None:
        self.standing, self.defaults, self.new_id, self.is_alone = standing, defaults, new_id, is_alone
        self.words = Vocabulary(standing.types)
        self.places = Places(self.words)
        for node in standing.places:
            self.places.add(node)
        self.plan = Plan()
        self.book = Book(standing.held, standing.exempt)
        self.by_code: dict[str, Person] = {}
        self.by_phone: dict[str, Person] = {}
        self.by_name: dict[str, dict[UUID, Person]] = defaultdict(dict)
        self.refused_people: dict[str, str] = {}
        self.said_of: dict[tuple[object, ...], str] = {}
        """The row that spoke of something first."""
        self.title = ""
        self.readings = {unit: dict(days) for unit, days in standing.readings.items()}
        for person in standing.people:
            self._know(person)
        self.labels: Mapping[str, str] = {}

    def depth(self, row: Row) -> int:
        """Return the rank of the place a row speaks of, as far as it says so."""
        kinds: Iterable[str] = ()
        if "unit_type" in row.said:
            kinds = self.words.called(text(row.said["unit_type"]))
        if "unit" in row.said:
            path = self.words.path(text(row.said["unit"]))
            kinds = kinds or (self.words.named(path[-1]).kinds if path else ())
        elif not kinds:
            return max(
                (int(code.removeprefix(TIER)) for code in row.said if code.startswith(TIER)), default=99
            )
        return min((self.words.types[kind].rank for kind in kinds), default=99)

    def judge(self, sheet: Sheet, row: Row) -> None:
        """Say what becomes of a row, and plan it."""
        self.labels, self.title = sheet.labels, sheet.title
        try:
            what, says = self._judged(sheet, row)
        except Fault as fault:
            line = Line(
                row.part, row.number, Verdict.REFUSED, self._called(row), (("", fault.said),), fault.code
            )
        else:
            found = [verdict for verdict, _, _ in says]
            verdict = next((v for v in (Verdict.CREATED, Verdict.CHANGED) if v in found), Verdict.UNCHANGED)
            messages = tuple((message, said) for _, message, said in says) or ((SAME, {}),)
            line = Line(row.part, row.number, verdict, what, messages)
        self.plan.lines.append(line)

    def _judged(self, sheet: Sheet, row: Row) -> tuple[str, Says]:
        match sheet.kind:
            case Kind.UNITS:
                return self._unit(row)
            case Kind.PEOPLE:
                return self._person(row)
            case Kind.COUNTS:
                return self._count(row)
            case _:
                return self._assignment(row)

    def _called(self, row: Row) -> str:
        """Name what a row speaks of, as it does itself."""
        person = " ".join(
            text(row.said[one]) for one in ("full_name", "family_name", "given_name") if one in row.said
        )
        tiers = sorted((code for code in row.said if code.startswith(TIER)), reverse=True)
        place = [text(row.said[code]) for code in ("unit", "within", *tiers) if code in row.said]
        return ", ".join(one for one in (person or text(row.said.get("person_code")), *place) if one)[:200]

    def _at(self, row: Row) -> str:
        """Say where a row stands, for other rows to point at it."""
        return str(row.number) if self.is_alone else f"{row.number} ({self.title})"

    # Cells

    def _label(self, code: str) -> str:
        return self.labels.get(code) or code

    def _said(self, row: Row, code: str, most: int = 300) -> str:
        return cells.checked(row.said.get(code), self._label(code), most)

    def _day(self, row: Row, code: str, *, may_be_future: bool = False) -> date | None:
        if not self._said(row, code):
            return None
        found = cells.day(row.said[code])
        if found > self.standing.day and not may_be_future:
            raise Fault("date_future", value=f"{found:%d/%m/%Y}")
        return found

    def _once(self, fault: str, row: Row, *key: object) -> None:
        """Refuse what an earlier row said already."""
        first = self.said_of.setdefault(key, self._at(row))
        if first != self._at(row):
            raise Fault(fault, row=first)

    # Places

    def _chain(self, row: Row) -> tuple[list[Named], list[int | None]]:
        """Return the path of names a row gives, from the top, and the tier of each where its column says it."""
        tiers = sorted(int(code.removeprefix(TIER)) for code in row.said if code.startswith(TIER))
        chain, ranks = [], list[int | None]()
        for rank in tiers:
            code = f"{TIER}{rank}"
            chain.append(
                self.words.named(cells.name(row.said[code], self._label(code)), self.words.of_rank(rank))
            )
            ranks.append(rank)
        named: list[str] = []
        for code in ("within", "unit"):
            if self._said(row, code):
                named += self.words.path(cells.name(row.said[code], self._label(code), 300))
        chain += [self.words.named(one) for one in named]
        ranks += [None] * len(named)
        if not chain:
            raise Fault("unit_missing")
        return chain, ranks

    def _place(self, row: Row) -> Node:
        """Return the place a row speaks of: there already, or made by this file."""
        chain, ranks = self._chain(row)
        node = self.places.one(chain, ranks)
        if not node.is_mine:
            raise Fault("unit_outside", name=node.name)
        code = self._said(row, "unit_code", 16)
        if code and node.code and not _same_code(code, node.code):
            raise Fault("code_contradicts", known=node.code, code=code)
        return node

    def _unit(self, row: Row) -> tuple[str, Says]:
        try:
            return self._checked_unit(row)
        except Fault:
            with suppress(Fault):  # so that rows which speak of it can point here
                chain, ranks = self._chain(row)
                above = self.places.matching(chain[:-1], ranks[:-1]) if len(chain) > 1 else []
                key = above[0].id if above else None
                self.places.refused.setdefault((key, chain[-1].bare), self._at(row))
            raise

    def _checked_unit(self, row: Row) -> tuple[str, Says]:
        chain, ranks = self._chain(row)
        chain[-1], kinds = self._kinds(row, chain[-1], ranks[-1])
        found = self.places.matching(chain, ranks)
        found = [node for node in found if not kinds or node.kind in kinds]
        says: Says = []
        if len(found) > 1:
            raise self._ambiguous(found, chain[-1])
        if found:
            node = found[0]
            if not node.is_mine:
                raise Fault("unit_outside", name=node.name)
            self._once("unit_twice", row, "unit", node.id)
            code = self._code(row, node)
            if code:
                on = self.standing.day
                self.plan.operations.append(Rename(on=on, unit=node.id, name=node.name, code=code))
                self.places.give_code(node, code)
                says.append((Verdict.CHANGED, N_("Thêm mã %(code)s."), {"code": code}))
        else:
            node = self._new_unit(row, chain, ranks, kinds)
            said = {
                "name": node.name,
                "above": self._named(node.parent) or "–",
                "day": f"{node.since:%d/%m/%Y}",
            }
            says.append((Verdict.CREATED, N_("Lập %(name)s, thuộc %(above)s, từ ngày %(day)s."), said))
        if self._said(row, "households"):
            says += self._reading(row, node, self._day(row, "from") or self.defaults.day)
        return self.places.path(node), says

    def _ambiguous(self, found: Sequence[Node], named: Named) -> Fault:
        places = "; ".join(self.places.path(one) for one in found[:3])
        return Fault("unit_ambiguous", n=len(found), name=named.text, places=places)

    def _kinds(self, row: Row, named: Named, rank: int | None) -> tuple[Named, frozenset[str]]:
        """Return the types a row's place may be of, and its name read with them."""
        said = self._said(row, "unit_type")
        kinds = named.kinds
        if said:
            called = self.words.called(said)
            if not called:
                raise Fault("unit_type_unknown", value=said, types=self.words.label(self.words.types))
            if kinds and not kinds & called:
                raise Fault("unit_type_contradicts", name=named.text, value=said)
            kinds = called
            named = self.words.named(named.text, called)
        elif not kinds and rank is not None:
            header = f" {heading(self.labels.get(f'{TIER}{rank}', ''))} "
            of_rank = self.words.of_rank(rank)
            kinds = frozenset(
                kind
                for kind in of_rank
                if any(f" {form} " in header for form in forms_of(self.words.types[kind].label))
            )
            kinds = kinds or of_rank
        if rank is not None and kinds:
            kinds &= self.words.of_rank(rank)
            if not kinds:
                raise Fault("unit_type_contradicts", name=named.text, value=said)
        return named, kinds

    def _new_unit(self, row: Row, chain: list[Named], ranks: list[int | None], kinds: frozenset[str]) -> Node:
        named = chain[-1]
        above = self.places.one(chain[:-1], ranks[:-1]) if len(chain) > 1 else None
        node = self._made(row, named, kinds, above)
        self.places.add(node)
        self.said_of["unit", node.id] = self._at(row)
        self.plan.operations.append(Create(
            on=node.since, parent=node.parent,
            unit=NewUnit(id=node.id, kind=node.kind, name=node.name, code=node.code),
        ))  # fmt: skip
        return node

    def _made(self, row: Row, named: Named, kinds: frozenset[str], above: Node | None) -> Node:
        roots = self.places.roots
        if above is None and len(roots) == 1:
            above = roots[0]
        kind = self._kind(named, kinds, above)
        rank = self.words.types[kind].rank
        if above is None:
            if roots:
                raise Fault("unit_without_parent", name=named.text)
        else:
            self._check_above(named, kind, rank, above)
        since = self._day(row, "from") or self.defaults.day
        if above and since < above.since:
            raise Fault("unit_before_parent", above=above.name, day=f"{above.since:%d/%m/%Y}")
        key = above.id if above else None
        ended = self.places.ended.get((key, kind, named.bare))
        if ended and ended.ended:
            raise Fault("unit_ended", name=ended.name, day=f"{ended.ended:%d/%m/%Y}")
        near = self.places.near(named, self.places.children(key), only_marks=True)
        if near and near.kind == kind and not (cells.has_marks(named.bare) and cells.has_marks(near.bare)):
            raise Fault("unit_nearly", name=named.text, known=near.name)
        name = self.places.proper(named, kind)
        node = Node(self.new_id(), kind, name, key, since, row=row.number)
        node.code = self._code(row, node) or None
        return node

    def _kind(self, named: Named, kinds: frozenset[str], above: Node | None) -> str:
        if len(kinds) > 1 and above:
            beside = {one.kind for one in self.places.children(above.id)} & kinds
            kinds = frozenset(beside) if len(beside) == 1 and named.kinds else kinds
        if len(kinds) != 1:
            raise Fault(
                "unit_type_missing", name=named.text, types=self.words.label(kinds or self.words.types)
            )
        return next(iter(kinds))

    def _check_above(self, named: Named, kind: str, rank: int, above: Node) -> None:
        if not above.is_mine:
            raise Fault("unit_outside", name=above.name)
        if self.places.rank(above) >= rank:
            raise Fault("unit_misplaced", kind=self.words.types[kind].label, above=above.name)
        between = (one for one in self.places.children(above.id) if self.places.rank(one) < rank)
        if next(between, None):
            raise Fault("unit_without_parent", name=named.text)

    def _code(self, row: Row, node: Node) -> str:
        """Return the official code a row gives a place that has none yet."""
        code = self._said(row, "unit_code", 16)
        if not code:
            return ""
        if node.code:
            if not _same_code(code, node.code):
                raise Fault("code_contradicts", known=node.code, code=code)
            return ""
        if not isinstance(row.said["unit_code"], str):
            code = code.zfill(self._digits(node.kind))
        other = next((one for one in self.places.with_code(code) if one.id != node.id), None)
        if other:
            raise Fault("code_taken", code=code, known=other.name)
        return code

    def _digits(self, kind: str) -> int:
        """Return how long the codes of a tier are, when all are equally long: a cell took their zeros."""
        rank = self.words.types[kind].rank
        lengths = {
            len(one.code or "") for one in self.standing.places if one.code and self.places.rank(one) == rank
        }
        return lengths.pop() if len(lengths) == 1 else 0

    # Household counts

    def _count(self, row: Row) -> tuple[str, Says]:
        node = self._place(row)
        return self.places.path(node), self._reading(row, node, self._day(row, "as_of") or self.defaults.day)

    def _reading(self, row: Row, node: Node, day: date) -> Says:
        label = self._label("households")
        if not cells.checked(row.said.get("households"), label):
            raise Fault("missing", field=label)
        households = cells.households(row.said["households"])
        if not self.words.types[node.kind].can_meet:
            raise Fault("not_a_group", name=node.name)
        if day < node.since:
            raise Fault("before_unit", day=f"{node.since:%d/%m/%Y}")
        self._once("count_twice", row, "count", node.id, day)
        known = self.readings.setdefault(node.id, {})
        before = known.get(max((one for one in known if one <= day), default=day))
        if before == households:
            return []
        reason = count_fault([Reading(node.id, on, n) for on, n in known.items()], day, self.standing.day)
        if reason:
            raise Fault("count_refused", reason=reason)
        is_change = day in known
        known[day] = households
        self.plan.readings.append(Reading(node.id, day, households))
        said = {"n": str(households), "day": f"{day:%d/%m/%Y}", "before": str(before or "")}
        if is_change:
            return [(Verdict.CHANGED, N_("Từ ngày %(day)s: %(before)s hộ thành %(n)s hộ."), said)]
        if before:
            return [(Verdict.CREATED, N_("%(n)s hộ từ ngày %(day)s (trước đó %(before)s)."), said)]
        return [(Verdict.CREATED, N_("%(n)s hộ từ ngày %(day)s."), said)]

    # People

    def _know(self, person: Person) -> None:
        self.by_code[person.code] = person
        if person.phone:
            self.by_phone[person.phone] = person
        if person.is_mine:
            self.by_name[spelled(person.name)][person.id] = person

    def _forget_person(self, person: Person) -> None:
        self.by_code.pop(person.code, None)
        if person.phone:
            self.by_phone.pop(person.phone, None)
        self.by_name[spelled(person.name)].pop(person.id, None)

    def _name(self, row: Row) -> str:
        parts = [one for one in ("full_name", "family_name", "given_name") if self._said(row, one)]
        joined = " ".join(cells.name(row.said[one], self._label(one), 120) for one in parts)
        return cells.person_name(joined, self._label("full_name")) if joined else ""

    def _person_code(self, row: Row) -> str:
        """Return the code a row gives; a number that lost its zeros gets them back from who is known by it."""
        self._said(row, "person_code", 40)
        code = cells.code(row.said.get("person_code"))
        if (
            code
            and code not in self.by_code
            and not isinstance(row.said["person_code"], str)
            and code.isdigit()
        ):
            same = [known for known in self.by_code if known.isdigit() and known.lstrip("0") == code]
            return same[0] if len(same) == 1 else code
        return code

    def _phone(self, row: Row) -> str:
        return cells.phone(row.said["phone"]) if self._said(row, "phone", 60) else ""

    def _person(self, row: Row) -> tuple[str, Says]:
        try:
            return self._checked_person(row)
        except Fault:
            for key in (cells.code(row.said.get("person_code")), spelled(self._rough_name(row))):
                if key:
                    self.refused_people.setdefault(key, self._at(row))
            raise

    def _rough_name(self, row: Row) -> str:
        return " ".join(text(row.said.get(one)) for one in ("full_name", "family_name", "given_name"))

    def _checked_person(self, row: Row) -> tuple[str, Says]:
        name = self._name(row)
        if not name:
            raise Fault("missing", field=self._label("full_name"))
        code, phone = self._person_code(row), self._phone(row)
        if not code and not phone:
            raise Fault("person_without_id")
        for key in (code, phone):
            if key:
                self._once("person_twice", row, "person", key)
        known = self._recognised(name, code, phone)
        home = self._home(row, known)
        kind = self._person_kind(row, known)
        title = self._said(row, "title", 160) or (
            known.title if known else dict(self.standing.person_kinds)[kind]
        )
        if known is None:
            self._check_new(name, code, home)
            person = Person(
                self.new_id(), name, title, kind, home.id, code or phone, phone or None, row=row.number
            )
            self._know(person)
            self.plan.people.append(person)
            return name, [
                (Verdict.CREATED, N_("Thêm người, thuộc %(unit)s."), {"unit": self.places.path(home)})
            ]
        return name, self._changes(known, Person(
            known.id, known.name if spelled(known.name) == spelled(name) else name,
            known.title if spelled(known.title) == spelled(title) else title, kind, home.id,
            code or known.code, phone or known.phone, row=row.number,
        ))  # fmt: skip

    def _recognised(self, name: str, code: str, phone: str) -> Person | None:
        """Return who is meant: by code or phone number, and the name must agree unless both say the same person."""
        found = [
            person for person in (
                self.by_code.get(code) or self.by_phone.get(code), self.by_phone.get(phone) or self.by_code.get(phone)
            ) if person
        ]  # fmt: skip
        if not found:
            return None
        if any(not person.is_mine for person in found):
            raise Fault("person_outside")
        if len({person.id for person in found}) > 1:
            raise Fault("person_two", code=code, phone=phone)
        known = found[0]
        if len(found) == 1 and spelled(known.name) != spelled(name):
            raise Fault("person_other_name", said=code or phone, known=known.name, name=name)
        return known

    def _check_new(self, name: str, code: str, home: Node) -> None:
        """Somebody of the same name at the same place is the same person, unless a code of their own says otherwise."""
        if code:
            return
        for other in self.by_name[spelled(name)].values():
            if other.home == home.id:
                raise Fault("person_known", name=other.name, code=other.code)

    def _home(self, row: Row, known: Person | None) -> Node:
        if any(code in row.said for code in ("unit", "within")) or any(
            code.startswith(TIER) for code in row.said
        ):
            home = self._place(row)
        elif known and known.home and known.home in self.places.nodes:
            return self.places.nodes[known.home]
        else:
            roots = self.places.roots
            if len(roots) != 1:
                raise Fault("home_missing")
            home = roots[0]
        if self.words.types[home.kind].can_meet:
            raise Fault("home_is_group", name=home.name)
        return home

    def _person_kind(self, row: Row, known: Person | None) -> str:
        said = self._said(row, "person_kind")
        kinds = self.standing.person_kinds
        if said:
            for code, label in kinds:
                if spelled(label) == spelled(said):
                    return code
            raise Fault("kind_unknown", value=said, kinds=", ".join(label for _, label in kinds))
        return known.kind if known else self.defaults.person_kind or kinds[0][0]

    def _changes(self, known: Person, person: Person) -> Says:
        kinds = dict(self.standing.person_kinds)
        compared = (
            (N_("Họ và tên"), known.name, person.name), (N_("Chức danh"), known.title, person.title),
            (N_("Thuộc diện"), kinds.get(known.kind, known.kind), kinds.get(person.kind, person.kind)),
            (N_("Đơn vị công tác"), self._named(known.home), self._named(person.home)),
            (N_("Mã cán bộ"), known.code, person.code), (N_("Số điện thoại"), known.phone or "", person.phone or ""),
        )  # fmt: skip
        says = [
            (Verdict.CHANGED, N_("%(field)s: %(before)s thành %(after)s."),
             {"field": field, "before": before or "–", "after": after})
            for field, before, after in compared if before != after
        ]  # fmt: skip
        if says:
            self._forget_person(known)
            self._know(person)
            self.plan.people.append(person)
        return says

    def _named(self, unit: UUID | None) -> str:
        node = self.places.nodes.get(unit) if unit else None
        return self.places.path(node) if node else ""

    # Assignments

    def _assignment(self, row: Row) -> tuple[str, Says]:
        person = self._assignee(row)
        node = self._place(row)
        role = self._role(row)
        primary = cells.is_primary(row.said.get("primary"))
        decision = self._said(row, "decision", 80)
        signed = self._day(row, "decision_date")
        start = self._day(row, "from", may_be_future=True)
        last = self._day(row, "to", may_be_future=True)
        end = last + timedelta(days=1) if last else None
        if start and end and end <= start:
            raise Fault("dates_crossed", to=f"{last:%d/%m/%Y}", **{"from": f"{start:%d/%m/%Y}"})
        self._once("assignment_twice", row, "assignment", person.id, node.id, role, start)
        what = f"{person.name}, {self.places.path(node)}"
        since = start or self.defaults.day
        for held in self.book.at((node.id, role), since, end):
            if held.officer == person.id:
                return what, self._held_already(held, start, end, primary=primary)
        if since < node.since:
            raise Fault("before_unit", day=f"{node.since:%d/%m/%Y}")
        new = Held(self.new_id(), person.id, node.id, role, primary, since, end)
        try:
            self.book.apply(begin(self.book, new))
        except AlreadyHeld:
            return what, []
        except RefusedAssignment as refused:
            raise Fault("assignment_refused", reason=str(refused)) from refused
        self.plan.assignments.append((new, decision, signed))
        said = {"role": self.standing.roles[role], "day": f"{since:%d/%m/%Y}"}
        return what, [(Verdict.CREATED, N_("Giao %(role)s từ ngày %(day)s."), said)]

    def _held_already(self, held: Held, start: date | None, end: date | None, *, primary: bool) -> Says:
        """Say that a role is held as the row says; what differs is for the pages of assignments."""
        if start and held.start != start:
            raise Fault("assignment_other_day", known=f"{held.start:%d/%m/%Y}", value=f"{start:%d/%m/%Y}")
        if end and held.end != end:
            raise Fault("assignment_other_end")
        if held.is_primary != primary:
            raise Fault("assignment_other_way")
        return []

    def _assignee(self, row: Row) -> Person:
        name, code, phone = self._name(row), self._person_code(row), self._phone(row)
        if not (name or code or phone):
            raise Fault("missing", field=self._label("full_name"))
        if code or phone:
            known = self._recognised(name, code, phone) if name else self._by_id(code, phone)
            if known:
                return known
        else:
            same = list(self.by_name[spelled(name)].values())
            if len(same) > 1:
                raise Fault("person_ambiguous", n=len(same), name=name)
            if same:
                return same[0]
        refused = self.refused_people.get(code) or self.refused_people.get(spelled(name))
        if refused:
            raise Fault("person_refused", row=refused)
        raise Fault("person_unknown", said=", ".join(one for one in (name, code, phone) if one))

    def _by_id(self, code: str, phone: str) -> Person | None:
        found = (
            self.by_code.get(code)
            or self.by_phone.get(phone)
            or self.by_phone.get(code)
            or self.by_code.get(phone)
        )
        return self._recognised(found.name, code, phone) if found else None

    def _role(self, row: Row) -> str:
        said = self._said(row, "role")
        if not said:
            raise Fault("missing", field=self._label("role"))
        for code, label in self.standing.roles.items():
            if spelled(label) == spelled(said) or code == said:
                return code
        if any(
            spelled(label) == spelled(said) or code == said
            for code, label in self.standing.high_roles.items()
        ):
            raise Fault("role_too_high")
        raise Fault("role_unknown", value=said, roles=", ".join(self.standing.roles.values()))


def _same_code(one: str, other: str) -> bool:
    return one.casefold().lstrip("0") == other.casefold().lstrip("0")
