"""
Of a chain with a single node no page says that nodes are compared, in any language.
"""

from __future__ import annotations

import html

import pytest
from starlette.testclient import TestClient

from tests.pages.showroom import create_showroom

SAID = {
    "en": ("One node of the chain, and no other to hold it against.", "2 nodes of the chain"),
    "zh": ("此链只有一个节点可问，没有别的节点可以对照。", "此链的 2 个节点，互为对照。"),
}


@pytest.mark.parametrize("language", SAID)
def test_one_node_and_many_are_told_apart(language: str) -> None:
    visitor = TestClient(create_showroom(), headers={"Accept-Language": language})

    page = html.unescape(visitor.get("/scene/status-behind").text)

    alone, together = SAID[language]
    # Three chains have nodes that can be asked, and one of these has a single one.
    assert (page.count(alone), page.count(together)) == (1, 2)
