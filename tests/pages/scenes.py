"""
Every page in the states worth looking at: a template and what the route would hand it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.pages import exhibits

Scene = tuple[str, dict[str, Any]]


def home() -> Scene:
    return "home/home.html", {"section": "", "works": 8, "tokens": exhibits.exhibition()}


def bare_home() -> Scene:
    return "home/home.html", {"section": "", "works": 0, "tokens": []}


def _asked(**more: Any) -> dict[str, Any]:
    asked = {"for_sale": False, "q": "", "max_eth": "", "sort": "newest", "wrong": "", "is_narrow": False}
    return asked | more


def market() -> Scene:
    return "home/market.html", {
        "section": "market",
        "tokens": exhibits.exhibition(),
        "following": "abc",
        "asked": _asked(),
    }


def market_nothing() -> Scene:
    asked = _asked(q="unicorn", is_narrow=True)
    return "home/market.html", {"section": "market", "tokens": [], "following": None, "asked": asked}


def work() -> Scene:
    return "tokens/work.html", {
        "section": "market",
        "token": exhibits.exhibition()[5],
        "provenance": exhibits.provenance(),
        "fee_bps": 200,
    }


def work_chinese() -> Scene:
    template, context = work()
    return template, context | {"token": exhibits.exhibition()[3]}


def error_404() -> Scene:
    return "error", {"status": 404, "title": "No such token", "detail": "no token 31337/0x00/1 is known here", "code": "NoSuchToken", "request_id": "0123456789abcdef", "type": "/docs/errors/NoSuchToken"}


SCENES: dict[str, Callable[[], Scene]] = {
    name.replace("_", "-"): found
    for name, found in list(globals().items())
    if callable(found) and not name.startswith("_") and getattr(found, "__module__", "") == __name__
}
