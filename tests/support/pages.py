"""What can be said of any page: accessible, valid, not wider than the screen, and large enough to touch."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from tests.tooling import NODE_MODULES, ROOT, command, environment

AXE_TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
LIGHTHOUSE_CATEGORIES: Final = ("performance", "accessibility", "best-practices", "seo")
SMALLEST_TARGET: Final = 48
ROUNDING: Final = 0.5

# What the checker says and this project answers for: htmx's own attributes are no part of HTML, and a heading that
# waits, hidden, for its words is filled before anybody meets it (axe looks at what is shown).
ANSWERED: Final = re.compile(r"^Attribute “hx-[a-z-]+” not allowed|^Empty heading\.$")

RUN_AXE: Final = """
async (tags) => {
  const found = await axe.run(document, {runOnly: {type: "tag", values: tags}});
  return found.violations.map((rule) => ({
    id: rule.id,
    help: rule.help,
    nodes: rule.nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary}`),
  }));
}
"""

# What acts as a button: buttons, links dressed as buttons, navigation, and the labels that hold a choice.
FIND_SMALL_TARGETS: Final = """
(smallest) => {
  const selector = [
    "button", "summary", "[role=button]", "a.button", "nav a", "input[type=submit]", "input[type=file]",
    "select", "label:has(input[type=radio])", "label:has(input[type=checkbox])",
  ].join(",");
  return [...document.querySelectorAll(selector)]
    .filter((each) => each.getAttribute("aria-hidden") !== "true")
    .filter((each) => each.checkVisibility({opacityProperty: true, visibilityProperty: true}))
    .map((each) => [each, each.getBoundingClientRect()])
    .filter(([, {width, height}]) => width > 1 && height > 1 && (width < smallest || height < smallest))
    .map(([each, {width, height}]) => `${each.outerHTML.slice(0, 120)} is ${width} x ${height}`);
}
"""

FIND_OVERFLOW: Final = """
() => {
  const width = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= width) return [];
  const right = (each) => Math.round(each.getBoundingClientRect().right);
  const wide = [...document.querySelectorAll("body *")]
    .filter((each) => each.checkVisibility() && right(each) > width)
    .map((each) => `${each.outerHTML.slice(0, 120)} ends at ${right(each)}`);
  const text = `the page is ${document.scrollingElement.scrollWidth} px wide, the screen ${width}`;
  return [text, ...wide.slice(0, 8)];
}
"""


def axe_violations(page: Page, tags: Sequence[str] = AXE_TAGS) -> list[str]:
    """Return what axe finds wrong with the page as it stands, one line per place."""
    # Evaluated, not added as a script element: the pages' own policy rightly refuses foreign scripts.
    _read_whole(page).evaluate(_axe_source())
    return [
        f"{rule['id']} ({rule['help']}): {node}"
        for rule in page.evaluate(RUN_AXE, list(tags))
        for node in rule["nodes"]
    ]


def small_targets(page: Page, smallest: float = SMALLEST_TARGET) -> list[str]:
    """Return the visible buttons and choices that are smaller than a fingertip in either direction."""
    found: list[str] = _read_whole(page).evaluate(FIND_SMALL_TARGETS, smallest - ROUNDING)
    return found


def overflow(page: Page) -> list[str]:
    """Return what makes the page wider than the screen."""
    found: list[str] = _read_whole(page).evaluate(FIND_OVERFLOW)
    return found


def _read_whole(page: Page) -> Page:
    """Return the page once the browser has read it to its end: a link's click returns as soon as an answer begins."""
    page.wait_for_load_state("domcontentloaded")
    return page


def live_html(page: Page) -> str:
    """Return the page's present markup as a document."""
    return "<!DOCTYPE html>\n" + str(_read_whole(page).evaluate("() => document.documentElement.outerHTML"))


def html_errors(documents: Mapping[str, str]) -> list[str]:
    """Return what the Nu checker says against documents, which are given by name."""
    jar = NODE_MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
    with tempfile.TemporaryDirectory(prefix="gandan-html-") as folder:
        files = {}
        for number, (name, text) in enumerate(documents.items()):
            file = Path(folder) / f"{number}.html"
            file.write_text(text, encoding="utf-8")
            files[file.name] = name
        done = subprocess.run(
            [*command("java"), "-jar", str(jar), "--stdout", "--format", "json", "--exit-zero-always",
             *(str(Path(folder) / each) for each in files)],
            capture_output=True, text=True, check=True, timeout=180,
        )  # fmt: skip
    found = []
    for message in json.loads(done.stdout)["messages"]:
        counts = message["type"] == "error" or message.get("subType") == "warning"
        if counts and not ANSWERED.search(message["message"]):
            name = files.get(Path(message.get("url", "")).name, "?")
            extract = " ".join(message.get("extract", "").split())
            found.append(f"{name}, line {message.get('lastLine', '?')}: {message['message']} [{extract}]")
    return found


class Lighthouse:
    """One report: scores from 0 to 100 and the audits that cost points."""

    def __init__(self, report: dict[str, object]) -> None:
        """Read Lighthouse's JSON."""
        text = json.dumps(report)
        data = json.loads(text)
        self.scores: dict[str, int] = {
            name: round(100 * (category["score"] or 0)) for name, category in data["categories"].items()
        }
        self.lost: list[str] = []
        for name, category in data["categories"].items():
            for reference in category["auditRefs"]:
                audit = data["audits"][reference["id"]]
                if reference["weight"] and audit["score"] is not None and audit["score"] < 1:
                    self.lost.append(
                        f"{name}: {audit['id']} {audit['score']} {audit.get('displayValue', '')}".strip()
                    )


def lighthouse(
    address: str, headers: Mapping[str, str], *, desktop: bool = False, dark: bool = False
) -> Lighthouse:
    """Run Lighthouse on an address with these request headers, as a phone or as a desk."""
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--lang=vi-VN"]
    if dark:
        flags.append("--blink-settings=preferredColorScheme=0")
    with tempfile.TemporaryDirectory(prefix="gandan-lighthouse-") as folder:
        report = Path(folder) / "report.json"
        extra = Path(folder) / "headers.json"
        extra.write_text(json.dumps(dict(headers)), encoding="utf-8")
        arguments = [
            *command("node"), str(NODE_MODULES / "lighthouse" / "cli" / "index.js"), address, "--quiet",
            "--output=json", f"--output-path={report}", f"--extra-headers={extra}",
            "--disable-full-page-screenshot",
            f"--only-categories={','.join(LIGHTHOUSE_CATEGORIES)}", f"--chrome-flags={' '.join(flags)}",
            *(["--preset=desktop"] if desktop else []),
        ]  # fmt: skip
        done = _run_lighthouse(arguments)
        if "NO_NAVSTART" in done.stderr:  # its browser lost the beginning: "Please run Lighthouse again"
            done = _run_lighthouse(arguments)
        if done.returncode:
            raise RuntimeError(f"Lighthouse could not look at {address}: {done.stderr[-800:]}")
        return Lighthouse(json.loads(report.read_text(encoding="utf-8")))


def _run_lighthouse(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments, check=False, cwd=ROOT, timeout=300, capture_output=True, text=True,
        env={**environment(), **_chrome()},
    )  # fmt: skip


def _chrome() -> dict[str, str]:
    return {"CHROME_PATH": command("chromium")[0]}


@cache
def _axe_source() -> str:
    return (NODE_MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
