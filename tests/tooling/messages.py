"""The English catalogue: collect messages from the sources, and see that it is complete.

`python -m tests.tooling.messages update` collects and compiles; `check` fails when something is missing.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "webapp" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
COMPILED = CATALOGUE.with_suffix(".mo")

METHODS = [
    ("webapp/**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("static/js/**.js", "javascript"),
]
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "_l": None,
    "N_": None,
    "t": None,
    "ngettext": (1, 2),
}
HEADER = """msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
OPTIONS = {"templates/**.html": {"extensions": "jinja2.ext.i18n", "silent": "false", "trimmed": "true"}}


def collected() -> Catalog:
    """Return a catalogue of every message in the sources, untranslated."""
    catalogue = Catalog(locale="en", project="Gần Dân", charset="utf-8", fuzzy=False)
    for folder in ("webapp", "templates", "static/js"):
        methods = [
            (pattern.removeprefix(f"{folder}/"), how)
            for pattern, how in METHODS
            if pattern.startswith(folder)
        ]
        options = {p.removeprefix(f"{folder}/"): o for p, o in OPTIONS.items() if p.startswith(folder)}
        for name, _, message, _, _ in extract_from_dir(ROOT / folder, methods, options, KEYWORDS):
            catalogue.add(message, locations=[(f"{folder}/{name}".replace("\\", "/"), 0)])
    return catalogue


def current() -> Catalog:
    """Return the catalogue as it stands, empty when there is none."""
    if not CATALOGUE.is_file():
        return Catalog(locale="en", fuzzy=False)
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def merged() -> Catalog:
    """Return the messages of the sources with the translations there are; what is no longer said is dropped."""
    catalogue, known = collected(), current()
    for message in catalogue:
        old = known.get(message.id) if message.id else None
        if old is not None and old.string:
            message.string = old.string
            message.flags -= {"fuzzy"}
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """Return the catalogue's text, the same for the same messages."""
    out = BytesIO()
    write_po(out, catalogue, width=110, sort_output=True, include_lineno=False, omit_header=True)
    return HEADER.encode() + out.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """Return the catalogue in the form gettext reads."""
    out = BytesIO()
    catalogue.creation_date = catalogue.revision_date = datetime(
        2026, 1, 1, tzinfo=UTC
    )  # the same bytes every time
    write_mo(out, catalogue)
    return out.getvalue()


def update() -> None:
    """Collect and compile."""
    catalogue = merged()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_bytes(written(catalogue))
    COMPILED.write_bytes(compiled(current()))
    sys.stdout.write(f"{len(catalogue)} messages, {len(untranslated(catalogue))} without English.\n")


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the messages without English."""
    return [
        str(m.id)
        for m in catalogue
        if m.id and not (all(m.string) if isinstance(m.string, tuple) else m.string)
    ]


def check() -> None:
    """Fail when a message is missing, not translated, no longer said, or not compiled."""
    catalogue = merged()
    faults = [f"no English for: {message}" for message in untranslated(catalogue)]
    if not CATALOGUE.is_file() or written(catalogue) != CATALOGUE.read_bytes():
        faults.append("the catalogue is not what the sources say")
    elif not COMPILED.is_file() or compiled(current()) != COMPILED.read_bytes():
        faults.append("the catalogue is not compiled")
    if faults:
        raise SystemExit("\n".join([*faults, "Run `make messages` and translate what is new."]))
    sys.stdout.write(f"{len(catalogue)} messages, all in English.\n")


if __name__ == "__main__":
    {"update": update, "check": check}[sys.argv[1]]()
