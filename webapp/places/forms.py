"""Forms of the changes of the tree: what a person fills in, and the operation it makes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID, uuid5

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.form import BaseForm, Form
from wtforms.validators import Length, NumberRange, Optional, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.db import new_id
from webapp.forms import Needed
from webapp.i18n import either
from webapp.places.operations import (
    Close,
    Create,
    Join,
    Leave,
    Merge,
    Move,
    NewUnit,
    Operation,
    Part,
    Rename,
    Split,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.places.models import UnitType, UnitVersion

Choices = list[tuple[str, str]]
MOST_HOUSEHOLDS = 500
"""As many as the form of a meeting takes."""
PARTS = 4
"""The most parts a unit is divided into at once."""


def chosen(form: BaseForm, field: Field) -> None:  # noqa: ARG001 - as WTForms calls it
    """Refuse when nothing is ticked; not by `required`, which browsers would ask of every single box."""
    if not field.data:
        raise StopValidation(_("Cần điền mục này."))


_needed = Needed()
_short = Length(max=160)


class ChangeForm(FlaskForm):
    """What every change asks: from which day, and by which decision."""

    new_id = HiddenField()
    """Ids of what is made, minted when the form is opened: sent twice, it is made once."""
    on = DateField(_l("Có hiệu lực từ ngày"), validators=[_needed])
    basis = StringField(
        _l("Căn cứ"),
        description=_l("Số, ngày của nghị quyết hoặc quyết định."),
        validators=[_needed, Length(max=300)],
    )

    def minted(self, number: int = 0) -> UUID:
        """Return the id of the n-th unit that this form makes."""
        first = UUID(self.new_id.data or "")
        return uuid5(first, str(number)) if number else first

    def operation(self, kind: str, unit: UnitVersion) -> Operation:
        """Return the operation on `unit` that this form describes once it is valid."""
        raise NotImplementedError

    @property
    def day(self) -> date:
        """Return the first day on which the change holds."""
        return cast("date", self.on.data)


class NameForm(ChangeForm):
    """A unit's name, type and code."""

    name = StringField(_l("Tên đầy đủ"), validators=[_needed, _short], render_kw={"autocomplete": "off"})
    kind = SelectField(_l("Loại"))
    code = StringField(_l("Mã đơn vị hành chính"), validators=[Optional(), Length(max=16)])

    def made(self) -> NewUnit:
        """Return the unit this form makes."""
        return NewUnit(
            id=self.minted(),
            kind=self.kind.data or "",
            name=self.name.data or "",
            code=self.code.data or None,
        )


class CreateForm(NameForm):
    """A new unit below another."""

    def operation(self, kind: str, unit: UnitVersion) -> Operation:  # noqa: ARG002 - as of every form
        """Make a unit below this one."""
        return Create(on=self.day, unit=self.made(), parent=unit.unit_id)


class RenameForm(NameForm):
    """Another name for a unit."""

    def operation(self, kind: str, unit: UnitVersion) -> Operation:  # noqa: ARG002 - as of every form
        """Give the unit a name, type and code."""
        made = self.made()
        return Rename(on=self.day, unit=unit.unit_id, name=made.name, kind=made.kind, code=made.code)


class MoveForm(ChangeForm):
    """Another place for a unit."""

    parent = SelectField(_l("Đặt dưới"))

    def operation(self, kind: str, unit: UnitVersion) -> Operation:  # noqa: ARG002 - as of every form
        """Place the unit below another."""
        return Move(on=self.day, unit=unit.unit_id, parent=UUID(self.parent.data or ""))


class MergeForm(NameForm):
    """One unit of several neighbours."""

    sources = SelectMultipleField(
        _l("Nhập cùng"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[chosen],
    )

    def operation(self, kind: str, unit: UnitVersion) -> Operation:  # noqa: ARG002 - as of every form
        """Make one unit of this one and those chosen."""
        return Merge(
            on=self.day, sources=(unit.unit_id, *map(UUID, self.sources.data or [])), into=self.made()
        )


class PartForm(Form):
    """One part of a divided unit."""

    name = StringField(_l("Tên đầy đủ"), validators=[Optional(), _short], render_kw={"autocomplete": "off"})
    households = IntegerField(_l("Số hộ"), validators=[Optional(), NumberRange(min=0, max=1_000_000)])
    children = SelectMultipleField(
        _l("Gồm"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), validate_choice=False
    )


class SplitForm(ChangeForm):
    """Several units of one."""

    parts = FieldList(FormField(PartForm), min_entries=PARTS, max_entries=PARTS)

    def operation(self, kind: str, unit: UnitVersion) -> Operation:  # noqa: ARG002 - as of every form
        """Divide the unit into the parts that have a name."""
        said = [cast("Any", part).form for part in self.parts]
        parts = [
            Part(
                id=self.minted(number), kind=unit.type_code, name=part.name.data, households=part.households.data,
                children=tuple(UUID(child) for child in part.children.data or []),
            )
            for number, part in enumerate(said, 1) if part.name.data
        ]  # fmt: skip
        return Split(on=self.day, source=unit.unit_id, parts=tuple(parts))


class CloseForm(ChangeForm):
    """The end of a unit."""

    def operation(self, kind: str, unit: UnitVersion) -> Operation:  # noqa: ARG002 - as of every form
        """End the unit."""
        return Close(on=self.day, unit=unit.unit_id)


class OverlayForm(ChangeForm):
    """A unit's coming or going in an overlay."""

    overlay = SelectField(_l("Cụm"))

    def operation(self, kind: str, unit: UnitVersion) -> Operation:
        """Put the unit into the overlay, or take it out."""
        chosen = Join if kind == "join" else Leave
        return chosen(on=self.day, overlay=UUID(self.overlay.data or ""), unit=unit.unit_id)


class CountForm(FlaskForm):
    """How many households a group has, from a day on."""

    as_of = DateField(_l("Tính từ ngày"), validators=[_needed])
    households = IntegerField(_l("Số hộ"), validators=[_needed, NumberRange(min=1, max=MOST_HOUSEHOLDS)])
    source = StringField(
        _l("Nguồn"),
        description=_l("Ví dụ: rà soát tháng 11, sổ hộ khẩu của công an. Không ghi tên hộ."),
        validators=[_needed, Length(max=160)],
        render_kw={"autocomplete": "off"},
    )


class TypeNameForm(Form):
    """What one type of unit is called here."""

    code = HiddenField()
    label = StringField(_l("Tên gọi"), validators=[_needed, Length(max=80)])
    label_en = StringField(_l("Tên tiếng Anh"), validators=[_needed, Length(max=80)])


class TypeNamesForm(FlaskForm):
    """What the types of units are called here."""

    types = FieldList(FormField(TypeNameForm))

    def names(self) -> dict[str, tuple[str, str]]:
        """Return what was filled in, by the code of each type."""
        rows = [cast("Any", row).form for row in self.types]
        return {
            row.code.data: (" ".join(row.label.data.split()), " ".join(row.label_en.data.split()))
            for row in rows
        }


FORMS: dict[str, type[ChangeForm]] = {
    "create": CreateForm, "rename": RenameForm, "move": MoveForm, "merge": MergeForm, "split": SplitForm,
    "close": CloseForm, "join": OverlayForm, "leave": OverlayForm,
}  # fmt: skip


def titles() -> dict[str, str]:
    """Return what each change is called."""
    return {
        "create": _("Lập đơn vị mới"), "rename": _("Đổi tên, đổi loại"), "move": _("Chuyển sang nơi khác"),
        "merge": _("Nhập với đơn vị khác"), "split": _("Chia tách"), "close": _("Kết thúc hoạt động"),
        "join": _("Đưa vào cụm"), "leave": _("Đưa ra khỏi cụm"), "undo": _("Hoàn tác"),
        "import": _("Nhập danh mục chính thức"), "batch": _("Nhập từ bảng tính"),
    }  # fmt: skip


def form_for(
    kind: str,
    unit: UnitVersion,
    day: date,
    *,
    types: Sequence[UnitType],
    others: Sequence[UnitVersion],
    below: Sequence[UnitVersion],
) -> ChangeForm:
    """Return the form of a change: `types` it may have, `others` it may go to or with, and what is `below`."""
    form = FORMS[kind](data={"on": day, "new_id": str(new_id())} | _filled(kind, unit))
    offered: Choices = [(str(one.unit_id), one.name) for one in others]
    if isinstance(form, NameForm):
        form.kind.choices = [(one.code, either(one.label, one.label_en)) for one in types]
    if isinstance(form, MoveForm):
        form.parent.choices = offered
    if isinstance(form, MergeForm):
        form.sources.choices = offered
    if isinstance(form, OverlayForm):
        form.overlay.choices = offered
    if isinstance(form, SplitForm):
        for part in form.parts:
            cast("Any", part).form.children.choices = [(str(one.unit_id), one.name) for one in below]
    return form


def _filled(kind: str, unit: UnitVersion) -> dict[str, Any]:
    if kind == "rename":
        return {"name": unit.name, "kind": unit.type_code, "code": unit.official_code or ""}
    return {"kind": unit.type_code} if kind in ("merge", "split") else {}
