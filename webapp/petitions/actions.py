"""Writes of petitions: one step of one petition at a time, appended to its log, by somebody who may."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from sqlalchemy import select, update

from webapp import clock
from webapp.audit.actions import record
from webapp.db import db, new_id, run, table_of, transaction
from webapp.errors import Problem
from webapp.fields import N_, Record
from webapp.petitions import queries, records, rules
from webapp.petitions.models import PetitionCategory, PetitionEvent, PetitionRecord, PetitionTime
from webapp.petitions.presets import CATEGORIES, SINCE, TIMES, WORDS
from webapp.petitions.records import SHORTEST_REASON, View
from webapp.petitions.rules import Deed, Relation, Standing, State
from webapp.places.dated import SUCCEEDED, Changes
from webapp.places.queries import went_into
from webapp.redaction import actions as redaction
from webapp.redaction.models import Redaction
from webapp.redaction.records import Reason, Redacting
from webapp.redaction.rules import reworded
from webapp.sync.feeds import take_numbers
from webapp.sync.registry import RecordKind, kind_of
from webapp.workdays.queries import calendar

if TYPE_CHECKING:
    from webapp.accounts.rules import Actor


class Refused(Exception):  # noqa: N818 - a fact about what was said, not a bug
    """What was said does not fit: `field` says where to pin the sentence."""

    def __init__(self, field: str, message: str) -> None:
        """Pin `message` (a Vietnamese sentence) to `field`."""
        super().__init__(message)
        self.field, self.message = field, message


@dataclass(frozen=True)
class Step:
    """What somebody does to a petition, and what they say with it."""

    deed: Deed
    said: Record
    id: UUID = field(default_factory=new_id)
    """Minted where it was done: sent twice, it is done once."""
    seen: int | None = None
    """How many events its author had read; a decision on less than there is now is refused."""
    about: UUID | None = None
    """The answer it speaks of; None for the standing one."""
    learned_at: datetime | None = None
    recorded_at: datetime | None = None
    """When it was written down in the field; None for what is done at the desk."""
    clock_offset: int | None = None
    clock_jumped: bool = False


def take_step(actor: Actor, petition_id: UUID, step: Step) -> tuple[Deed, ...]:
    """Do one thing to a petition and return what was done: the step, and before it the one it takes for granted.

    Raises `Problem` (``not_found``, ``forbidden``, ``petition_moved_on``) or `Refused`.
    """
    with transaction() as session:
        if step.deed is Deed.REDIRECT:
            redaction.lock_family(_kind(), petition_id)
        chain = queries.merged_into([petition_id]) if step.deed in rules.ANSWERS else set()
        other = {step.said.other_id} if isinstance(step.said, records.Merger) else set()
        locked = _lock({petition_id, *chain, *other})
        found = queries.petition(actor, petition_id)
        if found is None:
            raise Problem("not_found")
        if chain and queries.merged_into([petition_id]) != chain:
            raise Problem("overloaded", retry_after=1)  # one more was merged while we waited
        petition, relations = found
        before = session.get(PetitionEvent, step.id)
        if before is not None:
            if (before.petition_id, before.actor_id) != (petition_id, actor.officer_id):
                raise Problem("bad_request")
            return ()
        done = _judge(petition, relations, step)
        _check(actor, petition, step, locked)
        changed = [petition]
        for deed in done:
            said = step.said if deed is step.deed else _granted(petition, deed)
            event_id = step.id if deed is step.deed else uuid5(step.id, deed)
            _append(
                petition, actor.officer_id, deed, said, step, event_id, _capacity(deed, petition, relations)
            )
        for follower in sorted(chain):
            _append(
                locked[follower],
                actor.officer_id,
                step.deed,
                step.said,
                step,
                uuid5(step.id, str(follower)),
                None,
            )
            changed.append(locked[follower])
        if step.deed is Deed.REDIRECT:
            # The one place where it is settled that what belongs elsewhere is counted and never described.
            redaction.redact_whole(actor.officer_id, _kind(), petition_id, Reason.CHANNEL)
        _number(changed)
    return done


def redact(actor: Actor, petition_id: UUID, asked: Redacting) -> None:
    """Mask something of a petition in all that is stored.

    Raises `Problem` (``not_found``, ``forbidden``) or `redaction.actions.Refused`.
    """
    with transaction():
        found = queries.petition(actor, petition_id)
        if found is None:
            raise Problem("not_found")
        if not queries.may_redact(actor, found[0]):
            raise Problem("forbidden")
        redaction.redact(actor.officer_id, _kind(), petition_id, asked)


def mask_logs(petition_ids: Collection[UUID], reword: redaction.RewordOf) -> set[UUID]:
    """Mask what was said in the logs of petitions."""
    masked: set[UUID] = set()
    for event in db.session.scalars(select(PetitionEvent).where(PetitionEvent.petition_id.in_(petition_ids))):
        said = json.loads(event.said)
        one = event.petition_id

        def on(_: str, text: str, one: UUID = one) -> str:
            return reword(one, text)

        now = reworded(rules.SAYS[Deed(event.deed)], said, on)
        if now != said:
            event.said = json.dumps(now, ensure_ascii=False)
            masked.add(one)
    return masked


def _kind() -> RecordKind:
    found = kind_of("petition.save")
    if found is None:
        raise LookupError("petitions are not known to sync")
    return found[0]


@dataclass(frozen=True)
class Telling:
    """That an entry says its group was told an answer at the meeting, and what the group said."""

    petition_id: UUID
    answer_id: UUID
    entry_id: UUID
    unit_id: UUID
    author_id: UUID
    said: records.Feedback
    learned_at: datetime | None
    recorded_at: datetime
    clock_offset: int | None
    clock_jumped: bool


def lock_told(tellings: Collection[Telling]) -> None:
    """Lock the petitions that entries are about to speak of."""
    _lock({one.petition_id for one in tellings})


def hear(tellings: Collection[Telling]) -> None:
    """Let petitions know what entries tell of them: told to the group, and opened again where it does not agree.

    It counts once however often an entry says it, and means the same whenever it comes: each event names the answer
    it speaks of. What is said of another group's petition, or of an answer never given, stays words of the entry.
    """
    locked = _lock({one.petition_id for one in tellings})
    changed: dict[UUID, PetitionRecord] = {}
    for one in tellings:
        petition = locked.get(one.petition_id)
        if petition is None or not _was_owed(petition, one):
            continue
        for deed, said in _what_is_told(one.said):
            event_id = uuid5(one.answer_id, f"{one.entry_id} {one.said.view.value} {deed.value}")
            if db.session.get(PetitionEvent, event_id):
                continue
            step = Step(
                deed, said, event_id, about=one.answer_id, learned_at=one.learned_at,
                recorded_at=one.recorded_at, clock_offset=one.clock_offset, clock_jumped=one.clock_jumped,
            )  # fmt: skip
            _append(petition, one.author_id, deed, said, step, event_id, Relation.FOLLOWER)
            changed[petition.id] = petition
    _number(changed.values())


def _was_owed(petition: PetitionRecord, telling: Telling) -> bool:
    """Say whether this answer was given to this petition, and the petition is of the group that met."""
    answer = db.session.get(PetitionEvent, telling.answer_id)
    if answer is None or answer.petition_id != petition.id or answer.deed not in rules.ANSWERS:
        return False
    return bool(went_into([petition.unit_id], {telling.unit_id}, clock.today()))


def _what_is_told(said: records.Feedback) -> list[tuple[Deed, Record]]:
    told: list[tuple[Deed, Record]] = [(Deed.FEED_BACK, said)]
    if said.view is View.NOT_YET:
        why = said.text if len(said.text) >= SHORTEST_REASON else View.NOT_YET.label
        told.append((Deed.REOPEN, records.Reason(text=why)))
    return told


def _lock(ids: Collection[UUID]) -> dict[UUID, PetitionRecord]:
    """Lock petitions, in the order of their ids, as every writer does."""
    rows = db.session.scalars(
        select(PetitionRecord).where(PetitionRecord.id.in_(ids)).order_by(PetitionRecord.id).with_for_update()
    )
    return {row.id: row for row in rows}


def _judge(petition: PetitionRecord, relations: Collection[Relation], step: Step) -> tuple[Deed, ...]:
    """Return what is to be done, or say why not."""
    if not rules.may_ever(step.deed, relations):
        raise Problem("forbidden")
    if step.recorded_at is not None and step.deed in rules.IN_THE_FIELD:
        return (step.deed,)  # whatever has happened since: it has the effect it has
    late = rules.is_late(petition.next_by, clock.today())
    done = rules.steps(step.deed, State(petition.state), relations, late=late)
    if not done or step.seen not in (None, petition.event_seq):
        raise Problem("petition_moved_on")
    return done


def _check(actor: Actor, petition: PetitionRecord, step: Step, locked: dict[UUID, PetitionRecord]) -> None:
    """Refuse what is said where it does not fit."""
    standing = rules.standing_of(queries.log_of(petition.id))
    wrong = rules.what_is_wrong(step.deed, step.said, standing, clock.today())
    if wrong:
        raise Refused(*wrong)
    match step.said:
        case records.Assignment(unit_id=unit_id):
            fitting = queries.addressees(petition).owners
        case records.Referral(unit_id=unit_id):
            fitting = queries.addressees(petition).agencies
        case records.Proposal(unit_id=unit_id):
            fitting = queries.addressees(petition).past_a_tier
        case records.Merger(other_id=other_id):
            head = locked.get(other_id)
            if other_id == petition.id or head is None or queries.petition(actor, other_id) is None:
                raise Refused("other_id", N_("Không tìm thấy kiến nghị này."))
            if head.state not in rules.UNSETTLED:
                raise Refused("other_id", N_("Kiến nghị kia đã xong hoặc đã gộp; chọn kiến nghị khác."))
            return
        case _:
            return
    if unit_id not in {unit.id for unit in fitting}:
        raise Refused("unit_id", N_("Không giao được cho đơn vị này."))


def _granted(petition: PetitionRecord, deed: Deed) -> Record:
    """Return what is said with a step that was taken for granted."""
    if deed is Deed.TRIAGE:
        return records.Triage(
            category=records.Topic(petition.category), urgency=records.Urgency(petition.urgency)
        )
    return records.Nothing()


def _capacity(deed: Deed, petition: PetitionRecord, relations: Collection[Relation]) -> Relation:
    """Return in which of their capacities somebody did it: the nearest to the petition that allows it."""
    state = State(petition.state)
    able = (one for one in Relation if one in relations and rules.may(deed, state, [one], late=True))
    return next(able, next(one for one in Relation if one in relations and rules.may_ever(deed, [one])))


def _append(
    petition: PetitionRecord, actor_id: UUID, deed: Deed, said: Record, step: Step, event_id: UUID,
    relation: Relation | None,
) -> None:  # fmt: skip
    """Append one event to a locked petition's log and bring its row up to date."""
    now = clock.now()
    log = queries.log_of(petition.id)
    standing = rules.standing_of(log)
    unit_id: UUID | None = getattr(said, "unit_id", None)
    about = step.about or standing.ending if relation else step.id
    event = PetitionEvent(
        id=event_id, petition_id=petition.id, seq=petition.event_seq + 1, deed=deed.value, relation=relation or "",
        actor_id=actor_id, about_id=about, unit_id=unit_id,
        said=said.model_dump_json(exclude_defaults=True), learned_at=step.learned_at,
        recorded_at=step.recorded_at or now, clock_offset=step.clock_offset,
        clock_jumped=step.clock_jumped, received_at=now,
    )  # fmt: skip
    db.session.add(event)
    petition.event_seq += 1
    _project(petition, standing, rules.after(standing, queries.event_of(event)), now)
    match said:
        case records.Triage():
            petition.category, petition.urgency = said.category.value, said.urgency.value
        case records.Redirection():
            petition.channel = said.channel.value
        case _:
            pass
    db.session.flush()
    record(f"petition.{deed.value}", actor_id=actor_id, record_kind="petition",
           record_id=petition.id, unit_id=petition.unit_id)  # fmt: skip


def _project(petition: PetitionRecord, before: Standing, now: Standing, moment: datetime) -> None:
    """Write on a petition's row what its log amounts to."""
    if petition.state == State.WITHDRAWN:
        return
    if now.state is not before.state:
        petition.since = moment
    if (now.state, now.due, now.rests_until) != (before.state, before.due, before.rests_until):
        petition.next_by = _next_by(now, petition.since)
    petition.state, petition.ending_id, petition.owner_unit_id = now.state.value, now.ending, now.owner
    petition.due, petition.view = now.due, now.view.value if now.view else None
    petition.head_id, petition.proposed_to_id = now.head, now.proposed_to


def _number(changed: Iterable[PetitionRecord]) -> None:
    """Number the changes on their feeds, locked last of all."""
    changed = list(changed)
    numbers = take_numbers(one.feed_unit_id for one in changed)
    for one in changed:
        one.feed_seq = next(numbers[one.feed_unit_id])


def _next_by(standing: Standing, since: datetime) -> date | None:
    day = clock.local(since).date()
    return rules.next_by(standing, day, calendar(), queries.times(day))


def start_clocks(petition_ids: Collection[UUID]) -> None:
    """Say until when petitions that have just come are to be sorted, in the transaction that takes them in."""
    if petition_ids:
        run(
            update(table_of(PetitionRecord))
            .where(PetitionRecord.id.in_(petition_ids))
            .values(next_by=_next_by(Standing(), clock.now()))
        )


def recount() -> None:
    """Count anew until when the next step is due that follows from the calendar: it, or a rule, has changed."""
    counted = rules.WAITING | rules.OWED | {State.TRIAGED}
    with transaction() as session:
        moments = session.execute(
            select(PetitionRecord.state, PetitionRecord.since)
            .where(PetitionRecord.state.in_(counted))
            .distinct()
        ).all()
        days = {(state, clock.local(since).date()) for state, since in moments}
        for state, day in sorted(days):
            start = datetime.combine(day, time.min, clock.LOCAL_ZONE)
            session.execute(
                update(PetitionRecord)
                .where(
                    PetitionRecord.state == state, PetitionRecord.since >= start,
                    PetitionRecord.since < start + timedelta(days=1),
                )
                .values(next_by=_next_by(Standing(State(state)), start))
            )  # fmt: skip


def follow_places(changes: Changes, on: date, basis: str) -> list[str]:  # noqa: ARG001 - as every effect is called
    """Let phones hear who settles open petitions now that their owner went into another; return which."""
    ended = {ending.unit for ending in changes.endings() if ending.state in SUCCEEDED}
    open_ones = select(PetitionRecord.id).where(
        PetitionRecord.owner_unit_id.in_(ended), PetitionRecord.state.in_(rules.OPEN)
    )
    moved = db.session.scalars(open_ones).all() if ended else []
    _number(_lock(moved).values())
    return [str(one) for one in moved]


def take_back(moved: list[str]) -> None:
    """Let phones hear that the change was taken back: the log never said anything else."""
    _number(_lock([UUID(one) for one in moved]).values())


def add_known() -> None:
    """Add the rules that come with the software and are not there yet, and start the clocks that stand."""
    with transaction() as session:
        known = set(session.scalars(select(PetitionCategory.code)))
        session.add_all(
            PetitionCategory(
                code=one.topic.value, valid_from=SINCE, level=one.level.value, must_report=one.must_report,
                answer_days=one.answer_days, routing=one.routing, basis=one.basis, words=WORDS.get(one.topic, ""),
            )
            for one in CATEGORIES
            if one.topic.value not in known
        )  # fmt: skip
        steps = set(session.scalars(select(PetitionTime.step)))
        session.add_all(
            PetitionTime(step=step, valid_from=SINCE, days=days, basis=basis)
            for step, days, basis in TIMES
            if step not in steps
        )
    recount()
    _mask_redirected()


def _mask_redirected() -> None:
    """Mask what was redirected before there was redaction, one after the other: nobody has to wait for all."""
    masked = select(Redaction.record_id).where(Redaction.is_whole)
    found = db.session.execute(
        select(PetitionRecord.id, PetitionEvent.actor_id)
        .join(PetitionEvent, PetitionEvent.id == PetitionRecord.ending_id)
        .where(PetitionRecord.state == State.REDIRECTED, PetitionRecord.id.not_in(masked))
    ).all()
    for petition_id, by in found:
        redaction.redact_whole(by, _kind(), petition_id, Reason.CHANNEL)
