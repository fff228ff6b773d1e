"""Writes of bulletins: compose, publish, replace, withdraw; and what entries say was conveyed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlalchemy import delete, select

from webapp import clock
from webapp.audit.actions import record
from webapp.bulletins import queries, rules
from webapp.bulletins.models import (
    Attachment,
    BulletinAttachment,
    BulletinItem,
    BulletinKind,
    BulletinPlace,
    Conveyance,
)
from webapp.bulletins.rules import Attached, Deed, Refused, State
from webapp.db import insertion, new_id, run, table_of, transaction
from webapp.errors import Problem
from webapp.fields import N_
from webapp.permissions import Permission
from webapp.places.models import Unit
from webapp.sync.feeds import announce, feeds_below

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from webapp.accounts.rules import Actor


class ItemFacts(NamedTuple):
    """What is composed of an item."""

    unit_id: UUID
    month: date
    title: str
    text: str
    is_pinned: bool
    places: frozenset[UUID]
    """None given: the whole place in whose name it is published."""
    kinds: frozenset[str]
    kept: frozenset[str] = frozenset()
    """Of the files it has, those that stay, by their content."""
    added: Mapping[Attached, bytes] = {}


def save_draft(actor: Actor, item_id: UUID, facts: ItemFacts) -> None:
    """Begin a draft or change one: a new id makes a new one; sent twice, it is one.

    Raises `Problem` (``not_found``) where the actor does not publish, `Refused` when it is published already.
    """
    _check_right(actor, facts.unit_id)
    with transaction() as session:
        found = session.get(BulletinItem, item_id)
        if found is None:
            found = _begin(session, actor, item_id, facts.unit_id)
        elif found.unit_id != facts.unit_id:
            raise Problem("not_found")
        elif found.state != State.DRAFT:
            raise Refused(N_("Nội dung này đã phát hành; muốn sửa thì soạn bản thay thế."))
        found.month, found.title, found.text = rules.month_of(facts.month), facts.title, facts.text
        found.is_pinned = facts.is_pinned
        session.flush()
        _aim(session, item_id, facts.places or frozenset({facts.unit_id}), facts.kinds)
        stay = [one for one in queries.attachments([item_id])[item_id] if one.sha256 in facts.kept]
        _attach(session, item_id, [*stay, *facts.added], facts.added)
        _note(actor, "bulletin_drafted", found)


def publish(actor: Actor, item_id: UUID) -> None:
    """Publish a draft: phones of its audience are told at their next sync; the version it replaces is kept, marked.

    Raises `Refused` with the reason when it cannot be published now.
    """
    with transaction() as session:
        found = _locked(session, actor, item_id, Deed.PUBLISH)
        if found.state == State.PUBLISHED:
            return
        old = session.get(BulletinItem, found.replaces_id) if found.replaces_id else None
        [item] = queries.as_items([found])
        standing = queries.lines(item.audience.places, clock.today())
        reason = rules.why_not(
            replace(item, audience=item.audience.at(standing)),
            queries.published_for(found.unit_id, found.month),
            standing,
            clock.today(),
            queries.as_items([old])[0] if old else None,
        )
        if reason:
            raise Refused(reason)
        now = clock.now()
        if old:
            old.state, old.ended_at = State.REPLACED.value, now
            _note(actor, "bulletin_replaced", old)
        found.state, found.published_at, found.published_by_id = State.PUBLISHED.value, now, actor.officer_id
        session.flush()
        _note(actor, "bulletin_published", found)
        announce(feeds_below(found.unit_id))


def begin_replacement(actor: Actor, item_id: UUID) -> UUID:
    """Begin a draft that says the same and will replace a published item; asked again, it is the same draft."""
    with transaction() as session:
        old = _locked(session, actor, item_id, Deed.REPLACE)
        begun = session.scalar(select(BulletinItem.id).where(BulletinItem.replaces_id == item_id))
        if begun:
            return begun
        made = _begin(session, actor, new_id(), old.unit_id)
        made.month = max(old.month, rules.month_of(clock.today()))
        made.title, made.text, made.is_pinned = old.title, old.text, old.is_pinned
        made.version, made.replaces_id = old.version + 1, old.id
        session.flush()
        [item] = queries.as_items([old])
        now = item.audience.at(queries.lines(item.audience.places, clock.today()))
        _aim(session, made.id, now.places or frozenset({old.unit_id}), now.kinds)
        _attach(session, made.id, queries.attachments([old.id])[old.id])
        _note(actor, "bulletin_drafted", made)
        return made.id


def withdraw(actor: Actor, item_id: UUID) -> None:
    """Take a published item back: phones forget it at their next sync; it stays on the list, marked."""
    with transaction() as session:
        found = _locked(session, actor, item_id, Deed.WITHDRAW)
        if found.state == State.WITHDRAWN:
            return
        found.state, found.ended_at = State.WITHDRAWN.value, clock.now()
        session.flush()
        _note(actor, "bulletin_withdrawn", found)
        announce(feeds_below(found.unit_id))


def discard(actor: Actor, item_id: UUID) -> None:
    """Throw a draft away: nobody has read it."""
    with transaction() as session:
        found = _locked(session, actor, item_id, Deed.DISCARD)
        for model in (BulletinPlace, BulletinKind):
            session.execute(delete(model).where(model.item_id == item_id))
        _attach(session, item_id, [])
        _note(actor, "bulletin_discarded", found)
        session.delete(found)


def note_conveyed(said: Mapping[UUID, Mapping[UUID, str]]) -> None:
    """Write down what entries say was conveyed, and the questions it drew: by entry, by item.

    It replaces what an earlier revision said. Items nobody knows are left out: the entry keeps its words.
    """
    table = table_of(Conveyance)
    run(delete(table).where(table.c.record_id.in_(said)))
    named = {item_id for items in said.values() for item_id in items}
    if not named:
        return
    known = set(run(select(BulletinItem.id).where(BulletinItem.id.in_(named))).scalars())
    rows = [
        {"record_id": record_id, "item_id": item_id, "questions": questions}
        for record_id, items in said.items()
        for item_id, questions in items.items()
        if item_id in known
    ]
    if rows:
        run(insertion(Conveyance), rows)


def _begin(session: Session, actor: Actor, item_id: UUID, unit_id: UUID) -> BulletinItem:
    made = BulletinItem(
        id=item_id, unit_id=unit_id, month=rules.month_of(clock.today()), title="", text="", is_pinned=False,
        state=State.DRAFT.value, version=1, made_at=clock.now(), made_by_id=actor.officer_id,
    )  # fmt: skip
    session.add(made)
    return made


def _aim(session: Session, item_id: UUID, places: frozenset[UUID], kinds: frozenset[str]) -> None:
    for model in (BulletinPlace, BulletinKind):
        session.execute(delete(model).where(model.item_id == item_id))
    session.add_all(BulletinPlace(item_id=item_id, unit_id=one) for one in sorted(places))
    session.add_all(BulletinKind(item_id=item_id, type_code=one) for one in sorted(kinds))
    session.flush()


def _attach(
    session: Session, item_id: UUID, files: Sequence[Attached], added: Mapping[Attached, bytes] | None = None
) -> None:
    """Make these the files of an item; what no item has any more is thrown away.

    Raises `Refused` when they are too many.
    """
    files = list({one.sha256: one for one in files}.values())
    if len(files) > rules.MAX_ATTACHMENTS:
        raise Refused(N_("Mỗi nội dung kèm nhiều nhất 2 tệp; bỏ bớt một tệp."))
    before = set(session.scalars(delete(BulletinAttachment).where(BulletinAttachment.item_id == item_id)
                                 .returning(BulletinAttachment.sha256)))  # fmt: skip
    for file, data in (added or {}).items():
        if session.get(Attachment, file.sha256) is None:
            session.add(Attachment(sha256=file.sha256, media_type=file.media_type, size=file.size, data=data))
    session.flush()
    session.add_all(
        BulletinAttachment(item_id=item_id, sha256=file.sha256, name=file.name, place=place)
        for place, file in enumerate(files)
    )
    session.flush()
    used = select(BulletinAttachment.sha256).where(BulletinAttachment.sha256 == Attachment.sha256).exists()
    session.execute(delete(Attachment).where(Attachment.sha256.in_(before), ~used))


def _locked(session: Session, actor: Actor, item_id: UUID, deed: Deed) -> BulletinItem:
    """Return an item that the actor may do something with, its place locked: pins are counted one after the other."""
    found = session.get(BulletinItem, item_id)
    if found is None:
        raise Problem("not_found")
    _check_right(actor, found.unit_id)
    session.scalar(select(Unit.id).where(Unit.id == found.unit_id).with_for_update())
    session.refresh(found)
    reached = {Deed.PUBLISH: State.PUBLISHED, Deed.WITHDRAW: State.WITHDRAWN}.get(deed)
    if deed not in rules.ALLOWED[State(found.state)] and found.state != reached:
        raise Refused(N_("Nội dung này đã đổi từ lúc mở trang; xem lại tình trạng mới."))
    return found


def _check_right(actor: Actor, unit_id: UUID) -> None:
    if not rules.may_publish(unit_id, actor.roots(Permission.PUBLISH_BULLETIN, clock.today())):
        raise Problem("not_found")


def _note(actor: Actor, action: str, item: BulletinItem) -> None:
    record(
        action,
        actor_id=actor.officer_id,
        record_kind="bulletin_item",
        record_id=item.id,
        unit_id=item.unit_id,
    )
