"""Reads of what was masked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import bindparam, select

from webapp import clock
from webapp.accounts.models import Officer
from webapp.db import db, run
from webapp.redaction import rules
from webapp.redaction.models import RedactedPassage, Redaction
from webapp.redaction.records import Reason
from webapp.redaction.rules import Passage
from webapp.sync.registry import Arriving

_PASSAGES = select(
    RedactedPassage.record_id, RedactedPassage.trace, RedactedPassage.length, RedactedPassage.reason
).where(RedactedPassage.record_id.in_(bindparam("ids", expanding=True)))
_REDACTED = select(Redaction.record_id, Redaction.is_whole, Redaction.reason).where(
    Redaction.record_id.in_(bindparam("ids", expanding=True))
)


def key() -> bytes:
    """Return the key of the traces: it stands outside the database, so that a copy of it betrays no words."""
    return b"redaction:" + str(current_app.config["SECRET_KEY"]).encode()


def screen(arriving: Sequence[Arriving]) -> dict[int, dict[str, Any]]:
    """Return what arrives with passages that were masked in its record, or in one that it names, by its place."""
    named = [{one.record_id, *ids_in(one.body)} for one in arriving]
    redacted = run(_REDACTED, {"ids": set().union(*named)}).all()
    if not redacted:
        return {}
    whole = {record_id: Reason(reason) for record_id, is_whole, reason in redacted if is_whole}
    passages: dict[UUID, list[Passage]] = defaultdict(list)
    for record_id, trace, length, reason in run(_PASSAGES, {"ids": {one.record_id for one in redacted}}):
        passages[record_id].append(Passage(trace, length, Reason(reason)))
    secret, found = key(), dict[int, dict[str, Any]]()
    for place, one in enumerate(arriving):
        known = [passage for record_id in named[place] for passage in passages.get(record_id, ())]
        reason = whole.get(one.record_id)

        def reword(_: str, text: str, known: list[Passage] = known, reason: Reason | None = reason) -> str:
            return rules.mark(reason) if reason and text.strip() else rules.mask(secret, text, known)

        body = rules.reworded(one.model, one.body, reword) if known or reason else dict(one.body)
        if changed(one.body, body):
            found[place] = body
    return found


def changed(before: Any, after: Any) -> bool:  # noqa: ANN401 - whatever JSON can say
    """Say whether more than the form of letters differs."""
    if isinstance(before, str) and isinstance(after, str):
        return rules.nfc(before) != rules.nfc(after)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return before.keys() != after.keys() or any(changed(before[name], after[name]) for name in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) != len(after) or any(map(changed, before, after))
    return bool(before != after)


def ids_in(value: Any) -> Iterator[UUID]:  # noqa: ANN401 - whatever JSON can say
    """Return the ids that a body names."""
    if isinstance(value, str) and len(value) == len(str(UUID(int=0))):
        try:
            yield UUID(value)
        except ValueError:
            return
    elif isinstance(value, Mapping | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from ids_in(part)


def of_records(record_ids: Collection[UUID]) -> dict[UUID, list[tuple[Redaction, Officer]]]:
    """Return, by record, what was masked in it and by whom, the oldest first."""
    found: dict[UUID, list[tuple[Redaction, Officer]]] = defaultdict(list)
    rows = db.session.execute(
        select(Redaction, Officer)
        .join(Officer, Officer.id == Redaction.actor_id)
        .where(Redaction.record_id.in_(record_ids))
        .order_by(Redaction.at, Redaction.id)
    )
    for redaction, officer in rows:
        found[redaction.record_id].append((redaction, officer))
    return found


def redactions_of(record_ids: Sequence[UUID]) -> Mapping[UUID, dict[str, Any]]:
    """Return what a pull says of each record that was redacted: so its author is told."""
    return {
        record_id: {
            "redactions": [
                {
                    "reason": one.reason, "by": f"{officer.full_name}, {officer.title}", "at": clock.iso(one.at),
                }
                | ({"field": one.field} if one.field else {})
                for one, officer in rows
            ]
        }
        for record_id, rows in of_records(record_ids).items()
    }  # fmt: skip
