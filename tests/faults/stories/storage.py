"""The browser does not keep what it is given, or does not say whether it will."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import expect

from tests.faults.case import Stories
from tests.faults.scene import NEW, Scene
from tests.support.screens import DEVICE

story = Stories()

DENIED: Final = 'IDBFactory.prototype.open = () => { throw new DOMException("denied", "SecurityError"); };'


@story("ready", "the browser's quota is used up when “Chốt phiếu” is tapped", daily=True)
def the_phone_is_full(scene: Scene) -> None:
    """“Máy hết chỗ”; the form keeps the words; with room again it is saved and sent."""
    scene.start()
    tools = scene.phone.developer_tools()
    tools.send("Storage.overrideQuotaForOrigin", {"origin": scene.proxy.origin, "quotaSize": 1})
    scene.open(NEW)
    scene.fill_in()
    scene.phone.page.get_by_role("button", name="Chốt phiếu").click()
    expect(scene.phone.page.locator("#record-result")).to_contain_text("Máy hết chỗ nên chưa lưu được.")
    assert scene.read()["outbox"] == []
    tools.send("Storage.overrideQuotaForOrigin", {"origin": scene.proxy.origin})
    scene.save()
    scene.settled()


@story("one", "the browser denies its database to the page")
def storage_denied(scene: Scene) -> None:
    """The page says so instead of showing nothing; allowed again, all is there."""
    scene.scripts.append(DENIED)
    scene.open()
    expect(scene.phone.page.get_by_role("alert")).to_contain_text("Trình duyệt chưa mở được sổ trên máy.")
    scene.phone.close()
    scene.scripts.clear()
    scene.open()
    scene.settled()


@story("one", "the browser does not promise to keep the data")
def storage_not_promised(scene: Scene) -> None:
    """“Máy này chưa hứa giữ sổ lâu dài”, with what to do."""
    scene.scripts.append("navigator.storage.persisted = navigator.storage.persist = async () => false;")
    scene.open(DEVICE)
    expect(scene.phone.page.locator("#storage")).to_contain_text("Máy này chưa hứa giữ sổ lâu dài.")
    scene.settled()


@story("one", "the browser asks the person whether to keep the data, and the person lets the question lie")
def storage_question_unanswered(scene: Scene) -> None:
    """Nothing waits for the answer: what is unsent is sent, and the line says so."""
    scene.scripts.append("navigator.storage.persist = () => new Promise(() => {});")
    scene.scripts.append("navigator.storage.persisted = async () => false;")
    scene.open(DEVICE)
    expect(scene.phone.page.locator("#storage")).to_contain_text("Máy này chưa hứa giữ sổ lâu dài.")
    scene.settled()
