"""The phone's clock is wrong."""

from __future__ import annotations

from tests.faults.case import CLOCK, UNREACHABLE, Stories
from tests.faults.doings import by_itself
from tests.faults.scene import Scene

story = Stories()


@story("one", "the phone's clock is 3 hours behind, no connection", daily=True)
def clock_behind_without_connection(scene: Scene) -> None:
    """The clock is suspected; it is sent all the same when the line is back."""
    scene.hours = -3
    scene.refuse()
    scene.open()
    scene.says(CLOCK)
    scene.calm()
    by_itself(scene)
    scene.settled()


@story("ready", "the phone's clock is 3 hours behind")
def clock_behind(scene: Scene) -> None:
    """The entry arrives, and how wrong the clock was."""
    scene.hours = -3
    assert 2.9 < offset_of_new_entry(scene) < 3.1


@story("ready", "the phone's clock is 3 hours ahead")
def clock_ahead(scene: Scene) -> None:
    """The entry arrives, and how wrong the clock was."""
    scene.hours = 3
    assert -3.1 < offset_of_new_entry(scene) < -2.9


def offset_of_new_entry(scene: Scene) -> float:
    """Record an entry and return how many hours the server's clock is ahead of the phone's."""
    scene.open()
    scene.settled()
    scene.phone.page.get_by_role("link", name="Máy này").click()
    scene.record()
    scene.settled()
    (row,) = scene.ask(
        "SELECT clock_offset FROM meeting_revision WHERE rowid > ?", scene.before["meeting_revision"]
    )
    return float(row["clock_offset"]) / 3_600_000


@story("one", "the clock is set 3 hours back during a pause after a failure")
def clock_set_back_during_a_pause(scene: Scene) -> None:
    """The pause is not stretched by three hours."""
    scene.hours = 3
    scene.refuse()
    scene.open()
    scene.says(UNREACHABLE)
    scene.phone.kill()
    scene.hours = 0
    scene.calm()
    scene.open()
    scene.settled()
