"""What people choose of a file: what each sheet holds, where its header stands, which column says what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from webapp.people.rules import KINDS
from webapp.sheets.columns import Headers, Kind, Part, Tier
from webapp.sheets.layout import Layout

LEFT_OUT = "-"


class DefaultsForm(FlaskForm):
    """What holds where a row says nothing."""

    day = DateField(
        _l("Ngày, khi dòng không ghi"),
        description=_l("Ngày lập đơn vị, ngày tính số hộ, ngày bắt đầu phân công."),
        validators=[InputRequired(_l("Cần điền mục này."))],
    )
    basis = StringField(
        _l("Căn cứ"), description=_l("Quyết định hay công văn kèm danh sách."), validators=[Length(max=300)]
    )
    person_kind = SelectField(_l("Thuộc diện, khi dòng không ghi"))

    def offer(self) -> None:
        """Fill the list to choose from."""
        self.person_kind.choices = [(code, _(label)) for code, label in KINDS]


def kind_choices() -> list[tuple[str, str]]:
    """Return what a sheet may hold."""
    return [*((kind.value, _(kind.label)) for kind in Kind), (LEFT_OUT, _("Không nhập trang này"))]


def column_choices(kind: Kind, tiers: Sequence[Tier]) -> list[tuple[str, str]]:
    """Return what a column of such a sheet may say."""
    return [
        (LEFT_OUT, _("Không dùng cột này")),
        *((one.code, _(one.label)) for one in Headers(kind, tiers).columns),
    ]


def offered(part: Part) -> str:
    """Say for what the columns of a sheet are offered: its kind, and where its header stands."""
    return f"{part.kind.value}:{part.header}" if part.kind else LEFT_OUT


def chosen_kind(form: Mapping[str, str], number: int) -> Kind | None:
    """Return what somebody says a sheet holds."""
    said = form.get(f"kind-{number}", LEFT_OUT)
    return Kind(said) if said in Kind._value2member_map_ else None


def chosen_header(form: Mapping[str, str], part: Part) -> int:
    """Return where somebody says the header stands."""
    said = form.get(f"header-{part.sheet}", "")
    return int(said) if said.isdecimal() and 0 < int(said) <= 50 else part.header  # noqa: PLR2004 - near the top


def chosen_columns(
    form: Mapping[str, str], part: Part, tiers: Sequence[Tier]
) -> tuple[dict[int, str], list[str]]:
    """Return which column says what, and the labels of what two columns would say."""
    if part.kind is None:
        return {}, []
    labels = {one.code: one.label for one in Headers(part.kind, tiers).columns}
    columns: dict[int, str] = {}
    twice = []
    for number in range(len(part.headers)):
        code = form.get(f"column-{part.sheet}-{number}", LEFT_OUT)
        if code in columns.values():
            twice.append(_(labels[code]))
        elif code in labels:
            columns[number] = code
    return columns, twice


def problems(
    chosen: Layout, tiers: Sequence[Tier], twice: Mapping[int, Sequence[str]]
) -> dict[int, list[str]]:
    """Say, for each sheet, what is still to be chosen."""
    found: dict[int, list[str]] = {}
    for part in chosen.parts:
        if part.kind is None:
            continue
        lacking = Headers(part.kind, tiers).lacking(part.columns.values())
        said = [_("Chưa chọn cột nào cho “%(column)s”.", column=_(one.label)) for one in lacking]
        said += [
            _("Hai cột cùng được chọn là “%(column)s”.", column=one) for one in twice.get(part.sheet, ())
        ]
        if said:
            found[part.sheet] = said
    if not any(part.kind for part in chosen.parts):
        found[-1] = [_("Chưa có trang nào để nhập.")]
    return found
