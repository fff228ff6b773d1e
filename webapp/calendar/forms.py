"""The form of a planned meeting."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, cast
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TimeField,
)
from wtforms.validators import Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from webapp import clock
from webapp.calendar.actions import PlanFacts
from webapp.calendar.rules import DEFAULT_MINUTES, LONGEST, SHORTEST
from webapp.duties.rules import MeetingType
from webapp.forms import MintedForm, Needed, as_id
from webapp.i18n import either

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from webapp.calendar.attending import Attendee
    from webapp.calendar.models import PlannedMeeting
    from webapp.calendar.queries import Place

_needed = Needed()


class PlanForm(MintedForm):
    """A meeting as an office puts it into the calendar."""

    meeting_type = SelectField(_l("Cuộc họp"))
    unit_id = SelectField(_l("Của đơn vị"), coerce=as_id)
    day = DateField(_l("Ngày"), validators=[_needed])
    start = TimeField(_l("Bắt đầu"), validators=[_needed])
    minutes = IntegerField(
        _l("Dự kiến"), default=DEFAULT_MINUTES, validators=[_needed, NumberRange(SHORTEST, LONGEST)]
    )
    place = StringField(
        _l("Nơi họp"),
        description=_l("Hiện trên lịch công khai: ghi nơi chốn, không ghi tên người."),
        validators=[Length(max=120)],
    )
    subject = StringField(
        _l("Nội dung"),
        description=_l("Chỉ người trong hệ thống thấy. Không ghi tên người dân."),
        validators=[Length(max=160)],
    )
    attendees = SelectMultipleField(
        _l("Ai dự"), coerce=as_id, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    is_public = BooleanField(_l("Đưa lên lịch công khai (chỉ vai trò và nơi họp)"))

    def offer(self, places: Sequence[Place], people: Sequence[Attendee]) -> None:
        """Fill the lists to choose from."""
        self.meeting_type.choices = [(kind.value, _(kind.label)) for kind in MeetingType]
        self.unit_id.choices = [(str(one.id), _place(one)) for one in places]
        self.attendees.choices = [(str(one.id), f"{one.name}, {one.title}") for one in people]

    def facts(self) -> PlanFacts:
        """Return what was filled in."""
        starts = datetime.combine(self.day.data, self.start.data or time(), clock.LOCAL_ZONE)  # type: ignore[arg-type]
        return PlanFacts(
            self.unit_id.data, MeetingType(self.meeting_type.data), starts, self.minutes.data or DEFAULT_MINUTES,
            _tidy(self.place.data), _tidy(self.subject.data), bool(self.is_public.data),
            frozenset(cast("list[UUID]", self.attendees.data or [])),
        )  # fmt: skip


def opened_with(found: PlannedMeeting, attendees: Collection[UUID]) -> dict[str, object]:
    """Return what the form of a planned meeting is filled with."""
    local = clock.local(found.starts_at)
    return {
        "meeting_type": found.meeting_type, "unit_id": found.unit_id, "day": local.date(), "start": local.time(),
        "minutes": found.minutes, "place": found.place, "subject": found.subject, "is_public": found.is_public,
        "attendees": list(attendees), "new_id": str(found.id),
    }  # fmt: skip


def _place(one: Place) -> str:
    label = either(one.label, one.label_en)
    return f"{one.name} ({label}{', ' + one.parent if one.parent else ''})"


def _tidy(text: str | None) -> str:
    return " ".join((text or "").split())
