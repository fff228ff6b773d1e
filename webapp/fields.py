"""The vocabulary in which records are defined: a field is written once, here, as a typed pydantic field.

The same definition checks what is synced (`Record.model_validate`), gives the page its form
(`webapp.forms.form_for`) and gives the phone its bounds. Nothing in here knows Flask or SQLAlchemy.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def N_(message: str) -> str:  # noqa: N802 - the name by which catalogue tools know a marked message
    """Mark a Vietnamese message for the catalogue without translating it yet."""
    return message


class Choice(StrEnum):
    """A closed list whose members carry the Vietnamese label shown on screens.

    Written as ``MEMBER = "code", N_("Nhãn")``; the value that travels and is stored is the code.
    """

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        """Make a member whose value is `code`."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member


class Record(BaseModel):
    """A body that travels: unknown fields are refused, so that nothing typed is dropped in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rejected(ValueError):  # noqa: N818 - a fact about the record, raised inside validators
    """A rule between fields failed: `field` says where to pin the sentence."""

    def __init__(self, field: str, message: str) -> None:
        """Pin `message` (a Vietnamese sentence) to `field`."""
        super().__init__(message)
        self.field = field
        self.message = message


def _tidy(value: Any) -> Any:  # noqa: ANN401 - runs before the type is known
    """Normalise to NFC and strip, once, at save (never while typing: that breaks Vietnamese input methods)."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    return value


def _no_control(value: str) -> str:
    """Refuse NUL, which PostgreSQL cannot store; other control characters except newline and tab go too."""
    if any(ch < " " and ch not in "\n\t\r" for ch in value):
        raise ValueError(N_("Nội dung có ký tự không đọc được."))
    return value


def _blank_is_none(value: Any) -> Any:  # noqa: ANN401 - runs before the type is known
    """An empty box in a form says nothing."""
    return None if value == "" else value


def _strict_number(value: Any) -> Any:  # noqa: ANN401 - runs before the type is known
    """A yes or a fraction is not a count, although Python and pydantic would take True for 1."""
    if isinstance(value, bool | float):
        raise ValueError(N_("Cần một số nguyên."))  # noqa: TRY004 - pydantic collects ValueErrors
    return value


def _on_the_wall(value: time | None) -> time | None:
    """A time of day is what the clock on the wall showed: one with a zone cannot be compared with another."""
    if value is not None and value.tzinfo is not None:
        raise ValueError(N_("Giờ không đúng."))
    return value


def _of_our_time(value: Any) -> Any:  # noqa: ANN401 - a day or a moment, or none where none need be said
    """A year typed by half is a slip: beside it stand days that cannot be stored, or counted on from."""
    if value is not None and not 1900 <= value.year < 2200:  # noqa: PLR2004 - ample on both sides
        raise ValueError(N_("Ngày không đúng."))
    return value


Tidy = BeforeValidator(_tidy)
Line = Annotated[str, Tidy, AfterValidator(_no_control)]
Number = Annotated[int, BeforeValidator(_strict_number)]
OptionalNumber = Annotated[int | None, BeforeValidator(_strict_number), BeforeValidator(_blank_is_none)]
OptionalTime = Annotated[time | None, BeforeValidator(_blank_is_none), AfterValidator(_on_the_wall)]
Day = Annotated[date, AfterValidator(_of_our_time)]
OptionalDate = Annotated[date | None, BeforeValidator(_blank_is_none), AfterValidator(_of_our_time)]
OptionalMoment = Annotated[datetime | None, BeforeValidator(_blank_is_none), AfterValidator(_of_our_time)]


def ask(
    label: str,
    default: Any = ...,  # noqa: ANN401 - whatever the field's type is
    *,
    hint: str = "",
    when: str = "",
    multiline: bool = False,
    as_pills: bool = False,
    as_counter: bool = False,
    **bounds: Any,  # noqa: ANN401 - handed on to pydantic
) -> Any:  # noqa: ANN401 - pydantic types Field() so on purpose, to stand as any field's default
    """Define one question of a record.

    `label` and `hint` are Vietnamese messages; `when` is ``"field=value|value"``: the field matters only
    then; `multiline`, `as_pills` and `as_counter` say how it is best asked; `bounds` are pydantic's own
    (``max_length``, ``ge``, ``le``).
    """
    return Field(
        default,
        title=label,
        description=hint or None,
        json_schema_extra={
            "when": when, "multiline": multiline, "pills": as_pills, "counter": as_counter,
        },
        **bounds,
    )  # fmt: skip
