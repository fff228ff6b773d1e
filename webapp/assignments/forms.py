"""Forms of the deeds on assignments: what a person fills in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, cast
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from webapp.assignments.actions import Decision
from webapp.assignments.rules import EndReason
from webapp.forms import MintedForm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from webapp.accounts.models import Role
    from webapp.assignments.queries import Candidate

_needed = InputRequired(_l("Cần điền mục này."))


class DeedForm(MintedForm):
    """What every deed asks: from which day, and by which decision."""

    """The id of what begins, minted when the form is opened: sent twice, it is done once."""
    on = DateField(_l("Có hiệu lực từ ngày"), validators=[_needed])
    number = StringField(
        _l("Số quyết định"), validators=[_needed, Length(max=80)], render_kw={"autocomplete": "off"}
    )
    decided_on = DateField(_l("Ngày quyết định"), validators=[Optional()])

    @property
    def day(self) -> date:
        """Return the first day on which it is so."""
        return cast("date", self.on.data)

    @property
    def decision(self) -> Decision:
        """Return the decision that orders it."""
        return Decision((self.number.data or "").strip(), self.decided_on.data)


class PersonForm(DeedForm):
    """A deed that names somebody to be assigned."""

    officer_id = SelectField(_l("Cán bộ"), validators=[_needed])

    def offer_people(self, people: Iterable[Candidate]) -> None:
        """Fill the list of people, each with how many places they follow already."""
        self.officer_id.choices = [("", _("Chọn…"))] + [
            (str(one.id), f"{one.name}, {one.title} ({one.home or '–'}; {_('đang giữ %(n)s', n=one.places)})")
            for one in people
        ]

    @property
    def officer(self) -> UUID:
        """Return who was chosen."""
        return UUID(self.officer_id.data or "")


class AssignForm(PersonForm):
    """Somebody begins to hold a role at a place."""

    role = SelectField(_l("Vai trò"))
    standing = RadioField(_l("Làm"), default="primary")
    until = DateField(_l("Đến hết ngày trước"), validators=[Optional()])

    def offer_roles(self, roles: Iterable[Role], *, vietnamese: bool) -> None:
        """Fill the lists of roles and standings."""
        self.role.choices = [(role.code, role.label if vietnamese else role.label_en) for role in roles]
        self.standing.choices = standings()


class _EndedForm(DeedForm):
    why = SelectField(_l("Lý do"))
    words = StringField(
        _l("Ghi thêm"), validators=[Optional(), Length(max=120)], render_kw={"autocomplete": "off"}
    )

    def offer_reasons(self) -> None:
        """Fill the list of reasons."""
        self.why.choices = [(one.value, _(one.label)) for one in EndReason]

    @property
    def reason(self) -> str:
        """Return why it ends, as it is stored."""
        return ": ".join(
            part for part in (EndReason(self.why.data).label, (self.words.data or "").strip()) if part
        )


class EndForm(_EndedForm):
    """Somebody ceases to hold a role."""


class ReplaceForm(PersonForm, _EndedForm):
    """Somebody holds from a day on what another held."""


class TurnForm(DeedForm):
    """A deputy is put in charge, or the other way round."""


class ExemptForm(DeedForm):
    """Somebody is not to be assigned for a while."""

    until = DateField(_l("Đến hết ngày trước"), validators=[Optional()])
    reason = StringField(_l("Lý do miễn"), validators=[_needed, Length(max=200)])


class LineForm(FlaskForm):
    """How many places of a tier one person should be in charge of at most."""

    most = IntegerField(_l("Nhiều nhất mỗi người"), validators=[_needed, NumberRange(min=1, max=1000)])
    basis = StringField(_l("Căn cứ"), validators=[Optional(), Length(max=200)])


def standings() -> list[tuple[str, str]]:
    """Return what somebody may be at a place."""
    return [("primary", _("Phụ trách chính")), ("deputy", _("Phó"))]
