"""What people say in the invented meetings: the phrases of `phrases.toml`, and the voices that say them."""
# ruff: noqa: PLR2004 - shares and chances are invented where they stand

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib import resources
from random import Random
from typing import Any, Final, TypeVar

_T = TypeVar("_T")
_METRES = (
    25,
    30,
    35,
    40,
    50,
    60,
    75,
    80,
    90,
    100,
    120,
    150,
    180,
    200,
    220,
    250,
    280,
    300,
    350,
    400,
    420,
    450,
    500,
    600,
)


@dataclass(frozen=True)
class Request:
    """A petition as a phrase: title, urgency, who can settle it, what is proposed, what came of it."""

    title: str
    urgency: str
    level: str
    topic: str
    proposals: tuple[str, ...]
    results: tuple[str, ...]


@dataclass(frozen=True)
class Scene:
    """A subject that comes up in certain months, and the phrases that belong to it."""

    key: str
    topic: str
    months: frozenset[int]
    weight: float
    themes: tuple[str, ...]
    conveyed: tuple[str, ...]
    opinions: tuple[tuple[str, str], ...]
    """Stance and text."""
    decisions: tuple[str, ...]
    requests: tuple[Request, ...]
    gives: tuple[str, ...]


@dataclass(frozen=True)
class Excuse:
    """Why a group did not meet: in which months it is said, and how."""

    reason: str
    months: frozenset[int]
    weight: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Book:
    """Every phrase there is."""

    scenes: dict[str, Scene]
    slots: dict[str, tuple[str, ...]]
    common: dict[str, tuple[str, ...]]
    remarks: dict[str, tuple[str, ...]]
    excuses: tuple[Excuse, ...]
    happenings: dict[int, tuple[tuple[str, str, str], ...]]
    """By month: what happened, where, and what is needed."""

    def in_month(self, month: int) -> list[Scene]:
        """Return the scenes that may come up in a month."""
        return [scene for scene in self.scenes.values() if month in scene.months]


@cache
def book() -> Book:
    """Read the phrases, once."""
    raw = tomllib.loads(resources.files("webapp.demo").joinpath("phrases.toml").read_text(encoding="utf-8"))
    return Book(
        {scene["key"]: _scene(scene) for scene in raw["scene"]},
        {name: _lines(text) for name, text in raw["slots"].items()},
        {name: _lines(text) for name, text in raw["common"].items()},
        {name: _lines(text) for name, text in raw["remarks"].items()},
        tuple(
            Excuse(reason, frozenset(told["months"]), told["weight"], _lines(told["notes"]))
            for reason, told in raw["not_held"].items()
        ),
        {
            month: tuple(
                _happening(line)
                for told in raw["happening"].values()
                if month in told["months"]
                for line in _lines(told["reports"])
            )
            for month in range(1, 13)
        },
    )


def _happening(line: str) -> tuple[str, str, str]:
    what, where, needed = (part.strip() for part in line.split("|"))
    return what, where, needed


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


def _scene(raw: dict[str, Any]) -> Scene:
    def opinion(line: str) -> tuple[str, str]:
        stance, text = line.split(" | ")
        return stance, text

    def request(line: str) -> Request:
        title, weight, proposals, results, *topic = (part.strip() for part in line.split(" | "))
        urgency, level = weight.split()
        return Request(
            title,
            urgency,
            level,
            topic[0] if topic else raw["topic"],
            tuple(proposals.split(" ; ")),
            tuple(results.split(" ; ")),
        )

    return Scene(
        raw["key"], raw["topic"], frozenset(raw["months"]), raw["weight"], _lines(raw["themes"]),
        _lines(raw["conveyed"]),
        tuple(opinion(line) for line in _lines(raw["opinions"])), _lines(raw["decisions"]),
        tuple(request(line) for line in _lines(raw["petitions"])), tuple(raw["gives"].split()),
    )  # fmt: skip


_SHORT_FORMS = {
    "bảo hiểm y tế": "BHYT", "bảo hiểm xã hội": "BHXH", "nông thôn mới": "NTM", "sốt xuất huyết": "SXH",
    "phòng cháy, chữa cháy": "PCCC", "an ninh trật tự": "ANTT",
}  # fmt: skip
_SYNONYMS = {
    "đề nghị": ("đề nghị", "đề nghị", "kiến nghị", "mong", "rất mong"),
    "mong": ("mong", "mong", "rất mong", "đề nghị"),
    "xin": ("xin", "xin", "đề nghị", "xin được"),
    "thống nhất": ("thống nhất", "nhất trí", "đồng ý"),
    "nhất trí": ("thống nhất", "nhất trí", "đồng lòng"),
    "đồng tình": ("đồng tình", "tán thành", "ủng hộ"),
    "hưởng ứng": ("hưởng ứng", "ủng hộ"),
    "phấn khởi": ("phấn khởi", "rất mừng", "vui mừng"),
    "băn khoăn": ("băn khoăn", "còn băn khoăn"),
    "người già": ("người già", "người lớn tuổi", "người cao tuổi"),
    "trẻ nhỏ": ("trẻ nhỏ", "trẻ em"),
    "giải thích": ("giải thích", "hướng dẫn"),
    "hư": ("hư", "hỏng"),
    "khá": ("khá", "tương đối"),
    "góp": ("góp", "đóng góp"),
    "đóng góp": ("đóng góp",),
    "góp ý": ("góp ý",),
    "xin lỗi": ("xin lỗi",),
    "cử": ("cử", "phân công"),
}
_WORDS = re.compile(
    rf"(?<!\w)({'|'.join(sorted({*_SYNONYMS, *_SHORT_FORMS}, key=len, reverse=True))})(?!\w)", re.IGNORECASE
)
_OLD_TONES = (
    ("òa", "oà"), ("óa", "oá"), ("ỏa", "oả"), ("õa", "oã"), ("ọa", "oạ"), ("òe", "oè"), ("óe", "oé"), ("ọe",
    "oẹ"),
    ("ùy", "uỳ"), ("úy", "uý"), ("ủy", "uỷ"), ("ũy", "uỹ"), ("ụy", "uỵ"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Voice:
    """How one hand writes: nobody's is quite like another's."""

    people: str
    words: dict[str, str]
    pads_numbers: bool
    old_tones: bool
    stop: str
    leads: float
    tails: float
    summarises: float
    thoroughness: float
    """From terse (0) to full (1)."""
    _known: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def shortens(self) -> bool:
        """Say whether this hand likes abbreviations."""
        return "sốt xuất huyết" in self.words

    def dress(self, phrase: str) -> str:
        """Write a phrase as this hand would, without a stop at its end; braces stay."""
        known = self._known.get(phrase)
        if known is None:
            known = _WORDS.sub(self._word, phrase)
            if self.old_tones:
                for new, old in _OLD_TONES:
                    known = known.replace(new, old)
            self._known[phrase] = known = known.removesuffix(".")
        return known

    def _word(self, match: re.Match[str]) -> str:
        found = match[0]
        word = self.words.get(found.lower(), found)
        return word[0].upper() + word[1:] if found[0].isupper() else word


PLAIN: Final = Voice(
    "bà con",
    {},
    pads_numbers=False,
    old_tones=False,
    stop=".",
    leads=0,
    tails=0,
    summarises=0,
    thoroughness=0,
)
"""The hand of an office."""


@cache
def hands(seed: int) -> tuple[Voice, ...]:
    """Return the ways of writing that the authors share: too many to tell apart, few enough to be quick."""
    rng = Random(f"{seed}:hands")
    return tuple(_hand(rng) for _ in range(72))


def _hand(rng: Random) -> Voice:
    words = {word: rng.choice(options) for word, options in _SYNONYMS.items()}
    if rng.random() < 0.4:  # these shares are invented
        words |= _SHORT_FORMS
    return Voice(
        people=rng.choice(book().slots["people"]),
        words=words,
        pads_numbers=rng.random() < 0.35,
        old_tones=rng.random() < 0.15,
        stop="." if rng.random() < 0.55 else "",
        leads=rng.choice((0, 0.05, 0.15, 0.3)),
        tails=rng.choice((0, 0.15, 0.3, 0.45)),
        summarises=rng.choice((0, 0.1, 0.5, 0.9)),
        thoroughness=rng.random(),
    )


class Slots(dict[str, str]):
    """What the braces of a phrase stand for, drawn anew each time they are asked."""

    def __init__(self, rng: Random, author: Voice, day: date, *, is_town: bool) -> None:
        super().__init__()
        self.rng, self.voice, self.day, self.is_town = rng, author, day, is_town
        self.values_for: dict[str, str] = {}

    def __missing__(self, name: str) -> str:
        """Draw a value; nothing is kept."""
        lower = name.lower()
        known = self.values_for.get(lower)
        value = known if known is not None else _DRAW[lower](self)
        return value if name == lower else value[0].upper() + value[1:]

    def fill(self, phrase: str) -> str:
        """Fill in a phrase and give it the author's hand."""
        return self.bare(phrase) + self.voice.stop

    def bare(self, phrase: str) -> str:
        """Fill in a phrase that is a title or goes on: it never ends with a stop."""
        dressed = self.voice.dress(phrase)
        return dressed.format_map(self) if "{" in dressed else dressed

    def number(self, value: int) -> str:
        """Write a number as the author does."""
        return f"{value:02d}" if self.voice.pads_numbers else str(value)


def pick(rng: Random, options: Sequence[_T]) -> _T:
    """Draw one of `options`, quicker than `Random.choice`."""
    return options[int(rng.random() * len(options))]


def _day(slots: Slots, first: int, last: int) -> str:
    day = slots.day + timedelta(days=slots.rng.randint(first, last))
    return f"{day.day:02d}/{day.month:02d}" if slots.voice.pads_numbers else f"{day.day}/{day.month}"


_DRAW: dict[str, Callable[[Slots], str]] = {
    "ai": lambda s: s.voice.people if s.rng.random() < 0.7 else pick(s.rng, book().slots["people"]),
    "noi": lambda s: pick(s.rng, book().slots["spot"]),
    "rach": lambda s: pick(s.rng, book().slots["canal"]),
    "cau": lambda s: pick(s.rng, book().slots["bridge"]),
    "cay": lambda s: pick(s.rng, book().slots["crop"]),
    "buoi": lambda s: pick(s.rng, book().slots["when"]),
    "m": lambda s: str(pick(s.rng, _METRES)),
    "n": lambda s: s.number(s.rng.randint(2, 6)),
    "nn": lambda s: str(s.rng.randint(10, 30)),
    "trung": lambda s: str(s.rng.randint(4, 20) * 10),
    "cm": lambda s: str(s.rng.randint(3, 10) * 5),
    "man": lambda s: f"{s.rng.randint(12, 52) / 10:.1f}‰".replace(".", ","),
    "pc": lambda s: str(s.rng.randint(8, 19) * 5),
    "thang": lambda s: f"tháng {s.day.month}",
    "thangam": lambda s: f"tháng {(s.day.month - 2) % 12 + 1} âm lịch",
    "toi": lambda s: _day(s, 4, 18),
    "qua": lambda s: _day(s, -18, -3),
    "ap": lambda s: "khu phố" if s.is_town else "ấp",
    "xa": lambda s: "thị trấn" if s.is_town else "xã",
}
