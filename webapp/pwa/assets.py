"""The files of this build, read once: their addresses, their packed forms and the words of the scripts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flask import current_app
from flask_babel import get_locale, get_translations
from markupsafe import Markup

from webapp.pwa import rules
from webapp.resources import resource_path

_KEY = "gandan_assets"


@dataclass(frozen=True)
class Library:
    """All files below static/ at one moment."""

    build: str
    files: dict[str, bytes]
    hashes: dict[str, str]
    sources: frozenset[str]
    """The scripts that stand joined; none while the sources themselves are served."""
    _packed: dict[tuple[str, str], bytes] = field(default_factory=dict)
    _messages: set[str] = field(default_factory=set)

    def packed(self, path: str, encoding: str) -> bytes:
        """Return the file in `encoding`; each form is made once."""
        key = (path, encoding)
        if key not in self._packed:
            self._packed[key] = rules.packed(self.files[path], encoding)
        return self._packed[key]

    def messages(self) -> set[str]:
        """Return every message of the scripts."""
        if not self._messages:
            scripts = (
                data for path, data in self.files.items() if path.startswith("js/") and path.endswith(".js")
            )
            self._messages.update(*(rules.script_messages(source) for source in scripts))
        return self._messages


def _files(root: Path, pattern: str = "*") -> Iterator[tuple[str, Path]]:
    for path in sorted(root.rglob(pattern)):
        if path.is_file():
            yield path.relative_to(root).as_posix(), path


def read_library(static: Path, others: Iterable[Path]) -> Library:
    """Read static/; the build also depends on `others`: what the kept pages are made of."""
    served = {name: path.read_bytes() for name, path in _files(static) if rules.is_served(name)}
    files = rules.with_whole_styles(served)
    hashes = {name: rules.digest(data) for name, data in files.items()}
    everything = {f"static/{name}": value for name, value in hashes.items()}
    for number, root in enumerate(others):
        for name, path in _files(root, "*.html" if root.name == "templates" else "*.mo"):
            everything[f"{number}/{name}"] = rules.digest(path.read_bytes())
    return Library(rules.build_of(everything), files, hashes, rules.joined_sources(files, hashes))


def library() -> Library:
    """Return the files of the current app: read once, except while developing."""
    known = current_app.extensions.get(_KEY)
    if known is None or current_app.debug:
        roots = (resource_path("templates"), Path(current_app.root_path) / "translations")
        fresh = read_library(resource_path("static"), roots)
        if known is None or known.build != fresh.build:
            known = current_app.extensions[_KEY] = fresh
    found: Library = known
    return found


def asset(path: str) -> str:
    """Return the address of a file below static/; it may be kept for ever, for it names the build."""
    return rules.asset_address(library().build, path)


def page_scripts(page: str) -> list[str]:
    """Return the addresses of the script of a page of the notebook and of all it needs at once."""
    files = library()
    return [asset(path) for path in rules.page_scripts(page, files.files, files.sources)]


def scripts_are_joined() -> bool:
    """Say whether the pages' scripts stand joined, as classic ones; the sources are modules."""
    return bool(library().sources)


def client_messages() -> Markup:
    """Return the scripts' words in the page's language, as JSON for a script element; none for Vietnamese."""
    locale = get_locale()
    found: dict[str, str] = {}
    if locale is not None and locale.language != "vi":
        catalogue = get_translations()
        found = {
            words: said
            for words in sorted(library().messages())
            if (said := catalogue.gettext(words)) != words
        }
    return Markup(json.dumps(found, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704 - "<" is escaped
