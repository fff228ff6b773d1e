"""Forms derived from records: what the record takes the form takes, and what it refuses the form refuses."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form

from webapp.fields import Choice, Record
from webapp.forms import body_from, form_for, kind_of, row_type
from webapp.meetings.records import Meeting, Photo, Withdrawal
from webapp.petitions.records import Petition

RECORDS: list[type[Record]] = [Meeting, Petition, Withdrawal]
# What a browser cannot put into a field, or hands over changed: lone surrogates, NUL, other line ends.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")


@pytest.fixture(autouse=True, scope="module")
def _page() -> Iterator[None]:
    """Sentences are translated in a request, by the language of the page."""
    app = Flask("forms")
    Babel(app, default_locale="vi")
    with app.test_request_context():
        yield


def within(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Values the record most likely takes."""
    sample: dict[type, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        int: st.integers(1, 40),
        datetime: st.datetimes().map(datetime.isoformat),
        date: st.dates().map(str),
        time: st.times().map(str),
        uuid.UUID: st.uuids().map(str),
        str: st.sampled_from(
            ["Đường vào tổ ngập", "  Nghẹt cống ", "a\u0301o d\u0065\u0302", "hai\ndòng", "x" * 120]
        ),
    }
    if issubclass(kind, Choice):
        return st.sampled_from([member.value for member in kind])
    return sample[kind]


def anything(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Values outside of the bounds, or of no sense at all."""
    sample: dict[type, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        int: st.integers() | st.integers(-2, 600) | st.sampled_from(["mười", "1.5", "7"]),
        datetime: st.sampled_from(["mai", "2026-11-31T10:00", "2026-11-22"]),
        date: st.sampled_from(["2026-02-30", "hôm qua", "22/11/2026"]),
        time: st.sampled_from(["25:00", "tối", "7"]),
        uuid.UUID: st.just("tổ 7"),
        str: st.text(CHARACTERS, max_size=340) | st.just("x" * 2001) | st.just("a\x07"),
    }
    if issubclass(kind, Choice):
        return st.sampled_from(["khác", "HELD"])
    return sample[kind] | within(kind)


def value_of(record_class: type[Record], name: str, *, wild: bool) -> st.SearchStrategy[Any]:
    """Values of one field."""
    info = record_class.model_fields[name]
    row = row_type(info)
    if row in (uuid.UUID, Photo):  # no questions: a page knows them without asking
        return st.just([])
    if row is not None:
        return st.lists(body_of(row, wild=wild), max_size=3)
    return (anything if wild else within)(kind_of(info))


def body_of(record_class: type[Record], *, wild: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies of a record, valid and invalid."""
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, info in record_class.model_fields.items():
        (required if info.is_required() else optional)[name] = value_of(record_class, name, wild=wild)
    return st.fixed_dictionaries(required, optional=optional)


def as_sent(body: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, str]]:
    """What a browser sends when this body stands in the form."""
    for name, value in body.items():
        if isinstance(value, list):
            for index, row in enumerate(value):
                yield from as_sent(row, f"{under}{name}-{index}-")
        elif value is True:
            yield under + name, "y"
        elif value is not False:
            yield under + name, str(value).replace("\n", "\r\n")


def spoken(body: Mapping[str, Any], record_class: type[Record]) -> dict[str, Any]:
    """The body without the rows in which nothing is said, which a form leaves out."""
    found = dict(body)
    for name, value in body.items():
        row = row_type(record_class.model_fields[name])
        if isinstance(value, list) and row is not None and issubclass(row, Record):
            defaults = {key: info.default for key, info in row.model_fields.items() if not info.is_required()}
            found[name] = [
                item
                for item in value
                if any(str(v).strip() and str(v).strip() != str(defaults.get(k, "")) for k, v in item.items())
            ]
    return found


def faults(form: Form) -> list[str]:
    """Every sentence on a form, however deep."""

    def flat(errors: object) -> Iterator[str]:
        if isinstance(errors, str):
            yield errors
        elif isinstance(errors, dict):
            for inner in errors.values():
                yield from flat(inner)
        elif isinstance(errors, list | tuple):
            for inner in errors:
                yield from flat(inner)

    return [*flat(form.errors), *flat(form.form_errors)]


@pytest.mark.parametrize("record_class", RECORDS)
@pytest.mark.parametrize("wild", [False, True])
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_form_and_record_judge_alike(record_class: type[Record], wild: bool, data: st.DataObject) -> None:  # noqa: FBT001
    body = data.draw(body_of(record_class, wild=wild))
    try:
        expected: Record | None = record_class.model_validate(spoken(body, record_class))
    except ValidationError:
        expected = None

    form = form_for(record_class)(MultiDict(list(as_sent(body))))
    found = body_from(form, record_class)

    assert found == expected
    assert bool(faults(form)) is (expected is None)
    if expected is not None:
        again = form_for(record_class)(data=expected.model_dump())
        assert body_from(again, record_class) == expected


def meeting_form(**typed: str) -> Form:
    typed = {"unit_id": str(uuid.uuid4()), "meeting_date": "2026-11-18", "households_present": "20"} | typed
    return form_for(Meeting)(MultiDict({name.replace("__", "-"): value for name, value in typed.items()}))


def rows(form: Form, name: str) -> list[Form]:
    field = form[name]
    assert isinstance(field, FieldList)
    return [entry.form for entry in field]


def test_every_question_of_a_record_is_asked() -> None:
    form = form_for(Meeting)()
    assert set(Meeting.model_fields) - set(form._fields) == {"petition_ids", "photos"}


def test_a_rule_between_fields_is_pinned_on_its_field() -> None:
    form = meeting_form(households_total="19")
    assert body_from(form, Meeting) is None
    assert form["households_present"].errors == ["Số hộ dự nhiều hơn tổng số hộ của tổ."]


def test_a_fault_in_a_row_is_pinned_in_that_row_and_the_list_knows() -> None:
    form = meeting_form(conveyed__0__text="Bầu cử", conveyed__4__text="x" * 301)
    assert body_from(form, Meeting) is None
    assert rows(form, "conveyed")[1]["text"].errors == ["Dài quá: nhiều nhất 300 chữ cái."]
    assert "conveyed" in form.errors


def test_rows_in_which_nothing_is_said_are_left_out_and_do_not_shift_the_others() -> None:
    form = meeting_form(
        conveyed__0__text="  ",
        conveyed__1__text="",
        conveyed__2__text="Bầu cử",
        redirections__0__kind="",
        redirections__0__count="1",
    )
    meeting = body_from(form, Meeting)
    assert meeting is not None
    assert [item.text for item in meeting.conveyed] == ["Bầu cử"]
    assert meeting.redirections == ()


def test_too_many_rows_are_refused_with_all_of_them_still_there() -> None:
    form = meeting_form(**{f"decisions__{n}__text": f"việc {n}" for n in range(35)})
    assert body_from(form, Meeting) is None
    assert len(rows(form, "decisions")) == 35
    assert "Nhiều nhất 30 mục." in form["decisions"].errors


def test_what_was_typed_wrong_is_shown_again() -> None:
    form = meeting_form(households_present="hai mươi", start="25:99", rescheduled_to="mai")
    assert body_from(form, Meeting) is None
    assert "hai mươi" in form["households_present"]()
    assert "25:99" in form["start"]()
    assert "mai" in form["rescheduled_to"]()


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"meeting_date": ""}, "meeting_date", "Cần điền ô này."),
        ({"households_present": "-1"}, "households_present", "Số phải từ 0 trở lên."),
        ({"households_total": "501"}, "households_total", "Số phải từ 500 trở xuống."),
        ({"households_present": "1.5"}, "households_present", "Cần một số nguyên."),
        ({"unit_id": ""}, "unit_id", "Cần chọn một mục."),
        ({"format": "khác"}, "format", "Cần chọn một mục."),
        ({"place": "a\x07"}, "place", "Nội dung có ký tự không đọc được."),
        ({"status": "not_held", "households_present": ""}, "not_held_reason", "Chọn lý do không họp."),
    ],
)
def test_sentences(typed: dict[str, str], field: str, message: str) -> None:
    form = meeting_form(**typed)
    assert body_from(form, Meeting) is None
    assert form[field].errors == [message]


def test_bounds_reach_the_page() -> None:
    form = form_for(Meeting)()
    assert 'max="500"' in form["households_total"]()
    assert 'data-maxlength="2000"' in form["summary"]()
    assert form["theme"].flags.when == "format=thematic|combined"
    assert form["households_present"].flags.counter
