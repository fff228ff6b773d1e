"""The notebook: pages that the phone keeps, and the plain way for browsers without JavaScript."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response as BaseResponse

from webapp import clock
from webapp.accounts.queries import contacts_at
from webapp.accounts.rules import Actor
from webapp.accounts.session import requires, signed_in
from webapp.bulletins.models import BulletinItem
from webapp.bulletins.queries import due_for
from webapp.db import new_id
from webapp.duties.queries import group_stages
from webapp.errors import CATALOGUE, Problem
from webapp.extensions import csrf
from webapp.forms import body_from
from webapp.meetings import plain, queries
from webapp.meetings.forms import ChoiceForm, MeetingForm, WithdrawalForm, blank_form, entry_from
from webapp.meetings.models import MeetingEntry
from webapp.meetings.records import MAX_PHOTOS, Withdrawal
from webapp.meetings.sync_handler import summary
from webapp.permissions import Permission
from webapp.petitions.models import PetitionRecord
from webapp.petitions.queries import Answer, owed_to
from webapp.places.queries import counts_of, types
from webapp.pwa import register_shell, render_shell
from webapp.sync.actions import submit
from webapp.sync.incoming import Outcome
from webapp.sync.registry import add_to
from webapp.sync.routes import overloaded
from webapp.sync.rules import QUARANTINED, RETRY, WITHDRAWN

blueprint = Blueprint("notebook", __name__, url_prefix="/notebook")
blueprint.register_error_handler(OperationalError, overloaded)

SHOWN = timedelta(days=366)
"""How far back the plain way lists entries."""

SHELLS = {
    "/": "today",
    "/record": "record",
    "/entry": "entry",
    "/group": "group",
    "/agenda": "agenda",
    "/groups": "groups",
    "/device": "device",
}
"""The pages the phone keeps, and their templates. They are the same for everybody and know nobody."""


def _shell(path: str, name: str) -> Callable[[], Response]:
    def show() -> Response:
        return render_shell(f"meetings/{name}.html", form=blank_form(), max_photos=MAX_PHOTOS)

    show.__doc__ = f"Show the page of the notebook at {path}."
    return show


for _path, _name in SHELLS.items():
    blueprint.add_url_rule(_path, _name, _shell(_path, _name))
    register_shell(f"/notebook{_path}")


@blueprint.get("/plain/")
@requires(Permission.RECORD_MEETING)
def plain_list() -> str:
    """List my groups with what they have this month, and the entries of the past year."""
    actor, today = signed_in(), clock.today()
    groups = queries.my_groups(actor, today)
    entries = queries.entries_of(actor, [unit.id for unit in groups], today - SHOWN)
    this_month = {
        entry.unit_id: entry
        for entry in reversed(entries)
        if _in_month(entry, today) and entry.state != WITHDRAWN
    }
    return render_template(
        "meetings/plain.html",
        groups=groups,
        entries=entries,
        this_month=this_month,
        stages=group_stages([unit.id for unit in groups], today),
        group_names={unit.id: unit.name for unit in groups},
    )


def _in_month(entry: MeetingEntry, day: date) -> bool:
    return (entry.meeting_date.year, entry.meeting_date.month) == (day.year, day.month)


@blueprint.get("/plain/groups/<uuid:unit_id>")
@requires(Permission.RECORD_MEETING)
def plain_group(unit_id: UUID) -> str:
    """Show one of my groups: how many households it has, and who else follows it at every tier."""
    actor, today = signed_in(), clock.today()
    group = next((unit for unit in queries.my_groups(actor, today) if unit.id == unit_id), None)
    if group is None:
        raise Problem("not_found")
    others = [one for one in contacts_at(unit_id, today) if one.officer_id != actor.officer_id]
    count = counts_of([unit_id]).on(unit_id, today)
    kind = types()[group.type_code]
    return render_template(
        "meetings/plain_group.html", group=group, kind=kind, households=count, contacts=others
    )


@blueprint.get("/plain/record")
@requires(Permission.RECORD_MEETING)
def plain_record() -> str:
    """Show the form: empty, or with what stands in an entry of mine."""
    actor = signed_in()
    entry_id = request.args.get("id", type=UUID)
    found = _own(actor, entry_id) if entry_id else None
    form = MeetingForm(formdata=None, data=plain.opened_with(found))
    form.opened.data = str(new_id())
    form.id.data = str(found.id if found else new_id())
    form.base_rev.data = str(found.rev if found else 0)
    form.author.data = str(actor.officer_id)
    return _show(actor, form)


@csrf.exempt
@blueprint.post("/plain/record")
@requires(Permission.RECORD_MEETING)
def plain_save() -> BaseResponse | tuple[str, int]:
    """Save a submitted form, or show it again: with one row more or less, or with what must be mended."""
    actor = signed_in()
    form = MeetingForm()
    if _change_rows(form, request.form):
        return _show(actor, form), 200
    if form.author.data not in (None, "", str(actor.officer_id)):
        failure = CATALOGUE["wrong_person"]
        return _show_again(actor, form, f"{_(failure.message)} {_(failure.action)}"), failure.status
    entry = entry_from(form)
    if entry is None:
        return _show(actor, form), 422
    outcomes = _hand_in(actor, plain.operations(actor, form, entry))
    if not outcomes:
        return _show_again(actor, form, _too_busy()), CATALOGUE["overloaded"].status
    return _tell(outcomes, _address(form.id.data))


@blueprint.get("/plain/entry/<uuid:entry_id>")
@requires(Permission.RECORD_MEETING)
def plain_entry(entry_id: UUID) -> str:
    """Show one entry: what it says, what became of it, and what its author may do."""
    return _show_entry(_seen(signed_in(), entry_id), WithdrawalForm())


@csrf.exempt
@blueprint.post("/plain/entry/<uuid:entry_id>/withdraw")
@requires(Permission.RECORD_MEETING)
def plain_withdraw(entry_id: UUID) -> BaseResponse | tuple[str, int]:
    """Take back an entry of mine, with the reason."""
    actor = signed_in()
    found = _own(actor, entry_id)
    form = WithdrawalForm()
    withdrawal = body_from(form, Withdrawal)
    if withdrawal is None:
        return _show_entry(found, form), 422
    opened = plain.as_id(form.opened.data)
    said = withdrawal.model_dump(mode="json")
    withdraw = plain.operation(actor, opened, "meeting.withdraw", found.id, found.rev, said)
    outcomes = _hand_in(actor, [withdraw])
    if not outcomes:
        form.form_errors.append(_too_busy())
        return _show_entry(found, form), CATALOGUE["overloaded"].status
    return _tell(outcomes, url_for(".plain_entry", entry_id=found.id))


@csrf.exempt
@blueprint.post("/plain/entry/<uuid:entry_id>/choose")
@requires(Permission.RECORD_MEETING)
def plain_choose(entry_id: UUID) -> BaseResponse | tuple[str, int]:
    """Say which of several versions of an entry of mine stands: it is saved again, in the knowledge of the others."""
    actor = signed_in()
    found = _own(actor, entry_id)
    form = ChoiceForm(prefix="choice")
    wanted = plain.as_id(form.version.data)
    shown = [plain.as_id(one) for one in (form.settles.data or "").split()]
    chosen = next((one for one in queries.versions_of(found) if one.op_id == wanted), None)
    if chosen and form.validate():
        kind = "meeting.withdraw" if chosen.is_withdrawal else "meeting.save"
        body, base_rev = json.loads(chosen.payload)["body"], plain.as_rev(form.base_rev.data)
        choice = plain.operation(actor, plain.as_id(form.opened.data), kind, found.id, base_rev, body, shown)
        if outcomes := _hand_in(actor, [choice]):
            return _tell(outcomes, url_for(".plain_entry", entry_id=found.id))
        flash(_too_busy(), RETRY)
        return _show_entry(found, WithdrawalForm(formdata=None)), CATALOGUE["overloaded"].status
    flash(_("Các bản đã khác trước; xem lại rồi chọn."), RETRY)
    return redirect(url_for(".plain_entry", entry_id=found.id), 303)


def _show(actor: Actor, form: MeetingForm) -> str:
    """Show the form; each petition gets its id now, so that sending it twice makes it once."""
    for row in form.petitions:
        row.form.id.data = row.form.id.data or str(new_id())
        row.form.rev.data = row.form.rev.data or "0"
    today = clock.today()
    mine = queries.my_groups(actor, today)
    others = queries.neighbouring_groups(actor, today)
    chosen = form.unit_id.data or request.args.get("group", "")
    form.unit_id.choices = {
        "": [("", _("Chọn…"))],
        _("Địa bàn của tôi"): [(str(unit.id), unit.name) for unit in mine],
        _("Nơi khác (dự thay)"): [(str(unit.id), unit.name) for unit in others],
    }
    form.unit_id.data = str(chosen or (mine[0].id if len(mine) == 1 else ""))
    groups = {unit.id: unit.name for unit in mine}
    due = [row for row, _known in due_for(groups)]
    owed = [(petition, answer, groups[petition.unit_id]) for petition, answer in _owed(form, groups)]
    return render_template("meetings/plain_record.html", form=form, due=_not_yet(form, due), owed=owed)


def _show_again(actor: Actor, form: MeetingForm, why: str) -> str:
    """Show the form with what was typed into it, and why nothing of it was saved."""
    form.form_errors.append(why)
    return _show(actor, form)


def _not_yet(form: MeetingForm, due: Iterable[BulletinItem]) -> list[BulletinItem]:
    """Return the items of this month that are not among the rows of the form."""
    conveyed = {str(row.form.item_id.data) for row in cast("Any", form["conveyed"])}
    month = clock.today().replace(day=1)
    return [item for item in due if item.month == month and str(item.id) not in conveyed]


def _owed(form: MeetingForm, groups: Collection[UUID]) -> list[tuple[PetitionRecord, Answer]]:
    """Return the answers owed to the chosen group, or to all of these, that are not among the rows of the form."""
    told = {str(row.form.petition_id.data) for row in cast("Any", form["feedback_given"])}
    chosen = [one for one in groups if form.unit_id.data in ("", str(one))]
    return [pair for pair in owed_to(chosen) if str(pair[0].id) not in told]


def _show_entry(found: MeetingEntry, form: WithdrawalForm) -> str:
    record: dict[str, Any] = summary(found, "") | {"reviews": []}
    add_to("meeting", [record])
    form.opened.data = form.opened.data or str(new_id())
    said = blank_form(data=plain.opened_with(found))
    versions = queries.versions_of(found)
    is_mine = (found.keeper_id or found.author_id) == signed_in().officer_id
    return render_template(
        "meetings/plain_entry.html",
        entry=found,
        said=said,
        photos=queries.body_of(found).photos,
        reviews=record["reviews"],
        form=form,
        versions=[(one, plain.in_words(one), plain.photos_of(one)) for one in versions],
        differing=plain.differing(versions),
        choice=plain.choice(found, versions),
        is_mine=is_mine,
    )


def _seen(actor: Actor, entry_id: UUID) -> MeetingEntry:
    found = queries.entry(actor, entry_id, clock.today())
    if found is None:
        raise Problem("not_found")
    return found


def _own(actor: Actor, entry_id: UUID) -> MeetingEntry:
    found = _seen(actor, entry_id)
    if (found.keeper_id or found.author_id) != actor.officer_id:
        raise Problem("forbidden")
    return found


def _change_rows(form: MeetingForm, pressed: ImmutableMultiDict[str, str]) -> bool:
    """Add or take away the row whose button was pressed; whether one was."""
    if item := pressed.get("convey", type=UUID):
        due = {row.id: row for row, _known in due_for(_my_ids())}
        if item in due:
            _add_row(form, "conveyed", {"item_id": str(item), "text": due[item].title})
        return True
    if item := pressed.get("tell", type=UUID):
        owed = {one.id: (one, answer) for one, answer in owed_to(_my_ids())}
        if item in owed:
            petition, answer = owed[item]
            told = {"petition_id": str(item), "answer_id": str(answer.event_id), "text": petition.title}
            _add_row(form, "feedback_given", told)
        return True
    if (name := pressed.get("add", "")) in form:
        _add_row(form, name)
        return True
    if row := pressed.get("remove"):
        name = row.partition("-")[0]
        if name in form:
            rows = cast("Any", form[name])
            rows.entries = [entry for entry in rows.entries if entry.name != row]
        return True
    return False


def _add_row(form: MeetingForm, name: str, said: dict[str, str] | None = None) -> None:
    """Add a row to a list of the form, or say that there are enough."""
    rows = cast("Any", form[name])
    if len(rows) < rows.max_entries:
        rows.append_entry(said)
    else:
        form.form_errors.append(_("Nhiều nhất %(max_length)s mục.", max_length=rows.max_entries))


def _my_ids() -> list[UUID]:
    return [unit.id for unit in queries.my_groups(signed_in(), clock.today())]


def _hand_in(actor: Actor, operations: Iterable[dict[str, Any]]) -> list[Outcome]:
    """Hand in what a form became; none where the server was too busy for some of it: then the form is shown again."""
    try:
        outcomes = submit(actor, operations)
    except OperationalError as error:
        current_app.logger.warning("database: %s", type(error.orig).__name__)
        return []
    return [] if any(outcome.outcome == RETRY for outcome in outcomes) else outcomes


def _too_busy() -> str:
    """Say that a form was not saved, and stands here as it was."""
    why = _("Phần vừa ghi còn trên trang này nhưng chưa lưu được; chờ một lát rồi bấm lại.")
    return f"{_(CATALOGUE['overloaded'].message)} {why}"


def _tell(outcomes: list[Outcome], address: str) -> BaseResponse:
    """Say what became of the operations, and go where it can be seen."""
    for outcome in outcomes:
        flash(f"{outcome.message} {_('Mã biên nhận %(code)s.', code=outcome.receipt)}", outcome.outcome)
    if any(outcome.outcome == QUARANTINED for outcome in outcomes):
        address = url_for(".plain_list")
    return redirect(address, 303)


def _address(entry_id: str | None) -> str:
    return url_for(".plain_entry", entry_id=plain.as_id(entry_id))
