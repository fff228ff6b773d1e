"""What a phone is told: its scope, and what changed in it since its cursor."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from webapp import clock
from webapp.db import db
from webapp.sync.held import told_of_quarantine
from webapp.sync.models import Feed
from webapp.sync.records import PROTOCOL
from webapp.sync.registry import Window, add_to, kinds, told_whole
from webapp.sync.rules import short_hash
from webapp.sync.scope import Scope, scope_of, with_contacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from webapp.accounts.rules import Actor

PAGE = 400
CHECKED_MONTHS = 3
"""How many past months the check of a phone's entries covers, besides the present one."""
CHECKED_FOR = timedelta(days=30)
"""How long after they were received the check covers the other records; a first load brings those of twice as long."""

_CURSOR = 2
_HALF = 8
"""A digest of the units with their contacts, and of each thing that is told whole, is half as long as others."""


@dataclass(frozen=True)
class Cursor:
    """How far a phone has come, per feed; opaque on the wire."""

    officer_id: UUID
    positions: dict[UUID, int]
    scope_key: str
    scope_digest: str
    is_first_load: bool
    quarantine_digest: str

    def write(self) -> str:
        """Return the token that travels."""
        plain = json.dumps([
            _CURSOR, str(self.officer_id), {str(feed): seq for feed, seq in self.positions.items()},
            self.scope_key, self.scope_digest, self.is_first_load, self.quarantine_digest,
        ])  # fmt: skip
        return urlsafe_b64encode(plain.encode()).decode()

    @classmethod
    def read(cls, token: str, officer_id: UUID) -> Cursor | None:
        """Return the cursor of this officer, or None when the token says nothing we know."""
        try:
            version, owner, positions, key, digest, first, kept = json.loads(urlsafe_b64decode(token))
            cursor = cls(
                UUID(owner),
                {UUID(feed): int(seq) for feed, seq in positions.items()},
                str(key),
                str(digest),
                bool(first),
                str(kept),
            )
        except (ValueError, TypeError, AttributeError, RecursionError):
            return None
        return cursor if version == _CURSOR and cursor.officer_id == officer_id else None


def pull(actor: Actor, token: str, *, wants_check: bool = False, wants_own: bool = True) -> dict[str, Any]:
    """Return one page of what changed for the actor since the cursor `token` (docs/sync-protocol.md, section 5).

    Without `wants_own` it leaves out bodies that the actor's device has sent itself, except while it starts over.
    """
    scope = scope_of(actor)
    cursor = Cursor.read(token, actor.officer_id)
    reset = cursor is None or cursor.scope_key != scope.key
    positions = {} if cursor is None or reset else dict(cursor.positions)
    first_load = reset or (cursor is not None and cursor.is_first_load)
    answer: dict[str, Any] = {
        "protocol": PROTOCOL,
        "officer": str(actor.officer_id),
        "server_time": clock.iso(clock.now()),
        "reset": reset,
        "gone": [],
    }
    answer |= {kind.pull_name: [] for kind in kinds()}
    own_device = None if wants_own or first_load else actor.device_id
    # A phone that starts over is told its groups first, alone: they are what the form needs.
    room = PAGE if not reset else 0
    has_news = False
    for feed_id, last, told_at in _feed_heads(scope.mine):
        has_news |= told_at > positions.get(feed_id, 0)
        if room <= 0:
            break
        window = Window(
            scope.share(actor.officer_id, feed_id), positions.get(feed_id, 0), last, room + 1, first_load,
            clock.today(), own_device,
        )  # fmt: skip
        room -= _read_feed(window, positions, answer)
    _round_off(answer, scope)
    more = room <= 0 and bool(scope.mine)
    known, _, said = (cursor.scope_digest if cursor and not reset else "").partition(":")
    units_digest, told_digest = said[:_HALF], said[_HALF:]
    if known != scope.digest or wants_check:
        units = with_contacts(actor, scope)
        fresh = short_hash(units)[:_HALF]
        if (known, units_digest) != (scope.digest, fresh):
            answer["scope"] = {"units": units}
        units_digest = fresh
    if not reset and (has_news or wants_check or not told_digest):
        told = told_whole(actor.officer_id, scope.groups, scope.known)
        marks = [short_hash(value)[:_HALF] for value in told.values()]
        before = [told_digest[n * _HALF : (n + 1) * _HALF] for n in range(len(marks))]
        answer |= {
            name: told[name] for name, mark, old in zip(told, marks, before, strict=True) if mark != old
        }
        told_digest = "".join(marks)
    scope_digest = f"{scope.digest}:{units_digest}{told_digest}"
    known_held = "" if cursor is None or reset else cursor.quarantine_digest
    held_told, held_digest = told_of_quarantine(actor, known_held, wants_check=wants_check)
    answer |= held_told
    is_first_load = first_load and more
    more = more or ":" in held_digest
    if wants_check and not more:
        answer["check"] = check_of(actor, scope)
    done = Cursor(actor.officer_id, positions, scope.key, scope_digest, is_first_load, held_digest)
    return answer | {"more": more, "cursor": done.write()}


def _feed_heads(mine: Mapping[UUID, frozenset[UUID]]) -> list[tuple[UUID, int, int]]:
    """Read how far each feed has come, before reading its rows: what is numbered up to there is committed."""
    rows = db.session.execute(
        select(Feed.unit_id, Feed.seq, Feed.told_seq).where(Feed.unit_id.in_(mine)).order_by(Feed.unit_id)
    )
    return [(row.unit_id, row.seq, row.told_seq) for row in rows]


def _read_feed(window: Window, positions: dict[UUID, int], answer: dict[str, Any]) -> int:
    """Add the changes of one feed to the answer, one less than the limit, move its position, return how many."""
    changes = sorted(
        ((kind, change) for kind in kinds() for change in kind.changes(window)), key=lambda one: one[1].seq
    )
    room = window.limit - 1
    page = changes[:room]
    for kind in kinds():
        records = [change.record for of_kind, change in page if of_kind is kind and change.record]
        add_to(kind.name, [record for record in records if "revisions" in record])
        answer[kind.pull_name].extend(records)
    answer["gone"].extend(str(change.id) for _, change in page if change.record is None)
    positions[window.share.feed_id] = page[-1][1].seq if len(changes) > room else window.until
    return len(changes) if len(changes) > room else len(page)


def _round_off(answer: dict[str, Any], scope: Scope) -> None:
    """Let what goes with dropped records be dropped too, and tell the others as of where they are shown now."""
    if answer["gone"]:
        gone = {UUID(one) for one in answer["gone"]}
        answer["gone"] += [str(one) for kind in kinds() if kind.parts for one in kind.parts(gone)]
    if scope.became:
        _show_where_they_are_now([one for kind in kinds() for one in answer[kind.pull_name]], scope.became)


def _show_where_they_are_now(records: list[dict[str, Any]], became: Mapping[UUID, UUID]) -> None:
    """Tell of what was written for a group that has ended as of the group followed now; the book keeps the old one."""
    for record in records:
        now = became.get(UUID(record["unit_id"]))
        if now:
            record["unit_id"] = str(now)
        if now and "body" in record:
            record["body"] = record["body"] | {"unit_id": str(now)}


def check_of(actor: Actor, scope: Scope) -> dict[str, Any]:
    """Return the digests a phone compares with its own, over what is recent and it should hold."""
    since = clock.today().replace(day=1)
    for _ in range(CHECKED_MONTHS):
        since = (since - timedelta(days=1)).replace(day=1)
    moment = clock.now() - CHECKED_FOR
    shares = [scope.share(actor.officer_id, feed_id) for feed_id in scope.mine]
    days = (kind.checked(share, since) for kind in kinds() if kind.checked for share in shares)
    others = (kind.received(share, moment) for kind in kinds() if kind.received for share in shares)
    return (
        {"since": since.isoformat()}
        | _digest(days)
        | {"others": {"since": clock.iso(moment)} | _digest(others)}
    )


def _digest(found: Iterable[Iterable[tuple[UUID, int]]]) -> dict[str, Any]:
    lines = sorted(f"{record_id}:{seq}\n" for some in found for record_id, seq in some)
    return {"count": len(lines), "digest": hashlib.sha256("".join(lines).encode()).hexdigest()}
