"""The frame of the desk: which pages somebody finds in the side bar."""

from __future__ import annotations

from collections.abc import Callable

from flask import url_for
from flask_babel import gettext as _

from webapp import clock
from webapp.accounts.rules import Actor
from webapp.accounts.session import current_actor
from webapp.permissions import Permission

Count = Callable[[Actor], int]
_counts: dict[str, Count] = {}


def register_count(key: str, count: Count) -> None:
    """Let a capability say how many things wait behind its entry of the menu."""
    _counts[key] = count


def _counted(key: str, label: str, actor: Actor) -> str:
    """Return the words of a menu entry, with how many things wait behind it, if any do."""
    number = _counts[key](actor) if key in _counts else 0
    return f"{label} ({number})" if number else label


PETITIONS = (
    Permission.READ_MEETING, Permission.RECORD_MEETING, Permission.HANDLE_PETITION, Permission.READ_ESCALATED,
)  # fmt: skip
"""Whoever may do one of these somewhere sees petitions."""


def around() -> dict[str, object]:
    """Give the desk's frame its menu and the person's name; a context processor of every blueprint at the desk."""
    actor = current_actor()
    if actor is None:
        return {"desk_nav": [], "current_user": None}
    today = clock.today()
    menu = []
    if actor.may(Permission.READ_MEETING, today):
        menu += [
            ("review", url_for("review.queue"), "check-circle", _("Rà soát")),
            ("quarantine", url_for("review.quarantine"), "alert", _("Đang giữ lại")),
            ("reports", url_for("reports.month"), "calendar", _("Số liệu tháng")),
        ]
        flash_reports = _counted("flash_reports", _("Báo nhanh"), actor)
        menu.insert(0, ("flash_reports", url_for("flash_reports.everything"), "send", flash_reports))
    if any(actor.may(one, today) for one in PETITIONS):
        at = 2 if menu else 0
        menu.insert(at, ("petitions", url_for("petitions.everything"), "speech", _("Kiến nghị")))
    if actor.may(Permission.READ_MEETING, today):
        menu.append(("bulletins", url_for("bulletins.pack"), "megaphone", _("Bản tin tháng")))
    if actor.may(Permission.READ_PLACES, today):
        menu.append(("calendar", url_for("calendar.desk"), "today", _("Lịch công tác")))
        menu.append(("places", url_for("places.tree"), "pin", _("Địa bàn")))
        menu.append(("assignments", url_for("assignments.board"), "flag", _("Phân công")))
    if actor.may(Permission.ADMINISTER, today):
        menu.append(("people", url_for("people.everybody"), "people", _("Con người")))
        menu.append(("sheets", url_for("sheets.page"), "table", _("Nhập bảng tính")))
    menu.append(("rescue", url_for("rescue.page"), "document", _("Nộp tệp dự phòng")))
    if actor.may(Permission.RECORD_MEETING, today):
        menu.append(("notebook", "/notebook/", "book", _("Sổ tay của tôi")))
    return {"desk_nav": menu, "current_user": {"full_name": actor.name}}
