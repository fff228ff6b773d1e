"""The form in which an item of a bulletin is composed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    MonthField,
    MultipleFileField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.bulletins import rules
from webapp.bulletins.actions import ItemFacts
from webapp.forms import MintedForm, Needed, as_id
from webapp.i18n import either

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from webapp.bulletins.models import BulletinItem
    from webapp.bulletins.queries import Place
    from webapp.bulletins.rules import Attached, Item
    from webapp.places.models import UnitType

_needed = Needed()


class ItemForm(MintedForm):
    """One item as it is composed."""

    month = MonthField(_l("Bản tin của tháng"), validators=[_needed])
    title = StringField(
        _l("Tiêu đề"),
        description=_l("Một câu, như sẽ ghi vào phiếu họp."),
        validators=[_needed, Length(max=rules.MAX_TITLE)],
    )
    text = TextAreaField(
        _l("Nội dung để đọc cho bà con"),
        description=_l("Viết như nói, nhiều nhất 1.500 chữ cái. Không ghi tên người dân."),
        validators=[_needed, Length(max=rules.MAX_TEXT)],
    )
    is_pinned = BooleanField(
        _l("Ghim: nội dung trọng tâm"), description=_l("Mỗi tháng nhiều nhất 5 nội dung được ghim.")
    )
    places = SelectMultipleField(
        _l("Chỉ gửi những nơi này"), description=_l("Không chọn nơi nào là gửi cả địa bàn."), coerce=as_id
    )
    """Asked place by place, by the page itself."""
    kinds = SelectMultipleField(
        _l("Chỉ gửi loại địa bàn này"), description=_l("Không chọn loại nào là gửi mọi loại."),
        option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False),
    )  # fmt: skip

    kept = SelectMultipleField(
        _l("Tệp đang kèm theo"), description=_l("Bỏ chọn là bỏ tệp."),
        option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False),
    )  # fmt: skip
    files = MultipleFileField(
        _l("Kèm ảnh hoặc tệp PDF"),
        description=_l(
            "Nhiều nhất 2 tệp, mỗi tệp 150 kB, để máy ở nơi sóng yếu cũng tải được. Ảnh lớn được thu nhỏ."
        ),
    )
    """Pictures are made small by the page itself where it has scripts."""

    def offer(self, places: Sequence[Place], kinds: Sequence[UnitType], kept: Sequence[Attached]) -> None:
        """Fill the lists to choose from."""
        self.kept.choices = [(file.sha256, file.name) for file in kept]
        self.places.choices = [
            choice
            for place in places
            for choice in [
                (str(place.id), place.name),
                *((str(one), f"{place.name} › {name}") for one, name in place.below),
            ]
        ]
        self.kinds.choices = [(kind.code, either(kind.label, kind.label_en)) for kind in kinds]

    def validate_files(self, field: MultipleFileField) -> None:
        """Read what was chosen: files of a kind and size that phones take, and not too many."""
        self.added: dict[Attached, bytes] = {}
        for chosen in field.data or ():
            if not chosen or not chosen.filename:
                continue
            data = chosen.read(rules.MAX_ATTACHMENT_BYTES + 1)
            if len(data) > rules.MAX_ATTACHMENT_BYTES:
                raise ValidationError(
                    _("Tệp “%(name)s” lớn hơn 150 kB; thu nhỏ rồi chọn lại.", name=chosen.filename)
                )
            file = rules.attached(chosen.filename, data)
            if file is None:
                raise ValidationError(
                    _("Tệp “%(name)s” không phải ảnh hay PDF; chọn tệp khác.", name=chosen.filename)
                )
            self.added[file] = data
        if len({*(self.kept.data or ()), *(file.sha256 for file in self.added)}) > rules.MAX_ATTACHMENTS:
            raise ValidationError(_("Mỗi nội dung kèm nhiều nhất 2 tệp; bỏ bớt một tệp."))

    def facts(self, unit_id: UUID) -> ItemFacts:
        """Return what was filled in."""
        text = (self.text.data or "").replace("\r\n", "\n").strip()
        return ItemFacts(
            unit_id, cast("date", self.month.data), " ".join((self.title.data or "").split()), text,
            bool(self.is_pinned.data), frozenset(self.places.data or ()), frozenset(self.kinds.data or ()),
            frozenset(self.kept.data or ()), self.added,
        )  # fmt: skip


def opened_with(found: BulletinItem, item: Item, files: Sequence[Attached]) -> dict[str, object]:
    """Return what the form of a draft is filled with."""
    return {
        "new_id": str(found.id), "month": found.month, "title": found.title, "text": found.text,
        "is_pinned": found.is_pinned, "places": sorted(item.audience.places - {found.unit_id}),
        "kinds": sorted(item.audience.kinds), "kept": [file.sha256 for file in files],
    }  # fmt: skip
