"""The shapes that outsiders build on: at least these fields, of these forms."""

import re

import httpx
import pytest

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("journeys")]

ADDRESS = r"0x[0-9a-fA-F]{40}"
HASH = r"0x[0-9a-f]{64}"
NUMBER = r"(0|[1-9][0-9]*)"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"

TOKEN = {
    "chain_id": NUMBER,
    "contract": ADDRESS,
    "token_id": NUMBER,
    "title": r".+",
    "description": r".*",
    "artist": r".*",
    "creator": ADDRESS,
    "owner": ADDRESS,
    "metadata_cid": r"bafkrei[a-z2-7]+",
    "token_uri": r"ipfs://bafkrei[a-z2-7]+",
    "work_url": r".*/works/.+",
    "certificate_url": r".*/c/.+",
}
PROVENANCE = {
    "event": r"mint|transfer|sale|burn|.+",
    "from": ADDRESS,
    "to": ADDRESS,
    "transaction_hash": HASH,
    "block_number": NUMBER,
    "block_hash": HASH,
    "timestamp": TIME,
    "finality": r"pending|safe|final",
}
ORDER = {
    "hash": HASH,
    "kind": "listing",
    "maker": ADDRESS,
    "chain_id": NUMBER,
    "contract": ADDRESS,
    "token_id": NUMBER,
    "price": NUMBER,
    "currency": ADDRESS,
    "expires_at": TIME,
    "state": "fillable|not_fillable|filled|cancelled|expired",
}


def assert_fields(found: dict, wanted: dict[str, str]) -> None:
    for name, form in wanted.items():
        assert name in found, f"{name} is missing"
        assert isinstance(found[name], str), f"{name} is {found[name]!r}"
        assert re.fullmatch(form, found[name], re.DOTALL), f"{name} is {found[name]!r}"


def path_of(token: dict) -> str:
    return f"{token['chain_id']}/{token['contract']}/{token['token_id']}"


class TestReading:
    def test_chains(self, web):
        found = web.get("/api/chains").json()

        chain = found["items"][0]
        assert found["next"] is None
        assert (chain["chain_id"], chain["caip2"], chain["test"]) == (
            "31337",
            "eip155:31337",
            True,
        )
        assert {
            *("exchange", "house_collection", "auctions", "collection_factory"),
            *("splitter_factory", "validator", "former_exchanges"),
        } <= set(chain["contracts"])
        assert [one["symbol"] for one in chain["currencies"]] == ["ETH", "WETH"]
        assert chain["currencies"][0]["decimals"] == 18
        assert chain["rpc_urls"]

    def test_a_token(self, web, sold):
        found = web.get(f"/api/tokens/{path_of(sold)}").json()

        assert_fields(found, TOKEN)
        assert found["transfer_count"] == 1
        assert found["royalty"] == {"receiver": found["creator"], "bps": 750}
        media = found["media"][0]
        assert {"role", "cid", "sha256", "type", "size", "url"} <= set(media)
        assert re.fullmatch(HASH, media["sha256"])
        assert {"block_number", "block_hash", "timestamp", "finality"} <= set(found["as_of"])

    def test_provenance(self, web, sold):
        items = web.get(f"/api/tokens/{path_of(sold)}/provenance").json()["items"]

        for item in items:
            assert_fields(item, PROVENANCE)
            assert isinstance(item["log_index"], int)
        mint, sale = items
        assert mint["price"] is None
        assert_fields(sale, dict.fromkeys(("price", "royalty_paid", "platform_fee"), NUMBER))

    def test_orders(self, web, sold):
        asked = {"contract": sold["contract"], "token_id": sold["token_id"]}

        found = web.get("/api/orders", params=asked).json()["items"]

        assert len(found) == 1
        assert_fields(found[0], ORDER)
        assert found[0]["state"] == "filled"
        assert found[0]["hidden"] is False
        assert set(found[0]["split"]) >= {"seller", "royalty", "royalty_receiver", "platform_fee"}
        assert web.get(f"/api/orders/{found[0]['hash']}").json()["hash"] == found[0]["hash"]

    def test_a_certificate_and_its_extract(self, web, sold):
        certificate = web.get(f"/api/certificates/{path_of(sold)}").json()
        extract = web.get(f"/api/certificates/{path_of(sold)}/ownership?block=safe").json()

        assert certificate["type"] == ["VerifiableCredential", "CertificateOfAuthenticity"]
        assert certificate["proof"]["cryptosuite"] == "eddsa-jcs-2022"
        assert extract["owner"] == sold["owner"]
        assert extract["transfer_count"] == 1
        assert [item["event"] for item in extract["provenance"]] == ["mint", "sale"]

    def test_the_certificate_stays_the_same_bytes(self, web, sold):
        first, second = (web.get(f"/api/certificates/{path_of(sold)}") for _ in range(2))

        assert first.content == second.content
        assert first.headers["etag"] == second.headers["etag"]

    def test_the_feed_tells_mint_and_sale_in_order(self, web, sold):
        kinds = [item["kind"] for item in web.get("/api/events?limit=100").json()["items"]]

        assert len(kinds) >= 2, kinds
        assert sold["title"] == "Journey"


class TestHttp:
    @pytest.mark.parametrize("place", ["/api/tokens", "/api/chains", "/api/orders"])
    def test_public_answers_have_a_tag_and_answer_304(self, web, sold, place):
        first = web.get(place)

        again = web.get(place, headers={"If-None-Match": first.headers["etag"]})

        assert again.status_code == 304
        assert again.content == b""
        assert first.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in first.headers
        assert sold

    def test_says_how_far_the_mirror_has_read(self, web, sold):
        found = web.get(f"/api/tokens/{path_of(sold)}")

        assert re.fullmatch(NUMBER + " " + HASH, found.headers["mirror-head"])

    @pytest.mark.parametrize(
        ("method", "place", "status", "code"),
        [
            ("GET", "/api/tokens/1/0x00/1", 422, None),
            ("GET", "/api/tokens/31337/0x" + "00" * 20 + "/1", 404, "NoSuchToken"),
            ("GET", "/api/orders/0x" + "00" * 32, 404, "NoSuchOrder"),
            ("GET", "/api/intents/" + "0" * 32, 404, None),
            ("GET", "/api/tokens?limit=1000", 422, "RequestInvalid"),
            ("GET", "/api/tokens?cursor=abc", 422, "CursorInvalid"),
            ("GET", "/api/nothing", 404, "NotFound"),
            ("PUT", "/api/chains", 405, "MethodNotAllowed"),
            ("POST", "/api/mints", 401, "NotSignedIn"),
            ("POST", "/api/uploads", 401, "NotSignedIn"),
            ("GET", "/ipfs/not-a-cid", 400, "NotACid"),
        ],
    )
    def test_an_error_is_a_problem_with_a_code(self, web, method, place, status, code):
        found = web.request(method, place, json={} if method == "POST" else None)

        problem = found.json()
        assert found.status_code == status, problem
        assert found.headers["content-type"] == "application/problem+json"
        assert {"type", "title", "status", "detail", "code", "request_id"} <= set(problem)
        assert problem["code"] == (code or problem["code"])
        assert "Traceback" not in found.text

    @pytest.mark.parametrize("place", ["/api/session", "/api/orders", "/demo/rpc", "/api/mints"])
    def test_nested_brackets_end_the_request_and_not_the_server(self, web, place):
        found = web.post(
            place, content=b"[" * 200_000, headers={"Content-Type": "application/json"}
        )

        assert 400 <= found.status_code < 500
        assert found.headers["content-type"] == "application/problem+json"
        assert web.get("/health").status_code == 200

    def test_the_type_of_an_error_is_a_page(self, web):
        problem = web.get("/api/tokens/31337/0x" + "00" * 20 + "/1").json()

        page = web.get(problem["type"], headers={"Accept": "text/html"})

        assert page.status_code == 200
        assert "text/html" in page.headers["content-type"]

    def test_every_answer_carries_the_policy(self, web):
        for place in ("/", "/api/chains", "/api/nothing", "/nothing", "/static/css/base.css"):
            headers = web.get(place).headers
            assert "script-src 'self'" in headers["content-security-policy"], place
            assert "unsafe-inline" not in headers["content-security-policy"], place
            assert headers["x-content-type-options"] == "nosniff", place

    def test_openapi_is_of_version_3_1(self, web):
        found = web.get("/api/openapi.json").json()

        assert found["openapi"].startswith("3.1")
        assert "/api/mints" in found["paths"]
        ways = {"/api/orders/fill", "/api/orders/accept", "/api/orders/cancel-all"}
        ways |= {f"/api/orders/{{order_hash}}/{act}" for act in ("fill", "accept", "cancel")}
        ways |= {f"/api/auctions/{{auction_hash}}/{act}" for act in ("bid", "settle", "unwind")}
        ways |= {"/api/vouchers/{voucher_hash}/redeem", "/api/intents/{intent_id}/signatures"}
        assert ways <= set(found["paths"])
        kinds = found["paths"]["/api/orders/prepare"]["post"]["requestBody"]
        assert len(kinds["content"]["application/json"]["schema"]["oneOf"]) == 5


class TestMediaOrigin:
    def test_shows_the_bytes_that_the_certificate_names(self, exchange, sold):
        media = sold["media"][0]

        found = httpx.get(f"{exchange.media_url}/ipfs/{media['cid']}")

        assert found.headers["content-type"] == media["type"]
        assert len(found.content) == media["size"]
        assert "sandbox" in found.headers["content-security-policy"]
        assert "immutable" in found.headers["cache-control"]

    def test_our_own_origin_hands_them_out_as_attachment(self, web, sold):
        found = web.get(f"/ipfs/{sold['media'][0]['cid']}")

        assert found.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in found.headers["content-security-policy"]

    def test_answers_a_range(self, exchange, sold):
        place = f"{exchange.media_url}/ipfs/{sold['media'][0]['cid']}"

        found = httpx.get(place, headers={"Range": "bytes=0-7"})
        beyond = httpx.get(place, headers={"Range": "bytes=999999999-"})

        assert (found.status_code, found.content) == (206, b"\x89PNG\r\n\x1a\n")
        assert beyond.status_code == 416
        assert beyond.headers["content-range"].startswith("bytes */")

    @pytest.mark.parametrize("path", ["%2e%2e/x", "a%00b", "..%2f..%2fetc", "a%5cb"])
    def test_refuses_paths_that_no_file_has(self, exchange, sold, path):
        found = httpx.get(f"{exchange.media_url}/ipfs/{sold['media'][0]['cid']}/{path}")

        assert found.status_code in (400, 404)
