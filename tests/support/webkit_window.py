#!/usr/bin/python3
"""A window of WebKitGTK that keeps its data: `webkit_window.py PROFILE SCRIPT`, started by WebKitWebDriver.

WebKitGTK's own MiniBrowser forgets everything when it is driven, so it cannot be killed and opened again. Runs
under the system's Python, which has the bindings; `SCRIPT` runs in every page before the page's own scripts.
"""

# mypy: ignore-errors
import sys
from pathlib import Path

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402

profile, script = map(Path, sys.argv[1:3])
kept = WebKit2.WebsiteDataManager(
    base_data_directory=f"{profile}/data", base_cache_directory=f"{profile}/cache"
)
context = WebKit2.WebContext.new_with_website_data_manager(kept)
cookies = context.get_cookie_manager()
cookies.set_persistent_storage(f"{profile}/cookies", WebKit2.CookiePersistentStorage.SQLITE)
context.set_preferred_languages(["vi-VN"])
context.set_automation_allowed(True)
content = WebKit2.UserContentManager()
content.add_script(
    WebKit2.UserScript(
        script.read_text(encoding="utf-8"),
        WebKit2.UserContentInjectedFrames.TOP_FRAME,
        WebKit2.UserScriptInjectionTime.START,
    )
)
view = WebKit2.WebView(web_context=context, user_content_manager=content, is_controlled_by_automation=True)
context.connect("automation-started", lambda _, session: session.connect("create-web-view", lambda *_: view))
window = Gtk.Window(default_width=390, default_height=844)
window.connect("destroy", Gtk.main_quit)
window.add(view)
window.show_all()
view.connect("close", lambda _: Gtk.main_quit())
view.load_uri("about:blank")
Gtk.main()
