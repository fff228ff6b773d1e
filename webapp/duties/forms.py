"""The forms by which windows and duties are decided."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, MonthField, SelectField, StringField
from wtforms.validators import Length, NumberRange

from webapp.duties.actions import DutyFacts, WindowFacts
from webapp.duties.rules import WINDOWED, MeetingType, Period
from webapp.forms import MintedForm, Needed, as_id
from webapp.i18n import either

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.accounts.models import Role
    from webapp.duties.queries import Place

LAST_DAY = 31
MOST = 10
_needed = Needed()


class DecisionForm(MintedForm):
    """What every decision says: for which place, of which meetings, from which month, by which document."""

    unit_id = SelectField(_l("Áp dụng cho"), coerce=as_id)
    meeting_type = SelectField(_l("Cuộc họp"))
    valid_from = MonthField(_l("Từ tháng"), validators=[_needed])
    basis = StringField(
        _l("Căn cứ"),
        description=_l("Số, ngày, cơ quan ban hành văn bản."),
        validators=[_needed, Length(max=300)],
    )

    def offer(self, places: Sequence[Place]) -> None:
        """Fill the lists to choose from."""
        self.unit_id.choices = [
            (str(one.id), f"{one.name} ({either(one.label, one.label_en)})") for one in places
        ]
        self.meeting_type.choices = [(kind.value, _(kind.label)) for kind in WINDOWED]

    @property
    def kind(self) -> MeetingType:
        """Return the kind of meeting chosen."""
        return MeetingType(self.meeting_type.data)

    @property
    def start(self) -> date:
        """Return the first day of the month from which it holds."""
        return cast("date", self.valid_from.data)


class WindowForm(DecisionForm):
    """Days of the month that are kept for a kind of meeting."""

    first_day = IntegerField(_l("Từ ngày"), validators=[_needed, NumberRange(1, LAST_DAY)])
    last_day = IntegerField(_l("Đến ngày"), validators=[_needed, NumberRange(1, LAST_DAY)])

    def facts(self) -> WindowFacts:
        """Return what was filled in."""
        return WindowFacts(
            self.unit_id.data, self.kind, self.first_day.data or 1, self.last_day.data or 1, self.start,
            " ".join((self.basis.data or "").split()),
        )  # fmt: skip


class DutyForm(DecisionForm):
    """How many meetings somebody in a role attends."""

    role_code = SelectField(_l("Vai trò"))
    min_count = IntegerField(
        _l("Ít nhất"),
        description=_l("0 là không giao chỉ tiêu."),
        validators=[NumberRange(0, MOST)],
    )
    period = SelectField(_l("Trong mỗi"))
    for_each = SelectField(_l("Tính theo"))

    def offer(self, places: Sequence[Place]) -> None:
        """Fill the lists to choose from."""
        super().offer(places)
        self.period.choices = [(one.value, _(one.label)) for one in Period]
        self.for_each.choices = [("", _("Tất cả nơi theo dõi")), ("each", _("Từng nơi theo dõi"))]

    def offer_roles(self, roles: Sequence[Role]) -> None:
        """Fill the list of roles."""
        self.role_code.choices = [(role.code, either(role.label, role.label_en)) for role in roles]

    def facts(self) -> DutyFacts:
        """Return what was filled in."""
        return DutyFacts(
            self.unit_id.data, self.role_code.data, self.kind, self.min_count.data or 0,
            self.for_each.data == "each", Period(self.period.data), self.start,
            " ".join((self.basis.data or "").split()),
        )  # fmt: skip
