"""Vietnamese text: folding for search without diacritics, and sort keys that need no ICU."""

from __future__ import annotations

import re
import unicodedata

_ALPHABET = {
    letter: f"{position:02d}" for position, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", 10)
}
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
"""Huyền, hỏi, ngã, sắc, nặng: the order of the CLDR collation for Vietnamese."""

KEY_LENGTH = 240
"""What a column of keys holds: the letters of the longest name there may be."""


def fold(text: str) -> str:
    """Return `text` in lower case without diacritics, đ as d, white space collapsed."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    bare = "".join(ch for ch in decomposed if not unicodedata.combining(ch))
    return " ".join(bare.split())


def sort_key(text: str) -> str:
    """Return a key whose plain byte order is Vietnamese order: đ after d, "Tổ 2" before "Tổ 10".

    Letters count first, tones only between otherwise equal words. Of a very long text the tones are left out.
    """
    letters: list[str] = []
    tones: list[str] = []
    for part in re.findall(r"\d+|\D", unicodedata.normalize("NFC", " ".join(text.lower().split()))):
        if part.isdigit():
            letters.append(f"0{len(part):02d}{part}")
            continue
        marks = unicodedata.normalize("NFD", part)
        tone = next((mark for mark in marks if mark in _TONES), None)
        letter = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
        letters.append(_ALPHABET.get(letter, "00" if letter.isspace() else "05"))
        tones.append(_TONES.get(tone, "0") if tone else "0")
    return ("".join(letters) + " " + "".join(tones))[:KEY_LENGTH]


def person_sort_key(full_name: str) -> str:
    """Return the key of a person: given name first, then the middle names, then the family name."""
    words = full_name.split()
    return sort_key(" ".join([words[-1], *words[1:-1], words[0]])) if len(words) > 1 else sort_key(full_name)


def matches(query: str, *texts: str) -> bool:
    """Say whether each syllable asked for begins a word of the texts, without diacritics, in any order."""
    words = [word for text in texts for word in fold(text).split()]
    return all(any(word.startswith(part) for word in words) for part in fold(query).split())
