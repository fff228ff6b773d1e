"""The pages of the calendar: at the desk, for the public, and in the notebook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from sqlalchemy import or_
from werkzeug.wrappers import Response as BaseResponse

from webapp import clock
from webapp.accounts.rules import Actor
from webapp.accounts.session import requires, signed_in
from webapp.calendar import actions, attending, obligations, published, queries, rules
from webapp.calendar.actions import PlanFacts
from webapp.calendar.forms import PlanForm, opened_with
from webapp.calendar.lunar import lunar
from webapp.calendar.models import PlannedMeeting
from webapp.calendar.rules import Item
from webapp.db import new_id
from webapp.desk import around
from webapp.duties import queries as decided
from webapp.duties.rules import MeetingType, after_month, month_of, windows_at
from webapp.errors import Problem
from webapp.meetings.models import MeetingEntry
from webapp.meetings.queries import my_groups
from webapp.permissions import Permission
from webapp.pwa import register_shell, render_shell

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")
blueprint.context_processor(around)
outside = Blueprint("open_calendar", __name__)
"""What is not the desk's: the public's pages and the notebook's, which know nobody."""


@blueprint.context_processor
@outside.context_processor
def words() -> dict[str, object]:
    """Give the templates of the calendar what they write days with."""
    return {"lunar": lunar, "local": clock.local, "MeetingType": MeetingType, "covering": rules.covering}


MOST_AGREED = 60
"""How many meetings agreed on by groups are listed one by one; of more the page says how many there are a day."""
FILE_BEFORE, FILE_AFTER = timedelta(weeks=4), timedelta(weeks=26)
_YEARS = range(2000, 2100)


@blueprint.get("/")
@requires(Permission.READ_PLACES)
def desk() -> str:
    """Show a month: what is planned, what groups agreed on, the days kept for meetings, and my duties."""
    actor, today = signed_in(), clock.today()
    month = _month(today)
    days = rules.month_days(month)
    places = queries.places(actor, Permission.READ_PLACES)
    unit_id = request.args.get("unit", type=UUID)
    if unit_id and not queries.holds(actor, Permission.READ_PLACES, unit_id):
        raise Problem("not_found")
    mine = queries.attended_by([actor.officer_id])
    within = PlannedMeeting.unit_id.in_(queries.scope(actor, Permission.READ_PLACES, unit_id))
    planned = queries.plans(within if unit_id else or_(within, mine), days[0], days[-1])
    read = MeetingEntry.unit_id.in_(queries.scope(actor, Permission.READ_MEETING, unit_id))
    agreed = queries.agreed(read, days[0], days[-1])
    where = unit_id or next(iter(one.id for one in places), None)
    windows = windows_at(decided.all_windows(), decided.line_of(where, month) if where else [], month)
    return render_template(
        "calendar/desk.html", month=month, days=days, places=places, unit_id=unit_id, windows=windows,
        items=rules.by_day([*planned, *(agreed if len(agreed) <= MOST_AGREED else [])]),
        agreed=Counter(one.day for one in agreed) if len(agreed) > MOST_AGREED else {},
        warnings=_warnings([*planned, *agreed]), names=_names([*planned, *agreed[:MOST_AGREED]]),
        duties=obligations.my_duties(actor.officer_id, actor.grants, min(max(today, days[0]), days[-1])),
        before=after_month(month, -1), after=after_month(month), publication=_publication(actor, where),
        may_plan=actor.may(Permission.PLAN_MEETING, today), may_decide=actor.may(Permission.SET_DUTIES, today),
    )  # fmt: skip


@blueprint.get("/new")
@requires(Permission.PLAN_MEETING)
def new() -> str:
    """Show the form of a new meeting."""
    opened = {
        "new_id": str(new_id()),
        "is_public": False,
        "day": request.args.get("day", type=date.fromisoformat),
    }
    form = PlanForm(formdata=None, data=opened | {"unit_id": request.args.get("unit", type=UUID)})
    _offer(form)
    return _show(form, None)


@blueprint.post("/new")
@requires(Permission.PLAN_MEETING)
def add() -> BaseResponse | tuple[str, int]:
    """Put a meeting into the calendar, or show first what stands in its way."""
    form = PlanForm()
    return _save(form, form.minted, None)


@blueprint.get("/plans/<uuid:plan_id>")
@requires(Permission.READ_PLACES)
def plan(plan_id: UUID) -> str:
    """Show a meeting: the form for those who plan it, and who was there."""
    found = _found(plan_id)
    there = attending.attendee_ids(plan_id)
    form = PlanForm(formdata=None, data=opened_with(found, there))
    if queries.holds(signed_in(), Permission.PLAN_MEETING, found.unit_id):
        _offer(form, there)
    return _show(form, found)


@blueprint.post("/plans/<uuid:plan_id>")
@requires(Permission.PLAN_MEETING)
def save(plan_id: UUID) -> BaseResponse | tuple[str, int]:
    """Change a meeting."""
    return _save(PlanForm(), plan_id, _found(plan_id))


@blueprint.post("/plans/<uuid:plan_id>/cancel")
@requires(Permission.PLAN_MEETING)
def cancel(plan_id: UUID) -> BaseResponse:
    """Take a meeting out of the calendar."""
    found = _found(plan_id)
    actions.cancel_plan(signed_in(), plan_id)
    flash(_("Đã hủy cuộc họp. Máy của người dự sẽ được báo."), "good")
    return _to_month(clock.local(found.starts_at).date())


@blueprint.post("/plans/<uuid:plan_id>/attended")
@requires(Permission.READ_PLACES)
def attended(plan_id: UUID) -> BaseResponse:
    """Write down who was there."""
    actions.mark_attended(signed_in(), plan_id, request.form.getlist("there", type=UUID))
    flash(_("Đã ghi người dự."), "good")
    return redirect(url_for(".plan", plan_id=plan_id), 303)


@blueprint.post("/publish")
@requires(Permission.SET_DUTIES)
def publish() -> BaseResponse:
    """Make a unit's calendar public, or no longer."""
    unit_id = request.form.get("unit", type=UUID)
    if unit_id is None:
        raise Problem("bad_request")
    actions.publish(signed_in(), unit_id, is_public=request.form.get("public") == "yes")
    flash(_("Đã lưu việc công khai lịch."), "good")
    return redirect(url_for(".desk", unit=unit_id), 303)


@outside.get("/lich/<uuid:unit_id>")
def public(unit_id: UUID) -> str:
    """Show anybody the week of a unit whose calendar is public: kinds of meetings, places and roles, no names."""
    monday = rules.week_from(request.args.get("week"), clock.today())
    meetings = _public(unit_id, monday, monday + timedelta(days=rules.WEEK - 1))
    return render_template(
        "calendar/public.html", unit_id=unit_id, name=decided.names_of([unit_id])[unit_id], monday=monday,
        days=[monday + timedelta(days=n) for n in range(rules.WEEK)], week_name=rules.week_name,
        before=monday - timedelta(days=rules.WEEK), after=monday + timedelta(days=rules.WEEK),
        meetings={day: [one for one in meetings if one.item.day == day] for day in {one.item.day for one in meetings}},
    )  # fmt: skip


@outside.get("/lich/<uuid:unit_id>.ics")
def public_file(unit_id: UUID) -> Response:
    """Give anybody the same for their own calendar, from four weeks ago to half a year ahead."""
    from webapp.calendar.ics import as_file  # noqa: PLC0415 - a fifth of a second that only this file needs

    today = clock.today()
    meetings = _public(unit_id, today - FILE_BEFORE, today + FILE_AFTER, cancelled=True)
    origin = (current_app.config["PUBLIC_URL"] or request.host_url).rstrip("/")
    name = _("Lịch công tác %(place)s", place=decided.names_of([unit_id])[unit_id])
    words = {kind.value: _(kind.label) for kind in MeetingType}
    address = origin + url_for(".public", unit_id=unit_id)
    response = make_response(as_file(name, address, urlsplit(origin).hostname or "gandan", meetings, words))
    response.content_type = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="lich-cong-tac.ics"'
    response.headers["Cache-Control"] = "public, max-age=600"
    return response


@outside.get(register_shell("/notebook/calendar"))
def notebook() -> Response:
    """Show the calendar as the phone keeps it: the same for everybody."""
    return render_shell("calendar/notebook.html")


@outside.get("/notebook/plain/calendar")
@requires(Permission.RECORD_MEETING)
def plain() -> str:
    """Show my month without JavaScript."""
    actor, today = signed_in(), clock.today()
    month = _month(today)
    days = rules.month_days(month)
    groups = [unit.id for unit in my_groups(actor, today)]
    which = or_(PlannedMeeting.unit_id.in_(queries.around(groups)), queries.attended_by([actor.officer_id]))
    items = [
        *queries.plans(which, days[0], days[-1]),
        *queries.agreed(MeetingEntry.unit_id.in_(groups), days[0], days[-1]),
    ]
    windows = windows_at(decided.all_windows(), decided.line_of(groups[0], month) if groups else [], month)
    return render_template(
        "calendar/plain.html", month=month, days=days, windows=windows, items=rules.by_day(items),
        warnings=_warnings(items), names=_names(items), before=after_month(month, -1), after=after_month(month),
        duties=obligations.my_duties(actor.officer_id, actor.grants, min(max(today, days[0]), days[-1])),
    )  # fmt: skip


def _month(today: date) -> date:
    """Return the month in the address; this one when there is none or it makes no sense."""
    try:
        month = date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        return month_of(today)
    return month if month.year in _YEARS else month_of(today)


def _found(plan_id: UUID) -> PlannedMeeting:
    found = queries.plan(signed_in(), plan_id)
    if found is None:
        raise Problem("not_found")
    return found


def _public(
    unit_id: UUID, first: date, last: date, *, cancelled: bool = False
) -> list[published.PublicMeeting]:
    meetings = published.public_calendar(unit_id, first, last, cancelled=cancelled)
    if meetings is None:
        raise Problem("not_found")
    return meetings


def _publication(actor: Actor, unit_id: UUID | None) -> dict[str, Any] | None:
    """Return how the calendar of a unit is published, for those who see the unit."""
    if unit_id is None:
        return None
    is_public = rules.nearest_word(published.publications(), decided.line_of(unit_id, clock.today()))
    may_decide = queries.holds(actor, Permission.SET_DUTIES, unit_id)
    name = decided.names_of([unit_id])[unit_id]
    return {"unit_id": unit_id, "name": name, "is_public": is_public, "may_decide": may_decide}


def _offer(form: PlanForm, kept: Collection[UUID] = ()) -> None:
    """Fill the lists of a form: the places one plans for, the groups below the chosen one, and who may attend there."""
    actor, today = signed_in(), clock.today()
    places = queries.places(actor, Permission.PLAN_MEETING)
    try:
        chosen = UUID(str(form.unit_id.data or request.form.get("unit_id") or places[0].id))
    except (ValueError, IndexError):
        raise Problem("bad_request") from None
    if not queries.holds(actor, Permission.PLAN_MEETING, chosen):
        raise Problem("not_found")
    places += queries.groups_of(actor, chosen)
    people = {one.id: one for one in attending.people_for(chosen, today)}
    people |= {one.id: one for one in attending.people_named(set(kept) - people.keys())}
    form.offer(places, list(people.values()))


def _save(form: PlanForm, plan_id: UUID, found: PlannedMeeting | None) -> BaseResponse | tuple[str, int]:
    actor = signed_in()
    kept = attending.attendee_ids(plan_id)
    _offer(form, kept)
    step = request.form.get("step")
    if step == "people":
        return _show(form, found), 200
    if not form.validate_on_submit():
        return _show(form, found), 422
    facts = form.facts()
    warned = _warned(facts, plan_id)
    if warned and step != "confirm":
        return _show(form, found, warned), 200
    actions.save_plan(actor, plan_id, facts)
    flash(_("Đã lưu cuộc họp vào lịch."), "good")
    return _to_month(facts.as_item(plan_id).day)


def _warned(facts: PlanFacts, plan_id: UUID) -> list[rules.Warning_]:
    """Return what stands in the way of a meeting that is about to be saved."""
    item = facts.as_item(plan_id)
    day = item.day
    others = queries.plans(
        queries.attended_by(facts.attendees), day - timedelta(days=1), day + timedelta(days=1)
    )
    others += queries.agreed(MeetingEntry.author_id.in_(facts.attendees), day, day)
    together = [one for one in others if one.id != plan_id]
    windows = queries.windows_for([item.unit_id], day)[item.unit_id]
    return [*rules.window_warnings(item, windows), *rules.overlaps([item, *together]).get(plan_id, [])]


def _warnings(items: Sequence[Item]) -> dict[UUID, list[rules.Warning_]]:
    """Return what is to be considered about each of the meetings of a month."""
    if not items:
        return {}
    windows = queries.windows_for({one.unit_id for one in items if one.is_plan}, items[0].day)
    found = {one.id: rules.window_warnings(one, windows[one.unit_id]) for one in items if one.is_plan}
    for meeting_id, clashes in rules.overlaps(items).items():
        found[meeting_id] = found.get(meeting_id, []) + clashes
    return found


def _names(items: Sequence[Item]) -> dict[UUID, str]:
    """Return the names of the places and people that meetings speak of."""
    units = queries.full_names({one.unit_id for one in items})
    return units | queries.names_of_officers({officer for one in items for officer in one.officers})


def _show(form: PlanForm, found: PlannedMeeting | None, warned: Sequence[rules.Warning_] = ()) -> str:
    actor = signed_in()
    people = (
        attending.attendees(found.id, found.unit_id, clock.local(found.starts_at).date()) if found else []
    )
    may_plan = found is None or queries.holds(actor, Permission.PLAN_MEETING, found.unit_id)
    others = [one.other for one in warned if one.other]
    return render_template(
        "calendar/plan.html", form=form, plan=found, warned=warned, people=people, may_plan=may_plan,
        me=actor.officer_id, has_begun=found is not None and found.starts_at <= clock.now(),
        names=_names(others) | queries.names_of_officers({one.officer_id for one in warned if one.officer_id}),
        place=decided.names_of([found.unit_id])[found.unit_id] if found else "",
    )  # fmt: skip


def _to_month(day: date) -> BaseResponse:
    return redirect(url_for(".desk", month=day.isoformat()[:7]), 303)
