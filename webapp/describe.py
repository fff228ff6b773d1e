"""Say a record in words: every field that was answered, with its label, in the language of the reader."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, NamedTuple

from flask_babel import format_date, format_datetime, format_decimal, format_time, gettext
from pydantic.fields import FieldInfo

from webapp.fields import Choice, Record


class Line(NamedTuple):
    """One answer. `path` is what a remark pins to, such as ``place`` or ``opinions.0``."""

    path: str
    label: str
    text: str

    @property
    def fact(self) -> tuple[str, str]:
        """Return it as a list of facts shows it."""
        return self.label, self.text


def describe(record: Record) -> list[Line]:
    """Return the answered fields of a record in the order of its definition; what says nothing is left out."""
    lines: list[Line] = []
    for name, info in type(record).model_fields.items():
        value = getattr(record, name)
        if not info.title or value is None or value in ("", False) or not matters(record, info):
            continue
        label = gettext(info.title)
        if isinstance(value, tuple):
            # Each has a name of its own: a remark, a comparison and a reader aloud must tell them apart.
            for place, item in enumerate(value):
                numbered = label if len(value) == 1 else f"{label} {place + 1}"
                lines.append(
                    Line(f"{name}.{place}", numbered, in_words(item) or gettext("Không có chú thích"))
                )
        else:
            lines.append(Line(name, label, in_words(value)))
    return lines


def label_at(record: Record, path: str) -> str:
    """Return the label of what a remark is pinned to: of the answer, or of its question where nothing is answered."""
    labels = {line.path: line.label for line in describe(record)}
    place = path
    while place and place not in labels:
        place = place.rpartition(".")[0]
    info = type(record).model_fields.get(path.partition(".")[0])
    return labels.get(place) or (gettext(info.title) if info and info.title else path)


def matters(record: Record, info: FieldInfo) -> bool:
    """Say whether a field's `when` holds: a question that was not put has no answer, whatever its default."""
    extra = info.json_schema_extra
    when = str(extra.get("when") or "") if isinstance(extra, dict) else ""
    name, _, values = when.partition("=")
    return not when or str(getattr(record, name)) in values.split("|")


def in_words(value: Any) -> str:  # noqa: ANN401, PLR0911 - whatever a field can hold, one line each
    """Write one value as people read it; a record inside a record becomes one line of what has a name."""
    match value:
        case Record():
            parts = (getattr(value, name) for name, info in type(value).model_fields.items() if info.title)
            return " · ".join(in_words(part) for part in parts if part is not None and part != "")
        case Choice():
            return gettext(value.label)
        case bool():
            return gettext("Có") if value else gettext("Không")
        case datetime():
            # What a person typed as the group's own time: it has no zone to convert from.
            return format_datetime(value, "HH:mm dd/MM/yyyy", rebase=value.tzinfo is not None)
        case date():
            return format_date(value, "dd/MM/yyyy")
        case time():
            return format_time(value, "HH:mm", rebase=False)
        case int():
            return format_decimal(value)
        case _:
            return str(value)
