"""What offices write into cells, brought into one form: texts, names, days, numbers, phone numbers. Pure.

Vietnamese arrives in both Unicode forms, with tones placed the old or the new way, with spaces that are none;
numbers as text, text as numbers. Each function answers the one form or raises `Fault`.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Final

from webapp.accounts.rules import tidy_identifier
from webapp.sheets.faults import Fault
from webapp.text import fold

Cell = str | int | float | bool | datetime | date | time | timedelta | None

_SPACES: Final = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE: Final = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""How spreadsheets write control characters."""
_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_ERRORS: Final = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#GETTING_DATA", "#SPILL!"}
)
_EXCEL_ZERO: Final = date(1899, 12, 30)
_SERIALS: Final = range(20000, 80000)
"""Days as spreadsheets count them: 1954 to 2119."""
YEARS: Final = range(1945, 2100)
MOST_HOUSEHOLDS: Final = 500
_OLD_FONT: Final = frozenset("¡¢£¤¥¦§¨©ª«¬®¯°±²³´µ¶·¸¹º»¼½¾¿×÷Þßþ")
"""What shows when a text of an old Vietnamese font is read as Latin-1: never letters of a name."""


def text(cell: Cell) -> str:
    """Return what a cell says as one tidy line: NFC, plain single spaces, whole numbers without a point."""
    match cell:
        case None:
            return ""
        case bool():
            return "x" if cell else ""
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() | date():
            return f"{cell:%d/%m/%Y}"
    said = _ESCAPED.sub(" ", str(cell))
    said = _CONTROL.sub(" ", _INVISIBLE.sub("", said)).replace("Ð", "Đ").replace("ð", "đ")
    return unicodedata.normalize("NFC", _SPACES.sub(" ", said)).lstrip("' ").rstrip()


def spelled(said: str) -> str:
    """Return the key by which two spellings are one: case, Unicode form and the place of the tone do not matter.

    The tone of each word goes to its end: “hoà” and “hòa” are both “hoa” and a grave. Marks that make another
    letter stay, so that “Thành” and “Thạnh” differ.
    """
    words = []
    for word in re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text(said)).casefold()):
        marks = unicodedata.normalize("NFD", word)
        tones = "".join(sorted(mark for mark in marks if mark in _TONES))
        bare = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
        words.append(bare + tones)
    return " ".join(words)


def has_marks(said: str) -> bool:
    """Say whether a text carries diacritics at all; many lists were typed without."""
    return fold(said) != " ".join(said.lower().split())


def checked(cell: Cell, field: str, most: int = 300) -> str:
    """Return a cell's text; refuse spreadsheet errors, broken letters, old fonts, and what is too long."""
    said = text(cell)
    if said.upper() in _ERRORS:
        raise Fault("error_value", field=field, value=said)
    if "\ufffd" in said or any(unicodedata.category(ch) in ("Co", "Cn", "Cs") for ch in said):
        raise Fault("broken_text", value=said[:40])
    if len(said) > most:
        raise Fault("too_long", field=field, most=most)
    return said


def name(cell: Cell, field: str, most: int = 160) -> str:
    """Return a name of a place or person."""
    said = checked(cell, field, most)
    if any(ch in _OLD_FONT for ch in said):
        raise Fault("old_font", value=said[:40])
    return said


def person_name(cell: Cell, field: str) -> str:
    """Return somebody's name; written in capitals or without any, it gets those of a name."""
    said = name(cell, field, 120)
    for title in ("đ/c ", "đ/c: ", "đồng chí "):
        if said.casefold().startswith(title):
            said = said[len(title) :].strip()
    if any(ch.isdigit() or ch in "@;/|,&+=" for ch in said) or not any(ch.isalpha() for ch in said):
        raise Fault("name_not_one", value=said)
    return " ".join(w.capitalize() for w in said.split()) if said.isupper() or said.islower() else said


_NUMERIC: Final = re.compile(
    r"^(\d{1,4})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{1,4})(?:[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$"
)
_WORDS: Final = re.compile(r"^(?:ngay )?(\d{1,2}) thang (\d{1,2}) nam (\d{4})$")


def day(cell: Cell) -> date:
    """Return a day: a real date, a text that says one day first, or the number by which spreadsheets count days."""
    if isinstance(cell, datetime):
        return _sane(cell.date(), text(cell))
    if isinstance(cell, date):
        return _sane(cell, text(cell))
    said = text(cell)
    if re.fullmatch(r"\d{5}", said) and int(said) in _SERIALS:
        return _EXCEL_ZERO + timedelta(days=int(said))
    if re.fullmatch(r"(?:\d{1,2}\s*[/.\-]\s*)?\d{4}", said):
        raise Fault("date_only_year", value=said)
    if re.fullmatch(r"\d{8}", said):
        year_last = int(said[4:]) in YEARS
        said = f"{said[:2]}/{said[2:4]}/{said[4:]}" if year_last else f"{said[:4]}/{said[4:6]}/{said[6:]}"
    found = _WORDS.match(fold(said)) or _NUMERIC.match(said)
    if found is None:
        raise Fault("date_unreadable", value=said)
    first, month, last = (int(part) for part in found.groups())
    return _of_calendar(*((last, month, first) if len(found[1]) == 4 else (first, month, last)), said)  # noqa: PLR2004 - a year


def _of_calendar(first: int, month: int, year: int, said: str) -> date:
    year += 2000 if year < 100 else 0  # noqa: PLR2004 - two digits
    if year not in YEARS:
        raise Fault("date_far", value=said)
    try:
        return date(year, month, first)
    except ValueError:
        with suppress(ValueError):
            better = date(year, first, month)
            raise Fault("date_month_first", value=said, better=f"{better:%d/%m/%Y}") from None
        raise Fault("date_not_there", value=said) from None


def _sane(found: date, said: str) -> date:
    if found.year not in YEARS:
        raise Fault("date_far", value=said)
    return found


def phone(cell: Cell) -> str:
    """Return a phone number as it is stored: 0 and nine or ten digits more, also when the zero was lost."""
    said = text(cell)
    if re.search(r"\d[.,]?\d*[eE]\+?\d", said):
        raise Fault("phone_rounded", value=said)
    parts = [p for p in re.split(r"[/;,|]| và | hoặc |  ", said) if p.strip()]
    compact = re.sub(r"[\s.\-()_]", "", said)
    if len(parts) > 1 and all(len(re.sub(r"\D", "", p)) > 8 for p in parts):  # noqa: PLR2004 - two whole numbers
        raise Fault("phone_two", value=said)
    compact = compact.replace(",", "")
    if not re.fullmatch(r"\+?[0-9]+", compact):
        raise Fault("phone_letters", value=said)
    compact = (
        compact.removeprefix("+") if not compact.startswith("+84") else "0" + compact[3:].removeprefix("0")
    )
    if len(compact) > 10 and compact.startswith("84"):  # noqa: PLR2004 - digits with the country's code
        compact = "0" + compact[2:].removeprefix("0")
    if not compact.startswith("0") and len(compact) in (9, 10):
        compact = "0" + compact
    if re.fullmatch(r"01[2689]\d{8}", compact):
        raise Fault("phone_old", value=compact)
    if not re.fullmatch(r"0\d{9}|02\d{9}", compact):
        raise Fault("phone_length", value=said)
    return compact


def code(cell: Cell) -> str:
    """Return an officer's code as it is stored; a number that a cell made of it is its digits."""
    return tidy_identifier(text(cell))


def households(cell: Cell) -> int:
    """Return how many households a group has."""
    said = re.sub(r"\s*(hộ|ho)\.?$", "", text(cell).casefold())
    try:
        found = float(said.replace(" ", "").replace(",", "."))
    except ValueError:
        raise Fault("number_unreadable", value=text(cell)) from None
    if found != found or found in (float("inf"), float("-inf")):  # noqa: PLR0124 - not a number
        raise Fault("number_unreadable", value=text(cell))
    if not found.is_integer():
        raise Fault("number_fraction", value=text(cell))
    if found < 1:
        raise Fault("households_none", value=int(found))
    if found > MOST_HOUSEHOLDS:
        raise Fault("households_many", value=int(found))
    return int(found)


_MAIN: Final = {"chinh", "chinh thuc", "phu trach chinh", "x", "co", "1", "c"}
_DEPUTY: Final = {"phu", "pho", "kiem nhiem", "ho tro", "du bi", "khong", "0", "p", "thay the"}


def is_primary(cell: Cell) -> bool:
    """Say whether somebody holds a role first, or as deputy; an empty cell says first."""
    said = fold(text(cell))
    if not said or said in _MAIN:
        return True
    if said in _DEPUTY:
        return False
    raise Fault("primary_unreadable", value=text(cell))
