"""What is done to templates before they are compiled."""

from __future__ import annotations

import re

from jinja2.ext import Extension

_INDENTED = re.compile(r"\n[ \t\n]+")


class Unindented(Extension):
    """Leaves out the indentation of templates: it is for those who read them, and phones fetch pages on slow lines.

    A line break stays, for between words it is a space.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """Return a template's source with every line beginning at its margin, and no blank lines."""
        return _INDENTED.sub("\n", source)
