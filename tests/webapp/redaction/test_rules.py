"""How a passage is found and masked."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webapp.world import meeting, unit_id
from webapp.meetings.records import Meeting
from webapp.petitions.records import Petition
from webapp.redaction import rules
from webapp.redaction.records import Reason
from webapp.redaction.rules import Place

KEY = b"a key for tests"
NAME, NUMBER = "Nguyễn Văn Mẫu", "079203001234"
MARK = rules.mark(Reason.PERSON)


def masked(text: str, *wanted: str) -> str:
    return rules.mask(KEY, text, [rules.passage(KEY, one, Reason.PERSON) for one in wanted])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Ông {NAME} lấn đất.", f"Ông {MARK} lấn đất."),
        (f"ÔNG {NAME.upper()}, ông {NAME}", f"ÔNG {MARK}, ông {MARK}"),
        ("Nguyễn  Văn\nMẫu", MARK),
        (unicodedata.normalize("NFD", f"Ông {NAME} ở xa"), f"Ông {MARK} ở xa"),
        ("Nguyễn Văn Mẫuu và Nguyễn Văn", "Nguyễn Văn Mẫuu và Nguyễn Văn"),
        ("", ""),
    ],
)
def test_a_name_is_masked_however_it_is_written(text: str, expected: str) -> None:
    assert masked(text, NAME) == expected


def test_a_number_is_masked_with_whatever_stands_between_its_digits() -> None:
    for text in (NUMBER, "079 203 001 234", "079.203.001.234", f"CCCD{NUMBER}x"):
        assert rules.letters_of(masked(text, NUMBER)).removeprefix("cccd") in (
            rules.letters_of(MARK),
            rules.letters_of(MARK) + "x",
        )
    assert masked(f"1{NUMBER}", NUMBER) == f"1{NUMBER}"  # another number


def test_what_overlaps_becomes_one_mark() -> None:
    assert masked("bà Ba Tý xóm trên", "Ba Tý", "Tý xóm") == f"bà {MARK} trên"
    assert masked("Ba Tý", "Ba Tý", "Ba", "Tý") == MARK
    assert masked("bà con, ba người", "ba") == f"bà con, {MARK} người"


def test_what_is_kept_of_a_passage_is_not_the_passage() -> None:
    one = rules.passage(KEY, NUMBER, Reason.NUMBER)
    assert len(one.trace) == rules.TRACE_BYTES
    assert NUMBER.encode() not in one.trace
    assert one.trace != rules.passage(b"another key", NUMBER, Reason.NUMBER).trace


WORDS = st.sampled_from(["ông", "Ba", "tý", "079", "203", "xóm", "Mẫu", "hoà", "-", ".", ",", "\n", MARK, "́"])
TEXTS = st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=40)


@given(TEXTS, st.lists(TEXTS, max_size=3), st.sampled_from(["NFC", "NFD"]))
def test_masking_is_final_whatever_the_text(text: str, wanted: list[str], form: Any) -> None:
    wanted = [one for one in wanted if len(rules.letters_of(one)) >= rules.SHORTEST]
    once = masked(unicodedata.normalize(form, text), *wanted)
    assert masked(once, *wanted) == once
    assert masked(text, *wanted) == once  # the form of letters makes no difference
    for part in once.split(MARK):
        for one in wanted:
            assert rules.letters_of(one) != rules.letters_of(part)
    assert masked(text) == rules.nfc(text)


@given(TEXTS, TEXTS, TEXTS)
def test_what_is_pointed_at_is_found_with_its_whole_words_and_is_gone(
    before: str, passage: str, after: str
) -> None:
    text = f"{before} {passage} {after}"
    found = rules.found_in(text, passage)
    if len(rules.letters_of(passage)) < rules.SHORTEST:
        return
    assert found
    rest = masked(text, *found)
    assert all(rules.letters_of(passage) not in rules.letters_of(one) for one in rest.split(MARK)) or (
        MARK in text
    )


def test_part_of_a_word_takes_the_word() -> None:
    assert rules.found_in("Ông Mẫu, bà Mẫul", "mẫu") == {"Mẫu", "Mẫul"}
    assert rules.found_in("Ông Mẫu", "văn") == set()
    assert rules.found_in("Ông Mẫu", "  ") == set()


def test_only_free_text_is_touched_and_it_still_fits() -> None:
    said = meeting(
        theme="x" * 160, place="drainage", opinions=[
            {"topic": "drainage", "prevalence": "many", "stance": "agree", "text": "drainage"},
        ], photos=[{"sha256": "ab" * 32, "size": 5, "caption": "ab" * 32}],
    )  # fmt: skip
    body = rules.reworded(Meeting, said, lambda path, text: MARK if path != "theme" else text[:-4] + MARK)
    Meeting.model_validate(body)
    assert body["opinions"][0] == said["opinions"][0] | {"text": MARK}
    assert body["photos"][0] == said["photos"][0] | {"caption": MARK}
    assert (body["place"], body["unit_id"], body["start"]) == (MARK, said["unit_id"], said["start"])
    assert body["theme"].endswith(rules.SHORT_MARK)
    assert list(rules.texts_of(Meeting, said)) == [
        "place",
        "theme",
        "opinions.0.text",
        "summary",
        "photos.0.caption",
    ]


@pytest.mark.parametrize("name", ["title", "proposed_solution"])
def test_a_full_field_stays_valid_with_a_mark_longer_than_the_words(name: str) -> None:
    for text in ("Tý " * 200, "a" * 180 + " Tý", "Tý " + "a" * 600):
        longest = 200 if name == "title" else 500
        said = {
            "unit_id": str(unit_id("A")),
            "title": "Xin cống",
            "category": "other",
            name: text[:longest].strip(),
        }
        body = rules.reworded(Petition, said, lambda _, text: masked(text, "Tý"))
        Petition.model_validate(body)
        assert "Tý" not in body[name]


def test_a_body_that_fits_nothing_keeps_its_ids() -> None:
    said = {"unit_id": str(unit_id("A")), "any": [{"thing": NAME, "number": 3}]}
    assert rules.reworded(None, said, lambda *_: MARK) == said | {"any": [{"thing": MARK, "number": 3}]}


def test_a_field_is_an_item_of_a_list_and_its_earlier_wordings() -> None:
    standing = {"opinions.0.text": "Một", "opinions.1.text": "Hai", "summary": "Ba"}
    place = rules.place("opinions.1", standing)
    assert place == Place("opinions.1", frozenset({"Một"}))
    assert place.holds("opinions.1.text", "Hai", stands=True)
    assert not place.holds("opinions.0.text", "Một", stands=True)
    assert not place.holds("opinions.10.text", "Mười", stands=True)
    assert place.holds("opinions.0.text", "Hai, cách khác", stands=False)
    assert not place.holds("opinions.0.text", "Một", stands=False)
    assert not place.holds("summary", "Hai", stands=False)
    assert rules.place("summary", standing).holds("summary", "Ngày trước", stands=False)
