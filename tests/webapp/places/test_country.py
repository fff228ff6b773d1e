"""The official lists: taken in once, known by name and code together."""

from __future__ import annotations

import hashlib
import lzma
import re
from collections import Counter
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.webapp.demo.test_actions import empty_app
from webapp.db import db
from webapp.places.country import (
    BASES,
    LISTS,
    UNREVIEWED,
    _units,
    import_units,
    is_confirmed,
    kind_of,
    rows_of,
    unreviewed,
)
from webapp.places.dated import Refused, State
from webapp.places.models import PlaceChange, Unit, UnitVersion
from webapp.places.presets import PRESETS
from webapp.places.queries import kinds, versions_of
from webapp.places.tree import Tree

TODAY = date(2026, 11, 22)
NEW_YEAR = date(2025, 1, 10)
REFORM = date(2025, 7, 1)
FACTS = resources.files("webapp.places").joinpath("facts")


def test_the_facts_are_those_whose_source_is_written_down() -> None:
    said = dict(
        re.findall(r"\| `([^`]+\.xz)` .* `([0-9a-f]{64})` \|", FACTS.joinpath("README.md").read_text("utf-8"))
    )
    found = {
        one.name: hashlib.sha256(lzma.decompress(one.read_bytes())).hexdigest()
        for one in FACTS.iterdir() if one.name.endswith(".xz")
    }  # fmt: skip
    assert found == said


def test_lists_have_their_counts() -> None:
    counts = {listed: Counter(row["type_code"] for row in _units(listed, TODAY)) for listed in LISTS.values()}
    level = {
        listed: [sum(n for code, n in count.items() if kinds_by_code()[code] == rank) for rank in (1, 2, 3)]
        for listed, count in counts.items()
    }
    assert level["2021-02-03"] == [63, 705, 10_603]
    assert level["2025-01-04"] == [63, 696, 10_051]
    assert level["2025-07-01"] == [34, 0, 3_321]
    assert counts["2025-07-01"]["special_zone"] == 13


def test_nothing_is_used_that_was_only_guessed_from_its_spelling() -> None:
    rows = list(rows_of("successions-2025-07-01"))
    spelled = [row for row in rows if row["matched"] == "spelling"]
    assert Counter(row["reviewed"] for row in spelled) == {"map": 59, "rest": 32, "text": 1}
    assert len(unreviewed()) == 12
    assert not is_confirmed(spelled[0] | {"reviewed": ""})
    assert is_confirmed(rows[0])
    numbers = {row["province_code"]: row["basis"].split()[-1] for row in rows if row["basis"]}
    assert numbers == BASES
    assert sorted(BASES.values()) == [str(number) for number in range(1654, 1688)]
    named = {(row["district_code"], row["old_code"]) for row in rows}
    communes = {(row["district_code"], row["code"]) for row in rows_of("2025-01-04") if row["name"]}
    assert communes <= named  # each is said to go somewhere, or said to be unknown


def kinds_by_code() -> dict[str, int]:
    return {kind.code: kind.rank for kind in (*PRESETS["district"], *PRESETS["area"])}


def test_a_name_says_its_type() -> None:
    assert kind_of("Thành phố Hà Nội", 0) == "city"
    assert kind_of("Thành phố Bến Tre", 1) == "district_city"
    assert kind_of("Thị Xã Mộc Châu", 1) == "district_town"
    with pytest.raises(ValueError, match="Làng"):
        kind_of("Làng Mẫu", 2)


def test_a_code_alone_names_nobody() -> None:
    """28810 was An Khánh, then the town of Châu Thành, then Phú Túc."""
    named = [row["name"] for listed in LISTS.values() for row in rows_of(listed) if row["code"] == "28810"]
    assert named == ["Xã An Khánh", "Thị trấn Châu Thành", "Xã Phú Túc"]
    ids = {
        row["id"]
        for listed in LISTS.values()
        for row in _units(listed, TODAY)
        if row["official_code"] == "28810"
    }
    assert len(ids) == 3


def test_a_tree_with_other_units_is_left_alone(app: Flask) -> None:
    with app.app_context(), pytest.raises(Refused):
        import_units("before-2025")


@pytest.mark.slow
def test_the_country_goes_through_the_reform(tmp_path: Path) -> None:
    app = empty_app(tmp_path)
    with app.app_context():
        assert import_units("before-2025", date(2024, 1, 1)) == 63 + 696 + 10_051
        assert import_units("before-2025", date(2024, 1, 1)) == 0
        assert import_units("after-2025") > 13_000
        assert import_units("after-2025") == 0
        tree = Tree(kinds(), versions_of(select(Unit.id)))
        assert not list(tree.faults())
        for day, expected in ((NEW_YEAR, [63, 696, 10_051]), (REFORM, [34, 0, 3_321])):
            ranks = Counter(tree.kinds[version.kind].rank for version in tree.standing(day))
            assert [ranks[rank] for rank in (1, 2, 3)] == expected
        for unit in tree.units:  # whatever was recorded anywhere is found below one of the 34
            for found in tree.reach(unit, REFORM):
                assert tree.kinds[tree.line(found, REFORM)[-1].kind].rank == 1
        ends = Counter(
            v.state for unit in tree.units for v in tree.versions(unit) if v.state is not State.STANDS
        )
        assert ends[State.MERGED] > 9_000
        old = db.session.scalars(
            select(UnitVersion).where(
                UnitVersion.name == "Thị trấn Châu Thành", UnitVersion.official_code == "28810"
            )
        ).first()
        assert old
        (now,) = tree.reach(old.unit_id, REFORM)
        assert [version.name for version in tree.line(now, REFORM)] == ["Xã Phú Túc", "Tỉnh Vĩnh Long"]
        assert tree.versions(now)[0].start == REFORM  # another unit, with the same code
        ending = db.session.scalars(
            select(UnitVersion).where(UnitVersion.unit_id == old.unit_id, UnitVersion.state == "merged")
        ).one()
        change = db.session.get_one(PlaceChange, ending.change_id)
        assert change.basis == "Nghị quyết 202/2025/QH15, 1687/NQ-UBTVQH15"
        kept = db.session.scalars(
            select(UnitVersion.name)
            .join(PlaceChange, PlaceChange.id == UnitVersion.change_id)
            .where(UnitVersion.state == State.KEPT, PlaceChange.basis == UNREVIEWED)
        ).all()
        assert sorted(kept) == sorted(unreviewed())
        others = select(PlaceChange.basis).where(PlaceChange.basis != UNREVIEWED)
        assert all(re.fullmatch(r"Nghị quyết 202/2025/QH15, 1\d{3}/NQ-UBTVQH15", one) or not one
                   for one in db.session.scalars(others))  # fmt: skip
        bases = select(Unit.base_id).where(Unit.id == old.unit_id)
        assert db.session.scalar(bases) == now
        db.session.remove()
        db.engine.dispose()
