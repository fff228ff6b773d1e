"""The forms of a person and of an activation."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from webapp.accounts.rules import MIN_PASSWORD
from webapp.forms import MintedForm
from webapp.people.actions import PersonFacts
from webapp.people.rules import KINDS

_needed = InputRequired(_l("Cần điền mục này."))


class PersonForm(MintedForm):
    """Somebody who works in the system. Residents are never kept."""

    full_name = StringField(_l("Họ và tên"), validators=[_needed, Length(max=120)])
    title = StringField(_l("Chức danh"), validators=[_needed, Length(max=160)])
    kind = SelectField(_l("Thuộc diện"))
    home_unit_id = SelectField(
        _l("Đơn vị"), coerce=lambda value: value if isinstance(value, UUID) else UUID(value)
    )
    code = StringField(
        _l("Mã cán bộ"),
        description=_l("Dùng để đăng nhập khi không nhớ số điện thoại."),
        validators=[_needed, Length(max=40)],
    )
    phone = StringField(
        _l("Số điện thoại"),
        validators=[Length(max=16)],
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )

    def offer(self, units: list[tuple[UUID, str]]) -> None:
        """Fill the lists to choose from."""
        self.kind.choices = [(code, _(label)) for code, label in KINDS]
        self.home_unit_id.choices = [(str(unit_id), name) for unit_id, name in units]

    def facts(self) -> PersonFacts:
        """Return what was filled in."""
        return PersonFacts(
            " ".join((self.full_name.data or "").split()), " ".join((self.title.data or "").split()),
            self.kind.data, self.home_unit_id.data, self.code.data or "", self.phone.data or "",
        )  # fmt: skip


class ActivationForm(FlaskForm):
    """A code from a slip, and the password its owner chooses."""

    code = StringField(
        _l("Mã kích hoạt trên phiếu"),
        validators=[_needed, Length(max=20)],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Mật khẩu mới"),
        description=_l("Ít nhất 8 chữ hoặc số, dễ nhớ với mình, khó đoán với người khác."),
        validators=[
            _needed,
            Length(min=MIN_PASSWORD, max=200, message=_l("Mật khẩu cần ít nhất 8 chữ hoặc số.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("Nhập lại mật khẩu"),
        validators=[EqualTo("password", _l("Hai lần nhập chưa giống nhau."))],
        render_kw={"autocomplete": "new-password"},
    )
