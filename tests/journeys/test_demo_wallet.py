"""The demo wallet's door: its own people, a few methods, our own pages, the local chain alone."""

import httpx
import pytest

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("journeys")]

STRANGER = "0x" + "5a" * 20


@pytest.fixture
def call(exchange, web):
    def ask(method: str, *params: object, origin: str | None = exchange.url) -> httpx.Response:
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"} if origin else {}
        body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)}
        return web.post("/demo/rpc", json=body, headers=headers)

    return ask


@pytest.fixture
def people(web) -> list[dict]:
    return web.get("/demo/people").json()


class TestTheDemoWallet:
    def test_has_named_people_of_three_kinds(self, people, call):
        assert {person["role"] for person in people} == {"artist", "collector", "gallery"}
        assert call("eth_accounts").json()["result"] == [person["address"] for person in people]

    def test_answers_with_the_callers_id(self, call):
        found = call("eth_chainId").json()

        assert (found["id"], found["result"]) == (7, "0x7a69")

    def test_the_node_signs_for_its_people(self, call, people):
        signed = call("personal_sign", "0x6869", people[0]["address"]).json()

        assert len(signed["result"]) == 132

    @pytest.mark.parametrize(
        ("method", "params"),
        [
            ("personal_sign", ["0x6869", STRANGER]),
            ("eth_sendTransaction", [{"from": STRANGER, "to": STRANGER, "value": "0x1"}]),
            ("eth_sendTransaction", []),
            ("eth_signTypedData_v4", [STRANGER, {}]),
        ],
    )
    def test_acts_for_nobody_else(self, call, method, params):
        found = call(method, *params)

        assert found.status_code == 403
        assert found.json()["code"] == "NotADemoAccount"

    @pytest.mark.parametrize(
        "method", ["anvil_setBalance", "evm_revert", "eth_sign", "debug_traceCall", "anvil_reset"]
    )
    def test_offers_nothing_that_changes_the_node(self, call, method):
        found = call(method)

        assert found.status_code == 403
        assert found.json()["code"] == "MethodNotAllowed"

    @pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
    def test_answers_our_own_pages_alone(self, call, origin):
        found = call("eth_accounts", origin=origin)

        assert found.status_code == 403
        assert found.json()["code"] == "CrossSiteRequest"


class TestVerifyingOverHttp:
    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            (b"", 400, "NotADocument"),
            (b"[1, 2]", 400, "NotADocument"),
            (b"[" * 100_000, 400, "NotADocument"),
            (b'"' + b"x" * 2_000_001 + b'"', 413, "DocumentTooLarge"),
        ],
    )
    def test_refuses_what_is_no_document(self, web, body, status, code):
        found = web.post("/api/certificates/verify", content=body)

        assert (found.status_code, found.json()["code"]) == (status, code)

    def test_anything_else_gets_a_report(self, web):
        report = web.post("/api/certificates/verify", json={"type": "poem"}).json()

        assert (report["verdict"], report["valid"]) == ("fail", False)
        assert report["checks"][0]["id"] == "document"

    def test_a_forged_owner_of_the_mint_fails(self, web, sold):
        path = f"{sold['chain_id']}/{sold['contract']}/{sold['token_id']}"
        document = web.get(f"/api/certificates/{path}").json()
        document["credentialSubject"]["creator"]["address"] = sold["owner"]

        report = web.post("/api/certificates/verify", json=document).json()

        failed = {check["id"] for check in report["checks"] if check["result"] == "fail"}
        assert failed == {"issuer.signature", "creator", "artist.statement"}

    def test_a_block_hash_of_the_readers_own_is_compared(self, web, sold):
        path = f"{sold['chain_id']}/{sold['contract']}/{sold['token_id']}"
        document = web.get(f"/api/certificates/{path}").json()
        mint = document["credentialSubject"]["mint"]
        place = "/api/certificates/verify?block="

        right = web.post(f"{place}{mint['block_number']}={mint['block_hash']}", json=document)
        wrong = web.post(f"{place}{mint['block_number']}=0x{'00' * 32}", json=document)

        assert right.json()["blocks"][0]["linked"] == "given"
        assert wrong.json()["verdict"] == "fail"

    @pytest.mark.parametrize("block", ["x", "latest", "-1", "99999999999"])
    def test_an_extract_of_a_block_that_is_not_there_is_refused(self, web, sold, block):
        path = f"{sold['chain_id']}/{sold['contract']}/{sold['token_id']}"

        found = web.get(f"/api/certificates/{path}/ownership?block={block}")

        assert found.status_code in (404, 422)
        assert found.json()["code"] in ("StateNotAvailable", "BlockNotNumeric")
