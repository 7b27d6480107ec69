"""
Where it is shown: on the certificate, on the work's page, and before one signs to buy.
"""

import pytest

from tests.api.standing.conftest import Desk
from tests.support.exchange import Person

pytestmark = pytest.mark.chain


async def test_a_mark_is_read_before_the_work_is_bought(desk: Desk, artist: Person) -> None:
    work, buyer = desk.mint(artist, 1, title="Haze"), desk.person("buyer")
    order = await desk.list(artist, work)
    await desk.marked(artist, work)

    filling = (await desk.fill(buyer, order)).json()
    pages = [
        (await desk.client.get(path, headers={"Accept": "text/html"})).text
        for path in (f"/works/{work.path}", f"/c/{work.path}", f"/c/{work.path}/standing")
    ]

    assert [one["code"] for one in filling["warnings"]] == ["WorkIsMarked"]
    assert filling["warnings"][0]["url"] == f"/c/{work.path}/standing"
    assert "This work is marked as stolen." in pages[0]
    assert "This work is marked as stolen." in pages[1]
    assert "Who stands behind it" in pages[1]
    assert "Taken from the studio." in pages[2]
