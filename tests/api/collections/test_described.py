"""
What the works of strangers are described by: looked at in the background, version after version.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from indexer.mirror import Mirror
from media.documents import Sources
from media.lookups import SOONEST, Looker, Rates, sweep
from nft.chain.client import Web3Chain
from nft.chain.deployments import Placed
from nft.outgoing import Outgoing
from nft.types import Address
from tests.support.another_chain import mirrored_too
from tests.support.exchange import CHAIN_ID
from tests.support.strangers import Strangers
from tests.support.studio import Studio
from tests.support.tls_host import Host, answer, running_host, sends

pytestmark = pytest.mark.chain

WORDS = {
    "name": "Haze",
    "description": "Fog over <b>water</b>.",
    "image": "https://pictures.test/1.png",
    "attributes": [{"trait_type": "paper", "value": "rag"}, {"trait_type": "odd", "value": {}}],
    "properties": {"artist": "Somebody famous", "media": [{"cid": "bafy", "sha256": "0x01"}]},
}


@pytest.fixture
def host() -> Iterator[Host]:
    with running_host() as made:
        yield made


@dataclass
class Gallery:
    """A studio that mirrors a stranger's contract, and looks at its works."""

    studio: Studio
    host: Host
    strangers: Strangers = field(init=False)
    contract: Address = field(init=False)
    looker: Looker = field(init=False)

    def __post_init__(self) -> None:
        self.strangers = Strangers(self.studio.contracts.node)
        self.contract = self.strangers.collection("Foreign Works")
        head = self.studio.chain.head().number
        placed = replace(self.studio.deployment, registered=(Placed(self.contract, head),))
        self.studio.mirror = Mirror(self.studio._connection, self.studio.chain, placed)
        outgoing = Outgoing(
            seconds=5,
            ports=frozenset({self.host.port}),
            resolve=lambda name, port: ["127.0.0.1"],
            admits=lambda address: True,
            context=self.host.context,
        )
        self.looker = Looker(
            engine=self.studio.media_engine,
            chains={CHAIN_ID: self.studio.chain},
            named={CHAIN_ID: [self.contract]},
            sources=Sources(store=self.studio.parts.public, outgoing=outgoing),
        )

    def mint(self, token_id: int, uri: str | None = None) -> None:
        holder = self.strangers.people[1]
        self.strangers.tell(self.contract, "mint", holder, token_id)
        self.point(token_id, self.host.url(f"/{token_id}.json") if uri is None else uri)

    def point(self, token_id: int, uri: str) -> None:
        self.strangers.tell(self.contract, "setTokenURI", token_id, uri)
        self.studio.catch_up()

    def serve(self, token_id: int, words: Any) -> bytes:
        body = json.dumps(words).encode()
        self.host.pages[f"/{token_id}.json"] = sends(answer(body))
        return body

    def look(self, *, minutes: float = 0, **rates: Any) -> int:
        self.studio.clock.ahead += timedelta(minutes=minutes)
        looker = replace(self.looker, rates=Rates(**rates))
        return sweep(looker, now=self.studio.clock())

    async def token(self, token_id: int) -> dict[str, Any]:
        return await self.studio.get(f"/api/tokens/{CHAIN_ID}/{self.contract}/{token_id}")

    def asked(self) -> list[str]:
        return sorted(line.split(" ")[1] for line in self.host.asked)


@pytest.fixture
def gallery(studio: Studio, host: Host) -> Gallery:
    return Gallery(studio, host)


class TestFirstLook:
    async def test_tells_what_stands_there(self, gallery: Gallery) -> None:
        body = gallery.serve(1, WORDS)
        gallery.mint(1)

        gallery.look()

        token = await gallery.token(1)
        (version,) = token["metadata_versions"]
        assert (token["title"], token["description"]) == ("Haze", WORDS["description"])
        assert token["attributes"] == [{"trait_type": "paper", "value": "rag"}]
        assert (token["foreign"], token["metadata_known"]) == (True, True)
        assert token["image_url"] == WORDS["image"]
        assert token["token_uri"] == gallery.host.url("/1.json")
        assert version["sha256"] == "0x" + hashlib.sha256(body).hexdigest()
        assert (version["version"], version["size"], version["error"]) == (1, len(body), None)

    async def test_takes_over_neither_a_name_nor_files(self, gallery: Gallery) -> None:
        gallery.serve(1, WORDS)
        gallery.mint(1)

        gallery.look()

        token = await gallery.token(1)
        assert (token["artist"], token["media"], token["metadata_cid"]) == ("", [], None)

    async def test_is_done_once(self, gallery: Gallery) -> None:
        gallery.serve(1, WORDS)
        gallery.mint(1)
        gallery.look()

        again = gallery.look(minutes=60)

        assert (again, gallery.asked()) == (0, ["/1.json"])

    async def test_keeps_to_the_rates(self, gallery: Gallery) -> None:
        for_each = [gallery.mint(number) for number in (1, 2, 3, 4)]

        first = gallery.look(tokens=3, of_a_host=2)
        asked = len(gallery.asked())
        second = gallery.look(minutes=2, tokens=3, of_a_host=2)

        assert for_each == [None] * 4
        assert (first, asked) == (3, 2)
        assert (second, gallery.asked()) == (2, ["/1.json", "/2.json", "/3.json", "/4.json"])

    async def test_can_be_turned_off(self, gallery: Gallery) -> None:
        gallery.mint(1)

        assert gallery.look(tokens=0) == 0
        assert (await gallery.token(1))["metadata_versions"] == []

    async def test_says_why_there_is_no_document(self, gallery: Gallery) -> None:
        gallery.mint(1, "http://works.test/1.json")
        gallery.mint(2, "https://169.254.169.254/latest/meta-data")
        gallery.mint(3, "data:application/json,[]")
        gallery.looker = replace(gallery.looker, sources=Sources(store=gallery.studio.parts.public))

        gallery.look()

        one, two, three = [await gallery.token(number) for number in (1, 2, 3)]
        assert "only https, ipfs and data" in one["metadata_versions"][0]["error"]
        assert "not on the public internet" in two["metadata_versions"][0]["error"]
        assert three["metadata_versions"][0]["error"] == "it is JSON, but no object"
        assert {one["metadata_known"], two["metadata_known"], three["metadata_known"]} == {False}


class TestRefresh:
    async def test_adds_a_version_when_the_bytes_differ(self, gallery: Gallery) -> None:
        gallery.serve(1, WORDS)
        gallery.mint(1)
        gallery.look()
        gallery.serve(1, {**WORDS, "name": "Mist"})

        gallery.strangers.tell(gallery.contract, "refresh", 0, 2**256 - 1)
        gallery.studio.catch_up()
        gallery.look(minutes=11)

        token = await gallery.token(1)
        assert token["title"] == "Mist"
        assert [one["version"] for one in token["metadata_versions"]] == [1, 2]

    async def test_adds_none_when_they_are_the_same(self, gallery: Gallery) -> None:
        gallery.serve(1, WORDS)
        gallery.mint(1)
        gallery.look()

        gallery.strangers.tell(gallery.contract, "refresh", 1, 1)
        gallery.studio.catch_up()
        gallery.look(minutes=11)

        assert gallery.asked() == ["/1.json"] * 2
        assert len((await gallery.token(1))["metadata_versions"]) == 1

    async def test_is_of_the_range_alone(self, gallery: Gallery) -> None:
        gallery.mint(1)
        gallery.mint(2)
        gallery.look()

        gallery.strangers.tell(gallery.contract, "refresh", 2, 5)
        gallery.studio.catch_up()
        gallery.look(minutes=11)

        assert gallery.asked() == ["/1.json", "/2.json", "/2.json"]

    async def test_does_not_come_sooner_than_the_rates_have_it(self, gallery: Gallery) -> None:
        gallery.mint(1)
        gallery.look()

        gallery.strangers.tell(gallery.contract, "refresh", 0, 2**256 - 1)
        gallery.strangers.tell(gallery.contract, "refresh", 0, 2**256 - 1)
        gallery.studio.catch_up()
        soon = gallery.look(minutes=1)
        later = gallery.look(minutes=SOONEST.total_seconds() / 60)
        last = gallery.look(minutes=60)

        assert (soon, later, last) == (0, 1, 0)

    async def test_follows_a_contract_to_another_place(self, gallery: Gallery) -> None:
        gallery.serve(1, WORDS)
        gallery.mint(1)
        gallery.look()

        gallery.point(1, 'data:application/json,{"name":"On the chain"}')
        gallery.look(minutes=11)

        token = await gallery.token(1)
        assert token["title"] == "On the chain"
        assert token["token_uri"].startswith("data:application/json")


class TestAnotherChain:
    """Beside ours in one deployment."""

    async def test_whose_commit_was_sooner_hides_no_refresh(self, gallery: Gallery) -> None:
        gallery.mint(1)
        with gallery.looker.engine.begin() as connection:
            connection.execute(
                text(
                    "insert into chain_outbox overriding system value "
                    "select (jsonb_populate_record(one, "
                    "jsonb_build_object('chain_id', 1, 'id', id + 20000))).* "
                    "from chain_outbox as one order by id desc limit 1"
                )
            )
        gallery.look()

        gallery.strangers.tell(gallery.contract, "refresh", 1, 1)
        gallery.studio.catch_up()
        gallery.look(minutes=11)

        assert gallery.asked() == ["/1.json"] * 2

    async def test_whose_node_is_of_a_third_is_left_alone(self, gallery: Gallery) -> None:
        gallery.mint(1)
        with gallery.looker.engine.begin() as connection:
            mirrored_too(connection)
            connection.execute(
                text(
                    "insert into media_lookups (chain_id, contract, token_id, due_at) "
                    "select 1, contract, token_id, now() - interval '1 year' from chain_tokens"
                )
            )
        wrong = Web3Chain(1, [gallery.studio.contracts.node.rpc_url])
        gallery.looker = replace(gallery.looker, chains={**gallery.looker.chains, 1: wrong})

        gallery.look()

        assert gallery.asked() == ["/1.json"]
        assert gallery.studio.rows(
            "select chain_id, attempts, due_at > now() from media_lookups where attempts > 0"
        ) == [(1, 1, True)]


class TestHostsThatFail:
    async def test_are_asked_again_later(self, gallery: Gallery) -> None:
        gallery.host.pages["/1.json"] = sends(answer(b"", status="503 Busy"))
        gallery.mint(1)
        gallery.look()
        gallery.serve(1, WORDS)

        soon = gallery.look(minutes=1)
        later = gallery.look(minutes=30)

        assert (soon, later) == (0, 1)
        assert (await gallery.token(1))["title"] == "Haze"

    async def test_are_left_alone_for_the_rest_of_the_sweep(self, gallery: Gallery) -> None:
        gallery.host.pages["/1.json"] = sends(answer(b"", status="503 Busy"))
        gallery.mint(1)
        gallery.mint(2)

        gallery.look()

        assert gallery.asked() == ["/1.json"]
        assert (await gallery.token(2))["metadata_versions"] == []

    async def test_keep_the_last_document_that_there_was(self, gallery: Gallery) -> None:
        gallery.serve(1, WORDS)
        gallery.mint(1)
        gallery.look()
        gallery.host.pages["/1.json"] = sends(answer(b"", status="404 Not Found"))

        gallery.strangers.tell(gallery.contract, "refresh", 1, 1)
        gallery.studio.catch_up()
        gallery.look(minutes=11)

        token = await gallery.token(1)
        assert token["title"] == "Haze"
        assert token["metadata_versions"][1]["error"].endswith("it answered 404")


class TestHostileContracts:
    async def test_r16_a_contract_that_does_not_answer(self, gallery: Gallery) -> None:
        gallery.mint(1)
        gallery.studio.contracts.node.call("anvil_setCode", str(gallery.contract), "0x5b5f56")

        gallery.look()

        (version,) = (await gallery.token(1))["metadata_versions"]
        assert (version["uri"], version["sha256"]) == ("", None)
        assert version["error"]

    async def test_words_that_no_database_keeps(self, gallery: Gallery) -> None:
        gallery.mint(1, 'data:application/json,{"name": "a\\u0000\\ud800", "x\\u0000": 1}')

        gallery.look()

        assert (await gallery.token(1))["title"] == "a\N{REPLACEMENT CHARACTER}?"
