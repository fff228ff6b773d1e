"""The desk of petitions: the board, one petition, and the steps taken there."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from webapp import clock
from webapp.accounts.models import Officer
from webapp.accounts.rules import Actor
from webapp.accounts.session import signed_in
from webapp.db import db, new_id
from webapp.describe import describe
from webapp.desk import PETITIONS, around
from webapp.errors import Problem
from webapp.forms import body_from, pin
from webapp.permissions import Permission
from webapp.petitions import actions, queries, rules
from webapp.petitions.actions import Refused, Step
from webapp.petitions.board import (
    RECENT,
    STATES,
    Filters,
    Lane,
    Span,
    board,
    overdue_until,
    redirected,
    returned,
    units_to_choose,
)
from webapp.petitions.forms import has_something_to_choose, step_form
from webapp.petitions.models import PetitionRecord
from webapp.petitions.records import Assignment, Channel, Level, Merger, Topic, Triage, Urgency, View
from webapp.petitions.rules import SAYS, Deed, Relation, State
from webapp.places.models import Unit
from webapp.places.queries import above
from webapp.pwa import register_shell, render_shell
from webapp.redaction.forms import redaction_form
from webapp.redaction.queries import of_records
from webapp.redaction.records import Reason
from webapp.redaction.routes import still_to_mend
from webapp.workdays.queries import calendar

if TYPE_CHECKING:
    from wtforms import Form

blueprint = Blueprint("petitions", __name__, url_prefix="/petitions")
blueprint.context_processor(around)
outside = Blueprint("open_petitions", __name__)
"""What is not the desk's: the notebook's page."""

AGES = (30, 60, 90)
BULK = (Deed.TRIAGE, Deed.ASSIGN, Deed.MERGE)
MOST_AT_ONCE = 60


@blueprint.get("/")
def everything() -> str:
    """Show the petitions in scope, by the filters in the address."""
    actor, filters = _reader(), _filters(request.args)
    today = clock.today()
    year = datetime(today.year, 1, 1, tzinfo=clock.LOCAL_ZONE)
    recent = Span(today - RECENT, today)
    return render_template(
        "petitions/board.html",
        filters=filters, board=board(actor, filters), lanes=Lane, states=STATES, topics=Topic, urgencies=Urgency,
        ages=AGES, units=units_to_choose(actor), address=_address, rules=rules, channels=Channel,
        redirected=redirected(actor, year), owners=queries.owners_near(actor), recent=recent,
        returned=returned(actor, recent, filters.unit_id), overdue_until=overdue_until(recent),
        may_print_notices=any(actor.may(one, today) for one in (Permission.READ_MEETING, Permission.RECORD_MEETING)),
    )  # fmt: skip


@blueprint.post("/bulk")
def bulk() -> Response:
    """Take one step of several petitions; those that have moved on are left as they are, and counted."""
    actor, form = _reader(), request.form
    chosen = list(dict.fromkeys(form.getlist("petition", type=UUID)))[:MOST_AT_ONCE]
    deed = form.get("deed", "")
    if deed not in BULK or not chosen:
        flash(_("Chọn kiến nghị và việc cần làm."), "bad")
    elif Deed(deed) is Deed.ASSIGN and form.get("unit", type=UUID) is None:
        flash(_("Chọn đơn vị để giao."), "bad")
    else:
        done = sum(_one_of_many(actor, Deed(deed), one, chosen[0]) for one in chosen)
        left = len(chosen) - done - (deed == Deed.MERGE)
        if done:
            flash(_("Đã xong %(n)s kiến nghị.", n=done), "good")
        if left:
            flash(_("%(n)s kiến nghị giữ nguyên: đã sang bước khác hoặc không thuộc quyền.", n=left), "warn")
    back = form.get("back", "")
    return redirect(back if back.startswith("/petitions/") else url_for(".everything"), 303)


@blueprint.get("/<uuid:petition_id>")
def petition(petition_id: UUID) -> str:
    """Show one petition: what it asks, where it stands, what happened, and what the reader may do."""
    return _page(petition_id)


@blueprint.post("/<uuid:petition_id>/<any(" + ",".join(Deed) + "):name>")
def take(petition_id: UUID, name: str) -> Response | tuple[str, int]:
    """Take one step."""
    actor, deed = signed_in(), Deed(name)
    found = queries.petition(actor, petition_id)
    if found is None:
        raise Problem("not_found")
    form = _form(found[0], deed, request.form)
    said = body_from(form, SAYS[deed])
    event_id = request.form.get("event_id", type=UUID)
    if said is not None:
        try:
            step = Step(deed, said, event_id or new_id(), seen=request.form.get("seen", type=int))
            actions.take_step(actor, petition_id, step)
        except Refused as refused:
            pin(form, [refused.field], _(refused.message))
        else:
            flash(_("Đã lưu: %(deed)s.", deed=_(deed.label)), "good")
            return redirect(url_for(".petition", petition_id=petition_id), 303)
    return _page(petition_id, form, deed), 422


@blueprint.post("/<uuid:petition_id>/redactions")
def redact(petition_id: UUID) -> Response | tuple[str, int]:
    """Mask a passage of a petition, or a field of it, in all that is stored."""
    actor = signed_in()
    found = queries.petition(actor, petition_id)
    if found is None:
        raise Problem("not_found")
    if not queries.may_redact(actor, found[0]):
        raise Problem("forbidden")
    form = still_to_mend(queries.body_of(found[0]), partial(actions.redact, actor, petition_id))
    if form:
        return _page(petition_id, redacting=form), 422
    return redirect(url_for(".petition", petition_id=petition_id), 303)


@outside.get(register_shell("/notebook/guide"))
def guide() -> FlaskResponse:
    """Show the guide to the kinds of matters as the phone keeps it: the page is the same for everybody."""
    return render_shell("petitions/guide.html", topics=Topic, levels=Level)


def _reader() -> Actor:
    """Return who is signed in, if there is any place whose petitions they may see."""
    actor, today = signed_in(), clock.today()
    if not any(actor.may(permission, today) for permission in PETITIONS):
        raise Problem("forbidden")
    return actor


def _page(
    petition_id: UUID, asked: Form | None = None, open_deed: Deed | None = None, redacting: Form | None = None
) -> str:  # fmt: skip
    actor = signed_in()
    found = queries.petition(actor, petition_id)
    if found is None:
        raise Problem("not_found")
    row, relations = found
    state, today = State(row.state), clock.today()
    late = rules.is_late(row.next_by, today)
    deeds = [deed for deed in Deed if rules.steps(deed, state, relations, late=late)]
    forms = {deed: asked if asked and deed is open_deed else _form(row, deed) for deed in deeds}
    history = queries.history_of(row.id)
    if relations == {Relation.AGENCY}:
        history = [one for one in history if one.event.deed in (Deed.REFER, Deed.REPLY, *rules.ANSWERS)]
    hidden = state is State.REDIRECTED
    head = db.session.get(PetitionRecord, row.head_id) if row.head_id else None
    body = queries.body_of(row)
    masks, owner = redacting or redaction_form(body), queries.owners_of([row])[row.id]
    return render_template(
        "petitions/petition.html",
        petition=row, state=state, relations=relations, late=late, open_deed=open_deed, today=today,
        forms={deed: form for deed, form in forms.items() if has_something_to_choose(form)},
        lines=[] if hidden else describe(body), hidden=hidden, redactions=of_records([row.id]).get(row.id, []),
        redact_form=masks if queries.may_redact(actor, row) and not hidden else None, redacting=redacting is not None,
        Reason=Reason, history=history, describe=describe,
        raised=queries.first_revision(row), met_on=queries.met_on(row),
        author=db.session.get_one(Officer, row.author_id),
        group=db.session.get_one(Unit, row.unit_id), places=above(row.unit_id, today), Channel=Channel,
        owner=owner, units=queries.units([owner, row.proposed_to_id, *(one.event.unit_id for one in history)]),
        above=queries.tier_above(row), answer=queries.answers_of([row]).get(row.id), rules=rules, Deed=Deed,
        head=head if head and queries.relations_of(actor, head) else None, followers=queries.followers_of(row.id),
        category=queries.categories(today).get(row.category), new_id=new_id, Relation=Relation, Level=Level, View=View,
    )  # fmt: skip


def _form(row: PetitionRecord, deed: Deed, data: MultiDict[str, str] | None = None) -> Form:
    """Return the form of a step with what is likely in it."""
    today, choices, known = clock.today(), dict[str, list[tuple[str, str]]](), dict[str, object]()
    if deed in (Deed.ASSIGN, Deed.REFER, Deed.PROPOSE):
        to = queries.addressees(row)
        fitting = {Deed.ASSIGN: to.owners, Deed.REFER: to.agencies, Deed.PROPOSE: to.past_a_tier}[deed]
        choices["unit_id"] = [(str(unit.id), unit.name) for unit in fitting]
    match deed:
        case Deed.ASSIGN | Deed.REFER:
            rule = queries.categories(today).get(row.category)
            known["day"] = calendar().after(today, rule.answer_days if rule else queries.times(today).triage)
            home = db.session.get_one(Unit, row.unit_id).base_id
            known["unit_id"] = str(queries.owners_of([row])[row.id] or home) if deed is Deed.ASSIGN else ""
        case Deed.MERGE:
            choices["other_id"] = [
                (str(one.id), f"{one.title} – {group}") for one, group in queries.alike(row)
            ]
        case Deed.TRIAGE:
            known |= {"category": row.category, "urgency": row.urgency}
        case Deed.FEED_BACK:
            known["day"] = today
        case _:
            pass
    return step_form(deed, choices, data, **known)


def _one_of_many(actor: Actor, deed: Deed, petition_id: UUID, head: UUID) -> bool:
    """Take a step of one of several petitions, with what is likely said; say whether it was taken."""
    found = queries.petition(actor, petition_id)
    if found is None or (deed is Deed.MERGE and petition_id == head):
        return False
    row = found[0]
    said: Triage | Assignment | Merger
    if deed is Deed.TRIAGE:
        said = Triage(category=Topic(row.category), urgency=Urgency(row.urgency))
    elif deed is Deed.ASSIGN:
        rule = queries.categories(clock.today())[row.category]
        day = calendar().after(clock.today(), rule.answer_days)
        said = Assignment(unit_id=request.form.get("unit", type=UUID) or UUID(int=0), day=day)
    else:
        said = Merger(other_id=head)
    try:
        actions.take_step(actor, petition_id, Step(deed, said))
    except (Problem, Refused):
        return False
    return True


def _filters(args: MultiDict[str, str]) -> Filters:
    """Read the filters from the address; what makes no sense is as if it were not there."""
    lane, state = args.get("lane", ""), args.get("state", "")
    older = args.get("older", 0, type=int)
    return Filters(
        lane=Lane(lane) if lane in set(Lane) else Lane.OPEN,
        state=State(state) if state in set(State) else None,
        late=args.get("late") == "1",
        by=args.get("due", type=date.fromisoformat),
        told=Span.read(args.get("told", "")),
        older=older if older in AGES else 0,
        category=args.get("category", "") if args.get("category") in set(Topic) else "",
        urgency=args.get("urgency", "") if args.get("urgency") in set(Urgency) else "",
        channel=args.get("channel", "") if args.get("channel") in set(Channel) else "",
        unit_id=args.get("unit", type=UUID),
        after=args.get("after", "")[:80],
    )


def _address(filters: Filters, **changed: object) -> str:
    """Return the board's address for these filters with something changed; a change begins at the first page."""
    asked: dict[str, object] = {
        "lane": filters.lane.value if filters.lane is not Lane.OPEN else None,
        "state": filters.state.value if filters.state else None, "late": "1" if filters.late else None,
        "due": filters.by, "told": filters.told,
        "older": filters.older or None, "category": filters.category or None, "urgency": filters.urgency or None,
        "channel": filters.channel or None, "unit": filters.unit_id,
    }  # fmt: skip
    return url_for("petitions.everything", **{k: v for k, v in (asked | changed).items() if v})  # type: ignore[arg-type]
