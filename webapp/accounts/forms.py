"""The sign-in form."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):
    """Phone number or code, and password."""

    identifier = StringField(
        _l("Số điện thoại hoặc mã cán bộ"),
        validators=[InputRequired(_l("Nhập số điện thoại hoặc mã cán bộ.")), Length(max=60)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Mật khẩu"),
        validators=[InputRequired(_l("Nhập mật khẩu.")), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )
