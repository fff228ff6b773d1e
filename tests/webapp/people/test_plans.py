"""The list of twenty thousand people: a page of it is a walk along their names, and no more."""

from __future__ import annotations

import random
from collections.abc import Iterator
from time import perf_counter
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, insert, text

from tests.support.plans import plan_of
from tests.webapp.petitions.acting import actor
from tests.webapp.world import unit_id
from webapp.accounts.models import Account, Officer
from webapp.db import db, transaction
from webapp.paging import Paging
from webapp.people.queries import PAGE, Filters, page_of, people
from webapp.people.rules import AccountState
from webapp.text import fold, matches, person_sort_key

FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ")
MIDDLES = ("Văn", "Thị", "Minh", "Ngọc", "Hữu", "Thanh", "Đức", "Kim")
GIVENS = (
    "An",
    "Ân",
    "Bình",
    "Cường",
    "Đào",
    "Dung",
    "Hòa",
    "Lan",
    "Minh",
    "Ngọc",
    "Phúc",
    "Sơn",
    "Út",
    "Ưng",
)
SIZES = {"a district": 1_091, "a province": 20_000}
QUESTIONS = {
    "everybody": Filters(),
    "the last page": Filters(page=10),
    "one name": Filters(query="Đặng Thị Ưng"),
    "locked": Filters(state=AccountState.LOCKED),
}


@pytest.fixture(params=SIZES)
def many(any_app: Flask, request: pytest.FixtureRequest) -> Iterator[int]:
    """The world with so many people more that there are as many as a district or a province has."""
    size, rng = SIZES[request.param], random.Random(1)  # noqa: S311 - invented names
    with any_app.app_context():
        with transaction() as session:
            names = [" ".join(map(rng.choice, (FAMILIES, MIDDLES, GIVENS))) for _ in range(size)]
            ids = [uuid4() for _ in names]
            session.execute(insert(Officer), [
                {"id": one, "full_name": name, "sort_name": person_sort_key(name), "folded_name": fold(name),
                 "title": "Cán bộ", "kind": "commune_cadre", "home_unit_id": unit_id("AB"[n % 2])}
                for n, (one, name) in enumerate(zip(ids, names, strict=True))
            ])  # fmt: skip
            session.execute(insert(Account), [
                {"id": uuid4(), "officer_id": one, "code": f"cb{n:05d}", "is_active": n % 50 != 0}
                for n, one in enumerate(ids)
            ])  # fmt: skip
        with transaction() as session:
            session.execute(text("ANALYZE"))
        yield size


@pytest.mark.slow
def test_a_page_is_a_walk_along_the_names(many: int) -> None:
    quan, paging = actor("quan"), Paging(1, PAGE)
    plan = plan_of(page_of(quan, Filters(), paging))
    if db.engine.dialect.name == "sqlite":
        assert "SCAN officer USING INDEX ix_officer_sort_name" in plan, plan
        assert "TEMP B-TREE FOR ORDER BY" not in plan, plan
    else:
        assert "Index Scan using ix_officer_sort_name" in plan or many < 2_000, plan
    took, asked = dict[str, str](), list[str]()

    def note(*args: object) -> None:
        asked.append(str(args[2]))

    everybody = [
        one for page in range(1, many // PAGE + 3) for one in people(quan, Filters(page=page)).people
    ]
    keys = [person_sort_key(one.name) for one in everybody]
    assert keys == sorted(keys)
    assert len({one.id for one in everybody}) == len(everybody) >= many
    event.listen(db.engine, "before_cursor_execute", note)
    for name, filters in QUESTIONS.items():
        asked.clear()
        start = perf_counter()
        found = people(quan, filters)
        took[name] = f"{1000 * (perf_counter() - start):.0f} ms"
        assert len(asked) == 2, name
        fits = [
            one for one in everybody
            if matches(filters.query, one.name, one.code, one.phone) and filters.state in ("", one.state)
        ]  # fmt: skip
        assert (found.total, len(found.people)) == (
            len(fits),
            min(PAGE, len(fits[PAGE * (filters.page - 1) :])),
        )
    event.remove(db.engine, "before_cursor_execute", note)
    print(f"{many} people, {db.engine.dialect.name}: {took}")  # noqa: T201 - figures, with -s
