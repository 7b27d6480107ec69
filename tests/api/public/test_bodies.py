"""
A body that nobody could mean is refused at its first byte too many, not taken into memory.
"""

from collections.abc import AsyncIterator

import pytest

from api.bodies import MAX_BODY_BYTES
from tests.support.exchange import Exchange

pytestmark = pytest.mark.chain

MEBIBYTE = b"x" * (1 << 20)


async def endless(sent: list[int]) -> AsyncIterator[bytes]:
    yield b'{"message": "'
    for _ in range(100):
        sent.append(len(MEBIBYTE))
        yield MEBIBYTE


@pytest.mark.parametrize("path", ["/api/session", "/api/orders", "/api/drafts"])
async def test_a_body_without_end(exchange: Exchange, path: str):
    sent: list[int] = []
    headers = {"Content-Type": "application/json"}

    answer = await exchange.client.post(path, content=endless(sent), headers=headers)

    assert answer.status_code == 413, answer.text
    assert answer.json()["code"] == "RequestEntityTooLarge"
    assert sum(sent) <= MAX_BODY_BYTES + len(MEBIBYTE)
