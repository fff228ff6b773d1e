"""The form of a flash report, and that of the channel a matter is sent to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext
from wtforms import DateTimeLocalField, Form, HiddenField, SelectField

from webapp.fields import N_
from webapp.flash_reports.records import FlashReport
from webapp.forms import Asked, form_for
from webapp.petitions.records import Redirection

if TYPE_CHECKING:
    Questions = Form
    RedirectionQuestions = Form
else:
    Questions = form_for(FlashReport, leave_out=frozenset({"unit_id"}))
    RedirectionQuestions = form_for(Redirection)


class FlashForm(Questions):
    """The four questions of a flash report, and when its author learned of it."""

    unit_id = SelectField(
        lazy_gettext(N_("Tổ nào?")), choices=[], validate_choice=False,
        validators=[Asked(FlashReport.model_fields["unit_id"])], render_kw={"aria-required": "true"},
    )  # fmt: skip
    learned_at = DateTimeLocalField(lazy_gettext(N_("Đồng chí biết lúc nào?")), format="%Y-%m-%dT%H:%M")
    id = HiddenField()


class RedirectionForm(RedirectionQuestions):
    """Where a matter belongs that is no flash report."""
