"""The form that asks for one petition inside a meeting's form, and those of the steps after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import Form, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs know WTForms 3.2

from webapp.forms import CHOOSE, form_for
from webapp.petitions.records import Petition
from webapp.petitions.rules import SAYS, Deed

if TYPE_CHECKING:
    Questions = Form
else:
    Questions = form_for(Petition, leave_out=frozenset({"unit_id", "meeting_id"}))


class PetitionRow(Questions):
    """A petition among those raised at a meeting; it remembers the record it stands for."""

    id = HiddenField()
    rev = HiddenField()


def step_form(
    deed: Deed,
    choices: Mapping[str, Sequence[tuple[str, str]]],
    data: MultiDict[str, str] | None,
    **known: object,
) -> Form:
    """Return the form of one deed; `choices` are the units or petitions to choose from, `known` what it begins with."""
    lists = {
        name: SelectField(
            lazy_gettext(str(info.title)),
            description=lazy_gettext(info.description) if info.description else "",
            choices=[SelectChoice(*one) for one in (("", gettext(CHOOSE)), *choices.get(name, ()))],
        )
        for name, info in SAYS[deed].model_fields.items()
        if name in ("unit_id", "other_id")
    }
    base = form_for(SAYS[deed], leave_out=frozenset(lists))
    # Every form of a page has its own names for its fields' ids: labels must not lead to another form.
    made: Form = type(f"{deed}Form", (base,), lists)(formdata=data, data=known)
    for field in made:
        field.id = f"{deed}-{field.name}"
        field.label.field_id = field.id
    return made


def has_something_to_choose(form: Form) -> bool:
    """Say whether every list of a form offers something: a step to nobody is none."""
    return all(len(field.choices or ()) > 1 for field in form if isinstance(field, SelectField))
