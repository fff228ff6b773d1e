"""The invented people: their names and duties, and the few through whose eyes a visitor looks."""
# ruff: noqa: PLR2004 - shares and chances are invented where they stand

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from webapp.demo.ids import mint
from webapp.fields import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from webapp.demo.district import District, Place

DEMONSTRATION_PASSWORD = "gan-dan-thu"  # noqa: S105 - opens invented people in a demonstration only


@dataclass(frozen=True)
class DemonstrationPerson:
    """Somebody a visitor may sign in as."""

    code: str
    name: str
    title: str
    """What they are, in words for the sign-in page."""
    tries: str
    """What is worth trying as this person."""


DEMONSTRATION_PEOPLE: tuple[DemonstrationPerson, ...] = (
    DemonstrationPerson(
        "can-bo-to", "Nguyễn Thị Mẫu", N_("Cán bộ phụ trách tổ"),
        N_("Ghi phiếu họp khi mất mạng; sửa một phiếu bị trả lại; còn một tổ chưa ghi tháng này."),
    ),
    DemonstrationPerson(
        "can-bo-ap", "Trần Văn Mẫu", N_("Cán bộ ấp"),
        N_("Ghi phiếu cho tổ mình theo dõi và ghi thay tổ khác trong xã."),
    ),
    DemonstrationPerson(
        "tong-hop-xa", "Lê Ngọc Mẫu", N_("Cán bộ tổng hợp xã"),
        N_("Xem phiếu đang chờ, ghi nhận hoặc trả lại kèm góp ý từng mục."),
    ),
    DemonstrationPerson(
        "can-bo-huyen", "Phạm Hữu Mẫu", N_("Cán bộ huyện phụ trách ấp"),
        N_("Theo dõi các tổ của một ấp, góp ý dưới phiếu."),
    ),
    DemonstrationPerson(
        "tong-hop-huyen", "Huỳnh Kim Mẫu", N_("Cán bộ tổng hợp huyện"),
        N_("Rà soát phiếu của cả huyện, tìm tổ chưa có phiếu."),
    ),
    DemonstrationPerson(
        "lanh-dao-huyen", "Võ Quốc Mẫu", N_("Lãnh đạo huyện"),
        N_("Đọc phiếu và kiến nghị của cả huyện."),
    ),
    DemonstrationPerson(
        "quan-tri", "Đặng Minh Mẫu", N_("Quản trị hệ thống"),
        N_("Xem cây địa bàn vào một ngày bất kỳ; nhập hai xã, xem trước rồi hoàn tác."),
    ),
    DemonstrationPerson(
        "co-quan", "Bùi Thanh Mẫu", N_("Cán bộ cơ quan chuyên môn"),
        N_("Trả lời kiến nghị được chuyển đến hỏi, và chỉ thấy những việc ấy."),
    ),
)  # fmt: skip
GROUP_OFFICER, HAMLET_CADRE, CLERK, DISTRICT_OFFICER, REVIEWER, LEADER, ADMINISTRATOR, AGENCY = (
    DEMONSTRATION_PEOPLE
)

FAMILY_NAMES = (
    *("Nguyễn",) * 9, *("Trần",) * 4, *("Lê",) * 4, *("Phạm",) * 3, *("Huỳnh",) * 3, *("Võ",) * 3,
    *("Phan",) * 2,
    "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Trương", "Đoàn", "Mai", "Cao", "Lâm", "Châu", "Tô",
    "Tạ",
)  # fmt: skip
_WOMEN = (
    ("Thị", "Thị", "Thị", "Ngọc", "Kim", "Thanh", "Mỹ", "Hồng", "Thu", "Bích", "Cẩm", "Tuyết"),
    ("Lan", "Hoa", "Cúc", "Huệ", "Tuyết", "Nga", "Hạnh", "Phượng", "Thủy", "Loan", "Diễm", "Trang", "Oanh",
    "Yến", "Nhung",
     "Hằng", "Liên", "Thảo", "Dung", "Ngân", "Xuân", "Đào", "Vân", "Hương", "Lệ", "Kiều", "Tiên", "Mai",
     "Nhi", "Quyên"),
)  # fmt: skip
_MEN = (
    ("Văn", "Văn", "Văn", "Hữu", "Minh", "Quốc", "Thanh", "Công", "Đức", "Hoàng", "Tấn", "Trung"),
    ("Hùng", "Dũng", "Tâm", "Phúc", "Lộc", "Thành", "Khánh", "Sơn", "Hải", "Nam", "Bình", "Tài", "Nghĩa",
    "Trí", "Vinh",
     "Phong", "Thắng", "Tùng", "Hiếu", "Đạt", "Khoa", "Lợi", "Hậu", "Tín", "Toàn", "Phước", "Điền", "Nhân",
     "Quang", "Thịnh"),
)  # fmt: skip

_TITLES: dict[str, tuple[str, ...]] = {
    "commune_cadre": ("Chủ tịch Hội Nông dân", "Chủ tịch Hội Liên hiệp Phụ nữ", "Bí thư Đoàn thanh niên",
                      "Chủ tịch Hội Cựu chiến binh", "Phó Chủ tịch Mặt trận"),
    "civil_servant": ("Công chức địa chính - xây dựng", "Công chức tư pháp - hộ tịch",
    "Công chức văn hóa - xã hội",
                      "Công chức tài chính - kế toán", "Công chức văn phòng - thống kê"),
    "non_specialised": ("Phó Chủ tịch Hội Nông dân", "Phó Chủ tịch Hội Phụ nữ", "Phó Bí thư Đoàn thanh niên",
                        "Phụ trách đài truyền thanh", "Phó Chỉ huy trưởng quân sự", "Phụ trách chữ thập đỏ"),
    "branch_committee": ("Bí thư chi bộ", "Phó Bí thư chi bộ", "Chi ủy viên"),
}  # fmt: skip
_AGENCIES = (
    "Phòng Nông nghiệp", "Phòng Nội vụ", "Phòng Tư pháp", "Phòng Văn hóa", "Phòng Giáo dục", "Phòng Y tế",
    "Ban Tuyên giáo",
    "Ban Dân vận", "Ban Tổ chức", "Huyện đoàn", "Hội Nông dân", "Hội Phụ nữ", "Mặt trận",
    "Liên đoàn Lao động", "Thanh tra",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """An invented officer."""

    id: UUID
    name: str
    title: str
    kind: str
    home_id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class Duty:
    """A role held at a place from a day on, and until the day before another."""

    id: UUID
    person_id: UUID
    place_id: UUID
    role: str
    valid_from: date
    valid_to: date | None = None
    is_primary: bool = True
    decision: str = ""
    end_reason: str = ""


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody is not to be given more from a day on, and until the day before another."""

    id: UUID
    person_id: UUID
    reason: str
    decision: str
    valid_from: date
    valid_to: date | None = None


@dataclass
class Staff:
    """Everybody, and who does what."""

    people: list[Person] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)
    leaves: list[Leave] = field(default_factory=list)
    followers: dict[UUID, list[Duty]] = field(default_factory=dict)
    """By group, those who follow or followed it, the oldest first."""
    clerks: dict[UUID, list[UUID]] = field(default_factory=dict)
    leaders: dict[UUID, UUID] = field(default_factory=dict)
    district_officers: dict[UUID, UUID] = field(default_factory=dict)
    """By hamlet."""
    agencies: dict[UUID, UUID] = field(default_factory=dict)
    """By agency, who answers for it."""
    commune_level: list[UUID] = field(default_factory=list)
    demonstrators: dict[str, UUID] = field(default_factory=dict)
    """By sign-in code."""
    demonstration_groups: tuple[UUID, UUID] | None = None


def everybody(district: District, rng: Random, today: date) -> Staff:
    """Invent the people of a district and give them their duties."""
    return _Personnel(district, rng, today).staff


class _Personnel:
    """The office that invents people, one tier after the other."""

    def __init__(self, district: District, rng: Random, today: date) -> None:
        self.district, self.rng, self.today = district, rng, today
        self.staff = Staff()
        self.since = district.since
        self.names = {person.name for person in DEMONSTRATION_PEOPLE}
        self.demonstration_hamlet = district.hamlets_of(district.demonstration_commune.id)[0]
        shares = district.officers_by_commune()
        for number, commune in enumerate(district.communes):
            self._commune(number, commune, shares[commune.id])
        if district.district and district.province:
            self._above(district.district, district.province)
        self._administrator()
        self._unsettled()
        self._agencies()

    def _name(self) -> str:
        while True:
            middles, givens = _WOMEN if self.rng.random() < 0.47 else _MEN  # a bit under half
            name = " ".join(self.rng.choice(names) for names in (FAMILY_NAMES, middles, givens))
            if name not in self.names:
                self.names.add(name)
                return name

    def _person(
        self, title: str, kind: str, home: Place, code: str, demonstrator: DemonstrationPerson | None = None
    ) -> Person:
        person = Person(
            mint(self.rng, self.since), demonstrator.name if demonstrator else self._name(), title, kind,
            home.id,
            demonstrator.code if demonstrator else code,
        )  # fmt: skip
        self.staff.people.append(person)
        if demonstrator:
            self.staff.demonstrators[demonstrator.code] = person.id
        return person

    def _duty(
        self, person: Person, place: Place, role: str, decision: str, *, is_primary: bool = True
    ) -> Duty:
        duty = Duty(
            mint(self.rng, self.since),
            person.id,
            place.id,
            role,
            self.since,
            is_primary=is_primary,
            decision=decision,
        )
        self.staff.duties.append(duty)
        return duty

    def _commune(self, number: int, commune: Place, officers: int) -> None:
        hamlets = self.district.hamlets_of(commune.id)
        decision = f"Quyết định {12 + number}-QĐ/ĐU"
        is_shown = commune is self.district.demonstration_commune
        codes = (f"cb-{commune.official_code}-{n:02d}" for n in range(1, officers + 1))
        cadres = []
        for hamlet in hamlets:
            shown = HAMLET_CADRE if is_shown and hamlet is self.demonstration_hamlet else None
            title = "Trưởng khu phố" if hamlet.kind == "quarter" else "Trưởng ấp"
            cadre = self._person(f"{title} {hamlet.short_name}", "hamlet_cadre", hamlet, next(codes), shown)
            self._duty(cadre, hamlet, "hamlet_cadre", decision)
            cadres.append(cadre)
        clerk = self._person(
            "Cán bộ văn phòng Đảng ủy", "civil_servant", commune, next(codes), CLERK if is_shown else None
        )
        leader = self._person("Phó Bí thư Đảng ủy", "commune_cadre", commune, next(codes))
        self._duty(clerk, commune, "commune_clerk", decision)
        self._duty(leader, commune, "commune_leader", decision)
        self.staff.clerks[commune.id] = [clerk.id]
        self.staff.leaders[commune.id] = leader.id
        others = []
        for n, code in enumerate(codes):
            kind = self.rng.choices(tuple(_TITLES), (15, 20, 35, 30))[0]
            shown = GROUP_OFFICER if is_shown and n == 0 else None
            others.append(self._person(self.rng.choice(_TITLES[kind]), kind, commune, code, shown))
        self.staff.commune_level += [person.id for person in (*cadres, clerk, leader, *others)]
        self._follow(commune, hamlets, cadres, [clerk, leader], others, decision)

    def _follow(
        self, commune: Place, hamlets: Sequence[Place], cadres: list[Person], busy: list[Person],
        others: list[Person],
        decision: str,
    ) -> None:  # fmt: skip
        """Share the groups out: everybody follows one to three of them, most of them neighbours."""
        groups = {hamlet.id: list(self.district.groups_of(hamlet.id)) for hamlet in hamlets}
        shares: list[tuple[Person, list[Place]]] = []
        if commune is self.district.demonstration_commune:
            home = groups[self.demonstration_hamlet.id]
            pair = [home.pop(1), home.pop(1)]
            self.staff.demonstration_groups = (pair[0].id, pair[1].id)
            shares.append((others.pop(0), pair))
        for cadre, hamlet in zip(cadres, hamlets, strict=True):
            shares.append((cadre, [groups[hamlet.id].pop(0)]))
        rest = [group for hamlet in hamlets for group in groups[hamlet.id]]
        shares += [(person, [rest.pop(self.rng.randrange(len(rest)))]) for person in busy]
        extra = len(rest) - len(others)
        counts = [1] * len(others)
        while extra > 0:
            n = self.rng.randrange(len(counts))
            if counts[n] < 3:  # three groups are the most anyone follows
                counts[n] += 1
                extra -= 1
        for person, count in zip(others, counts, strict=True):
            shares.append((person, [rest.pop(0) for _ in range(count)]))
        for person, places in shares:
            for place in places:
                self.staff.followers[place.id] = [self._duty(person, place, "group_officer", decision)]
        self._rearrange(
            [person for person, _ in shares], [p for _, places in shares for p in places], decision
        )

    def _rearrange(self, people: list[Person], places: list[Place], decision: str) -> None:
        """Hand a few groups over during the year, leave a few alone, give a few a second follower."""
        held = {person.id: 0 for person in people}
        for duties in (self.staff.followers[place.id] for place in places):
            held[duties[-1].person_id] += 1
        kept = {self.staff.demonstrators.get(person.code) for person in (GROUP_OFFICER, HAMLET_CADRE)}
        for place in places:
            duty = self.staff.followers[place.id][-1]
            chance = self.rng.random()
            if duty.person_id in kept or chance > 0.042:  # about one group in twenty-five
                continue
            second = self.rng.choice(people)
            if second.id == duty.person_id or second.id in kept:
                continue
            if chance < 0.005 and held[duty.person_id] > 1:  # about eight in the district
                held[duty.person_id] -= 1
                day = self.today - timedelta(days=self.rng.randint(5, 70))
                self._replace(duty, _ended(duty, day, "Chuyển công tác, chưa phân công người thay"))
            elif chance < 0.012 and held[second.id] < 3:  # about a dozen
                held[second.id] += 1
                deputy = self._duty(second, place, "group_officer", decision, is_primary=False)
                self.staff.followers[place.id].append(deputy)
            elif chance >= 0.012:  # the rest
                day = self.today - timedelta(days=self.rng.randint(40, 330))
                former = Duty(
                    mint(self.rng, self.since), second.id, place.id, "group_officer", self.since, day,
                    decision=decision,
                    end_reason="Điều chỉnh phân công",
                )  # fmt: skip
                self._replace(duty, _begun(duty, day, f"Quyết định {self.rng.randint(40, 90)}-QĐ/ĐU"))
                self.staff.duties.append(former)
                self.staff.followers[place.id].insert(0, former)

    def _replace(self, old: Duty, new: Duty) -> None:
        self.staff.duties[self.staff.duties.index(old)] = new
        duties = self.staff.followers[old.place_id]
        duties[duties.index(old)] = new

    def _above(self, root: Place, province: Place) -> None:
        district, plan = self.district, "Kế hoạch 27-KH/HU"
        for n, hamlet in enumerate(district.hamlets, 1):
            shown = DISTRICT_OFFICER if hamlet is self.demonstration_hamlet else None
            title = f"Cán bộ {self.rng.choice(_AGENCIES)} huyện"
            person = self._person(title, "district_officer", root, f"huyen-{n:03d}", shown)
            self._duty(person, hamlet, "district_officer", plan)
            self.staff.district_officers[hamlet.id] = person.id
        for n, commune in enumerate(district.communes, 1):
            member = self._person("Huyện ủy viên", "district_committee", root, f"huyen-uy-{n:02d}")
            self._duty(member, commune, "district_officer", plan)
            official = self._person(
                "Lãnh đạo sở, ngành tỉnh", "provincial_officer", province, f"tinh-{n:02d}"
            )
            self._duty(official, commune, "provincial_officer", "Kế hoạch 210-KH/TU")
        for n, cluster in enumerate(district.clusters, 1):
            lead = self._person(
                "Ủy viên Ban Thường vụ Huyện ủy", "district_committee", root, f"truong-cum-{n}"
            )
            self._duty(lead, cluster, "cluster_lead", plan)
        desk: Iterable[tuple[str, str, str, DemonstrationPerson | None]] = (
            ("Chuyên viên Văn phòng Huyện ủy", "district_reviewer", "", REVIEWER),
            ("Phó Bí thư Thường trực Huyện ủy", "district_leader", "", LEADER),
        )
        for title, role, code, shown in desk:
            self._duty(self._person(title, "district_office", root, code, shown), root, role, plan)

    def _administrator(self) -> None:
        root, is_alone = self.district.root, self.district.scale.is_alone
        kind, plan = (
            ("civil_servant", "Kế hoạch 5-KH/ĐU") if is_alone else ("district_office", "Kế hoạch 27-KH/HU")
        )
        person = self._person("Quản trị hệ thống", kind, root, "", ADMINISTRATOR)
        self._duty(person, root, "administrator", plan)

    def _unsettled(self) -> None:
        """Leave a desk something to settle: groups that two lists gave to two people, and people who are exempt."""
        shown = self.district.demonstration_commune
        others = [commune for commune in self.district.communes if commune is not shown]
        for number, commune in enumerate(others[::6]):  # four in the district
            self._double(commune, number)
            self._exempt(
                self.staff.leaders[commune.id], "Học lý luận chính trị tập trung" if number % 2 else "Nghỉ thai sản",
                days_ago=20 + number, days=150,
            )  # fmt: skip
        officials = [duty for duty in self.staff.duties if duty.role == "provincial_officer"]
        for duty in officials[:2]:
            self._exempt(duty.person_id, "Tham gia Ban Thường vụ Tỉnh ủy", days_ago=90)

    def _double(self, commune: Place, number: int) -> None:
        """Put a second person in charge of a group: by turns somebody who has enough already, and who has not."""
        held: dict[UUID, list[UUID]] = {}
        for group in self.district.groups_of_commune(commune.id):
            for duty in self.staff.followers[group.id]:
                if duty.valid_to is None and duty.is_primary:
                    held.setdefault(duty.person_id, []).append(group.id)
        by_load = sorted(held, key=lambda one: (len(held[one]), one))
        second, first = (by_load[-1], by_load[0]) if number % 2 == 0 else (by_load[0], by_load[1])
        self.staff.duties.append(Duty(
            mint(self.rng, self.since), second, held[first][0], "group_officer",
            self.today - timedelta(days=30 + number), decision=f"Quyết định {60 + number}-QĐ/ĐU",
        ))  # fmt: skip

    def _exempt(self, person_id: UUID, reason: str, *, days_ago: int, days: int | None = None) -> None:
        first = self.today - timedelta(days=days_ago)
        last = first + timedelta(days=days) if days else None
        number = f"Quyết định {70 + len(self.staff.leaves)}-QĐ/HU"
        self.staff.leaves.append(Leave(mint(self.rng, self.since), person_id, reason, number, first, last))

    def _agencies(self) -> None:
        """Give each agency somebody who answers what it is asked."""
        province, is_alone = self.district.province, self.district.scale.is_alone
        for n, agency in enumerate(self.district.agencies, 1):
            kind = "provincial_officer" if province and agency.parent_id == province.id else "district_office"
            person = self._person(
                "Chuyên viên", "civil_servant" if is_alone else kind, agency, f"co-quan-{n:02d}",
                AGENCY if n == 1 else None,
            )  # fmt: skip
            self._duty(person, agency, "agency_officer", "Quy chế phối hợp")
            self.staff.agencies[agency.id] = person.id


def _ended(duty: Duty, day: date, reason: str) -> Duty:
    return Duty(
        duty.id,
        duty.person_id,
        duty.place_id,
        duty.role,
        duty.valid_from,
        day,
        duty.is_primary,
        duty.decision,
        reason,
    )


def _begun(duty: Duty, day: date, decision: str) -> Duty:
    return Duty(duty.id, duty.person_id, duty.place_id, duty.role, day, None, duty.is_primary, decision)
