"""
A browser, the showroom behind a real server, and readers who look at pages.

The browser is one per module: Playwright keeps an event loop running while it lives, and tests
of other modules want their own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from api.local.ports import HOST, free_port
from api.local.processes import wait_until
from tests.pages.reader import Reader
from tests.pages.showroom import create_showroom
from tests.support.stack import Stack, running_stack


@pytest.fixture(scope="module")
def browser(chromium_program: Path) -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=str(chromium_program), args=["--no-sandbox"]
        )
        yield found
        found.close()


@pytest.fixture(scope="module")
def showroom_url() -> Iterator[str]:
    """Every template with fixture objects, under the real headers."""
    port = free_port()
    config = uvicorn.Config(create_showroom(), host=HOST, port=port, log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert wait_until(lambda: server.started, patience=20)
    yield f"http://{HOST}:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An exchange with bare walls, started as a newcomer starts it."""
    folder = tmp_path_factory.mktemp("house") / "data"
    with running_stack(folder, "--no-demo") as stack:
        yield stack


NewReader = Callable[..., Reader]


@pytest.fixture
def new_reader(browser: Browser) -> Iterator[NewReader]:
    """Makes readers, each with cookies of their own, a language, a scheme and a window."""
    contexts = []

    def make(**wishes: Any) -> Reader:
        options: dict[str, Any] = {
            "viewport": {"width": wishes.pop("width", 1280), "height": 900},
            "color_scheme": wishes.pop("scheme", "light"),
            "locale": {"en": "en-GB", "zh": "zh-CN"}[wishes.pop("language", "en")],
        } | wishes
        context = browser.new_context(**options)
        contexts.append(context)
        page: Page = context.new_page()
        return Reader(page)

    yield make
    for context in contexts:
        context.close()
