"""The browser is killed."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.faults.case import UNREACHABLE, Stories
from tests.faults.doings import GROUPS_PAGE, by_itself, opens_without_network, visits_first
from tests.faults.scene import NEW, Scene
from tests.support.proxy import Act, Part
from tests.support.screens import RECORD

story = Stories()


@story("ready", "SIGKILL to the browser when it says “Đã lưu trên máy”", daily=True, everywhere=True)
def killed_right_after_saving(scene: Scene) -> None:
    """It is there, said to be unsent, and sent once."""
    scene.refuse()
    scene.record()
    scene.phone.kill()
    scene.open()
    scene.says(UNREACHABLE)
    scene.calm()
    by_itself(scene)
    scene.settled()


@story("ready", "SIGKILL to the browser when it says “Đã lưu trên máy”, with signal")
def killed_right_after_saving_with_signal(scene: Scene) -> None:
    """Whether it was sent before or is sent now, it is there once."""
    scene.record()
    scene.phone.kill()
    scene.open()
    scene.settled()


@story("ready", "SIGKILL to the browser with the form on its last step")
def killed_before_saving(scene: Scene) -> None:
    """The draft opens where it was left; saved then, it is sent once."""
    scene.refuse()
    scene.open(NEW)
    scene.fill_in()
    scene.notebook.wait_for_mark()
    scene.phone.kill()
    scene.calm()
    scene.open(RECORD)
    scene.notebook.wait_for_form()
    expect(scene.phone.page.get_by_label("Số hộ dự họp", exact=True)).to_have_value("21")
    scene.notebook.go_to_end()
    scene.save()
    scene.settled()


@story("one", "SIGKILL to the browser while its push is in a black hole", daily=True, everywhere=True)
def killed_while_sending(scene: Scene) -> None:
    """It is sent again."""
    dies_at(scene, "POST /sync/push", Act(is_swallowed=True))


@story("many", "SIGKILL to the browser when the server has answered and the answer is lost")
def killed_before_the_answer(scene: Scene) -> None:
    """The server recognises what it has; nothing is doubled."""
    dies_at(scene, "POST /sync/push", Act(answer=Part.NOTHING))


@story("photo", "SIGKILL to the browser with half of a photo at the server")
def killed_in_the_middle_of_a_photo(scene: Scene) -> None:
    """The photo goes on and arrives whole."""
    dies_at(scene, "PATCH /sync/media/", Act(request=Part.BODY))


@story("new", "SIGKILL to the browser with the first page of the history missing")
def killed_during_the_first_download(scene: Scene) -> None:
    """The download goes on."""
    visits_first(scene)
    scene.phone.close()  # the sign-in is on the disk
    dies_at(scene, "GET /sync/pull.since=[^&]", Act(is_swallowed=True))


@story("new", "SIGKILL to the browser while its service worker is being installed")
def killed_during_the_installation(scene: Scene) -> None:
    """The next visit installs it; then the app opens without a network."""
    visits_first(scene)
    scene.phone.close()  # the sign-in is on the disk
    dies_at(scene, GROUPS_PAGE, Act(is_swallowed=True))
    opens_without_network(scene)


def dies_at(scene: Scene, request: str, act: Act) -> None:
    """Kill the browser when an act has fallen upon its request; see all well when it is opened again."""
    scene.hurt({request: act})
    scene.open()
    scene.until_met()
    scene.phone.kill()
    scene.calm()
    scene.open()
    scene.settled()
