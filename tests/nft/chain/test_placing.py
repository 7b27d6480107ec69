"""Where contracts are placed, without a chain."""

from dataclasses import replace

import pytest
from eth_account import Account

from nft.anchors import KNOWN_CONTRACTS
from nft.chain.deployments import LATER, OURS, Currency, Deployment
from nft.chain.placing import (
    ANCHORS,
    CONTRACTS,
    PROXY,
    PROXY_CODE,
    PROXY_MAKER,
    PROXY_TRANSACTION,
    SALT,
    WETH,
    Found,
    Terms,
    anchors,
    create2_address,
    create_address,
    plan,
    wrapped_coin,
)
from nft.errors import DeploymentIncomplete
from nft.types import ZERO_ADDRESS, Address, Digest
from tests.support.people import ARTIST, COLLECTOR, GALLERY, deployed
from tests.support.people import WETH as WETH_ADDRESS

TERMS = Terms(owner=ARTIST, fee_receiver=GALLERY, fee_bps=200)


def addresses(terms: Terms) -> dict[str, Address]:
    return {one.key: one.address for one in plan(terms, weth=True)}


def found(terms: Terms) -> Found:
    placements = plan(terms, weth=False)
    return Found(1, terms, placements, {one.key: 7 for one in placements})


class TestAddresses:
    @pytest.mark.parametrize(
        ("maker", "salt", "creation", "expected"),
        [
            ("00" * 20, "00" * 32, "00", "0x4D1A2e2bB4F88F0250f26Ffff098B0b30B26BF38"),
            ("deadbeef" + "00" * 16, "00" * 32, "00", "0xB928f69Bb1D91Cd65274e3c79d8986362984fDA3"),
            (
                "00000000000000000000000000000000deadbeef",
                "00" * 28 + "cafebabe",
                "deadbeef",
                "0x60f3f640a8508fC6a86d45DF051962668E1e8AC7",
            ),
            ("00" * 20, "00" * 32, "", "0xE33C0C7F7df4809055C3ebA6c09CFe4BaF1BD9e0"),
        ],
    )
    def test_are_those_of_the_standards_examples(
        self, maker: str, salt: str, creation: str, expected: str
    ) -> None:
        made = create2_address(
            Address(bytes.fromhex(maker)), bytes.fromhex(salt), bytes.fromhex(creation)
        )

        assert str(made) == expected

    def test_of_a_contracts_children_are_within_one_byte_of_nonce(self) -> None:
        with pytest.raises(ValueError, match="one byte of RLP"):
            create_address(PROXY, 128)

    def test_follow_from_owner_receiver_and_fee(self) -> None:
        ours = addresses(TERMS)

        others = [
            addresses(replace(TERMS, owner=COLLECTOR)),
            addresses(replace(TERMS, fee_receiver=COLLECTOR)),
            addresses(replace(TERMS, fee_bps=201)),
        ]

        assert addresses(TERMS) == ours
        for other in others:
            same = {key for key in ours if ours[key] == other[key]}
            assert same == {"splitter_factory", ANCHORS, WETH}

    def test_of_anchors_are_known_to_whoever_reads_one(self) -> None:
        assert addresses(TERMS)[ANCHORS] == anchors().address
        assert anchors().address in KNOWN_CONTRACTS

    def test_of_the_house_follow_from_its_description(self) -> None:
        told = addresses(replace(TERMS, contract_digest=Digest(b"\x01" * 32)))

        assert told["exchange"] == addresses(TERMS)["exchange"]
        assert told["house_collection"] != addresses(TERMS)["house_collection"]


class TestProxy:
    def test_is_made_by_the_transaction_of_its_maker(self) -> None:
        signer = Account.recover_transaction(PROXY_TRANSACTION)

        assert signer == str(PROXY_MAKER)
        assert PROXY_CODE in PROXY_TRANSACTION

    def test_is_called_with_the_salt_and_the_creation_code(self) -> None:
        first = plan(TERMS, weth=False)[0]

        assert first.call.to == PROXY
        assert first.call.data == SALT + first.creation
        assert first.creation.endswith(
            bytes(12) + ARTIST + bytes(12) + GALLERY + bytes(31) + b"\xc8"
        )


class TestPlan:
    def test_places_each_contract_after_those_that_it_is_told_of(self) -> None:
        placements = plan(TERMS, weth=True)

        assert [one.key for one in placements] == list(CONTRACTS)
        for number, one in enumerate(placements):
            later = [other.address for other in placements[number:]]
            assert not any(address in one.creation for address in later)

    def test_leaves_the_wrapped_coin_to_test_chains(self) -> None:
        public, test = plan(TERMS, weth=False), plan(TERMS, weth=True)

        assert [one.key for one in public] == [*OURS, *LATER]
        assert wrapped_coin(public) is None
        assert wrapped_coin(test) == Currency(addresses(TERMS)[WETH], "WETH", 18, permit=True)


class TestFound:
    def test_becomes_the_chains_document(self) -> None:
        told = found(TERMS).deployment()

        assert {name: getattr(told, name).address for name in OURS} == {
            name: addresses(TERMS)[name] for name in OURS
        }
        assert (told.chain_id, told.fee_bps, told.first_block) == (1, 200, 7)
        assert Deployment.from_json(told.as_json()) == told

    def test_remembers_the_exchanges_before_it(self) -> None:
        first = found(TERMS).deployment()
        second = found(replace(TERMS, fee_bps=150)).deployment(first)

        again = found(replace(TERMS, fee_bps=150)).deployment(second)
        third = found(replace(TERMS, fee_bps=100)).deployment(again)

        assert second.former_exchanges == (first.exchange,)
        assert again == second
        assert third.former_exchanges == (first.exchange, second.exchange)
        assert third.exchanges == (third.exchange, first.exchange, second.exchange)


class TestDocument:
    def test_of_an_earlier_version_names_what_is_missing(self) -> None:
        document = deployed(31337).as_json()
        del document["auctions"], document["validator"]

        with pytest.raises(DeploymentIncomplete) as refused:
            Deployment.from_json(document)

        assert refused.value.missing == ("auctions", "validator")
        assert "chain 31337 names no auctions, no validator" in str(refused.value)
        assert "vernissage contracts deploy" in str(refused.value)

    def test_may_leave_out_what_came_later(self) -> None:
        document = {
            name: value
            for name, value in deployed(1).as_json().items()
            if name in (*OURS, "chain_id")
        }

        told = Deployment.from_json(document)

        assert (told.fee_bps, told.currencies, told.former_exchanges) == (200, (), ())

    def test_from_before_there_were_anchors_has_none(self) -> None:
        older = found(TERMS).deployment().as_json()
        del older["anchors"]

        read = Deployment.from_json(older)

        assert read.anchors is None
        assert read.as_json() == older
        assert read.contracts == found(TERMS).deployment().contracts

    def test_knows_the_currencies_and_the_coin(self) -> None:
        told = deployed(1)

        assert [one.symbol for one in told.accepted] == ["ETH", "WETH"]
        assert told.currency(ZERO_ADDRESS) == told.accepted[0]
        assert told.currency(WETH_ADDRESS) == told.currencies[0]
        assert told.currency(ARTIST) is None
