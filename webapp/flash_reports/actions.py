"""Writes of flash reports at the desk: it was opened, and it belongs elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from webapp import clock
from webapp.audit.actions import record
from webapp.db import transaction
from webapp.errors import Problem
from webapp.flash_reports import queries, rules
from webapp.flash_reports.models import FlashReportRecord
from webapp.flash_reports.rules import State
from webapp.petitions.records import Channel
from webapp.redaction import actions as redaction
from webapp.redaction.records import Reason, Redacting
from webapp.sync.feeds import next_number

if TYPE_CHECKING:
    from webapp.accounts.rules import Actor


def open_report(actor: Actor, report_id: UUID, *, counts: bool = True) -> FlashReportRecord:
    """Return a flash report to be read; the first reading by somebody who can act is what its author is told.

    Raises `Problem` ``not_found`` out of scope. Read again, by whomever, nothing is written; nor is anything where
    the reading does not count as one.
    """
    found = queries.report(actor, report_id)
    if found is None:
        raise Problem("not_found")
    if not (counts and _is_first(actor, found)):
        return found
    with transaction() as session:
        session.refresh(found, with_for_update=True)
        grant = queries.acts_on(actor, found)
        if grant and _is_first(actor, found):
            found.state, found.opened_at = State.OPENED.value, clock.now()
            found.opened_by_id, found.opened_role = actor.officer_id, grant.role
            found.opened_unit_id = grant.unit_id
            _tell(actor, "flash_report.open", found)
    return found


def redirect(actor: Actor, report_id: UUID, channel: Channel) -> None:
    """Send a matter to the channel where it belongs: it is counted, and its text is masked for good.

    Raises `Problem`: ``not_found`` out of scope, ``forbidden`` without the right, ``already_decided``.
    """
    with transaction() as session:
        redaction.lock_family(queries.kind(), report_id)
        found = queries.report(actor, report_id)
        if found is None:
            raise Problem("not_found")
        session.refresh(found, with_for_update=True)
        acts = queries.acts_on(actor, found) is not None
        if not acts:
            raise Problem("forbidden")
        if not rules.may_redirect(found.state, acts=acts):
            raise Problem("already_decided")
        found.state, found.channel = State.REDIRECTED.value, channel.value
        redaction.redact_whole(actor.officer_id, queries.kind(), report_id, Reason.CHANNEL)
        _tell(actor, "flash_report.redirect", found)


def redact(actor: Actor, report_id: UUID, asked: Redacting) -> None:
    """Mask something of a flash report in all that is stored.

    Raises `Problem` (``not_found``, ``forbidden``) or `redaction.actions.Refused`.
    """
    with transaction():
        found = queries.report(actor, report_id)
        if found is None:
            raise Problem("not_found")
        if not queries.may_redact(actor, found):
            raise Problem("forbidden")
        redaction.redact(actor.officer_id, queries.kind(), report_id, asked)


def _is_first(actor: Actor, found: FlashReportRecord) -> bool:
    writers = (found.author_id, found.keeper_id)
    acts = queries.acts_on(actor, found) is not None
    return rules.is_first_opening(found.state, actor.officer_id, writers, acts=acts)


def _tell(actor: Actor, action: str, found: FlashReportRecord) -> None:
    """Note the deed, and number the change on its feed, locked last of all."""
    record(
        action,
        actor_id=actor.officer_id,
        record_kind="flash_report",
        record_id=found.id,
        unit_id=found.unit_id,
    )
    found.feed_seq = next_number(found.feed_unit_id)
