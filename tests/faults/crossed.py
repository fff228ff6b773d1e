"""What somebody is at, crossed with what befalls it: the table of the real-browser matrix."""

from __future__ import annotations

from typing import Final

from tests.faults.case import Case
from tests.faults.doings import DOINGS
from tests.faults.scene import SENT, Scene
from tests.faults.strikes import FAULTS


def case(doing: str, fault: str, says: str = "", *, daily: bool = False, everywhere: bool = False) -> Case:
    """Cross something somebody is at with something that befalls it."""
    at, befalls = DOINGS[doing], FAULTS[fault]
    sentence = says or at.says or befalls.says

    def play(scene: Scene) -> None:
        at.before(scene)
        befalls.strike(scene, at.request)
        at.act(scene)
        if befalls.act:
            scene.until_met()
        if befalls.minutes:
            scene.pass_time(befalls.minutes)
        if at.where:
            scene.says(sentence, at.where)
        scene.calm()
        at.end(scene)
        at.after(scene)

    said = f"“{sentence}”; then “{SENT}”" if at.where else f"afterwards “{SENT}”"
    return Case(f"{doing}: {fault}", befalls.words, said, play, at.start, daily, everywhere)


CROSSED: Final = [
    case("push of one", "no connection", everywhere=True),
    case("push of one", "request cut in its head"),
    case("push of one", "request cut in its body"),
    case("push of one", "answer lost", everywhere=True),
    case("push of one", "answer cut in its head", daily=True),
    case("push of one", "answer cut in its body", everywhere=True),
    case("push of one", "black hole", daily=True, everywhere=True),
    case("push of one", "503", daily=True, everywhere=True),
    case("push of one", "429"),
    case("push of one", "413", everywhere=True),
    case("push of one", "500", everywhere=True),
    case("push of one", "gateway's 502"),
    case("push of one", "portal's page", daily=True, everywhere=True),
    case("push of one", "portal's detour"),
    case("push of one", "server killed before its commit", daily=True),
    case("push of one", "server killed after its commit", daily=True, everywhere=True),
    case("push of one", "2G"),
    case("push of sixty", "request cut in its body"),
    case("push of sixty", "answer lost"),
    case("push of sixty", "answer cut in its body"),
    case("push of sixty", "black hole"),
    case("push of sixty", "503"),
    case("push of sixty", "413 above 2 kB"),
    case("push of sixty", "500"),
    case("push of sixty", "portal's page"),
    case("push of sixty", "server killed before its commit"),
    case("push of sixty", "server killed after its commit"),
    case("push of sixty", "2G"),
    case("photo", "request cut in its head"),
    case("photo", "request cut in its body"),
    case("photo", "answer lost"),
    case("photo", "answer cut in its head"),
    case("photo", "black hole"),
    case("photo", "503"),
    case("photo", "413", "Có ảnh máy chủ chưa nhận"),
    case("photo", "500"),
    case("photo", "portal's page"),
    case("photo", "server killed before its commit"),
    case("photo", "server killed after its commit"),
    case("photo", "2G"),
    case("rest of a photo", "answer lost"),
    case("rest of a photo", "black hole"),
    case("rest of a photo", "503"),
    case("rest of a photo", "portal's page"),
    case("verdict comes", "answer cut in its body"),
    case("verdict comes", "black hole"),
    case("verdict comes", "429"),
    case("verdict comes", "portal's page"),
    case("first visit, session", "request cut in its head"),
    case("first visit, session", "answer cut in its body"),
    case("first visit, session", "black hole"),
    case("first visit, session", "500"),
    case("first visit, session", "503"),
    case("first visit, session", "portal's page"),
    case("first visit, later page", "answer cut in its body"),
    case("first visit, later page", "black hole"),
    case("first visit, later page", "503"),
    case("first visit, later page", "server killed after its commit"),
    case("installation, a page", "answer cut in its body"),
    case("installation, a page", "portal's page"),
    case("installation, a page", "503"),
    case("installation, a script", "answer cut in its body"),
    case("installation, a script", "portal's page"),
    case("installation, the worker", "answer cut in its body"),
    case("installation, the worker", "portal's page"),
    case("sign-in", "request cut in its head"),
    case("sign-in", "answer lost"),
    case("sign-in", "portal's page"),
    case("sign-in", "server killed before its commit"),
    case("sign-out", "answer lost"),
    case("sign-out", "black hole"),
    case("sign-out", "no connection"),
]
