"""The forms of the notebook: a meeting with the petitions raised there, and a withdrawal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast
from uuid import UUID

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from pydantic import ValidationError
from wtforms import Form, FormField, HiddenField, SelectField

from webapp.errors import Problem
from webapp.fields import N_
from webapp.forms import Asked, Rows, body_from, form_for, pin_all, said, spoken_rows
from webapp.meetings.records import MAX_ITEMS, Meeting, Withdrawal
from webapp.petitions.forms import PetitionRow
from webapp.petitions.records import Petition

if TYPE_CHECKING:
    Questions = FlaskForm
    WithdrawalQuestions = FlaskForm
else:
    Questions = form_for(Meeting, base=FlaskForm, leave_out=frozenset({"unit_id"}))
    WithdrawalQuestions = form_for(Withdrawal, base=FlaskForm)


class MeetingForm(Questions):
    """Everything asked about one meeting, in one form."""

    unit_id = SelectField(
        lazy_gettext(N_("Tổ nào?")),
        choices=[],
        validate_choice=False,
        validators=[Asked(Meeting.model_fields["unit_id"])],
        render_kw={"aria-required": "true"},
    )
    id = HiddenField()
    base_rev = HiddenField()
    opened = HiddenField()
    """When and as what the form was opened: the same form sent twice is one operation."""
    author = HiddenField()
    """For whom it was opened: two people may share a browser."""
    petitions = Rows(FormField(PetitionRow), lazy_gettext(N_("Kiến nghị của bà con")), max_entries=MAX_ITEMS)


class WithdrawalForm(WithdrawalQuestions):
    """Why an entry is taken back."""

    opened = HiddenField()


class ChoiceForm(FlaskForm):
    """Which of the versions on the page stands."""

    opened = HiddenField()
    base_rev = HiddenField()
    version = HiddenField()
    settles = HiddenField()
    """All second versions on the page: these are decided, and none that came since."""


class Entry(NamedTuple):
    """What one form says: the meeting, and the petitions raised there by their ids."""

    meeting: Meeting
    petitions: dict[UUID, Petition]


def blank_form(**opened_with: Any) -> MeetingForm:  # noqa: ANN401 - WTForms takes data of any type
    """Make the form of a page that is the same for everybody: no token, no session, nothing submitted."""
    return MeetingForm(formdata=None, meta={"csrf": False}, **opened_with)


def entry_from(form: MeetingForm) -> Entry | None:
    """Read a submitted form; None when something was refused, with the reasons on the fields."""
    unit_id = form.unit_id.data or None
    petitions: dict[UUID, Petition] = {}
    refused = False
    for index, row in enumerate(spoken_rows(form.petitions)):
        known = {"unit_id": unit_id, "meeting_id": form.id.data or None}
        try:
            petition = Petition.model_validate(said(row, Petition) | known)
            petitions[_id_of(row)] = petition
        except ValidationError as error:
            refused = True
            pin_all(form, Petition, error, under=("petitions", index))
    meeting = body_from(form, Meeting, petition_ids=list(petitions))
    if meeting is None or refused:
        return None
    return Entry(meeting, petitions)


def _id_of(row: Form) -> UUID:
    try:
        return UUID(cast("str", row["id"].data))
    except ValueError:
        raise Problem("bad_request") from None
