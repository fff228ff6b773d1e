"""What is open when somebody leaves: the list of it, who may hand it over or take it out, and when it is settled."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from tests.webapp.assignments.test_actions import actor, held_by
from tests.webapp.handover.leaving import DAY, correct, give_back, hand_over, send
from tests.webapp.world import SINCE, officer_id, sign_in, unit_id
from webapp.assignments.models import Assignment
from webapp.assignments.rules import Refused
from webapp.audit.models import AuditEvent
from webapp.db import db, new_id, transaction
from webapp.errors import Problem
from webapp.handover import actions, queries
from webapp.handover.rules import Way, settled_how


def test_the_list_of_what_is_open(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    open_one, sent_one, out_one = (send(lan, meeting_date=f"2026-0{n}-18") for n in (5, 6, 7))
    elsewhere = send(lan, "A1-10")
    for one in (open_one, sent_one, out_one, elsewhere):
        give_back(any_app, one)
    old = hand_over(any_app)
    lan.push(correct(lan, sent_one))
    with any_app.app_context():
        exported = actions.export(actor(any_app, "cuc"), old, [UUID(out_one["id"]), UUID(elsewhere["id"])])
        assert [str(one.id) for one in exported] == [out_one["id"]]
        found = db.session.get_one(Assignment, old)
        assert {(str(one.entry.id), one.way) for one in queries.items(found)} == {
            (open_one["id"], None), (out_one["id"], Way.EXPORTED),
        }  # fmt: skip
        said = [(one.label, one.remark) for one in queries.whole(exported[0])]
        assert ("", "Xem lại") in said
        assert ("Số hộ dự họp", "23?") in said
        (phone,) = queries.phones(officer_id("lan"))
        assert phone.last_sent_at is not None
        assert [one.name for one in queries.receivers(found, DAY)] == ["Lê Thị Xuân"]
        assert not actions.export(actor(any_app, "cuc"), old, [UUID(out_one["id"])]), "once"
        deeds = db.session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("handover.%")))
        assert list(deeds) == ["handover.exported"]


def test_who_may_hand_over_and_export(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    entry = send(lan)
    give_back(any_app, entry)
    ids = [UUID(entry["id"])]
    with any_app.app_context(), pytest.raises(Problem, match="not_found"):
        # of somebody who still follows the group an administrator reads nothing
        actions.export(actor(any_app), held_by("lan", "A1-2"), ids)
    old = hand_over(any_app)
    with any_app.app_context():
        for key, code in (("rang", "forbidden"), ("lan", "forbidden"), ("xuan", "forbidden")):
            with pytest.raises(Problem) as refused:
                actions.hand_over_entries(actor(any_app, key), old, ids, officer_id("xuan"))
            assert refused.value.code == code, key
        for key, code in (
            ("lan", "forbidden"), ("hoa", "forbidden"), ("tinh", "not_found"),
        ):  # fmt: skip
            with pytest.raises(Problem) as refused:
                actions.export(actor(any_app, key), old, ids)
            assert refused.value.code == code, key
        with transaction() as session:
            session.add(Assignment(id=new_id(), officer_id=officer_id("xuan"), unit_id=unit_id("B"),
                                   role_code="administrator", valid_from=SINCE))  # fmt: skip
        with pytest.raises(Problem) as refused:
            actions.hand_over_entries(actor(any_app, "xuan"), old, ids, officer_id("xuan"))
        assert refused.value.code == "not_found"
        for to in ("minh", "lan", "cuc"):
            with pytest.raises(Refused, match="Người nhận"):
                actions.hand_over_entries(actor(any_app), old, ids, officer_id(to))


@pytest.mark.parametrize(
    ("is_open", "way", "said"),
    [
        (True, None, None), (False, None, Way.SENT), (True, "planned", None), (False, "planned", Way.SENT),
        (True, "handed_over", Way.HANDED_OVER), (False, "handed_over", Way.HANDED_OVER),
        (True, "exported", Way.EXPORTED),
    ],
)  # fmt: skip
def test_when_an_entry_is_settled(way: str | None, said: Way | None, *, is_open: bool) -> None:
    assert settled_how(way, is_open=is_open) is said
