"""
Somebody at a browser, who notes whatever goes wrong behind the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route

AXE = Path(__file__).parents[2] / "api" / "node_modules" / "axe-core" / "axe.min.js"
NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


@dataclass
class Reader:
    """A page with its complaints."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.add_init_script(NOTE_VIOLATIONS)
        self.page.on("request", lambda request: self._note_host(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _note_host(self, url: str) -> None:
        found = urlsplit(url)
        if found.scheme in ("http", "https"):
            self.hosts.add(found.netloc)

    def open(self, url: str) -> Page:
        """Go there and wait until nothing more is asked for."""
        self.page.goto(url, wait_until="load")
        return self.page

    def policy_violations(self) -> list[str]:
        """What the Content-Security-Policy had to stop."""
        found: list[str] = self.page.evaluate("window.violations")
        return found

    def axe(self) -> list[str]:
        """What axe-core finds: each rule with the first place that breaks it."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = self.page.evaluate("axe.run(document)")
        nodes = [(each["id"], each["nodes"][0]) for each in found["violations"]]
        return [f"{rule}: {node['html'][:160]} {node['failureSummary']}" for rule, node in nodes]

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return int(
            self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )


class LateScripts:
    """Every script of a page waits until it may come."""

    def __init__(self, page: Page) -> None:
        self._held: list[Route] | None = []
        self.count = 0
        page.route(re.compile(r"\.js(\?|$)"), self._hold)

    def _hold(self, route: Route) -> None:
        self.count += 1
        if self._held is None:
            route.continue_()
        else:
            self._held.append(route)

    def let_come(self) -> None:
        """Now, and every one from now on."""
        held, self._held = self._held or [], None
        for route in held:
            route.continue_()
