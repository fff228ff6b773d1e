"""The desk accepts, returns and comments; the phone hears of it; nobody decides twice or beyond their right."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.webapp.world import SAME_ORIGIN, Phone, meeting, petition, sign_in, unit_id
from webapp.db import db
from webapp.describe import label_at
from webapp.meetings.models import MeetingEntry
from webapp.meetings.records import Meeting
from webapp.review import queries
from webapp.review.models import ReviewEvent
from webapp.review.rules import Decision, Verdict, needs_attention, what_is_missing
from webapp.sync.models import Quarantined


@pytest.fixture
def plain(any_app: Flask) -> Flask:
    any_app.config["WTF_CSRF_ENABLED"] = False
    return any_app


def sent(app: Flask, **said: Any) -> tuple[Phone, dict[str, Any]]:
    lan = sign_in(app, "lan")
    entry = lan.operation("meeting.save", meeting(**said))
    assert lan.push(entry)[0]["outcome"] == "applied"
    return lan, entry


def say(app: Flask, who: str, entry: dict[str, Any], decision: str, **words: str) -> int:
    client = sign_in(app, who).client
    form = {"op_id": entry["op_id"], "decision": decision} | words
    return client.post(f"/review/entries/{entry['id']}/verdicts", data=form, headers=SAME_ORIGIN).status_code


def state(app: Flask) -> str:
    with app.app_context():
        return db.session.scalars(select(MeetingEntry.state)).one()


def test_a_return_reaches_the_phone_with_its_remark_and_the_correction_is_accepted(plain: Flask) -> None:
    lan, entry = sent(plain)
    assert (
        say(
            plain,
            "cuc",
            entry,
            "returned",
            **{"remark:households_present": "Xem lại số hộ.", "text": "Bổ sung giúp."},
        )
        == 303
    )
    lan.pull()
    told = lan.entries[entry["id"]]
    assert told["state"] == "returned"
    (review,) = told["reviews"]
    assert review["remarks"] == [{"field": "households_present", "text": "Xem lại số hộ."}]
    assert review["by"] == "Võ Thị Cúc, Cán bộ tổng hợp xã"
    corrected = lan.operation(
        "meeting.save", meeting(households_present=21), id=entry["id"], rev=2, base_rev=1
    )
    lan.push(corrected)
    assert state(plain) == "submitted"
    assert say(plain, "rang", corrected, "accepted") == 303
    lan.pull()
    assert lan.entries[entry["id"]]["state"] == "accepted"


def test_one_decision_per_revision(plain: Flask) -> None:
    _, entry = sent(plain)
    assert say(plain, "cuc", entry, "accepted") == 303
    assert say(plain, "rang", entry, "returned", text="Muộn") == 409
    assert state(plain) == "accepted"


def test_a_failure_is_told_beside_the_page_that_htmx_holds(plain: Flask) -> None:
    _, entry = sent(plain)
    assert say(plain, "cuc", entry, "accepted") == 303
    address, form = (
        f"/review/entries/{entry['id']}/verdicts",
        {"op_id": entry["op_id"], "decision": "accepted"},
    )
    client = sign_in(plain, "rang").client
    whole = client.post(address, data=form, headers=SAME_ORIGIN)
    beside = client.post(address, data=form, headers=SAME_ORIGIN | {"HX-Request": "true"})
    assert whole.status_code == beside.status_code == 409
    assert whole.text.startswith("<!DOCTYPE html>")
    assert "HX-Retarget" not in whole.headers
    assert beside.headers["HX-Retarget"] == "#toasts"
    assert beside.text.strip().startswith('<div class="toast')
    for answer in (whole, beside):
        assert "Bản này đã có người rà soát hoặc đã có bản mới hơn." in answer.text
    stranger = plain.test_client().get("/review/", headers={"HX-Request": "true"})
    assert stranger.status_code == 401
    assert "Phiên đăng nhập đã hết." in stranger.text


def test_a_remark_is_named_by_its_answer_or_by_its_question(plain: Flask) -> None:
    opinion = {"topic": "roads", "prevalence": "most", "stance": "agree", "text": "Đồng ý."}
    said = Meeting.model_validate(meeting(opinions=[opinion, opinion]))
    with plain.test_request_context():
        assert label_at(said, "opinions.1") == "Ý kiến nhân dân 2"
        assert label_at(said, "opinions.1.text") == "Ý kiến nhân dân 2"
        assert label_at(said, "conveyed") == label_at(said, "conveyed.3") == "Đã phổ biến"
        assert label_at(said, "households_present") == "Số hộ dự họp"
        assert label_at(said, "of a later version") == "of a later version"


def test_a_revision_that_no_longer_stands_cannot_be_decided(plain: Flask) -> None:
    lan, entry = sent(plain)
    lan.push(lan.operation("meeting.save", meeting(households_present=21), id=entry["id"], rev=2, base_rev=1))
    assert say(plain, "cuc", entry, "accepted") == 409
    assert state(plain) == "submitted"


def test_an_accepted_entry_cannot_be_withdrawn(plain: Flask) -> None:
    lan, entry = sent(plain)
    say(plain, "cuc", entry, "accepted")
    (outcome,) = lan.push(
        lan.operation("meeting.withdraw", {"reason": "Ghi nhầm"}, id=entry["id"], rev=2, base_rev=1)
    )
    assert outcome["code"] == "closed"
    assert state(plain) == "accepted"


@pytest.mark.parametrize(
    ("who", "accept", "comment", "read"),
    [
        ("cuc", 303, 303, 200), ("lanh", 303, 303, 200), ("rang", 303, 303, 200), ("hoa", 403, 303, 200),
        ("cum", 403, 403, 200), ("lien", 403, 403, 200), ("lan", 403, 403, 403), ("au", 403, 403, 403),
        ("tinh", 403, 403, 403), ("quan", 403, 403, 403),
    ],
)  # fmt: skip
def test_who_may_say_what(plain: Flask, who: str, accept: int, comment: int, read: int) -> None:
    _, entry = sent(plain)
    assert sign_in(plain, who).client.get(f"/review/entries/{entry['id']}").status_code == read
    assert say(plain, who, entry, "comment", text="Góp ý") == comment
    assert say(plain, who, entry, "accepted") == accept


def test_out_of_scope_is_not_found(plain: Flask) -> None:
    xuan = sign_in(plain, "xuan")
    entry = xuan.operation("meeting.save", meeting("B1-1"))
    xuan.push(entry)
    for who in ("cuc", "hoa", "cum"):
        assert sign_in(plain, who).client.get(f"/review/entries/{entry['id']}").status_code == 404
        assert say(plain, who, entry, "comment", text="x") == 404
    assert sign_in(plain, "rang").client.get(f"/review/entries/{entry['id']}").status_code == 200


def test_the_queue_shows_the_scope_and_its_filters_live_in_the_address(plain: Flask) -> None:
    sent(plain)
    xuan = sign_in(plain, "xuan")
    xuan.push(xuan.operation("meeting.save", meeting("B1-1", place="Quán nước")))
    desk = sign_in(plain, "rang").client
    assert desk.get("/review/").text.count("/review/entries/") == 2
    assert desk.get("/review/", query_string={"unit": unit_id("B")}).text.count("/review/entries/") == 1
    assert desk.get("/review/?month=2026-10").text.count("/review/entries/") == 0
    assert desk.get("/review/?status=not_held").text.count("/review/entries/") == 0
    assert (
        sign_in(plain, "cuc")
        .client.get("/review/", query_string={"unit": unit_id("B")})
        .text.count("/review/entries/")
        == 0
    )


@pytest.mark.parametrize(
    "query",
    [
        "month=x",
        "unit=x",
        "page=x",
        "page=-4",
        "page=99999999999999999999",
        "state=x",
        "month=0000-00",
        "month=9999-12",
        "status=%00",
    ],
)
def test_nonsense_in_the_address_is_never_an_error(plain: Flask, query: str) -> None:
    assert sign_in(plain, "rang").client.get(f"/review/?{query}").status_code == 200


def test_what_an_entry_says_is_shown_whole(plain: Flask) -> None:
    lan, entry = sent(
        plain, opinions=[{"topic": "roads", "prevalence": "most", "stance": "agree", "text": "Đồng ý mở đường."}],
        decisions=[{"text": "Góp 20 ngày công"}], contributions=[{"kind": "workdays", "quantity": 20}],
    )  # fmt: skip
    lan.push(lan.operation("petition.save", petition(meeting_id=entry["id"])))
    page = sign_in(plain, "cuc").client.get(f"/review/entries/{entry['id']}").text
    for words in (
        "Giao thông · Đa số · Tán thành · Đồng ý mở đường.",
        "Góp 20 ngày công",
        "Xin cống tròn đầu mương",
        "Nhà tổ trưởng",
    ):
        assert words in page


def test_a_return_without_a_word_is_asked_for_one(plain: Flask) -> None:
    _, entry = sent(plain)
    assert say(plain, "cuc", entry, "returned") == 422
    assert say(plain, "cuc", entry, "nonsense") == 400
    with plain.app_context():
        assert db.session.scalar(select(ReviewEvent)) is None


def test_what_waits_in_quarantine_is_seen_by_its_reviewer(plain: Flask) -> None:
    lan = sign_in(plain, "lan")
    lan.push(lan.operation("meeting.save", meeting(households_present=99)))
    assert "Số hộ dự họp" in sign_in(plain, "cuc").client.get("/review/quarantine").text


def test_however_much_waits_in_quarantine_all_of_it_is_on_some_page(
    plain: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 4)
    lan = sign_in(plain, "lan")
    kept = lan.push(*(lan.operation("meeting.save", meeting(meeting_date="2019-12-31")) for _ in range(9)))
    assert {one["code"] for one in kept} == {"not_authorised"}
    cuc = sign_in(plain, "cuc").client
    pages = [cuc.get(f"/review/quarantine?page={page}").text for page in (1, 2, 3)]
    seen = [re.findall(r"/review/quarantine/([-0-9a-f]{36})", page) for page in pages]
    assert [len(set(ids)) for ids in seen] == [4, 4, 1]
    assert len({one for ids in seen for one in ids}) == len(kept), "each is on one page"
    assert ['rel="next"' in page for page in pages] == [True, True, False]
    assert ['rel="prev"' in page for page in pages] == [False, True, True]
    assert "Trang 3/3, 9 phiếu" in pages[2]
    settled = cuc.post(
        f"/review/quarantine/{seen[2][0]}?page=3",
        data={"word": "dismiss", "note": "Trùng"},
        headers=SAME_ORIGIN,
    )
    after = cuc.get(settled.headers["Location"]).text
    assert "Trang 2/2, 8 phiếu" in after, "whoever settles the last of a page is shown those that are left"


def test_the_desks_form_needs_its_token(any_app: Flask) -> None:
    _, entry = sent(any_app)
    assert say(any_app, "cuc", entry, "accepted") == 403
    assert state(any_app) == "submitted"


@given(
    st.sampled_from(list(Decision)),
    st.text(max_size=1100),
    st.dictionaries(st.text(max_size=5), st.text(min_size=1, max_size=5)),
)
def test_a_verdict_is_complete_or_says_what_it_lacks(
    decision: Decision, text: str, remarks: dict[str, str]
) -> None:
    missing = what_is_missing(Verdict(decision, text, remarks))
    if missing is None:
        assert len(text) <= 1000
        assert decision is Decision.ACCEPTED or text or remarks
        assert not (decision is Decision.ACCEPTED and remarks)


@given(st.integers(0, 500), st.integers(1, 500))
def test_a_weak_meeting_is_one_below_half(present: int, total: int) -> None:
    assert needs_attention("held", present, total) == (present * 2 < total)
    assert needs_attention("not_held", None, total)


def held(app: Flask) -> tuple[Phone, dict[str, Any], str]:
    """Have Lan's entry of a day before her assignment wait in quarantine; return its id there."""
    lan = sign_in(app, "lan")
    entry = lan.operation("meeting.save", meeting(meeting_date="2019-12-31"))
    assert lan.push(entry)[0]["code"] == "not_authorised"
    with app.app_context():
        return lan, entry, str(db.session.scalars(select(Quarantined.id)).one())


def settle(app: Flask, who: str, held_id: str, **form: str) -> int:
    client = sign_in(app, who).client
    return client.post(f"/review/quarantine/{held_id}", data=form, headers=SAME_ORIGIN).status_code


def told(lan: Phone) -> list[tuple[str, str]]:
    return [
        (kept["state"], kept["note"]) for page in lan.pull(protocol=2) for kept in page.get("quarantine", [])
    ]


def test_what_was_held_back_is_taken_in_on_a_reviewers_word(plain: Flask) -> None:
    lan, entry, held_id = held(plain)
    assert told(lan) == [("waiting", "")]
    assert settle(plain, "cuc", held_id, word="release") == 303
    assert told(lan) == [("released", "")]
    assert told(lan) == []  # said once
    assert state(plain) == "submitted"
    (again,) = lan.push(entry)
    assert again["outcome"] == "duplicate"
    assert settle(plain, "cuc", held_id, word="release") == 409


def test_what_is_set_aside_comes_back_with_its_reason(plain: Flask) -> None:
    lan, _, held_id = held(plain)
    assert settle(plain, "cuc", held_id, word="dismiss", note="Đã ghi ở phiếu khác") == 303
    assert told(lan) == [("dismissed", "Đã ghi ở phiếu khác")]
    assert "Đã ghi ở phiếu khác" not in sign_in(plain, "cuc").client.get("/review/quarantine").text


def test_a_later_entry_of_the_author_settles_it_by_itself(plain: Flask) -> None:
    lan = sign_in(plain, "lan")
    wrong = lan.operation("meeting.save", meeting(households_present=99))
    lan.push(wrong)
    assert told(lan) == [("waiting", "")]
    assert (
        lan.push(lan.operation("meeting.save", meeting(), id=wrong["id"], rev=2, base_rev=1))[0]["outcome"]
        == "applied"
    )
    assert told(lan) == [("superseded", "")]


@pytest.mark.parametrize(
    ("who", "status"), [("cuc", 303), ("rang", 303), ("hoa", 403), ("lien", 403), ("lan", 403)]
)
def test_only_who_decides_settles(plain: Flask, who: str, status: int) -> None:
    _, _, held_id = held(plain)
    assert settle(plain, who, held_id, word="release") == status


def test_what_only_its_author_can_mend_is_not_released(plain: Flask) -> None:
    lan = sign_in(plain, "lan")
    lan.push(lan.operation("meeting.save", meeting(households_present=99)))
    with plain.app_context():
        held_id = str(db.session.scalars(select(Quarantined.id)).one())
    assert settle(plain, "cuc", held_id, word="release") == 409
    assert settle(plain, "cuc", held_id, word="dismiss") == 303  # asks for a reason
    assert told(lan) == [("waiting", "")]


def test_two_officers_of_one_group_and_month_are_linked(plain: Flask) -> None:
    _, entry = sent(plain)
    minh = sign_in(plain, "minh")
    other = minh.operation("meeting.save", meeting(meeting_date="2026-11-20", officer_presence="substitute"))
    assert minh.push(other)[0]["outcome"] == "applied"
    page = sign_in(plain, "cuc").client.get(f"/review/entries/{entry['id']}").text
    assert "còn một phiếu khác, ngày 20/11/2026" in page
    assert other["id"] in page


def test_two_revisions_stand_side_by_side(plain: Flask) -> None:
    lan, entry = sent(plain)
    second = lan.operation(
        "meeting.save", meeting(households_present=20, place="Sân đình"), id=entry["id"], rev=2, base_rev=1
    )
    lan.push(second)
    desk = sign_in(plain, "cuc").client
    address = f"/review/entries/{entry['id']}/compare?before={entry['op_id']}&after={second['op_id']}"
    assert address.replace("&", "&amp;") in desk.get(f"/review/entries/{entry['id']}").text
    page = desk.get(address).text
    assert page.count("Khác</span>") == 2
    assert "Sân đình" in page
    assert "Nhà tổ trưởng" in page
    assert desk.get(address.replace(entry["op_id"], second["id"])).status_code == 404
    assert sign_in(plain, "hoa").client.get(address).status_code == 200
