"""A few seconds of what `make faults` does for a minute."""

from __future__ import annotations

import pytest

from tests.faults import load

SECONDS = 5


def assert_nothing_lost(outcome: load.Outcome) -> None:
    print(outcome)
    assert outcome.acknowledged == outcome.sent > 0
    assert (outcome.lost, outcome.doubled, outcome.other) == (0, 0, 0)
    assert outcome.server_kills + outcome.database_kills


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_server_is_killed() -> None:
    assert_nothing_lost(load.sqlite(SECONDS))


@pytest.mark.slow
@pytest.mark.postgres
def test_nothing_acknowledged_is_lost_when_postgres_is_killed() -> None:
    outcome = load.postgres(SECONDS * 2)
    assert_nothing_lost(outcome)
    assert outcome.database_kills
