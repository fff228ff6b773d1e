"""WTForms classes derived from records, so that a field is defined once (see `webapp.fields`).

A form made here shows the questions and keeps what was typed; it judges nothing itself. `body_from` hands the
typed text to the record, the single check, and pins each refusal on its field as one Vietnamese sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime, time
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, TypeVar, Union, cast, get_args, get_origin
from uuid import UUID

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs know WTForms 3.2
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.validators import DataRequired

from webapp.errors import Problem
from webapp.fields import N_, Choice, Record, Rejected

AnyRecord = TypeVar("AnyRecord", bound=Record)

CHOOSE = N_("Chọn…")
FILL_IN = N_("Cần điền ô này.")
PICK_ONE = N_("Cần chọn một mục.")
UNREADABLE = N_("Nội dung ô này không đúng.")

SENTENCES: dict[str, str] = {
    "missing": FILL_IN,
    "string_too_short": N_("Viết ít nhất %(min_length)s chữ cái."),
    "string_too_long": N_("Dài quá: nhiều nhất %(max_length)s chữ cái."),
    "string_type": UNREADABLE,
    "greater_than_equal": N_("Số phải từ %(ge)s trở lên."),
    "less_than_equal": N_("Số phải từ %(le)s trở xuống."),
    "int_parsing": N_("Cần một số nguyên."),
    "int_parsing_size": N_("Số lớn quá."),
    "int_type": N_("Cần một số nguyên."),
    "int_from_float": N_("Cần một số nguyên."),
    "enum": PICK_ONE,
    "date_type": N_("Ngày không đúng."),
    "date_parsing": N_("Ngày không đúng."),
    "date_from_datetime_parsing": N_("Ngày không đúng."),
    "date_from_datetime_inexact": N_("Ngày không đúng."),
    "time_type": N_("Giờ không đúng."),
    "time_parsing": N_("Giờ không đúng."),
    "datetime_type": N_("Ngày giờ không đúng."),
    "datetime_parsing": N_("Ngày giờ không đúng."),
    "datetime_from_date_parsing": N_("Ngày giờ không đúng."),
    "bool_type": UNREADABLE,
    "bool_parsing": UNREADABLE,
    "uuid_type": PICK_ONE,
    "uuid_parsing": PICK_ONE,
    "too_long": N_("Nhiều nhất %(max_length)s mục."),
    "extra_forbidden": UNREADABLE,
}
"""What each kind of refusal is called on screen; the same sentences stand in static/js/forms/checks.js."""


class Asked:
    """A validator that validates nothing: it carries what the record says about a field to the templates."""

    def __init__(self, info: FieldInfo) -> None:
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        bounds = {name: value for part in info.metadata for name, value in vars_of(part)}
        blank_default = "" if info.default is None else info.default
        self.field_flags: dict[str, Any] = {
            "when": extra.get("when", ""),
            "counter": bool(extra.get("counter")),
            "needed": info.is_required(),
            "min": bounds.get("ge"),
            "max": bounds.get("le"),
            "min_length": bounds.get("min_length"),
            "max_length": bounds.get("max_length"),
            "blank": "" if info.is_required() else blank_default,
        }

    def __call__(self, form: Form, field: Field) -> None:
        """Judge nothing."""


class Needed(DataRequired):
    """Something must be said here."""

    def __call__(self, form: BaseForm, field: Field) -> None:
        """Refuse an answer that says nothing, in the language of the page."""
        self.message = gettext("Cần điền mục này.")
        super().__call__(form, field)


def as_id(value: UUID | str) -> UUID:
    """Return an id that came from a form or from us: how lists of ids to choose from are read."""
    return value if isinstance(value, UUID) else UUID(value)


def vars_of(part: object) -> Iterator[tuple[str, Any]]:
    """Read the bounds out of one piece of pydantic metadata."""
    for name in ("ge", "le", "min_length", "max_length"):
        if (value := getattr(part, name, None)) is not None:
            yield name, value


if TYPE_CHECKING:
    AnyFieldList = FieldList[Any]
else:
    AnyFieldList = FieldList


class Rows(AnyFieldList):
    """Rows of a record inside a record. None is cut off silently: the record says when there are too many."""

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as WTForms has it
        """Take all the rows that were sent, also those above the maximum."""
        limit, self.max_entries = self.max_entries, None
        super().process(formdata, *args, **kwargs)
        self.max_entries = limit


def kind_of(info: FieldInfo) -> type[Any]:
    """Reduce a field's annotation to its type: the optional part gone."""
    annotation = info.annotation
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(arg for arg in get_args(annotation) if arg is not type(None))
    return cast("type[Any]", annotation)


def row_type(info: FieldInfo) -> type[Any] | None:
    """The type of a list's items, or None when the field is no list."""
    kind = kind_of(info)
    return get_args(kind)[0] if get_origin(kind) is tuple else None


def _choice(info: FieldInfo, kind: type[Choice], common: dict[str, Any], *, pills: bool) -> UnboundField[Any]:
    needed = {"data-needed": ""} if info.is_required() and pills else None
    choices = [SelectChoice(member.value, lazy_gettext(member.label), needed) for member in kind]
    if pills:
        return RadioField(choices=choices, **common)  # type: ignore[return-value]
    if info.is_required():
        common["render_kw"]["aria-required"] = "true"
    if info.is_required() or info.default is None:
        choices.insert(0, SelectChoice("", lazy_gettext(CHOOSE)))
    return SelectField(choices=choices, **common)  # type: ignore[return-value]


PLAIN_FIELDS: Mapping[type, Callable[..., Any]] = {
    int: IntegerField,
    bool: BooleanField,
    date: DateField,
    time: TimeField,
    UUID: HiddenField,
}


def _field(info: FieldInfo) -> UnboundField[Any] | None:
    """Say how one field of a record is asked; None when it is not asked (a list that is no question)."""
    kind = kind_of(info)
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    asked = Asked(info)
    flags = asked.field_flags
    common: dict[str, Any] = {
        "label": lazy_gettext(info.title) if info.title else "",
        "description": lazy_gettext(info.description) if info.description else "",
        "validators": [asked],
        "render_kw": {},
    }
    if not info.is_required() and row_type(info) is None:
        common["default"] = info.default
    if (row := row_type(info)) is not None:
        if not issubclass(row, Record) or info.json_schema_extra is None:
            return None
        del common["render_kw"]
        return Rows(FormField(form_for(row)), max_entries=flags["max_length"], **common)  # type: ignore[return-value]
    if issubclass(kind, Choice):
        return _choice(info, kind, common, pills=bool(extra.get("pills")))
    if flags["needed"]:
        # Never the native attribute: a row in which nothing was said may stay.
        common["render_kw"]["aria-required"] = "true"
    if issubclass(kind, str):
        # Not the native attribute: it cuts off pasted and dictated text without a word.
        common["render_kw"]["data-maxlength"] = flags["max_length"]
        if flags["min_length"]:
            common["render_kw"]["data-minlength"] = flags["min_length"]
        return (TextAreaField if extra.get("multiline") else StringField)(**common)  # type: ignore[return-value]
    if issubclass(kind, datetime):
        return DateTimeLocalField(format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **common)  # type: ignore[return-value]
    return PLAIN_FIELDS[kind](**common)  # type: ignore[no-any-return]


@cache
def form_for(
    record_class: type[Record], base: type[Form] = Form, leave_out: frozenset[str] = frozenset()
) -> type[Form]:
    """Derive the form that asks for a record; `leave_out` names what the page knows without asking."""
    fields: dict[str, Any] = {"record_class": record_class}
    for name, info in record_class.model_fields.items():
        if name not in leave_out and (field := _field(info)) is not None:
            fields[name] = field
    return type(f"{record_class.__name__}Form", (base,), fields)


def _typed(field: Field) -> object:
    """What stands in a field, as text: what was sent, else what the form was opened with."""
    if isinstance(field, BooleanField):
        return bool(field.data)
    if field.raw_data:
        return field.raw_data[0]
    if field.raw_data is not None or field.data is None:
        return ""
    if isinstance(field.data, date | time):
        return field.data.isoformat()
    return field.data.value if isinstance(field.data, Choice) else field.data


def is_untouched(form: Form) -> bool:
    """Whether nobody said anything in this row: such a row is left out, not refused."""
    for field in form:
        if isinstance(field, HiddenField):
            continue
        typed = _typed(field)
        blank = field.flags.blank
        if isinstance(typed, str):
            typed = typed.strip()
        if typed not in ("", False) and str(typed) != str(blank):
            return False
    return True


def said(form: Form, record_class: type[Record]) -> dict[str, Any]:
    """Collect what was typed under the record's names, unjudged; boxes that say nothing are left out."""
    body: dict[str, Any] = {}
    for name, info in record_class.model_fields.items():
        if name not in form:
            continue
        field = form[name]
        if isinstance(field, FieldList):
            row = cast("type[Record]", row_type(info))
            body[name] = [said(entry, row) for entry in spoken_rows(field)]
            continue
        typed = _typed(field)
        kind = kind_of(info)
        if field.raw_data == [] and kind is not bool:
            continue
        if typed == "" and (issubclass(kind, Choice) or not issubclass(kind, str | int)):
            continue
        # A browser sends line ends as CR LF; the phone stores LF.
        body[name] = typed.replace("\r\n", "\n") if isinstance(typed, str) else typed
    return body


def spoken_rows(field: FieldList[Any]) -> list[Form]:
    """Rows in which something was said."""
    return [entry.form for entry in field if not is_untouched(entry.form)]


def sentence(error: Mapping[str, Any], kind: type = str) -> str:
    """Say one pydantic error in one Vietnamese sentence."""
    context = error.get("ctx") or {}
    raised = context.get("error")
    if error["type"] == "value_error" and raised is not None:
        return gettext(raised.message if isinstance(raised, Rejected) else str(raised))
    if error["type"] == "string_too_short" and not str(error.get("input", "")).strip():
        return gettext(FILL_IN)
    if error["type"] == "missing" and issubclass(kind, Choice | UUID):
        return gettext(PICK_ONE)
    bounds = {name: value for name, value in context.items() if isinstance(value, int)}
    return gettext(SENTENCES.get(error["type"], UNREADABLE), **bounds)


def _find(form: Form, path: Collection[str | int]) -> Field | None:
    """Walk a pydantic path (``opinions``, 0, ``text``) to the field it means, as far as it leads."""
    found: Field | None = None
    where: Any = form
    for step in path:
        if isinstance(step, int):
            rows = spoken_rows(where) if isinstance(where, FieldList) else []
            if step >= len(rows):
                return found
            where = rows[step]
        elif isinstance(where, Form) and step in where:
            where = found = where[step]
        else:
            return found
    return found


def pin(form: Form, path: Collection[str | int], message: str) -> None:
    """Put a sentence at its field; one that belongs to no field of the form goes to the whole form."""
    field = _find(form, path)
    if field is None:
        form.form_errors.append(message)
    elif message not in field.errors:
        field.errors = [*field.errors, message]
    head = next(iter(path), None)
    top = form[head] if isinstance(head, str) and head in form else None
    if isinstance(top, FieldList) and top is not field:
        # The list knows that one of its rows has a fault, so that the summary above the form can link to it.
        top.errors = [*top.errors, {"row": message}]


def pin_all(
    form: Form, record_class: type[Record], refused: ValidationError, under: tuple[str | int, ...] = ()
) -> None:
    """Pin everything a record refused on the form's fields."""
    for error in refused.errors(include_url=False):
        raised = (error.get("ctx") or {}).get("error")
        path: tuple[str | int, ...] = under + (
            (*error["loc"], raised.field) if isinstance(raised, Rejected) else tuple(error["loc"])
        )
        pin(form, path, sentence(error, _kind_at(record_class, error["loc"])))


def _kind_at(record_class: type[Record], path: Collection[str | int]) -> type[Any]:
    kind: type[Any] = record_class
    for step in path:
        if isinstance(step, int):
            continue
        if not issubclass(kind, Record) or step not in kind.model_fields:
            return str
        info = kind.model_fields[step]
        kind = row_type(info) or kind_of(info)
    return kind


def body_from(form: Form, record_class: type[AnyRecord], **known: object) -> AnyRecord | None:
    """Read a submitted form through its record; None when the record refused, with the reasons on the fields.

    `known` is what the page knows without asking (ids).
    """
    if "csrf_token" in form and not form["csrf_token"].validate(form):
        form.form_errors.append(gettext("Trang mở đã lâu. Bấm lưu lần nữa."))
        return None
    try:
        return record_class.model_validate(said(form, record_class) | known)
    except ValidationError as refused:
        pin_all(form, record_class, refused)
        return None


class MintedForm(FlaskForm):
    """A form that makes something. Its id is minted when the form is opened: sent twice, it is made once."""

    new_id = HiddenField()

    @property
    def minted(self) -> UUID:
        """Return the id of what is made; a `bad_request` where the form does not come from our page."""
        try:
            return UUID(self.new_id.data or "")
        except ValueError as unreadable:
            raise Problem("bad_request") from unreadable
