"""An answer told at a meeting travels with the entry: once, however late, in whatever order, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from tests.webapp.petitions.acting import alone, do, raised, step
from tests.webapp.world import SAME_ORIGIN, Phone, meeting, sign_in, unit_id
from webapp.db import db, new_id
from webapp.petitions.models import PetitionEvent, PetitionRecord
from webapp.petitions.rules import Deed, State

TOLD = "Xin cống tròn đầu mương"
WHY = "Bà con nói nước vẫn tràn."


@pytest.fixture
def here(any_app: Flask) -> Iterator[Flask]:
    with any_app.app_context():
        yield any_app


def answered(app: Flask, group: str = "A1-2") -> tuple[UUID, UUID]:
    """Raise a petition and have it resolved; return it and its answer."""
    wish = raised(app, group)
    found = do("cuc", wish, Deed.ASSIGN, Deed.RESOLVE)
    assert found.ending_id
    return wish, found.ending_id


def telling(wish: UUID, answer: UUID, view: str | None = "agreed", **said: Any) -> dict[str, Any]:
    row = {"text": TOLD, "petition_id": str(wish), "answer_id": str(answer)} | said
    return row | ({"view": view} if view else {})


def entry(phone: Phone, *rows: dict[str, Any], group: str = "A1-2", **said: Any) -> dict[str, Any]:
    body = {name: said.pop(name) for name in ("status", "not_held_reason") if name in said}
    held = meeting(group, feedback_given=list(rows), **body)
    if body:
        del held["households_present"]
    return phone.operation("meeting.save", held, **said)


def push(phone: Phone, *operations: dict[str, Any]) -> list[str]:
    with alone():
        return [one["outcome"] for one in phone.push(*operations)]


def state(wish: UUID) -> State:
    db.session.remove()
    return State(db.session.get_one(PetitionRecord, wish).state)


def log(wish: UUID) -> list[str]:
    rows = select(PetitionEvent.deed).where(PetitionEvent.petition_id == wish).order_by(PetitionEvent.seq)
    return [deed for deed in db.session.scalars(rows) if deed in (Deed.FEED_BACK, Deed.REOPEN)]


def test_told_at_the_meeting_and_the_phone_hears_that_nothing_is_owed(here: Flask) -> None:
    wish, answer = answered(here)
    lan = sign_in(here, "lan")
    with alone():
        lan.pull()
    assert lan.petitions[str(wish)]["answer"]["id"] == str(answer)
    assert push(lan, entry(lan, telling(wish, answer))) == ["applied"]
    assert state(wish) is State.FED_BACK
    event = db.session.scalars(select(PetitionEvent).where(PetitionEvent.deed == Deed.FEED_BACK)).one()
    assert (event.about_id, event.relation) == (answer, "follower")
    assert '"day":"2026-11-18"' in event.said
    with alone():
        lan.pull()
    told = lan.petitions[str(wish)]
    assert (told["state"], told["view"]) == ("fed_back", "agreed")


def test_a_group_that_does_not_agree_opens_it_again(here: Flask) -> None:
    wish, answer = answered(here)
    lan = sign_in(here, "lan")
    push(lan, entry(lan, telling(wish, answer, "not_yet", said=WHY)))
    assert state(wish) is State.REOPENED
    reason = db.session.scalars(select(PetitionEvent).where(PetitionEvent.deed == Deed.REOPEN)).one()
    assert WHY in reason.said
    other, its_answer = answered(here)
    push(lan, entry(lan, telling(other, its_answer, "not_yet")))  # without a word it still counts
    assert state(other) is State.REOPENED


def test_it_counts_once_however_often_it_is_sent_or_saved(here: Flask) -> None:
    wish, answer = answered(here)
    lan = sign_in(here, "lan")
    first = entry(lan, telling(wish, answer))
    assert push(lan, first) == ["applied"]
    assert push(lan, first) == ["duplicate"]
    again = entry(lan, telling(wish, answer, text="Nói rõ hơn"), id=first["id"], rev=2, base_rev=1)
    assert push(lan, again) == ["applied"]
    assert log(wish) == ["feed_back"]
    mended = entry(lan, telling(wish, answer, "not_yet", said=WHY), id=first["id"], rev=3, base_rev=2)
    assert push(lan, mended) == ["applied"]
    assert log(wish) == ["feed_back", "feed_back", "reopen"]
    assert state(wish) is State.REOPENED


def test_late_it_means_the_same(here: Flask) -> None:
    wish, answer = answered(here)
    lan, late = sign_in(here, "lan"), sign_in(here, "lan")
    do("cuc", wish, step(Deed.FEED_BACK), Deed.CLOSE)  # the hamlet told them too, and it was closed
    push(lan, entry(lan, telling(wish, answer)))
    assert state(wish) is State.CLOSED
    push(late, entry(late, telling(wish, answer, "not_yet", said=WHY)))
    assert state(wish) is State.REOPENED
    found = do("cuc", wish, Deed.ASSIGN, step(Deed.RESOLVE, text="Đã làm lại."))
    assert found.ending_id != answer
    push(lan, entry(lan, telling(wish, answer)))  # of the answer that no longer stands
    assert state(wish) is State.RESOLVED
    assert found.ending_id
    push(lan, entry(lan, telling(wish, found.ending_id)))
    assert state(wish) is State.FED_BACK


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_whichever_of_two_entries_comes_first_one_that_disagrees_outweighs(
    here: Flask, order: tuple[int, int]
) -> None:
    wish, answer = answered(here)
    lan = sign_in(here, "lan")
    both = [entry(lan, telling(wish, answer)), entry(lan, telling(wish, answer, "not_yet", said=WHY))]
    for place in order:
        push(lan, both[place])
    assert state(wish) is State.REOPENED


def test_in_one_push_with_another_petition_and_through_one_batch(here: Flask) -> None:
    wish, answer = answered(here)
    other, its_answer = answered(here)
    lan = sign_in(here, "lan")
    rows = [telling(wish, answer), telling(other, its_answer, None)]
    assert push(lan, entry(lan, *rows), entry(lan, *rows)) == ["applied", "applied"]
    assert (state(wish), state(other)) == (State.FED_BACK, State.FED_BACK)
    assert log(wish) == ["feed_back", "feed_back"]
    with alone():
        lan.pull()
    assert "view" in lan.petitions[str(other)]


def test_what_did_not_happen_at_a_meeting_or_is_not_its_own_stays_words(here: Flask) -> None:
    wish, answer = answered(here)
    lan = sign_in(here, "lan")
    for row in (
        {"text": TOLD},
        {"text": TOLD, "petition_id": str(wish)},
        telling(uuid4(), answer),
        telling(wish, uuid4()),
        telling(answered(here)[0], answer),
    ):
        assert push(lan, entry(lan, row)) == ["applied"]
    assert push(lan, entry(lan, telling(wish, answer), group="A1-10")) == ["applied"]
    not_held = {"status": "not_held", "not_held_reason": "weather"}
    assert push(lan, entry(lan, telling(wish, answer), **not_held)) == ["applied"]
    assert (state(wish), log(wish)) == (State.RESOLVED, [])


def test_a_colleague_who_stood_in_may_tell_and_an_outsider_may_not(here: Flask) -> None:
    wish, answer = answered(here)
    outsider = sign_in(here, "xuan")
    assert push(outsider, entry(outsider, telling(wish, answer))) == ["quarantined"]
    assert state(wish) is State.RESOLVED
    own = entry(
        outsider, telling(wish, answer), group="B1-1"
    )  # a meeting of their own, of a petition that is not
    assert push(outsider, own) == ["applied"]
    assert state(wish) is State.RESOLVED
    colleague = sign_in(here, "minh")
    assert push(colleague, entry(colleague, telling(wish, answer))) == ["applied"]
    assert state(wish) is State.FED_BACK


def test_a_second_version_says_nothing_until_it_is_chosen(here: Flask) -> None:
    wish, answer = answered(here)
    lan = sign_in(here, "lan")
    first = entry(lan)
    beside = entry(lan, telling(wish, answer), id=first["id"], rev=1, base_rev=0)
    assert push(lan, first, beside) == ["applied", "parallel"]
    assert state(wish) is State.RESOLVED
    chosen = entry(lan, telling(wish, answer), id=first["id"], rev=2, base_rev=1)
    assert push(lan, chosen) == ["applied"]
    assert state(wish) is State.FED_BACK


def test_without_javascript_what_is_owed_is_offered_and_told(here: Flask) -> None:
    here.config["WTF_CSRF_ENABLED"] = False
    wish, answer = answered(here)
    other, _ = answered(here, "A1-10")
    lan, minh = sign_in(here, "lan"), sign_in(here, "minh")
    with alone():
        shown = lan.client.get(f"/notebook/plain/record?group={unit_id('A1-2')}").text
    assert f'value="{wish}"' in shown
    assert f'value="{other}"' not in shown
    with alone():
        assert f'value="{wish}"' not in minh.client.get("/notebook/plain/record").text
    form = {
        "id": str(new_id()), "opened": str(new_id()), "base_rev": "0", "unit_id": str(unit_id("A1-2")),
        "status": "held", "meeting_date": "2026-11-18", "households_present": "20", "format": "regular",
        "chair_role": "group_leader", "officer_presence": "present", "nothing_raised": "y",
    }  # fmt: skip
    with alone():
        page = lan.client.post(
            "/notebook/plain/record", data=form | {"tell": str(wish)}, headers=SAME_ORIGIN
        ).text
    assert f'name="feedback_given-0-answer_id" type="hidden" value="{answer}"' in page
    assert f'value="{wish}" name="tell"' not in page
    row = {"text": TOLD, "view": "agreed", "petition_id": str(wish), "answer_id": str(answer)}
    told = form | {f"feedback_given-0-{name}": value for name, value in row.items()}
    with alone():
        assert lan.client.post("/notebook/plain/record", data=told, headers=SAME_ORIGIN).status_code == 303
        assert db.session.get_one(PetitionRecord, wish).state == State.FED_BACK
        assert f'value="{wish}"' not in lan.client.get("/notebook/plain/record").text
