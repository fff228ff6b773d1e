"""How a passage is found and masked: no Flask, no database.

A passage is known by a trace that only the server can make, and by its length; the words themselves are kept nowhere.
Text is read as its words and numbers alone: neither capital letters nor what stands between them make a difference.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, get_args

from webapp.fields import Record
from webapp.redaction.records import Reason

SHORT_MARK: Final = "[đã che]"
TRACE_BYTES: Final = 16
SHORTEST: Final = 2
"""Fewer letters are no passage: they would be found everywhere."""
TELLING: Final = 6
"""A field that says less is masked where it stands, and not looked for elsewhere: "Tốt" is not a secret."""

_WORDS: Final = re.compile(r"[^\W\d_]+|\d+")
_IDS: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def mark(reason: Reason) -> str:
    """Return what stands where something was masked."""
    label = str(reason.label)
    return f"[đã che: {label[:1].lower()}{label[1:]}]"


_MARKS: Final = re.compile("|".join(re.escape(one) for one in (SHORT_MARK, *map(mark, Reason))))


class Passage(NamedTuple):
    """What is known of a masked passage."""

    trace: bytes
    length: int
    reason: Reason


class _Word(NamedTuple):
    text: str
    start: int
    end: int


def nfc(text: str) -> str:
    """Return a text in the form in which texts are compared."""
    return unicodedata.normalize("NFC", text)


def _words(text: str) -> list[_Word]:
    return [_Word(found[0].casefold(), *found.span()) for found in _WORDS.finditer(text)]


def letters_of(text: str) -> str:
    """Return the words and numbers of a text, run together: by them a passage is known."""
    return "".join(word.text for word in _words(nfc(text)))


def passage(key: bytes, text: str, reason: Reason) -> Passage:
    """Return what is kept of a passage."""
    letters = letters_of(text)
    return Passage(_trace(key, letters), len(letters), reason)


def _trace(key: bytes, letters: str) -> bytes:
    return hmac.digest(key, letters.encode(), "sha256")[:TRACE_BYTES]


def mask(key: bytes, text: str, passages: Collection[Passage]) -> str:
    """Return a text with every passage masked. What was masked before stays as it is."""
    text = nfc(text)
    known = {(one.length, one.trace): one.reason for one in passages}
    lengths = sorted({one.length for one in passages})
    parts, last = [], 0
    for found in _MARKS.finditer(text):
        parts += [_mask(key, text[last : found.start()], known, lengths), found[0]]
        last = found.end()
    return "".join([*parts, _mask(key, text[last:], known, lengths)])


def _mask(key: bytes, text: str, known: Mapping[tuple[int, bytes], Reason], lengths: list[int]) -> str:
    parts, end = [], 0
    for start, stop, reason in _spans(
        key, text, known, lengths
    ):  # by their beginnings; what overlaps becomes one
        if start >= end:
            parts += [text[end:start], mark(reason)]
        end = max(end, stop)
    return "".join([*parts, text[end:]])


def _spans(
    key: bytes, text: str, known: Mapping[tuple[int, bytes], Reason], lengths: list[int]
) -> Iterator[tuple[int, int, Reason]]:
    words = _words(text)
    ends: list[int] = []
    total = 0
    for word in words:
        total += len(word.text)
        ends.append(total)
    letters, begin = "".join(word.text for word in words), 0
    for place, word in enumerate(words):
        for length in reversed(lengths):
            last = bisect_left(ends, begin + length, lo=place)
            if last < len(ends) and ends[last] == begin + length:
                reason = known.get((length, _trace(key, letters[begin : begin + length])))
                if reason is not None:
                    yield word.start, words[last].end, reason
                    break
        begin += len(word.text)


def found_in(text: str, wanted: str) -> set[str]:
    """Return the passages of a text that hold what somebody marked, each begun and ended with whole words."""
    text, wanted = nfc(text), nfc(wanted)
    words, asked = _words(text), letters_of(wanted)
    letters = "".join(word.text for word in words)
    begins, total = [], 0
    for word in words:
        begins.append(total)
        total += len(word.text)
    found, at = set(), letters.find(asked) if asked else -1
    while at >= 0:
        first = bisect_left(begins, at + 1) - 1
        last = bisect_left(begins, at + len(asked)) - 1
        found.add(text[words[first].start : words[last].end])
        at = letters.find(asked, at + 1)
    return found


Reword = Callable[[str, str], str]
"""Given the path of a text and the text, what is to stand there."""


def reworded(model: type[Record] | None, body: Mapping[str, Any], reword: Reword) -> dict[str, Any]:
    """Return a body with each free text as `reword` has it; ids, codes and numbers are never touched.

    Without a model, of what fits none, every text is taken for free.
    """
    if model is None:
        return {name: _reworded_freely(value, name, reword) for name, value in body.items()}
    return _reworded(model, body, "", reword)


def _reworded(model: type[Record], body: Mapping[str, Any], path: str, reword: Reword) -> dict[str, Any]:
    result = dict(body)
    for name, info in model.model_fields.items():
        value = body.get(name)
        if isinstance(value, str) and info.annotation is str and info.title:
            result[name] = _fitting(value, reword(path + name, value), _longest(info.metadata))
        elif isinstance(value, list | tuple) and (inner := _record_in(info.annotation)):
            result[name] = [
                _reworded(inner, one, f"{path}{name}.{place}.", reword) if isinstance(one, dict) else one
                for place, one in enumerate(value)
            ]
    return result


def _reworded_freely(value: Any, path: str, reword: Reword) -> Any:  # noqa: ANN401 - whatever JSON can say
    if isinstance(value, str):
        return value if _IDS.fullmatch(value) else reword(path, value)
    if isinstance(value, list):
        return [_reworded_freely(one, f"{path}.{place}", reword) for place, one in enumerate(value)]
    if isinstance(value, dict):
        return {name: _reworded_freely(one, f"{path}.{name}", reword) for name, one in value.items()}
    return value


def texts_of(model: type[Record] | None, body: Mapping[str, Any]) -> dict[str, str]:
    """Return the free texts of a body that say something, by path, such as ``opinions.0.text``."""
    found: dict[str, str] = {}

    def note(path: str, text: str) -> str:
        if text.strip():
            found[path] = nfc(text).strip()
        return text

    reworded(model, body, note)
    return found


def _record_in(annotation: Any) -> type[Record] | None:  # noqa: ANN401 - whatever a field can be annotated with
    inner = next(iter(get_args(annotation)), None)
    return inner if isinstance(inner, type) and issubclass(inner, Record) else None


def _longest(metadata: Iterable[Any]) -> int | None:
    return next((one.max_length for one in metadata if hasattr(one, "max_length")), None)


def _fitting(before: str, text: str, longest: int | None) -> str:
    """Return a masked text that fits its field: a mark may be longer than what it stands for."""
    if longest is None or text == before or len(text) <= longest:
        return text
    text = _MARKS.sub(SHORT_MARK, text)
    if len(text) <= longest:
        return text
    head = re.sub(r"\[[^\]]*$", "", text[: longest - len(SHORT_MARK) - 1])
    return f"{head}…{SHORT_MARK}"


class Place(NamedTuple):
    """A field that is masked as a whole: a path as people point at it, such as ``summary`` or ``opinions.0``."""

    path: str
    kept: frozenset[str] = frozenset()
    """What the other items of the same list say in the version that stands: it is no earlier wording of this one."""

    def holds(self, path: str, text: str, *, stands: bool) -> bool:
        """Say whether a text is in it: in the version that stands at its place, in others as an earlier wording."""
        head, _, number = self.path.rpartition(".")
        if stands or not number.isdigit():
            return f"{path}.".startswith(f"{self.path}.")
        return path.startswith(f"{head}.") and nfc(text).strip() not in self.kept


def place(path: str, standing: Mapping[str, str]) -> Place:
    """Return a field as a place, given the texts of the version that stands."""
    head, _, number = path.rpartition(".")
    if not number.isdigit():
        return Place(path)
    others = {
        text
        for one, text in standing.items()
        if one.startswith(f"{head}.") and not f"{one}.".startswith(f"{path}.")
    }
    return Place(path, frozenset(others))
