"""Vietnamese text is folded and sorted as people expect."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from webapp.text import KEY_LENGTH, fold, person_sort_key, sort_key


def test_folding_maps_d_and_drops_every_mark() -> None:
    assert fold("  Phú Thạnh,   ấp ĐỨC Hòa ") == "phu thanh, ap duc hoa"


@given(st.text())
def test_folding_is_the_same_for_both_forms_of_unicode(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


def test_letters_come_in_the_order_of_the_alphabet() -> None:
    words = ["an", "ăn", "ân", "da", "đa", "em", "êm", "on", "ôn", "ơn", "tu", "tư"]
    assert sorted(set(words), key=sort_key) == words


def test_tones_only_decide_between_equal_letters() -> None:
    assert sorted(["mạ", "má", "mã", "mả", "mà", "ma"], key=sort_key) == ["ma", "mà", "mả", "mã", "má", "mạ"]
    assert sort_key("má an") > sort_key("mà bé") or sort_key("ma b") > sort_key("má a")


def test_numbers_count_as_numbers() -> None:
    names = ["Tổ 2", "Tổ 10", "Tổ 100"]
    assert sorted(set(names), key=sort_key) == names


def test_people_are_sorted_by_given_name() -> None:
    people = ["Trần Văn An", "Lê Thị Bình", "Nguyễn Văn Bình", "Đỗ Ân"]
    assert sorted(set(people), key=person_sort_key) == [
        "Trần Văn An",
        "Đỗ Ân",
        "Lê Thị Bình",
        "Nguyễn Văn Bình",
    ]


def test_the_key_of_the_longest_name_fits_its_column() -> None:
    longest = "Nguyễn " * 17 + "A"
    assert len(longest) == 120
    assert len(person_sort_key(longest)) == KEY_LENGTH
    assert person_sort_key(longest) < person_sort_key(longest[:-1] + "B")
