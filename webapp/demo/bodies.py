"""The bodies of invented meetings and petitions, as a phone would send them: defaults are left out."""
# ruff: noqa: PLR2004 - shares and chances are invented where they stand

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Any, Self
from uuid import UUID

from webapp.demo import calendar
from webapp.demo.bulletins import QUESTIONS, Item
from webapp.demo.district import Place
from webapp.demo.ids import mint
from webapp.demo.phrases import Request, Scene, Slots, Voice, book, hands, pick

SMALL_GROUP = 15
"""In smaller groups an opinion is only ever "some": a scale could point at somebody."""
_PREVALENCE = {
    "agree": ("nearly_all", "nearly_all", "most", "most", "most", "many"),
    "request": ("most", "many", "many", "some", "some"),
    "concerned": ("many", "some", "some", "some", "most"),
    "disagree": ("some", "some", "many"),
}
_REDIRECTIONS = (
    ("complaint", 5),
    ("land_dispute", 6),
    ("mediation", 7),
    ("crime", 4),
    ("denunciation", 1),
    ("emergency", 1),
)
_CHAIRS = (("deputy_leader", 10), ("front_committee", 6), ("hamlet_head", 5), ("other", 1))
_WHERE = ("roads", "drainage", "lighting", "environment", "disaster", "irrigation", "health", "clean_water")
"""Topics where people say at which spot it is worst."""
_EVERYDAY = ("road", "insurance", "new_rural", "crops", "order", "lighting")
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Author:
    """An officer with a phone and a hand of their own."""

    id: UUID
    device_id: UUID
    clock_offset: int | None
    voice: Voice

    @classmethod
    def invented(cls, rng: Random, person_id: UUID, since: date, voice: Voice) -> Self:
        """Give an officer a phone, whose clock may be a little off or, rarely, very."""
        chance = rng.random()
        offset: int | None = round(rng.gauss(0, 1500))
        if chance < 0.02:  # few clocks are off by minutes or more
            offset = rng.choice((-1, 1)) * rng.randint(120, 5400) * 1000
        elif chance < 0.1:  # some phones never learned how far off they are
            offset = None
        return cls(person_id, mint(rng, since), offset, voice)


@dataclass
class Group:
    """A household group and its ways."""

    place: Place
    day: int
    start: int
    minutes: int
    usual_place: int
    attendance: float
    is_weak: bool
    is_model: bool
    silent: frozenset[int]
    """The months back in which nobody wrote anything."""
    favourites: tuple[str, ...]
    last_scene: str = ""

    @classmethod
    def invented(cls, rng: Random, place: Place, *, is_model: bool) -> Self:
        """Give a group its day, its hour, its place and its turnout."""
        is_weak = not is_model and rng.random() < 0.065  # about one in fifteen
        silent: frozenset[int] = frozenset()
        if not is_model and rng.random() < 0.018:  # about thirty
            first = rng.choice((0, 0, 0, 2, 5, 8))
            silent = frozenset(range(first, first + rng.randint(1, 4)))
        attendance = rng.uniform(0.26, 0.45) if is_weak else min(0.96, max(0.54, rng.gauss(0.78, 0.085)))
        return cls(
            place, rng.choices(range(16, 26), (10, 12, 13, 12, 10, 9, 8, 7, 6, 5))[0],
            rng.choice((1020, 1020, 1050, 1080, 1080, 1080, 1110, 1110, 1140, 1170)), rng.randint(35, 80),
            rng.randrange(100), attendance, is_weak, is_model, silent, tuple(rng.sample(_EVERYDAY, 2)),
        )  # fmt: skip

    def is_silent(self, months_back: int) -> bool:
        """Say whether nothing was ever written about this month."""
        return months_back in self.silent


class Writer:
    """Puts meetings of one commune into words."""

    def __init__(self, rng: Random, seed: int, due: Callable[[date], list[Item]], *, is_town: bool) -> None:
        self.rng, self.due, self.is_town = rng, due, is_town
        local = {key: rng.uniform(0.4, 1.6) for key in book().scenes}
        local["compensation"] = rng.choice((0.0, 0.0, 0.0, 0.3, 3.0))
        local["erosion"] = rng.choice((0.0, 0.3, 1.0, 3.0))
        self.seasons: dict[int, tuple[list[Scene], list[float]]] = {}
        for month in range(1, 13):
            scenes = book().in_month(month)
            weights: list[float] = []
            for scene in scenes:
                weights.append((weights[-1] if weights else 0) + scene.weight * local[scene.key])
            self.seasons[month] = (scenes, weights)
        self.hands = hands(seed)

    def slots(self, author: Author, day: date) -> Slots:
        """Return what fills the braces for one author on one day."""
        return Slots(self.rng, author.voice, day, is_town=self.is_town)

    def fails_to_meet(self, group: Group, day: date) -> bool:
        """Decide whether a meeting falls through: high water, harvest and the weeks around Tết add to it."""
        chance = 0.035 + (0.08 if group.is_weak else 0)
        if day.month in (9, 10, 11) and calendar.is_spring_tide(day):
            chance += 0.07
        if abs((day - calendar.lunar_new_year(day.year)).days) < 14:  # two weeks around
            chance += 0.12
        return self.rng.random() < chance

    def meeting(
        self, group: Group, author: Author, day: date, total: int, following: datetime, *, is_held: bool,
        raises: int = 0,
    ) -> tuple[Body, list[tuple[Body, Request]]]:  # fmt: skip
        """Write one meeting and the petitions raised at it, `raises` of them or more."""
        slots = self.slots(author, day)
        scene = self._scene(group, day)
        requests = self._requests(group, scene, day.month, is_held=is_held, least=raises)
        petitions = [(self._petition(slots, request, total), request) for request in requests]
        if is_held:
            body = self._held(group, scene, slots, total)
            body |= self._said(scene, slots, total)
            if not petitions and self.rng.random() < 0.85:  # "nothing" is declared, not implied
                body["nothing_raised"] = True
            self._add_numbers(body, scene, slots)
            if self.rng.random() < author.voice.summarises:
                body["summary"] = self._summary(slots, scene, body, total)
        else:
            body = self._not_held(group, slots, total)
        if self.rng.random() < 0.82:  # most agree on the next day
            body["next_meeting"] = calendar.iso(following)
        return body, petitions

    def _scene(self, group: Group, day: date) -> Scene:
        if group.is_weak and self.rng.random() < 0.3:  # weak groups talk about it
            return book().scenes["weak_group"]
        if self.rng.random() < 0.12:  # what this group always comes back to
            scene = book().scenes[pick(self.rng, group.favourites)]
        else:
            scene = self._seasonal(day.month)
            if scene.key == group.last_scene:
                scene = self._seasonal(day.month)
        group.last_scene = scene.key
        return scene

    def _seasonal(self, month: int) -> Scene:
        scenes, weights = self.seasons[month]
        return self.rng.choices(scenes, cum_weights=weights)[0]

    def _requests(
        self, group: Group, scene: Scene, month: int, *, is_held: bool, least: int
    ) -> list[Request]:
        chance = self.rng.random()
        if not is_held:
            return [pick(self.rng, scene.requests)] if chance < 0.12 else []  # flash reports
        quietness = 0.12 if group.is_weak else 0.0
        count = 0 if chance < 0.49 + quietness else 1 if chance < 0.885 else 2 if chance < 0.985 else 3
        found: list[Request] = []
        for n in range(max(count, least)):
            source = scene if n == 0 or self.rng.random() < 0.4 else self._seasonal(month)
            request = pick(self.rng, source.requests)
            if request in found and n < least:
                request = next(one for one in source.requests if one not in found)
            if request not in found:
                found.append(request)
        return found

    def _petition(self, slots: Slots, request: Request, total: int) -> Body:
        body: Body = {"title": slots.bare(request.title), "category": request.topic}
        urgency = request.urgency
        if self.rng.random() < 0.15:  # not everybody weighs it alike
            urgency = {"urgent": "soon", "soon": "normal", "normal": "normal"}[urgency]
        if urgency != "normal":
            body["urgency"] = urgency
        if self.rng.random() < (0.75 if urgency != "normal" else 0.35):
            body["people_affected"] = max(4, round(self.rng.uniform(0.15, 3.6) * total))
        if self.rng.random() < 0.92:  # nearly every petition comes with a proposal
            body["proposed_solution"] = slots.fill(pick(self.rng, request.proposals))
        if request.level != "local":
            body["level"] = request.level
        return body

    def _held(self, group: Group, scene: Scene, slots: Slots, total: int) -> Body:
        rng, day = self.rng, slots.day
        start = group.start + (rng.choice((-30, 15, 30)) if rng.random() < 0.15 else 0)
        end = start + group.minutes + rng.randint(-10, 15)
        body: Body = {"meeting_date": day.isoformat()}
        if rng.random() < 0.95:  # few leave the hours out
            body |= {"start": _clock(start), "end": _clock(end)}
        if rng.random() < 0.93:
            places = book().common["places_quarter" if self.is_town else "places_hamlet"]
            usual = group.usual_place if rng.random() < 0.85 else rng.randrange(100)
            body["place"] = places[usual % len(places)]
        chance = rng.random()
        if chance < 0.2:  # thematic
            body |= {"format": "thematic", "theme": slots.bare(pick(rng, scene.themes))}
        elif chance < 0.34:  # combined
            body |= {"format": "combined", "theme": pick(rng, book().common["combined"])}
        elif chance < 0.36:  # called for one matter
            body["format"] = "ad_hoc"
        if rng.random() < 0.15:  # somebody else than the leader
            body["chair_role"] = rng.choices([c for c, _ in _CHAIRS], [w for _, w in _CHAIRS])[0]
        chance = rng.random()
        if chance < 0.06:  # a substitute went
            body["officer_presence"] = "substitute"
            if rng.random() < 0.85:
                body["substitute_title"] = pick(rng, book().common["substitutes"])
        elif chance < 0.09:  # nobody went
            body["officer_presence"] = "absent"
        share = group.attendance + rng.gauss(0, 0.055)
        share += 0.07 if scene.key in ("road", "compensation", "poverty_review") else 0
        share -= 0.08 if abs((day - calendar.lunar_new_year(day.year)).days) < 14 else 0
        body["households_total"] = total
        body["households_present"] = min(total, max(3, round(total * share)))
        return body

    def _said(self, scene: Scene, slots: Slots, total: int) -> Body:
        """Write what was conveyed, voiced and agreed."""
        rng, author = self.rng, slots.voice
        body: Body = {}
        conveyed = self._bulletin(slots, 1 + round(author.thoroughness * 3 * rng.random()))
        if scene.conveyed and (rng.random() < 0.25 or not conveyed):
            conveyed.append({"text": slots.fill(pick(rng, scene.conveyed))})
        body["conveyed"] = conveyed
        most = 1 if author.thoroughness < 0.3 else 2
        count = rng.choices((0, 1, 2, 3), (5, 55, 30 * most, 5 * most))[0]
        if count:
            chosen = rng.sample(scene.opinions, min(count, len(scene.opinions)))
            body["opinions"] = [self._opinion(scene, slots, stance, text, total) for stance, text in chosen]
        if rng.random() < 0.55:
            chosen_decisions = rng.sample(
                scene.decisions, min(len(scene.decisions), rng.choice((1, 1, 1, 2)))
            )
            body["decisions"] = [{"text": slots.fill(text)} for text in chosen_decisions]
        return body

    def _opinion(self, scene: Scene, slots: Slots, stance: str, phrase: str, total: int) -> Body:
        rng, author = self.rng, slots.voice
        text = slots.fill(phrase)
        if rng.random() < author.leads:
            text = f"{pick(rng, book().common['leads'])} {_lower_first(text)}"
        if stance != "agree" and scene.topic in _WHERE and rng.random() < 0.3 and "{noi}" not in phrase:
            text = f"{text.removesuffix('.')}, nhất là {slots['noi']}{author.stop}"
        tails = book().common.get(f"tails_{stance}")
        if tails and rng.random() < author.tails:
            text = f"{text.removesuffix('.')}. {author.dress(pick(rng, tails))}{author.stop}"
        prevalence = "some" if total < SMALL_GROUP else pick(rng, _PREVALENCE[stance])
        return {"topic": scene.topic, "prevalence": prevalence, "stance": stance, "text": text}

    def _bulletin(self, slots: Slots, count: int) -> list[Body]:
        """Convey some of what the bulletins of the month ask for, and note a question now and then."""
        rng = self.rng
        due = self.due(slots.day)
        rows: list[Body] = []
        for item in rng.sample(due, min(count, len(due))):
            row: Body = {"text": item.title, "item_id": str(item.id)}
            if rng.random() < 0.07:
                row["questions"] = pick(rng, QUESTIONS)
            rows.append(row)
        return rows

    def _add_numbers(self, body: Body, scene: Scene, slots: Slots) -> None:
        """Add what is only ever counted: contributions, redirections, turns at speaking."""
        rng = self.rng
        if scene.gives and rng.random() < 0.3:
            kinds = rng.sample(scene.gives, min(len(scene.gives), rng.choice((1, 1, 2, 3))))
            body["contributions"] = [_contribution(rng, slots, kind) for kind in kinds]
        if rng.random() < 0.035:
            kind = rng.choices([k for k, _ in _REDIRECTIONS], [w for _, w in _REDIRECTIONS])[0]
            body["redirections"] = [{"kind": kind, **({"count": 2} if rng.random() < 0.1 else {})}]
        if rng.random() < 0.65:
            body["speaking_turns"] = max(1, round(body["households_present"] * rng.uniform(0.1, 0.55)))

    def _summary(self, slots: Slots, scene: Scene, body: Body, total: int) -> str:
        common = book().common
        slots.values_for = {
            "co": str(body["households_present"]), "tong": str(total),
            "viec": _lower_first(slots.bare(pick(self.rng, scene.themes))),
        }  # fmt: skip
        parts = [pick(self.rng, common["open"]), pick(self.rng, common["middle"])]
        if slots.voice.thoroughness > 0.4:
            parts.append(pick(self.rng, common["close"]))
        return ". ".join(slots.bare(part) for part in parts) + slots.voice.stop

    def _not_held(self, group: Group, slots: Slots, total: int) -> Body:
        rng, day = self.rng, slots.day
        excuses = [excuse for excuse in book().excuses if day.month in excuse.months]
        wet = 3 if calendar.is_spring_tide(day) else 1
        weights = [excuse.weight * (wet if excuse.reason == "weather" else 1) for excuse in excuses]
        weights = [
            w * (3 if group.is_weak and e.reason == "too_few" else 1)
            for w, e in zip(weights, excuses, strict=True)
        ]
        excuse = rng.choices(excuses, weights)[0]
        body: Body = {"status": "not_held", "meeting_date": day.isoformat(), "not_held_reason": excuse.reason}
        if rng.random() < 0.8 or excuse.reason == "other":
            body["not_held_note"] = slots.fill(pick(rng, excuse.notes))
        if rng.random() < 0.4 and day.day < 25:  # put off to later in the month
            body["rescheduled_to"] = calendar.iso(
                calendar.moment(day.replace(day=day.day + rng.randint(2, 3)), group.start)
            )
        body["households_total"] = total
        if rng.random() < 0.3:  # told all the same, by loudspeaker or door to door
            body["conveyed"] = self._bulletin(slots, 1) or [{"text": "Thông báo qua loa truyền thanh"}]
        return body


def _contribution(rng: Random, slots: Slots, kind: str) -> Body:
    quantity = {
        "workdays": rng.randint(6, 60), "land_m2": rng.randint(20, 600), "trees": rng.randint(5, 80),
        "cash_vnd": rng.randint(5, 120) * 100_000, "other": rng.randint(5, 200),
    }[kind]  # fmt: skip
    body: Body = {"kind": kind, "quantity": quantity}
    if kind == "trees":
        body["note"] = slots["cay"]
    elif kind == "other":
        body["note"] = pick(
            rng, ("bao cát", "chai nước, phần ăn nhẹ", "kg nếp", "tập vở", "cây tre, tầm vông")
        )
    elif kind == "cash_vnd" and rng.random() < 0.5:
        body["note"] = pick(rng, ("tổng của tổ", "cả tổ, tự nguyện", "mua vật tư"))
    return body


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _lower_first(text: str) -> str:
    """Go on in the middle of a sentence; abbreviations keep their capitals."""
    return text[0].lower() + text[1:] if len(text) > 1 and not text[1].isupper() else text
