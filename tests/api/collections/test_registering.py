"""
A gallery has a stranger's contract mirrored, by the API alone.
"""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from api.app import create_app
from indexer import registry
from indexer.run import connected
from nft.types import Address
from tests.support.exchange import CHAIN_ID, PUBLIC_URL, Person
from tests.support.strangers import Strangers
from tests.support.studio import Studio

pytestmark = pytest.mark.chain

ALWAYS_YES = "60015f5260205ff3"


@pytest.fixture
def strangers(studio: Studio) -> Strangers:
    return Strangers(studio.contracts.node)


@pytest.fixture
def gallery(studio: Studio) -> Person:
    return studio.person("gallery")


@pytest.fixture
async def auth(studio: Studio, gallery: Person) -> dict[str, str]:
    return await studio.sign_in(gallery)


def path(contract: Address | str, chain_id: int = CHAIN_ID) -> str:
    return f"/api/collections/{chain_id}/{contract}"


async def register(
    studio: Studio, contract: Address | str, auth: dict[str, str], **headers: str
) -> httpx.Response:
    return await studio.client.post(path(contract), headers={**auth, **headers})


def rows(studio: Studio) -> int:
    return len(studio.rows("select contract from index_contracts"))


class TestRegister:
    async def test_answers_created_with_the_collection(
        self, studio: Studio, strangers: Strangers, auth: dict[str, str]
    ) -> None:
        contract = strangers.collection("Foreign Works")

        answer = await register(studio, contract, auth)

        found = answer.json()
        assert answer.status_code == 201, answer.text
        assert answer.headers["Location"] == path(contract)
        assert (found["name"], found["symbol"]) == ("Foreign Works", "RANGE")
        assert (found["foreign"], found["house"], found["works"]) == (True, False, 0)
        assert found["mirror"] == {
            "state": "requested",
            "first_block": None,
            "read_to": None,
            "target_block": None,
            "progress": 0.0,
            "refused": None,
            "left_block": None,
            "note": None,
        }
        assert await studio.get(path(contract)) == found

    async def test_answers_ok_from_then_on(
        self, studio: Studio, strangers: Strangers, auth: dict[str, str]
    ) -> None:
        contract = strangers.collection()
        first = await register(studio, contract, auth)

        again = await register(studio, contract, await studio.sign_in(studio.person("another")))

        assert (again.status_code, again.json()) == (200, first.json())
        assert rows(studio) == 1

    async def test_answers_the_same_to_the_same_key(
        self, studio: Studio, strangers: Strangers, auth: dict[str, str]
    ) -> None:
        contract, key = strangers.collection(), {"Idempotency-Key": "one"}
        first = await register(studio, contract, auth, **key)

        again = await register(studio, contract, auth, **key)

        assert (first.status_code, again.status_code) == (201, 201)
        assert again.headers["Idempotency-Replayed"] == "true"

    async def test_stands_in_the_list_after_ours(
        self, studio: Studio, strangers: Strangers, auth: dict[str, str]
    ) -> None:
        contract = strangers.collection()
        await register(studio, contract, auth)

        items = (await studio.get("/api/collections"))["items"]

        assert items[0]["house"] is True
        assert items[-1]["contract"] == str(contract)
        assert [one["mirror"] for one in items if not one["foreign"]] == [None] * (len(items) - 1)

    async def test_tells_how_far_its_history_is_read(
        self, studio: Studio, strangers: Strangers, auth: dict[str, str]
    ) -> None:
        contract = strangers.collection()
        await register(studio, contract, auth)
        with connected(studio.database_url) as connection, connection.begin():
            registry.set_first_block(connection, CHAIN_ID, contract, 11)
            registry.join(connection, CHAIN_ID, contract, 20)
            registry.advance(connection, CHAIN_ID, contract, 15)

        found = await studio.get(path(contract))

        assert found["first_block"] == "11"
        assert found["mirror"]["state"] == "backfilling"
        assert found["mirror"]["progress"] == 0.5
        assert (found["mirror"]["read_to"], found["mirror"]["target_block"]) == ("15", "20")

    async def test_says_why_it_was_refused_and_may_be_asked_again(
        self, studio: Studio, strangers: Strangers, auth: dict[str, str]
    ) -> None:
        contract = strangers.collection()
        await register(studio, contract, auth)
        with connected(studio.database_url) as connection, connection.begin():
            registry.refuse(connection, CHAIN_ID, contract, "it is gone")

        refused = await studio.get(path(contract))
        again = await register(studio, contract, auth)

        assert (refused["mirror"]["state"], refused["mirror"]["refused"]) == (
            "refused",
            "it is gone",
        )
        assert (again.status_code, again.json()["mirror"]["state"]) == (201, "requested")


class TestRefuse:
    async def test_wants_an_account(self, studio: Studio, strangers: Strangers) -> None:
        answer = await register(studio, strangers.collection(), {})

        assert (answer.status_code, answer.json()["code"]) == (401, "NotSignedIn")
        assert rows(studio) == 0

    async def test_refuses_another_chain(self, studio: Studio, auth: dict[str, str]) -> None:
        answer = await studio.client.post(path(Address(b"\x0a" * 20), 5), headers=auth)

        assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchChain")

    async def test_refuses_what_is_no_address(self, studio: Studio, auth: dict[str, str]) -> None:
        answer = await register(studio, "0x1234", auth)

        assert (answer.status_code, answer.json()["code"]) == (422, "NotAnAddress")

    async def test_refuses_an_address_without_code(
        self, studio: Studio, auth: dict[str, str]
    ) -> None:
        answer = await register(studio, Address(b"\x0a" * 20), auth)

        assert (answer.status_code, answer.json()["code"]) == (422, "NoContractThere")
        assert answer.json()["errors"][0]["pointer"] == "/contract"
        assert rows(studio) == 0

    async def test_refuses_what_claims_to_be_everything(
        self, studio: Studio, strangers: Strangers, auth: dict[str, str]
    ) -> None:
        answer = await register(studio, strangers.place(ALWAYS_YES), auth)

        assert (answer.status_code, answer.json()["code"]) == (422, "NotErc721")
        assert rows(studio) == 0

    @pytest.mark.parametrize("name", ["house_collection", "exchange", "auctions", "validator"])
    async def test_refuses_a_contract_of_ours(
        self, studio: Studio, auth: dict[str, str], name: str
    ) -> None:
        contract = getattr(studio.deployment, name).address

        answer = await register(studio, contract, auth)

        assert (answer.status_code, answer.json()["code"]) == (409, "CollectionIsOurs")
        assert rows(studio) == 0

    async def test_refuses_more_than_an_account_may_have_in_a_day(
        self, studio: Studio, strangers: Strangers, gallery: Person, auth: dict[str, str]
    ) -> None:
        limited = create_app(replace(studio.parts, registrations_per_day=2))
        transport = httpx.ASGITransport(limited, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
            first = await client.post(path(strangers.collection()), headers=auth)
            second = await client.post(path(strangers.collection()), headers=auth)
            third = await client.post(path(strangers.collection()), headers=auth)
            studio.clock.ahead = timedelta(hours=24, seconds=5)
            later = await studio.sign_in(gallery)
            fourth = await client.post(path(strangers.collection()), headers=later)

        assert [one.status_code for one in (first, second, third, fourth)] == [201, 201, 429, 201]
        assert third.json()["code"] == "TooManyRegistrations"
        assert 0 < int(third.headers["Retry-After"]) <= 86_400
