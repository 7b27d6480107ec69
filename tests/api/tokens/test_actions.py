"""
What owners and creators do with a work without a sale.
"""

import pytest

from nft.chain.contracts import Collection
from nft.types import TokenRef
from tests.support.exchange import Exchange, Person

pytestmark = pytest.mark.chain


@pytest.fixture
def artist(exchange: Exchange) -> Person:
    return exchange.person("artist")


@pytest.fixture
def friend(exchange: Exchange) -> Person:
    return exchange.person("friend")


@pytest.fixture
def work(exchange: Exchange, artist: Person) -> TokenRef:
    return exchange.mint(artist, 1)


async def ask(exchange: Exchange, ref: TokenRef, what: str, **body: str):
    return await exchange.client.post(f"/api/tokens/{ref.path}/{what}", json=body)


class TestTransfer:
    async def test_hands_the_work_over(self, exchange, artist, friend, work):
        prepared = await ask(exchange, work, "transfer", owner=str(artist), to=str(friend))

        exchange.send_step(artist, prepared.json()["steps"][0])
        exchange.catch_up()

        assert (await exchange.token(work))["owner"] == str(friend)
        intent = await exchange.get(f"/api/intents/{prepared.json()['id']}")
        assert intent["state"] in ("in_block", "confirmed", "final")

    async def test_is_the_owners_alone(self, exchange, friend, work):
        answer = await ask(exchange, work, "transfer", owner=str(friend), to=str(friend))

        assert (answer.status_code, answer.json()["code"]) == (409, "NotTheOwner")

    async def test_refuses_a_contract_that_cannot_hold_works(self, exchange, artist, work):
        answer = await ask(exchange, work, "transfer", owner=str(artist), to=str(exchange.exchange))

        assert (answer.status_code, answer.json()["code"]) == (409, "Reverted")

    async def test_refuses_nobody(self, exchange, artist, work):
        answer = await ask(exchange, work, "transfer", owner=str(artist), to="0x" + "00" * 20)

        assert (answer.status_code, answer.json()["code"]) == (422, "ReceiverInvalid")


class TestBurn:
    async def test_destroys_the_work(self, exchange, artist, work):
        prepared = await ask(exchange, work, "burn", owner=str(artist))

        exchange.send_step(artist, prepared.json()["steps"][0])
        exchange.catch_up()

        assert (await exchange.token(work))["burned"] is True
        again = await ask(exchange, work, "burn", owner=str(artist))
        assert (again.status_code, again.json()["code"]) == (409, "TokenBurned")


class TestFreeze:
    async def test_makes_the_description_final(self, exchange, artist, work):
        prepared = await ask(exchange, work, "freeze", creator=str(artist))

        exchange.send_step(artist, prepared.json()["steps"][0])
        exchange.catch_up()

        assert (await exchange.token(work))["frozen"] is True
        again = await ask(exchange, work, "freeze", creator=str(artist))
        assert again.json()["code"] == "AlreadyFrozen"

    async def test_is_the_creators_even_after_a_sale(self, exchange, artist, friend, work):
        move = Collection(work.contract).transfer(artist.address, friend.address, work.token_id)
        exchange.send(artist, move)
        exchange.catch_up()

        refused = await ask(exchange, work, "freeze", creator=str(friend))
        prepared = await ask(exchange, work, "freeze", creator=str(artist))

        assert (refused.status_code, refused.json()["code"]) == (403, "NotTheCreator")
        assert prepared.status_code == 201


class TestCorrection:
    async def test_needs_a_session(self, exchange, artist, work):
        answer = await ask(exchange, work, "metadata", creator=str(artist), title="New")

        assert answer.status_code == 401
