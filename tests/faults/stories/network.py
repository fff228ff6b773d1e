"""Nothing gets through, and nothing of ours answers."""

from __future__ import annotations

from tests.faults.case import OFFLINE, OVERLOADED, PORTAL, UNREACHABLE, Stories
from tests.faults.doings import by_itself
from tests.faults.scene import Scene
from tests.faults.strikes import PORTAL_PAGE, answer
from tests.support.proxy import Act
from tests.support.screens import DEVICE

story = Stories()


@story("one", "the browser says that there is no network", daily=True)
def without_network(scene: Scene) -> None:
    """“chưa có mạng”; when there is one it is sent without a touch."""
    scene.start()
    scene.phone.context.set_offline(True)
    scene.open()
    scene.says(OFFLINE)
    scene.phone.context.set_offline(False)
    scene.settled()


@story("one", "the server is dead and the browser's workers are stopped")
def reopened_without_a_server(scene: Scene) -> None:
    """The app opens with all it knows, and says that it cannot reach the server."""
    scene.server.kill()
    scene.show()
    tools = scene.phone.developer_tools()
    tools.send("ServiceWorker.enable")
    tools.send("ServiceWorker.stopAllWorkers")
    scene.show(DEVICE)
    scene.says(UNREACHABLE)
    scene.calm()
    by_itself(scene)
    scene.settled()


@story("one", "a captive portal answers every request with its page", daily=True, everywhere=True)
def reopened_behind_a_portal(scene: Scene) -> None:
    """The app opens, not the portal; the portal is named."""
    scene.hurt({".": Act(reply=PORTAL_PAGE)})
    scene.show()
    scene.says(PORTAL)
    scene.calm()
    by_itself(scene)
    scene.settled()


@story("one", "503 with `Retry-After: 600`; another entry is saved, the browser is killed and opened")
def a_pause_is_kept(scene: Scene) -> None:
    """Nothing is asked before its time, whatever is saved or opened; then both are sent."""
    scene.hurt({"POST /sync/push": Act(reply=answer("503 Busy", "{}", "Retry-After: 600"))})
    scene.open()
    scene.says(OVERLOADED)
    scene.record(22)
    scene.phone.kill()
    scene.open()
    scene.says(OVERLOADED)
    assert len(scene.proxy.met) == 1
    scene.calm()
    scene.pass_time(11)
    scene.settled()
