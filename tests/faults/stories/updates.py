"""A new version is deployed."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.faults.case import Stories
from tests.faults.scene import NEW, Scene
from tests.support.server import Server

story = Stories()


@story("one", "a new version is deployed; what waits was saved with the old one")
def updated_while_an_entry_waits(scene: Scene) -> None:
    """The new server takes it from the old app; the new version is offered."""
    deploys(scene)
    scene.open()
    scene.settled()
    looks_for_an_update(scene)


@story("ready", "a new version is deployed and taken in the middle of a form")
def updated_in_mid_form(scene: Scene) -> None:
    """The update waits until the entry is saved; that is sent once."""
    scene.open(NEW)
    scene.fill_in()
    deploys(scene)
    looks_for_an_update(scene)
    scene.phone.page.get_by_role("button", name="Cập nhật ứng dụng").click()
    expect(scene.phone.page.get_by_text("Lưu phiếu đang ghi rồi hãy cập nhật.")).to_be_visible()
    scene.save()
    scene.settled()


def deploys(scene: Scene) -> None:
    """Put a newer version in the server's place."""
    scene.server.kill()
    scene.server = Server(scene.server.data, port=scene.server.port, module="tests.support.newer").start()


def looks_for_an_update(scene: Scene) -> None:
    """Have the browser ask for a new version, as it does once a day."""
    scene.phone.page.evaluate("async () => { await (await navigator.serviceWorker.ready).update(); }")
    expect(scene.phone.page.get_by_role("button", name="Cập nhật ứng dụng")).to_be_visible()
