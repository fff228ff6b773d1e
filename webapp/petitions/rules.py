"""The life of a petition, and who may move it: no Flask, no database.

Every change is an event in a log that only grows; the state is what `after` makes of the log. All guards stand in one
table, `RULES`. What the desk decides is decided at the server, one after the other, on what is known there. What is
said in the field (that a group was told, that it asks to open again) may come late and in any order: it names the
answer it speaks of, so that it means the same whenever it arrives.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from statistics import median
from typing import Any, Final, NamedTuple
from uuid import UUID

from webapp.fields import N_, Choice, Record
from webapp.petitions import records
from webapp.petitions.records import View
from webapp.workdays.rules import Calendar


class State(Choice):
    """Where a petition stands."""

    RAISED = "raised", N_("Mới nêu")
    TRIAGED = "triaged", N_("Đã phân loại")
    ASSIGNED = "assigned", N_("Đã giao")
    IN_PROGRESS = "in_progress", N_("Đang làm")
    ON_HOLD = "on_hold", N_("Tạm dừng")
    REOPENED = "reopened", N_("Mở lại")
    ANSWERED = "answered", N_("Trả lời ngay")
    RESOLVED = "resolved", N_("Đã giải quyết")
    DECLINED = "declined", N_("Chưa giải quyết được")
    FED_BACK = "fed_back", N_("Đã trả lời tổ")
    CLOSED = "closed", N_("Đã xong")
    REDIRECTED = "redirected", N_("Sang kênh khác")
    MERGED = "merged", N_("Đã gộp")
    WITHDRAWN = "withdrawn", N_("Đã rút")


class Deed(Choice):
    """What can happen to a petition after it was raised; the label is the verb on its button."""

    TRIAGE = "triage", N_("Phân loại")
    ASSIGN = "assign", N_("Giao giải quyết")
    ANSWER = "answer", N_("Trả lời ngay")
    REDIRECT = "redirect", N_("Hướng dẫn sang kênh khác")
    MERGE = "merge", N_("Gộp vào kiến nghị khác")
    START = "start", N_("Bắt đầu làm")
    HOLD = "hold", N_("Tạm dừng")
    RESUME = "resume", N_("Làm tiếp")
    REFER = "refer", N_("Chuyển cơ quan xem xét")
    REPLY = "reply", N_("Trả lời việc được chuyển")
    RESOLVE = "resolve", N_("Báo kết quả")
    DECLINE = "decline", N_("Báo chưa giải quyết được")
    FEED_BACK = "feed_back", N_("Đã trả lời tổ")
    CLOSE = "close", N_("Kết thúc")
    REOPEN = "reopen", N_("Mở lại")
    PRESS = "press", N_("Đôn đốc")
    ADVISE = "advise", N_("Góp ý")
    PROPOSE = "propose", N_("Đề xuất vượt cấp")


class Relation(StrEnum):
    """In what capacity somebody stands to a petition."""

    FOLLOWER = "follower"
    """Follows the group, on the spot or from above: raises, advises, presses, tells the group, asks to open again."""
    HOME = "home"
    """Handles petitions for the unit of the base tier the group lies in: sorts what comes, and says whose it is."""
    OWNER = "owner"
    """Handles petitions for the unit this one was given to, which is that of the base tier until it is: decides."""
    AGENCY = "agency"
    """Handles petitions for an agency this one was referred to: answers."""
    REVIEWER = "reviewer"
    """Oversees from above the owning unit: presses, and takes in hand what the owner leaves lying."""
    READER = "reader"
    """Reads."""


S, R = State, Relation
WAITING: Final = frozenset({S.RAISED, S.REOPENED})
"""Nobody has looked at it yet."""
WORKING: Final = frozenset({S.ASSIGNED, S.IN_PROGRESS, S.ON_HOLD})
UNSETTLED: Final = WAITING | WORKING | {S.TRIAGED}
OWED: Final = frozenset({S.ANSWERED, S.RESOLVED, S.DECLINED})
"""There is an answer, and the group does not know it."""
OPEN: Final = UNSETTLED | OWED
"""Somebody has to do something next."""
TOLD: Final = OWED | {S.FED_BACK}
LED: Final = TOLD | {S.MERGED, S.CLOSED}
"""What was merged follows the one that stands for it, until it is opened again alone."""
ANSWERS: Final = frozenset({Deed.ANSWER, Deed.RESOLVE, Deed.DECLINE})
NOBODY: Final = frozenset[Relation]()


class Rule(NamedTuple):
    """One line of the guards: in these states, these may do it; `when_late` only while the owner is silent."""

    deed: Deed
    states: frozenset[State]
    by: frozenset[Relation]
    leads_to: State | None = None
    """None: it stays where it is."""
    when_late: frozenset[Relation] = NOBODY


def _rule(
    deed: Deed, states: Collection[State], by: Collection[Relation], leads_to: State | None = None, *,
    when_late: Collection[Relation] = (),
) -> Rule:  # fmt: skip
    return Rule(deed, frozenset(states), frozenset(by), leads_to, frozenset(when_late))


_TELLERS = {R.FOLLOWER, R.HOME, R.OWNER}
RULES: Final = (
    _rule(Deed.TRIAGE, WAITING, {R.HOME}, S.TRIAGED, when_late={R.REVIEWER}),
    _rule(Deed.ASSIGN, {S.TRIAGED}, {R.HOME}, S.ASSIGNED, when_late={R.REVIEWER}),
    _rule(Deed.ASSIGN, {S.ASSIGNED}, {R.HOME, R.OWNER}, S.ASSIGNED, when_late={R.REVIEWER}),
    _rule(Deed.ASSIGN, {S.IN_PROGRESS, S.ON_HOLD}, {R.OWNER}, S.ASSIGNED, when_late={R.REVIEWER}),
    _rule(Deed.ANSWER, {S.TRIAGED}, {R.HOME}, S.ANSWERED),
    _rule(Deed.REDIRECT, {S.TRIAGED}, {R.HOME}, S.REDIRECTED, when_late={R.REVIEWER}),
    _rule(Deed.REDIRECT, WORKING, {R.OWNER}, S.REDIRECTED),
    _rule(Deed.MERGE, {S.TRIAGED}, {R.HOME}, S.MERGED),
    _rule(Deed.MERGE, WORKING, {R.OWNER}, S.MERGED),
    _rule(Deed.START, {S.ASSIGNED}, {R.OWNER}, S.IN_PROGRESS),
    _rule(Deed.HOLD, {S.IN_PROGRESS}, {R.OWNER}, S.ON_HOLD),
    _rule(Deed.RESUME, {S.ON_HOLD}, {R.OWNER}, S.IN_PROGRESS),
    _rule(Deed.REFER, {S.IN_PROGRESS, S.ON_HOLD}, {R.OWNER}),
    _rule(Deed.REPLY, WORKING, {R.AGENCY}),
    _rule(Deed.RESOLVE, {S.IN_PROGRESS, S.ON_HOLD}, {R.OWNER}, S.RESOLVED),
    _rule(Deed.DECLINE, {S.IN_PROGRESS, S.ON_HOLD}, {R.OWNER}, S.DECLINED),
    # The answer to the petition that stands for it reaches it of itself, and so does a second one.
    _rule(Deed.ANSWER, LED, NOBODY, S.ANSWERED),
    _rule(Deed.RESOLVE, LED, NOBODY, S.RESOLVED),
    _rule(Deed.DECLINE, LED, NOBODY, S.DECLINED),
    _rule(Deed.FEED_BACK, TOLD, _TELLERS, S.FED_BACK),
    _rule(Deed.CLOSE, {S.FED_BACK}, {R.OWNER}, S.CLOSED),
    _rule(Deed.REOPEN, TOLD, {R.FOLLOWER}, S.REOPENED),
    # Sent or put to the wrong place: set right by who sent it.
    _rule(Deed.REOPEN, {S.REDIRECTED, S.MERGED}, {R.HOME}, S.REOPENED),
    # What the group said before it could know of the closing still counts when it arrives.
    _rule(Deed.REOPEN, {S.CLOSED}, NOBODY, S.REOPENED),
    _rule(Deed.PRESS, OPEN, {R.FOLLOWER, R.HOME, R.REVIEWER, R.READER}),
    _rule(Deed.ADVISE, OPEN, {R.FOLLOWER, R.HOME, R.OWNER, R.AGENCY, R.REVIEWER}),
    _rule(Deed.PROPOSE, UNSETTLED, {R.FOLLOWER, R.HOME}),
)  # fmt: skip
"""All guards. Source: C2 and C3 of the domain analysis; where they are silent, docs/decisions/0070-petitions.md."""

SAYS: Final[Mapping[Deed, type[Record]]] = {
    Deed.TRIAGE: records.Triage, Deed.ASSIGN: records.Assignment, Deed.ANSWER: records.Answer,
    Deed.REDIRECT: records.Redirection, Deed.MERGE: records.Merger, Deed.START: records.Nothing,
    Deed.HOLD: records.Hold, Deed.RESUME: records.Nothing, Deed.REFER: records.Referral, Deed.REPLY: records.Reply,
    Deed.RESOLVE: records.Resolution, Deed.DECLINE: records.Refusal, Deed.FEED_BACK: records.Feedback,
    Deed.CLOSE: records.Word, Deed.REOPEN: records.Reason, Deed.PRESS: records.Word, Deed.ADVISE: records.Advice,
    Deed.PROPOSE: records.Proposal,
}  # fmt: skip
"""What has to be said with each deed."""

IN_THE_FIELD: Final = frozenset({Deed.FEED_BACK, Deed.REOPEN, Deed.PRESS, Deed.ADVISE})
"""What a phone may bring late: taken in whatever the state, with the effect it has."""


def _lead(deed: Deed, state: State) -> State | None:
    """Return where a deed leads from a state, by whoever; None when it leads nowhere from there."""
    found = next((rule for rule in RULES if rule.deed is deed and state in rule.states), None)
    return found and (found.leads_to or state)


def may(deed: Deed, state: State, relations: Collection[Relation], *, late: bool = False) -> bool:
    """Say whether somebody in these relations may do this to a petition in this state."""
    return any(
        not rule.by.isdisjoint(relations) or (late and not rule.when_late.isdisjoint(relations))
        for rule in RULES
        if rule.deed is deed and state in rule.states
    )


def steps(
    deed: Deed, state: State, relations: Collection[Relation], *, late: bool = False
) -> tuple[Deed, ...]:
    """Return what is done when somebody does this: the deed, and before it the step it takes for granted.

    Whoever assigns has triaged, whoever reports a result has begun. Empty when it may not be done.
    """
    if may(deed, state, relations, late=late):
        return (deed,)
    first = Deed.TRIAGE if state in WAITING else Deed.START
    between = _lead(first, state)
    if between and may(first, state, relations, late=late) and may(deed, between, relations, late=late):
        return first, deed
    return ()


def may_ever(deed: Deed, relations: Collection[Relation]) -> bool:
    """Say whether somebody in these relations may do this to a petition in some state."""
    return any(may(deed, state, relations, late=True) for state in State)


@dataclass(frozen=True)
class Event:
    """One thing that happened, as far as the state depends on it."""

    id: UUID
    deed: Deed
    about: UUID | None = None
    """The answer it speaks of, for what may come late."""
    unit: UUID | None = None
    day: date | None = None
    view: View | None = None
    other: UUID | None = None


@dataclass(frozen=True)
class Standing:
    """What a petition's log amounts to."""

    state: State = State.RAISED
    ending: UUID | None = None
    """The event that ended the work on it: an answer, a redirection or a merger."""
    owner: UUID | None = None
    """The unit it was given to; None for that of the base tier."""
    due: date | None = None
    rests_until: date | None = None
    view: View | None = None
    """What the group said of the standing answer. One that does not agree outweighs all that do."""
    head: UUID | None = None
    """The petition that stands for it."""
    proposed_to: UUID | None = None


def after(standing: Standing, event: Event) -> Standing:
    """Return what a petition amounts to after an event; what does not fit has no effect, and stays in the log."""
    if event.deed in (Deed.FEED_BACK, Deed.REOPEN, Deed.CLOSE) and event.about != standing.ending:
        return standing  # it speaks of an answer that no longer stands
    if event.deed is Deed.FEED_BACK and standing.state in TOLD | {S.CLOSED}:
        standing = replace(standing, view=_weighed(standing.view, event.view))
    state = _lead(event.deed, standing.state)
    if state is None:
        return standing
    if event.deed is Deed.REOPEN:
        return Standing(state, proposed_to=standing.proposed_to)
    return replace(standing, state=state, **_what_follows(standing, event))


def _what_follows(standing: Standing, event: Event) -> dict[str, Any]:
    match event.deed:
        case Deed.ASSIGN:
            return {"owner": event.unit, "due": event.day, "rests_until": None}
        case Deed.HOLD | Deed.RESUME:
            return {"rests_until": event.day}
        case Deed.ANSWER | Deed.RESOLVE | Deed.DECLINE | Deed.REDIRECT | Deed.MERGE:
            return {"ending": event.id, "head": event.other or standing.head, "view": None}
        case Deed.PROPOSE:
            return {"proposed_to": event.unit}
        case _:
            return {}


def _weighed(first: View | None, second: View | None) -> View | None:
    weights = (None, View.UNKNOWN, View.AGREED, View.NOT_YET)
    return max(first, second, key=weights.index)


def standing_of(log: Iterable[Event]) -> Standing:
    """Return what a log amounts to; an event that was told twice counts once."""
    standing = Standing()
    for event in {event.id: event for event in log}.values():
        standing = after(standing, event)
    return standing


class Times(NamedTuple):
    """How many working days the steps may take that nobody gives a day of its own."""

    triage: int
    feedback: int


def next_by(standing: Standing, since: date, calendar: Calendar, times: Times) -> date | None:
    """Return until when the next step is due, for a petition in its state since a day; None when none is."""
    if standing.state in WAITING or standing.state is S.TRIAGED:
        return calendar.after(since, times.triage)
    if standing.state is S.ON_HOLD:
        return standing.rests_until
    if standing.state in WORKING:
        return standing.due
    return calendar.after(since, times.feedback) if standing.state in OWED else None


def is_late(until: date | None, today: date) -> bool:
    """Say whether a step is overdue: then the tier above sees it, and who owes the step is told so."""
    return until is not None and until < today


def what_is_wrong(deed: Deed, said: Record, standing: Standing, today: date) -> tuple[str, str] | None:
    """Return the field and the sentence of what a valid record must not say in this place, or None."""
    match said:
        case records.Feedback() if said.day > today:
            return "day", N_("Ngày trả lời chưa tới.")
        case records.Assignment() | records.Referral() | records.Hold() if said.day < today:
            return "day", N_("Ngày này đã qua.")
        case records.Word() if deed is Deed.CLOSE and standing.view is View.NOT_YET and not said.text:
            return "text", N_("Tổ chưa đồng ý: ghi rõ vì sao vẫn kết thúc.")
        case _:
            return None


class Returned(NamedTuple):
    """How much of what groups were due to hear they heard: the figure this work is for."""

    told: int
    """Whose answer was told to the group."""
    owed: int
    """Whose next step is overdue: nobody has answered in time, or nobody has told the group."""
    days: float | None
    """The median of the days from raised to told."""

    @property
    def due(self) -> int:
        """Return of how many the group should have heard."""
        return self.told + self.owed

    @property
    def share(self) -> float | None:
        """Return which share of what was due was told; nothing due has none."""
        return self.told / self.due if self.due else None


def returned(waits: Collection[int], owed: int) -> Returned:
    """Return the figure of some petitions told after so many days each, and of those overdue.

    Who leaves a matter lying counts like who answers and does not tell: the group hears nothing either way.
    """
    return Returned(len(waits), owed, median(waits) if waits else None)


def waited(raised: date, told: date) -> int:
    """Return how many days a group waited; a phone's clock that is ahead makes no negative ones."""
    return max(0, (told - raised).days)
