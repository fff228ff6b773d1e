"""The form of a replacement with what becomes of the entries that are open."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.assignments.forms import ReplaceForm


class SettlingForm(ReplaceForm):
    """A replacement, and the entries handed over with it; what is not ticked the old holder sends."""

    entries = SelectMultipleField(
        _l("Phiếu chưa xong giao cho người mới"),
        description=_l(
            "Phiếu không chọn thì người cũ bổ sung và gửi, hoặc xuất ra lưu hồ sơ ở trang bàn giao."
        ),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
