"""Who is signed in is not who wrote, or nobody is, or may be no more."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import expect

from tests.faults.case import SIGNED_OUT, UNREACHABLE, Stories
from tests.faults.doings import by_itself, is_signed_out, taps_sign_out
from tests.faults.scene import LINE, Scene
from tests.faults.strikes import FAULTS
from tests.support.screens import ALL_SENT, CADRE, DEVICE, TODAY, sign_in

story = Stories()

OTHER_CADRE: Final = "Trần Văn Mẫu"


@story("one", "the session's cookie is gone", everywhere=True)
def signed_out_meanwhile(scene: Scene) -> None:
    """Nothing moves until its author signs in by the line's own link; then it is sent."""
    scene.start()
    scene.forget_cookies()
    scene.open()
    scene.says(SIGNED_OUT)
    scene.tap("Đăng nhập", LINE)
    scene.tap(CADRE)
    scene.settled()


@story("one", "somebody else signs in on this phone", daily=True)
def another_person_signs_in(scene: Scene) -> None:
    """Nothing of the first is sent in the other's name; it is sent when the first signs in again."""
    scene.refuse()
    scene.open()
    scene.says(UNREACHABLE)
    scene.calm()
    scene.notebook.sign_in(OTHER_CADRE)
    expect(scene.notebook.status).to_have_text(ALL_SENT)
    assert not scene.arrived()
    scene.notebook.go(DEVICE)
    expect(scene.phone.page.locator("#people")).to_contain_text("1 phiếu chưa gửi")
    scene.notebook.sign_in(CADRE)
    scene.settled()


@story("one", "somebody else signs in on this phone, and the answer that says who it is is lost")
def another_person_signs_in_on_a_bad_line(scene: Scene) -> None:
    """The notebook of the first is not opened for them; it is sent when the first signs in again."""
    scene.refuse()
    scene.open()
    scene.says(UNREACHABLE)
    scene.calm()
    FAULTS["answer lost"].strike(scene, "GET /sync/session")
    sign_in(scene.phone.page, scene.proxy.origin, OTHER_CADRE)
    for _ in range(2):  # nor when the app is opened again
        expect(scene.phone.page.locator("#sign-in-needed")).to_be_visible()
        expect(scene.phone.page.locator("#notebook")).to_be_hidden()
        scene.phone.page.goto(scene.proxy.origin + TODAY)
    scene.calm()
    scene.notebook.sign_in(CADRE)
    scene.settled()


@story("one", "an administrator has revoked the phone")
def the_phone_is_revoked(scene: Scene) -> None:
    """What waited is kept in quarantine, and the line says that the phone was revoked."""
    scene.change(
        "UPDATE device SET revoked_at = last_seen_at WHERE last_seen_at = (SELECT max(last_seen_at) FROM device)"
    )
    scene.open()
    scene.says("Máy này đã bị thu hồi")
    scene.check(quarantined=1)


@story("one", "“Đăng xuất” while an entry waits and nothing gets through")
def signing_out_with_something_unsent(scene: Scene) -> None:
    """Refused with the reason; when it is sent one may leave."""
    scene.refuse()
    taps_sign_out(scene)
    scene.says("Còn phiếu chưa gửi nên chưa đăng xuất được.", "#sign-out-trouble")
    scene.calm()
    by_itself(scene)
    scene.settled()
    taps_sign_out(scene)
    is_signed_out(scene)
