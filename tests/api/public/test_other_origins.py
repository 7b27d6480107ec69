"""
What a script on a gallery's own site needs: questions answered in advance, refusals it can read.
"""

import httpx
import pytest

from api.gateway.routes import create_media_app
from tests.support.exchange import Exchange

pytestmark = pytest.mark.chain

ELSEWHERE = {"Origin": "https://gallery.example"}
NO_WORK = f"/api/tokens/31337/0x{'00' * 20}/1"
NO_CONTENT = "/ipfs/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"


def question(method: str) -> dict[str, str]:
    """The headers with which a browser asks before it sends."""
    return {**ELSEWHERE, "Access-Control-Request-Method": method}


class TestQuestions:
    @pytest.mark.parametrize(
        ("path", "method"),
        [
            ("/api/tokens", "GET"),
            ("/ipfs/bafy", "HEAD"),
            ("/api/certificates/verify", "POST"),
        ],
    )
    async def test_public_reading_is_allowed(self, exchange: Exchange, path: str, method: str):
        answer = await exchange.client.options(path, headers=question(method))

        assert answer.status_code == 204
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert method in answer.headers["Access-Control-Allow-Methods"]
        assert "If-None-Match" in answer.headers["Access-Control-Allow-Headers"]
        assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers

    @pytest.mark.parametrize(
        ("path", "method"),
        [("/api/mints", "POST"), ("/api/uploads", "POST"), ("/api/session", "DELETE")],
    )
    async def test_writing_is_not(self, exchange: Exchange, path: str, method: str):
        answer = await exchange.client.options(path, headers=question(method))

        assert "Access-Control-Allow-Origin" not in answer.headers


class TestRefusals:
    @pytest.mark.parametrize("path", [NO_WORK, NO_CONTENT, "/api/tokens?limit=0"])
    async def test_can_be_read(self, exchange: Exchange, path: str):
        answer = await exchange.client.get(path, headers=ELSEWHERE)

        assert answer.status_code in (404, 422)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]

    async def test_of_a_write_cannot(self, exchange: Exchange):
        answer = await exchange.client.post("/api/mints", json={}, headers=ELSEWHERE)

        assert answer.status_code == 401
        assert "Access-Control-Allow-Origin" not in answer.headers

    async def test_name_a_field_of_the_query(self, exchange: Exchange):
        found = (await exchange.client.get("/api/tokens?limit=0")).json()

        assert [(e["pointer"], e["in"]) for e in found["errors"]] == [("/limit", "query")]

    async def test_of_the_media_origin_have_a_request_id(self, exchange: Exchange):
        transport = httpx.ASGITransport(create_media_app(exchange.parts))
        async with httpx.AsyncClient(transport=transport, base_url="http://media.test") as client:
            answer = await client.get(NO_CONTENT, headers=ELSEWHERE)

        assert answer.status_code == 404
        assert answer.json()["request_id"] == answer.headers["X-Request-Id"] != ""
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


class TestReference:
    async def test_is_a_public_answer(self, exchange: Exchange):
        first = await exchange.client.get("/api/openapi.json")
        known = {"If-None-Match": first.headers["ETag"]}
        again = await exchange.client.get("/api/openapi.json", headers=known)

        assert first.json()["openapi"].startswith("3.1")
        assert "/api/tokens" in first.json()["paths"]
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        assert (again.status_code, again.content) == (304, b"")


class TestCertificates:
    async def test_say_how_far_the_mirror_read(self, exchange: Exchange):
        ref = exchange.mint(exchange.person("artist"), 1)
        exchange.contracts.node.mine(2)
        exchange.catch_up()

        extract = await exchange.client.get(f"/api/certificates/{ref.path}/ownership?block=safe")

        number, block_hash = extract.headers["Mirror-Head"].split()
        assert number.isdigit()
        assert len(block_hash) == 66
