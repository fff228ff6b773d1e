"""The form at the desk by which a passage, or a field as a whole, is masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import Form, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs know WTForms 3.2

from webapp.describe import describe
from webapp.fields import Record
from webapp.forms import form_for
from webapp.redaction.records import Redacting
from webapp.redaction.rules import texts_of

if TYPE_CHECKING:
    Questions = Form
else:
    Questions = form_for(Redacting, leave_out=frozenset({"field"}))


class RedactionForm(Questions):
    """Which passage, or which field, and why."""

    field = SelectField(lazy_gettext("Che cả mục"), default="")


def redaction_form(record: Record, data: MultiDict[str, Any] | None = None) -> Form:
    """Return the form for a record: what is free text in it can be masked as a whole."""
    form: Any = RedactionForm(data)
    written = texts_of(type(record), record.model_dump(mode="json"))
    offered = [
        SelectChoice(line.path, line.label)
        for line in describe(record)
        if any(f"{path}.".startswith(f"{line.path}.") for path in written)
    ]
    form["field"].choices = [SelectChoice("", gettext("Không, chỉ che đoạn trên")), *offered]
    for field in form:  # a page has other forms, and labels must not lead to them
        field.id = f"redact-{field.name}"
        field.label.field_id = field.id
    return cast("Form", form)
