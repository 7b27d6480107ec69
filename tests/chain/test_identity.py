"""Python and the deployed contracts name the same things by the same bytes."""

import json
from importlib import resources

import pytest

from nft.chain import logs
from nft.chain.abi import ARTIFACTS, load, signature_of
from nft.chain.contracts import INTERFACE_ERC721, INTERFACE_ERC2981, ask_many
from nft.orders import Item, Kind, Order
from nft.royalties import Share, payouts
from nft.signing import order_hash
from nft.tokens import OwnershipWord, creator_of, token_id
from nft.types import UINT256_MAX, Address, Digest
from tests.chain.conftest import Market, market_on
from tests.support.servers import Contracts

pytestmark = pytest.mark.chain


@pytest.fixture(scope="module")
def shared(contracts: Contracts) -> Market:
    return market_on(contracts)


def order(market: Market, **changed: object) -> Order:
    values: dict[str, object] = {
        "kind": Kind.LISTING,
        "maker": market.artist,
        "collection": market.collection.address,
        "token_id": token_id(market.artist, 7),
        "transfer_count": 3,
        "price": 10**18,
        "end_price": 10**18,
        "start": 1,
        "end": 2**64 - 1,
        "max_royalty_bps": 1_000,
        "max_fee_bps": 200,
        "nonce": 5,
        "counter": 1,
        **changed,
    }
    return Order(**values)  # type: ignore[arg-type]


class TestOrderHash:
    @pytest.mark.parametrize(
        "changed",
        [
            {},
            {"taker": Address(b"\x01" * 20)},
            {"kind": Kind.SET_OFFER, "criteria": Digest(b"\x02" * 32)},
            {
                "more": (
                    Item(Address(b"\x03" * 20), 4, UINT256_MAX),
                    Item(Address(b"\5" * 20), 0, 0),
                )
            },
            {"metadata_digest": Digest(b"\x06" * 32), "currency": Address(b"\x07" * 20)},
            {"price": UINT256_MAX, "end_price": 0, "nonce": UINT256_MAX, "token_id": UINT256_MAX},
        ],
    )
    def test_is_the_contracts(self, shared: Market, changed: dict[str, object]) -> None:
        made = order(shared, **changed)

        there = shared.exchange.hash_order(made).ask(shared.chain)

        assert there == order_hash(made, chain_id=31337, exchange=shared.exchange.address)


class TestTokens:
    def test_id_creator_word_and_royalty(self, shared: Market) -> None:
        shared.serial = 400
        token = shared.mint(bps=333)
        shared.move(shared.artist, shared.collector, token)

        word, creator, count, royalty = ask_many(
            shared.chain,
            [
                shared.collection.ownership_word(token),
                shared.collection.creator_of(token),
                shared.collection.transfer_count(token),
                shared.collection.royalty_info(token, 999),
            ],
        )

        unpacked = OwnershipWord.unpack(int.from_bytes(word, "big"))
        assert creator == creator_of(token) == shared.artist
        assert unpacked == OwnershipWord(shared.collector, 333, False, 0, count)
        assert unpacked.pack() == int.from_bytes(word, "big")
        assert royalty == (shared.artist, payouts(999, [Share(shared.artist, 333)])[shared.artist])

    def test_a_payee_of_its_own(self, shared: Market) -> None:
        told = Digest(b"\x09" * 32)
        token = token_id(shared.artist, 900)
        call = shared.collection.mint(shared.artist, token, told, 500, shared.gallery)
        shared.send(shared.artist, call)

        word = shared.collection.ownership_word(token).ask(shared.chain)
        payee = OwnershipWord.unpack(int.from_bytes(word, "big")).payee

        assert payee > 0
        assert shared.collection.payees(payee).ask(shared.chain) == shared.gallery

    def test_interfaces(self, shared: Market) -> None:
        asked = [
            shared.collection.supports_interface(i) for i in (INTERFACE_ERC721, INTERFACE_ERC2981)
        ]

        assert ask_many(shared.chain, asked) == [True, True]


OURS = [table for table in logs.TABLES if table is not logs.ERC721]
"""What our own contracts say; of collections of others there is no artifact."""


class TestEvents:
    def test_every_event_we_read_is_in_the_artifacts(self) -> None:
        known = {told for name in ARTIFACTS for told in load(name).events.values()}

        assert {found for table in OURS for found in table} <= known

    def test_forms_have_the_artifacts_topics_and_words(self) -> None:
        forms = {key: form for table in OURS for key, form in table.items()}
        entries = [
            entry
            for name in ARTIFACTS
            for entry in json.loads(
                (resources.files("nft.chain") / "artifacts" / f"{name}.json").read_text("utf-8")
            )["abi"]
            if entry["type"] == "event"
        ]
        told = {
            load_topic: (
                1 + sum(part["indexed"] for part in entry["inputs"]),
                sum(not part["indexed"] for part in entry["inputs"]),
            )
            for entry in entries
            for name in ARTIFACTS
            if (load_topic := load(name).events.get(signature_of(entry))) is not None
        }

        fixed = {key: form for key, form in forms.items() if form.words is not None}
        assert {key: (form.topics, form.words) for key, form in fixed.items()} == {
            key: told[key] for key in fixed
        }
