"""A few hundred of the schedules of `make faults`, and bugs planted to see that they would be found."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults import plants
from tests.faults.runner import Tally, run, story_of
from tests.support.postgres import Cluster

SEED = 20_000
SQLITE_COUNT = 200
POSTGRES_COUNT = 40
WITHIN = 600
"""Within so many schedules a planted bug must be found."""


def assert_holds(tally: Tally, count: int) -> None:
    assert not tally.failures, "\n".join(story_of(failure) for failure in tally.failures)
    assert tally.schedules == count
    print(tally)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(2))
def test_every_invariant_holds_on_sqlite(part: int) -> None:
    half = SQLITE_COUNT // 2
    tally = run(SEED + part * half, half, kill_every=5)
    assert_holds(tally, half)
    assert tally.kills
    assert tally.deaths


@pytest.mark.slow
@pytest.mark.postgres
def test_every_invariant_holds_on_postgres(postgres_cluster: Cluster) -> None:
    with postgres_cluster.database() as name:
        tally = run(SEED, POSTGRES_COUNT, kill_every=5, database_urls=(postgres_cluster.url(name),))
    assert_holds(tally, POSTGRES_COUNT)


@pytest.mark.slow
@pytest.mark.parametrize("plant", plants.ALL, ids=lambda plant: plant.name)
def test_a_planted_bug_is_found(plant: plants.Plant) -> None:
    planted: dict[str, Any] = {plant.side: plant.name}
    tally = run(SEED, WITHIN, kill_every=1, stop=True, **planted)
    assert tally.failures, f"{plant.name}: not found within {WITHIN} schedules"
    found = tally.failures[0]["violations"]
    print(f"{plant.name}: found after {tally.schedules} schedules: {found[0]}")
    assert any(symptom in one for symptom in plant.symptoms for one in found), found


def test_the_seed_says_everything() -> None:
    """The same seed makes the same schedule, wherever it runs."""
    first, second = (run(SEED + 3, 1, kill_every=1) for _ in range(2))
    assert (first.steps, first.operations, first.deaths) == (second.steps, second.operations, second.deaths)
