"""
What the book refuses, by which word, and that nothing of it stays behind.
"""

import json
from datetime import timedelta

import pytest

from nft.chain.contracts import Erc721
from nft.types import TokenRef
from tests.support.exchange import ETHER, Exchange, Person

pytestmark = pytest.mark.chain


@pytest.fixture
def collector(exchange: Exchange) -> Person:
    return exchange.person("collector")


@pytest.fixture
def forger(exchange: Exchange) -> Person:
    return exchange.person("forger")


@pytest.fixture
def work(exchange: Exchange, collector: Person) -> TokenRef:
    return exchange.mint(exchange.person("artist"), 1, to=collector)


@pytest.fixture
async def signing(exchange: Exchange, collector: Person, work: TokenRef) -> dict:
    """The signature step of a listing."""
    prepared = await exchange.prepare_listing(collector, work)
    return prepared.json()["steps"][1]


async def listed(exchange: Exchange) -> list:
    return (await exchange.get("/api/orders"))["items"]


def refusal(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestPrepare:
    async def test_refuses_a_work_of_somebody_else(self, exchange, forger, work):
        answer = await exchange.prepare_listing(forger, work)

        assert refusal(answer) == (409, "SellerNotOwner")

    async def test_refuses_a_work_that_is_not_there(self, exchange, collector, work):
        missing = TokenRef(work.chain_id, work.contract, work.token_id + 1)

        answer = await exchange.prepare_listing(collector, missing)

        assert refusal(answer) == (404, "NoSuchToken")

    @pytest.mark.parametrize(
        "price", ["0", "-1", "1.5", "1e18", "NaN", "１２", "", " 1", "0x10", "01", str(2**256)]
    )
    async def test_refuses_a_price_that_is_none(self, exchange, collector, work, price):
        answer = await exchange.prepare_listing(collector, work, price)

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/price"

    async def test_refuses_a_price_as_a_number(self, exchange, collector, work):
        body = {
            "kind": "listing",
            "maker": str(collector),
            "chain_id": "31337",
            "contract": str(work.contract),
            "token_id": str(work.token_id),
            "price": 1e400,
        }
        content = json.dumps(body).replace("Infinity", "1e400").encode()

        answer = await exchange.client.post(
            "/api/orders/prepare", content=content, headers={"Content-Type": "application/json"}
        )

        assert answer.status_code == 422

    async def test_refuses_an_end_in_the_past(self, exchange, collector, work):
        past = (exchange.clock() - timedelta(minutes=1)).isoformat()

        answer = await exchange.prepare_listing(collector, work, expires_at=past)

        assert refusal(answer) == (422, "OrderInvalid")
        assert answer.json()["errors"][0]["pointer"] == "/expires_at"

    async def test_refuses_another_currency(self, exchange, collector, work):
        answer = await exchange.prepare_listing(collector, work, currency=str(work.contract))

        assert refusal(answer) == (422, "OrderInvalid")

    async def test_refuses_less_royalty_than_the_work_asks(self, exchange, collector, work):
        answer = await exchange.prepare_listing(collector, work, max_royalty_bps=100)

        assert answer.json()["errors"][0]["pointer"] == "/max_royalty_bps"

    async def test_refuses_a_misspelt_field(self, exchange, collector, work):
        answer = await exchange.prepare_listing(collector, work, expire_at="2030-01-01T00:00:00Z")

        assert refusal(answer) == (422, "RequestInvalid")

    async def test_asks_about_a_royalty_above_a_tenth(self, exchange):
        artist = exchange.person("bold artist")
        work = exchange.mint(artist, 1, royalty_bps=1_500)

        refused = await exchange.prepare_listing(artist, work)
        intent = (await exchange.prepare_listing(artist, work, accept_royalty=True)).json()

        assert refusal(refused) == (409, "RoyaltyNotAccepted")
        assert refused.json()["royalty_bps"] == 1_500
        assert intent["warnings"][0]["code"] == "RoyaltyAboveTenPercent"
        assert "15 %" in intent["steps"][1]["explain"]


class TestPost:
    async def test_takes_the_same_order_twice(self, exchange, collector, signing):
        first = await exchange.post_signed(collector, signing)
        second = await exchange.post_signed(collector, signing)

        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json() == second.json()
        assert len(await listed(exchange)) == 1

    async def test_refuses_the_signature_of_somebody_else(self, exchange, forger, signing):
        answer = await exchange.post_signed(forger, signing)

        assert refusal(answer) == (403, "SignatureNotMakers")
        assert await listed(exchange) == []

    @pytest.mark.parametrize(
        ("signature", "code"),
        [
            ("0x" + "00" * 65, "SignatureNotMakers"),
            ("0x1234", "SignatureNotMakers"),
            ("0x" + "ff" * 200, "SignatureNotMakers"),
            ("not hex", "NotASignature"),
            ("", "NotASignature"),
        ],
    )
    async def test_refuses_what_is_no_signature(self, exchange, signing, signature, code):
        body = {**signing["submit"]["body"], "signature": signature}

        answer = await exchange.client.post("/api/orders", json=body)

        assert answer.json()["code"] == code
        assert await listed(exchange) == []

    async def test_refuses_the_other_half_of_the_curve(self, exchange, collector, signing):
        signed = bytes.fromhex(collector.sign(signing["typed_data"])[2:])
        order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
        high = order - int.from_bytes(signed[32:64], "big")
        twisted = signed[:32] + high.to_bytes(32, "big") + bytes([27 + (28 - signed[64])])
        body = {**signing["submit"]["body"], "signature": "0x" + twisted.hex()}

        answer = await exchange.client.post("/api/orders", json=body)

        assert refusal(answer) == (403, "SignatureNotMakers")

    async def test_refuses_a_message_that_was_changed(self, exchange, collector, signing):
        body = signing["submit"]["body"]
        cheaper = {**body["order"], "price": "1", "endPrice": "1"}
        signed = {**body, "order": cheaper, "signature": collector.sign(signing["typed_data"])}

        answer = await exchange.client.post("/api/orders", json=signed)

        assert refusal(answer) == (403, "SignatureNotMakers")

    async def test_refuses_a_signature_for_another_chain(self, exchange, collector, signing):
        domain = {**signing["typed_data"]["domain"], "chainId": 1}
        elsewhere = {**signing, "typed_data": {**signing["typed_data"], "domain": domain}}

        answer = await exchange.post_signed(collector, elsewhere)

        assert refusal(answer) == (403, "SignatureNotMakers")

    async def test_refuses_an_expired_order(self, exchange, collector, signing):
        exchange.clock.ahead += timedelta(days=31)

        answer = await exchange.post_signed(collector, signing)

        assert refusal(answer) == (409, "OrderExpired")
        assert await listed(exchange) == []

    async def test_refuses_a_work_sold_meanwhile(self, exchange, collector, forger, work, signing):
        away = Erc721(work.contract).transfer(collector.address, forger.address, work.token_id)
        exchange.send(collector, away)
        exchange.catch_up()

        answer = await exchange.post_signed(collector, signing)

        assert refusal(answer) == (409, "SellerNotOwner")

    async def test_refuses_an_unknown_chain(self, exchange, collector, signing):
        body = {**signing["submit"]["body"], "chain_id": "1"}
        answer = await exchange.client.post(
            "/api/orders", json={**body, "signature": collector.sign(signing["typed_data"])}
        )

        assert refusal(answer) == (404, "NoSuchChain")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("price", "-1"),
            ("price", True),
            ("price", 1.5),
            ("kind", "9"),
            ("maker", "0x1234"),
            ("end", str(2**64)),
            ("more", [{"collection": 1}]),
            ("maxRoyaltyBps", "70000"),
        ],
    )
    async def test_names_the_field_at_fault(self, exchange, signing, field, value):
        body = signing["submit"]["body"]
        broken = {**body, "order": {**body["order"], field: value}, "signature": "0x12"}

        answer = await exchange.client.post("/api/orders", json=broken)

        assert refusal(answer) == (422, "OrderInvalid")
        assert answer.json()["errors"][0]["pointer"] == f"/order/{field}"

    async def test_answers_a_repeated_key_once(self, exchange, collector, work):
        headers = {"Idempotency-Key": "a key of the gallery"}
        body = {
            "maker": str(collector),
            "chain_id": "31337",
            "contract": str(work.contract),
            "token_id": str(work.token_id),
            "price": "5",
        }
        ask = exchange.client.post

        first = await ask("/api/orders/prepare", json=body, headers=headers)
        again = await ask("/api/orders/prepare", json=body, headers=headers)
        other = await ask("/api/orders/prepare", json={**body, "price": "6"}, headers=headers)

        assert first.json()["id"] == again.json()["id"]
        assert other.status_code == 422


class TestFill:
    async def test_refuses_a_buyer_without_money(self, exchange, collector, work):
        order = await exchange.list(collector, work)
        poor = exchange.person("poor", wei=ETHER // 2)

        answer = await exchange.fill(poor, order)

        assert refusal(answer) == (409, "TakerCannotPay")
        assert answer.json()["errors"][0]["pointer"] == "/taker"

    async def test_refuses_a_buyer_without_money_for_gas(self, exchange, collector, work):
        order = await exchange.list(collector, work)
        exact = exchange.person("exact", wei=ETHER)

        answer = await exchange.fill(exact, order)

        assert refusal(answer) == (409, "TakerCannotPay")

    async def test_keeps_a_private_offer_private(self, exchange, collector, forger, work):
        friend = exchange.person("friend")
        order = await exchange.list(collector, work, taker=str(friend))

        refused = await exchange.fill(forger, order)

        assert refused.json()["reasons"][0]["code"] == "TakerMismatch"
        assert (await exchange.token(work))["listing"] is None
        await exchange.buy(friend, order)
        assert (await exchange.token(work))["owner"] == str(friend)

    async def test_refuses_the_maker(self, exchange, collector, work):
        order = await exchange.list(collector, work)

        assert refusal(await exchange.fill(collector, order)) == (422, "OrderInvalid")

    async def test_lets_only_one_of_two_buyers_win(self, exchange, collector, work):
        order = await exchange.list(collector, work)
        first, second = exchange.person("first"), exchange.person("second")
        one = (await exchange.fill(first, order)).json()["steps"][0]
        other = (await exchange.fill(second, order)).json()["steps"][0]

        receipts = [exchange.send_step(first, one), exchange.send_step(second, other)]
        exchange.catch_up()

        assert [receipt["status"] for receipt in receipts] == ["0x1", "0x0"]
        assert refusal(await exchange.fill(second, order)) == (409, "OrderNotFillable")

    async def test_knows_no_order_that_was_not_posted(self, exchange):
        answer = await exchange.client.get("/api/orders/0x" + "12" * 32)

        assert refusal(answer) == (404, "NoSuchOrder")

    async def test_refuses_a_name_that_is_none(self, exchange):
        answer = await exchange.client.get("/api/orders/hello")

        assert refusal(answer) == (422, "NotADigest")
