"""The pages of bulletins: composed and followed at the desk, read in the notebook."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from webapp import clock
from webapp.accounts.session import requires, signed_in
from webapp.bulletins import actions, queries, rules
from webapp.bulletins.forms import ItemForm, opened_with
from webapp.bulletins.models import BulletinItem
from webapp.bulletins.rules import Deed, State
from webapp.db import new_id
from webapp.desk import around
from webapp.errors import Problem
from webapp.i18n import either
from webapp.permissions import Permission
from webapp.pwa import register_shell, render_shell

blueprint = Blueprint("bulletins", __name__, url_prefix="/bulletins")
blueprint.context_processor(around)
outside = Blueprint("open_bulletins", __name__)
"""What is not the desk's: the notebook's pages."""

_YEARS = range(2000, 2100)


@blueprint.context_processor
def words() -> dict[str, object]:
    """Give the templates what they speak of."""
    return {"State": State, "Deed": Deed, "rules": rules}


@blueprint.get("/")
@requires(Permission.READ_MEETING)
def pack() -> str:
    """Show the pack of a month, with the reach of each item."""
    actor = signed_in()
    month = _month()
    items = queries.items_of(actor, month)
    return render_template(
        "bulletins/pack.html", month=month, items=items, reach=queries.reach(actor, items),
        names=queries.names(one.unit_id for one in items), roots=_roots(),
        before=rules.month_after(month, -1), after=rules.month_after(month),
    )  # fmt: skip


@blueprint.get("/new")
@requires(Permission.PUBLISH_BULLETIN)
def new() -> str:
    """Show the form of a new item."""
    form = ItemForm(formdata=None, data={"new_id": str(new_id()), "month": _month()})
    return _compose(form, _publisher(), None)


@blueprint.post("/new")
@requires(Permission.PUBLISH_BULLETIN)
def add() -> BaseResponse | tuple[str, int]:
    """Keep a new item as a draft."""
    form = ItemForm()
    return _save(form, form.minted, _publisher(), None)


@blueprint.get("/items/<uuid:item_id>")
@requires(Permission.READ_MEETING)
def item(item_id: UUID) -> str:
    """Show one version as it reads on a phone, whom it reaches, and what can be done with it."""
    actor, found = signed_in(), _found(item_id)
    [known] = queries.as_items([found])
    reach = queries.reach(actor, [found])[found.id]
    places = reach.places(queries.base_types())
    names = queries.names({found.unit_id, *places, *known.audience.places})
    kinds = queries.kinds_below(found.unit_id)
    return render_template(
        "bulletins/item.html", item=found, reach=reach, names=names, places=places,
        place_names=[name for unit_id, name in names.items() if unit_id in known.audience.places],
        kind_names=[either(one.label, one.label_en) for one in kinds if one.code in known.audience.kinds],
        replaces=queries.item(actor, found.replaces_id) if found.replaces_id else None,
        replaced_by=queries.replacement_of(actor, found.id), may_publish=found.unit_id in _roots(),
        files=queries.attachments([found.id])[found.id],
    )  # fmt: skip


@blueprint.get("/items/<uuid:item_id>/groups")
@requires(Permission.READ_MEETING)
def groups(item_id: UUID) -> str:
    """List the groups behind a number of the reach, with the entries in which they were told."""
    actor, found = signed_in(), _found(item_id)
    reach = queries.reach(actor, [found])[found.id]
    place, wanted = request.args.get("place", type=UUID), request.args.get("told", "")
    listed = [
        group
        for group in reach.groups(place)
        if wanted not in ("yes", "no") or (group in reach.told) == (wanted == "yes")
    ]
    parents = {group: reach.lines[group][1].unit for group in listed if len(reach.lines[group]) > 1}
    names = queries.names({*listed, *parents.values(), *([place] if place else [])})
    listed.sort(key=list(names).index)
    return render_template(
        "bulletins/groups.html", item=found, reach=reach, place=place, wanted=wanted, groups=listed,
        parents=parents, names=names,
    )  # fmt: skip


@blueprint.get("/items/<uuid:item_id>/edit")
@requires(Permission.PUBLISH_BULLETIN)
def edit(item_id: UUID) -> str:
    """Show the form of a draft."""
    found = _draft(item_id)
    [known] = queries.as_items([found])
    files = queries.attachments([item_id])[item_id]
    return _compose(ItemForm(formdata=None, data=opened_with(found, known, files)), found.unit_id, found)


@blueprint.post("/items/<uuid:item_id>/edit")
@requires(Permission.PUBLISH_BULLETIN)
def save(item_id: UUID) -> BaseResponse | tuple[str, int]:
    """Change a draft."""
    found = _draft(item_id)
    return _save(ItemForm(), item_id, found.unit_id, found)


@blueprint.post("/items/<uuid:item_id>/<deed>")
@requires(Permission.PUBLISH_BULLETIN)
def take(item_id: UUID, deed: str) -> BaseResponse:
    """Publish, replace, withdraw or throw away."""
    if deed not in list(Deed):
        raise Problem("not_found")
    found, actor = _found(item_id), signed_in()
    month, done = found.month.strftime("%Y-%m"), Deed(deed)
    try:
        if done is Deed.REPLACE:
            made = actions.begin_replacement(actor, item_id)
            return redirect(url_for(".edit", item_id=made), 303)
        act = {Deed.PUBLISH: actions.publish, Deed.WITHDRAW: actions.withdraw, Deed.DISCARD: actions.discard}
        act[done](actor, item_id)
    except rules.Refused as refused:
        flash(_(str(refused)), "bad")
        return redirect(url_for(".item", item_id=item_id), 303)
    flash({
        Deed.PUBLISH: _("Đã phát hành. Máy của cán bộ nhận ở lần có mạng tới."),
        Deed.WITHDRAW: _("Đã thu hồi. Máy của cán bộ bỏ nội dung này ở lần có mạng tới."),
        Deed.DISCARD: _("Đã xóa bản nháp."),
    }[done], "good")  # fmt: skip
    to_list = done is Deed.DISCARD
    return redirect(url_for(".pack", month=month) if to_list else url_for(".item", item_id=item_id), 303)


@outside.get(register_shell("/notebook/bulletins"))
def notebook() -> Response:
    """Show the bulletins as the phone keeps them: the page is the same for everybody."""
    return render_shell("bulletins/notebook.html")


@outside.get("/notebook/plain/bulletins")
@requires(Permission.RECORD_MEETING)
def plain() -> str:
    """Show what is due for my groups without JavaScript."""
    due = [row for row, _known in queries.due_for(queries.recorded_by(signed_in()))]
    return render_template(
        "bulletins/plain.html", items=due, names=queries.names(one.unit_id for one in due),
        files=queries.attachments(one.id for one in due),
    )  # fmt: skip


@outside.get("/bulletins/files/<sha256>")
def attachment(sha256: str) -> Response:
    """Return a file to whoever reads an item it goes with, at the desk or on a phone."""
    found = queries.attachment(signed_in(), sha256)
    if found is None:
        raise Problem("not_found")
    file, data = found
    response = Response(data, content_type=file.media_type)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(file.name)}"
    response.set_etag(sha256)
    response.make_conditional(request)
    return response


def _month() -> date:
    """Return the month in the address; this one when there is none or it makes no sense."""
    this = rules.month_of(clock.today())
    try:
        month = date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        return this
    return month if month.year in _YEARS else this


def _roots() -> frozenset[UUID]:
    return signed_in().roots(Permission.PUBLISH_BULLETIN, clock.today())


def _publisher() -> UUID:
    """Return in whose name a new item is composed: the unit in the address, else the only or first one."""
    roots = _roots()
    asked = request.args.get("unit", type=UUID)
    if asked is not None and not rules.may_publish(asked, roots):
        raise Problem("not_found")
    return asked or next(iter(queries.names(roots)))


def _found(item_id: UUID) -> BulletinItem:
    found = queries.item(signed_in(), item_id)
    if found is None:
        raise Problem("not_found")
    return found


def _draft(item_id: UUID) -> BulletinItem:
    found = _found(item_id)
    if not rules.may_publish(found.unit_id, _roots()) or found.state != State.DRAFT:
        raise Problem("not_found")
    return found


def _compose(form: ItemForm, unit_id: UUID, found: BulletinItem | None) -> str:
    places = queries.places_below(unit_id)
    _offer(form, unit_id, found)
    return render_template(
        "bulletins/compose.html", form=form, item=found, unit_id=unit_id, names=queries.names({unit_id, *_roots()}),
        places=places, roots=_roots(),
    )  # fmt: skip


def _offer(form: ItemForm, unit_id: UUID, found: BulletinItem | None) -> None:
    kept = queries.attachments([found.id])[found.id] if found else []
    form.offer(queries.places_below(unit_id), queries.kinds_below(unit_id), kept)


def _save(
    form: ItemForm, item_id: UUID, unit_id: UUID, found: BulletinItem | None
) -> BaseResponse | tuple[str, int]:
    _offer(form, unit_id, found)
    if not form.validate_on_submit():
        return _compose(form, unit_id, found), 422
    try:
        actions.save_draft(signed_in(), item_id, form.facts(unit_id))
    except rules.Refused as refused:
        flash(_(str(refused)), "bad")
        return redirect(url_for(".item", item_id=item_id), 303)
    return redirect(url_for(".item", item_id=item_id), 303)
