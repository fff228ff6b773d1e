"""What hangs on a group's notice board, and how much of it one sheet of paper holds: no Flask, no database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Final, NamedTuple
from uuid import UUID

from webapp.fields import N_, Choice
from webapp.petitions.rules import ANSWERS, OWED, WAITING, Deed, Event, Standing, State, standing_of

TITLES: Final = (
    "[Ôô]ng|[Bb]à|[Aa]nh|[Cc]hị|[Cc]ô|[Cc]hú|[Bb]ác|[Dd]ì|[Cc]ậu|[Tt]hím|[Ee]m|[Cc]háu|[Hh]ộ|[Tt]hầy"
)
FAMILIES: Final = (
    "Nguyễn|Trần|Lê|Phạm|Huỳnh|Hoàng|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Hồ|Ngô|Dương|Lý|Đinh|Trương|Lâm|Mai|Cao|Đoàn|Thạch|"
    "Kim|Sơn|Danh"
)
PLACES: Final = "đường|phố|trường|cầu|chợ|xã|ấp|huyện|tỉnh|phường|kênh|rạch|hẻm|chùa|khu|tư tưởng"
"""Before a name these make it a place. The three lists are those of the phone's hint, static/js/forms/privacy.js."""
ELSEWHERE: Final = (
    "tố cáo|tố giác|khiếu nại|hối lộ|tham ô|tham nhũng|bạo lực|bạo hành|xâm hại|đánh đập|trộm|ma túy"
)
"""Words of what belongs to another channel: until somebody has looked, it hangs nowhere."""

_LETTERS: Final = [chr(code) for code in range(0x41, 0x1F00)]
_UPPER: Final = "".join(one for one in _LETTERS if unicodedata.category(one) == "Lu")
_LOWER: Final = "".join(one for one in _LETTERS if unicodedata.category(one) == "Ll")
_WORD: Final = f"[{_UPPER}][{_LOWER}]+"
_NOT_AFTER_PLACE: Final = "".join(rf"(?<!{place}\s)" for place in PLACES.split("|"))
_PEOPLE: Final = (
    re.compile(rf"(?<![^\W\d_])(?:{TITLES})\s+{_WORD}(?:\s+{_WORD})*"),
    re.compile(rf"{_NOT_AFTER_PLACE}(?<![^\W\d_])(?:{FAMILIES})(?:\s+{_WORD}){{1,3}}"),
    re.compile(r"(?<!\d)(?:\+?84|0)(?:[\s.-]?\d){9}(?!\d)"),
    re.compile(r"(?<!\d)(?:\d{12}|\d{9})(?!\d|\s*đ)"),
)
_BELONGS_ELSEWHERE: Final = re.compile(rf"(?<![^\W\d_])(?:{ELSEWHERE})(?![^\W\d_])", re.IGNORECASE)


def person_in(text: str) -> str | None:
    """Return the part of a text that looks like a person or the number of one, or None."""
    tidy = unicodedata.normalize("NFC", text)
    return next((found.group() for pattern in _PEOPLE if (found := pattern.search(tidy))), None)


def may_hang(*texts: str) -> bool:
    """Say whether texts may be read by everybody who passes: nobody in them, and nothing that belongs elsewhere."""
    return not any(
        person_in(text) or _BELONGS_ELSEWHERE.search(unicodedata.normalize("NFC", text)) for text in texts
    )


class Band(Choice):
    """A part of the sheet."""

    DONE = "done", N_("Đã làm")
    DOING = "doing", N_("Đang làm")
    NOT_YET = "not_yet", N_("Chưa làm được, vì sao")


class Count(Choice):
    """What is only counted on the sheet."""

    WAITING = "waiting", N_("Mới nêu, chờ phân loại")
    REDIRECTED = "redirected", N_("Đã hướng dẫn sang kênh khác")


class Dated(NamedTuple):
    """An event, and on which day it reached the server."""

    day: date
    event: Event


class Place(NamedTuple):
    """Where on the sheet of a month a petition stands, and what it amounted to when the month was over."""

    where: Band | Count | None
    standing: Standing


def place_of(log: Sequence[Dated], first: date, last: date) -> Place:
    """Return where a petition stands on the sheet of the days `first` to `last`.

    What was answered hangs in the month of the answer, and from then on until the month in which the group was told.
    """
    known = [one for one in log if one.day <= last]
    standing = standing_of(one.event for one in known)
    days = {one.event.id: one.day for one in known}
    deeds = {one.event.deed for one in known}
    return Place(_where(standing, known, deeds, days, first), standing)


def _where(
    standing: Standing, known: Sequence[Dated], deeds: set[Deed], days: Mapping[UUID, date], first: date
) -> Band | Count | None:
    state = standing.state
    if state in WAITING:
        # What was answered before is known; what came back from another channel is to be looked at first.
        return Band.DOING if deeds & ANSWERS and Deed.REDIRECT not in deeds else Count.WAITING
    if state is State.REDIRECTED:
        return Count.REDIRECTED if standing.ending and days[standing.ending] >= first else None
    if state not in OWED | {State.FED_BACK, State.CLOSED}:
        return Band.DOING
    answer = next(one for one in known if one.event.id == standing.ending)
    told = next((one.day for one in known if _tells(one.event, standing)), None)
    if answer.day < first and told is not None and told < first:
        return None
    return Band.NOT_YET if answer.event.deed is Deed.DECLINE else Band.DONE


def _tells(event: Event, standing: Standing) -> bool:
    return event.deed is Deed.FEED_BACK and event.about == standing.ending


@dataclass(frozen=True)
class Item:
    """One matter on the sheet: what was asked for, and what became of it."""

    title: str
    text: str
    groups: str = ""
    """On a hamlet's sheet, whose matter it is."""


class Fitted(NamedTuple):
    """What of a part is on the sheet, and how much more there is."""

    shown: Sequence[Item]
    more: int


ROOM: Final = 27.0
"""How many lines of one A4 are left for matters, beside the head, three headings and the foot."""
WIDTH: Final = 36.0
"""How wide a line is, in ems, with room for a word that does not fit at its end."""
MOST: Final = 240
"""How many characters of an answer are printed."""
_GAP: Final = 0.4
_WIDE, _PLAIN = 0.85, 0.48
"""How wide a letter is at most, in ems: a capital, and any other."""


def clipped(text: str) -> str:
    """Return a text as it is printed: what is too long for a sheet ends in dots, at a word."""
    tidy = " ".join(text.split())
    return tidy if len(tidy) <= MOST else tidy[:MOST].rsplit(" ", 1)[0] + " …"


def height(item: Item) -> float:
    """Return how many lines a matter takes at most."""
    head = f"{item.title} ({item.groups})" if item.groups else item.title
    return _GAP + sum(ceil(_width(text) / WIDTH) for text in (head, item.text) if text)


def _width(text: str) -> float:
    return sum(_WIDE if letter.isupper() or letter in "mwMW@%—…" else _PLAIN for letter in text)


def fit(bands: Mapping[Band, Sequence[Item]], room: float = ROOM) -> dict[Band, Fitted]:
    """Return what of each part one sheet holds: in turn one of each, in their order, as long as there is room.

    A part that does not go on says how many more it has; the line for that is kept free from the start.
    """
    left = room - sum(1 for items in bands.values() if items)
    shown: dict[Band, list[Item]] = {band: [] for band in bands}
    open_bands = [band for band, items in bands.items() if items]
    while open_bands:
        for band in tuple(open_bands):
            rest = bands[band][len(shown[band]) :]
            if rest and height(rest[0]) <= left:
                left -= height(rest[0])
                shown[band].append(rest[0])
            else:
                open_bands.remove(band)
    return {band: Fitted(shown[band], len(items) - len(shown[band])) for band, items in bands.items()}
