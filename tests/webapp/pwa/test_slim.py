"""Scripts are served without their comments and say the same."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import brotli
import pytest

from tests.tooling import node
from webapp.pwa.rules import slim

STATIC = Path(__file__).resolve().parents[3] / "static"
SCRIPTS = sorted(path.relative_to(STATIC).as_posix() for path in (STATIC / "js").rglob("*.js"))


def test_comments_casts_and_indentation_go() -> None:
    source = """// why
/**
 * @param {string} a
 */
export function f(a) {
  /** @type {any} */ (a).b(); // stays: it is not alone on its line
  const url = "https://example.vn"; /* so does this */
  return a;
}
"""
    assert slim("js/x.js", source.encode()).decode() == (
        "export function f(a) {\n"
        "(a).b(); // stays: it is not alone on its line\n"
        'const url = "https://example.vn"; /* so does this */\n'
        "return a;\n}\n"
    )
    assert slim("css/x.css", b"/* a */\n") == b"/* a */\n"


@pytest.mark.parametrize("path", SCRIPTS)
def test_no_text_in_backquotes_spans_lines(path: str) -> None:
    for line in (STATIC / path).read_text().splitlines():
        code = re.sub(r'"(\\.|[^"\\])*"|//.*|/\*.*?\*/', "", line)
        assert code.count("`") % 2 == 0, line


def test_every_script_still_parses_and_is_smaller(tmp_path: Path) -> None:
    before = after = 0
    for path in SCRIPTS:
        data = (STATIC / path).read_bytes()
        served = slim(path, data)
        copy = tmp_path / path.replace("/", "_").replace(".js", ".mjs")
        copy.write_bytes(served)
        subprocess.run([node(), "--check", str(copy)], check=True)
        before, after = before + len(brotli.compress(data)), after + len(brotli.compress(served))
    assert after < 0.9 * before
