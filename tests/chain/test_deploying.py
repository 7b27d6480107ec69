"""Placing the contracts on anvil, by whomever and however often, and telling forgeries."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from eth_account import Account

from api.cli.contracts import main
from api.deploying import Mined, Site, first_block_of, place, read_currency
from api.key_site import KeySite
from api.local.deploy import NodeSite
from api.local.errors import CannotStart, WrongInput
from api.local.rpc import Node as RpcNode
from api.verifying import Checked, verify
from nft.chain.abi import load
from nft.chain.client import Web3Chain
from nft.chain.clones import collection_clone, collection_salt, splitter_clone
from nft.chain.contracts import Collection, CollectionFactory, Exchange, SplitterFactory
from nft.chain.deployments import LATER, OURS, Deployment, Placed, save
from nft.chain.placing import (
    CONTRACTS,
    PROXY,
    PROXY_CODE,
    Found,
    Placement,
    Terms,
    create_address,
    plan,
)
from nft.chain.protocol import Call
from nft.royalties import Share
from nft.types import ZERO_DIGEST, Address, Digest
from tests.chain.conftest import MNEMONIC, Market, market_on
from tests.support.servers import Contracts, Node, running_anvil

pytestmark = pytest.mark.chain

SALTS = (Digest(bytes(32)), Digest(b"\x07" * 32))


def site_of(node: Node, account: int) -> NodeSite:
    return NodeSite(RpcNode(node.rpc_url), account=account, patience=20)


def terms_of(node: Node) -> Terms:
    """Owner and receiver are two who pay for nothing here."""
    people = [Address.parse(text) for text in node.accounts()]
    return Terms(owner=people[3], fee_receiver=people[4], fee_bps=150)


def placed(node: Node, account: int, say: Callable[[str], None] = lambda _: None) -> Found:
    terms = terms_of(node)
    return place(site_of(node, account), terms, plan(terms, weth=True), say=say)


def chain_of(node: Node) -> Web3Chain:
    return Web3Chain(31337, [node.rpc_url])


def checked(node: Node, deployment: Deployment, *clones: Address) -> dict[str, Checked]:
    return {one.name: one for one in verify(chain_of(node), deployment, clones)}


class TestPlacing:
    def test_is_done_once_whoever_does_it(self, fresh_anvil: Node) -> None:
        said: list[str] = []
        first = placed(fresh_anvil, 5, said.append)
        height = fresh_anvil.call("eth_blockNumber")

        again = placed(fresh_anvil, 6)

        assert again == first
        assert said[0].startswith("Exchange placed at")
        # Only the owner allows currencies: neither payer is.
        assert fresh_anvil.call("eth_blockNumber") == height
        assert f"{terms_of(fresh_anvil).owner}, the owner, must send 0x" in said[-1]

    def test_lets_the_owner_allow_the_currencies(self, fresh_anvil: Node) -> None:
        found = placed(fresh_anvil, 5)
        exchange = Exchange(found.deployment().exchange.address)
        (weth,) = found.currencies
        allowed = exchange.is_currency_allowed(weth.address)
        before = allowed.ask(chain_of(fresh_anvil))

        placed(fresh_anvil, 3)

        assert (before, allowed.ask(chain_of(fresh_anvil))) == (False, True)

    def test_makes_the_named_owner_the_owner(self, fresh_anvil: Node) -> None:
        deployment, terms = placed(fresh_anvil, 5).deployment(), terms_of(fresh_anvil)
        chain = chain_of(fresh_anvil)

        for address in (deployment.exchange.address, deployment.auctions.address):
            exchange = Exchange(address)
            assert exchange.owner().ask(chain) == terms.owner
            assert exchange.fee_receiver().ask(chain) == terms.fee_receiver
            assert exchange.fee_bps().ask(chain) == 150

    def test_goes_on_where_it_was_interrupted(self, fresh_anvil: Node) -> None:
        terms = terms_of(fresh_anvil)
        first, second, *_ = plan(terms, weth=True)
        site = site_of(fresh_anvil, 5)
        site.send(first.call)
        site.send(second.call)
        fresh_anvil.mine(3)

        found = placed(fresh_anvil, 6)

        assert found.blocks["exchange"] == 1
        assert found.blocks["house_collection"] == 2
        assert found.blocks["auctions"] == 6

    def test_is_served_by_whoever_was_first(self, fresh_anvil: Node) -> None:
        """Squatting a salt puts the very same contract there, with the very same owner."""
        terms = terms_of(fresh_anvil)
        squatter = site_of(fresh_anvil, 9)
        site = Raced(site_of(fresh_anvil, 5), squatter)

        found = place(site, terms, plan(terms, weth=True))

        assert site.lost == len(CONTRACTS)
        told = checked(fresh_anvil, found.deployment())
        assert [one for name in OURS if (one := told[name]).differences] == []
        exchange = Exchange(found.deployment().exchange.address)
        assert exchange.owner().ask(chain_of(fresh_anvil)) == terms.owner

    def test_cannot_be_had_with_another_salt_or_owner_at_the_same_place(
        self, fresh_anvil: Node
    ) -> None:
        terms = terms_of(fresh_anvil)
        ours, *_ = plan(terms, weth=False)
        forged = Placement(ours.key, ours.contract, ours.creation, Digest(b"\x01" * 32))

        site_of(fresh_anvil, 9).send(forged.call)

        assert site_of(fresh_anvil, 9).code(forged.address)
        assert site_of(fresh_anvil, 9).code(ours.address) == b""

    def test_refuses_a_contract_that_is_another(self, fresh_anvil: Node) -> None:
        auctions = placed(fresh_anvil, 5).deployment().auctions.address
        forge(fresh_anvil, auctions, 100)

        with pytest.raises(CannotStart, match=f"Auctions at {auctions} is not what was compiled"):
            placed(fresh_anvil, 5)

    def test_puts_the_proxy_where_it_is_missing(self) -> None:
        with running_anvil("--disable-default-create2-deployer") as node:
            said: list[str] = []
            assert site_of(node, 5).code(PROXY) == b""

            found = placed(node, 5, said.append)

            assert site_of(node, 5).code(PROXY) == PROXY_CODE
            assert "has no deployment proxy" in said[0]
            assert checked(node, found.deployment())["exchange"].differences == ()

    def test_refuses_another_program_in_the_proxys_place(self, fresh_anvil: Node) -> None:
        fresh_anvil.call("anvil_setCode", str(PROXY), "0x6001")

        with pytest.raises(WrongInput, match="holds another program"):
            placed(fresh_anvil, 5)

    def test_reads_what_a_token_says_of_itself(self, fresh_anvil: Node) -> None:
        found = placed(fresh_anvil, 5)
        site = site_of(fresh_anvil, 5)

        assert read_currency(site, found.currencies[0].address) == found.currencies[0]
        with pytest.raises(WrongInput, match="it is no ERC-20"):
            read_currency(site, found.deployment().exchange.address)

    def test_finds_the_block_of_a_contract(self, fresh_anvil: Node) -> None:
        fresh_anvil.mine(5)
        found = placed(fresh_anvil, 5)
        fresh_anvil.mine(7)

        for one in found.placements:
            assert first_block_of(site_of(fresh_anvil, 5), one.address) == found.blocks[one.key]


@dataclass
class Raced:
    """A site where somebody else is always a moment faster."""

    site: NodeSite
    squatter: NodeSite
    lost: int = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.site, name)

    def send(self, call: Call) -> Mined:
        if call.to != PROXY:
            return self.site.send(call)
        assert self.squatter.send(call).succeeded
        self.lost += 1
        return Mined(self.site.head(), succeeded=False)


def forge(node: Node, address: Address, place: int) -> None:
    """Change one byte of a contract's code."""
    code = bytearray.fromhex(node.call("eth_getCode", str(address), "latest")[2:])
    code[place] ^= 1
    node.call("anvil_setCode", str(address), "0x" + code.hex())


class TestKeySite:
    def test_places_by_a_key_and_repeats_nothing(self, fresh_anvil: Node) -> None:
        Account.enable_unaudited_hdwallet_features()
        account = Account.from_mnemonic(MNEMONIC, account_path="m/44'/60'/0'/0/3")
        site: Site = KeySite(chain_of(fresh_anvil), account, patience=20)
        terms = terms_of(fresh_anvil)
        placements = plan(terms, weth=True)

        first = place(site, terms, placements)
        nonce = chain_of(fresh_anvil).transaction_count(site.sender)
        again = place(site, terms, placements)

        assert again == first
        assert chain_of(fresh_anvil).transaction_count(site.sender) == nonce == len(CONTRACTS) + 1
        assert not site.send(placements[0].call).succeeded


class TestClones:
    """The factories in Solidity and the arithmetic in Python name the same addresses."""

    @pytest.mark.parametrize("salt", SALTS)
    def test_collections_stand_where_both_say(self, contracts: Contracts, salt: Digest) -> None:
        market = market_on(contracts)
        house = market.deployment.house_collection.address
        factory = CollectionFactory(market.deployment.collection_factory.address)
        told = (ZERO_DIGEST, "Salt Flats", "SALT")

        clone = collection_clone(house, market.artist, *told)
        at = clone.address(factory.address, collection_salt(market.artist, salt))
        asked = factory.predict(market.artist, "Salt Flats", "SALT", salt=salt).ask(market.chain)
        market.send(market.artist, factory.create("Salt Flats", "SALT", salt=salt))

        assert at == asked
        assert market.chain.code(at) == clone.code
        assert Collection(at).artist().ask(market.chain) == market.artist
        found = checked(contracts.node, market.deployment, at)["collection"]
        assert found.differences == ()
        assert found.arguments is not None
        assert (found.arguments["artist"], found.arguments["name"]) == (
            str(market.artist),
            "Salt Flats",
        )

    def test_splitters_stand_where_both_say(self, contracts: Contracts) -> None:
        market = market_on(contracts)
        factory = SplitterFactory(market.deployment.splitter_factory.address)
        shares = sorted([(market.artist, 6_000), (market.gallery, 4_000)])

        clone = splitter_clone(create_address(factory.address, 1), shares)
        at = clone.address(factory.address, bytes(32))
        asked = [Share(*share) for share in shares]
        predicted = factory.predict(asked).ask(market.chain)
        market.send(market.collector, factory.create(asked))

        assert at == predicted
        assert market.chain.code(at) == clone.code
        found = checked(contracts.node, market.deployment, at)["splitter"]
        assert found.differences == ()
        assert found.arguments == {
            "shares": [{"receiver": str(one), "bps": bps} for one, bps in shares]
        }


class TestVerifying:
    def test_a_clone_that_the_factory_did_not_make_is_told(self, contracts: Contracts) -> None:
        market = market_on(contracts)
        house = market.deployment.house_collection.address
        clone = collection_clone(house, market.artist, ZERO_DIGEST, "Forged", "F")
        at = forged(contracts.node, clone.creation)

        found = [one for one in verify(market.chain, market.deployment, [at])][-1]

        assert [str(one) for one in found.differences] == [
            "made by the factory: expected yes, found no"
        ]

    def test_a_splitter_at_an_address_of_its_own_is_told(self, contracts: Contracts) -> None:
        market = market_on(contracts)
        implementation = create_address(market.deployment.splitter_factory.address, 1)
        clone = splitter_clone(implementation, [(market.artist, 9_000)])
        at = forged(contracts.node, clone.creation)

        found = [one for one in verify(market.chain, market.deployment, [at])][-1]

        assert [one.what for one in found.differences] == ["shares", "address"]

    def test_code_of_another_kind_is_told(self, contracts: Contracts) -> None:
        market = market_on(contracts)
        exchange = market.deployment.exchange.address

        found = [one for one in verify(market.chain, market.deployment, [exchange])][-1]

        assert found.differences[0].expected == "a clone of a collection or splitter"

    def test_a_house_of_another_name_is_told(self, contracts: Contracts) -> None:
        market = market_on(contracts)
        exchange = market.deployment.exchange.address
        creation = load("Collection").creation("Vernisage", "VERN", bytes(32), exchange)
        at = forged(contracts.node, creation)

        told = checked(contracts.node, replace(market.deployment, house_collection=Placed(at, 1)))

        (difference,) = told["house_collection"].differences
        assert difference.what == "address of this code and its arguments"
        assert difference.found == str(at)


def forged(node: Node, creation: bytes) -> Address:
    """Where somebody put a contract by themselves."""
    sent = {"from": node.accounts()[7], "data": "0x" + creation.hex()}
    receipt = node.receipt(node.call("eth_sendTransaction", sent))
    return Address.parse(receipt["contractAddress"])


class TestCommand:
    def test_deploys_and_verifies(
        self, fresh_anvil: Node, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        people = fresh_anvil.accounts()
        told = ["--owner", people[1], "--fee-receiver", people[4], "--fee-bps", "150", "--weth"]
        deploy = ["deploy", "--rpc", fresh_anvil.rpc_url, *told, "--out", str(tmp_path), "--json"]

        assert (main(deploy), main(deploy)) == (0, 0)
        first, second = capsys.readouterr().out.splitlines()
        file = tmp_path / "31337.json"
        verified = main(
            ["verify", "--rpc", fresh_anvil.rpc_url, "--deployments", str(file), "--json"]
        )

        assert json.loads(first) == json.loads(second) == json.loads(file.read_text())
        assert verified == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["chain_id"], found["equal"]) == ("31337", True)
        assert [one["name"] for one in found["contracts"]] == [*OURS, *LATER, "splitter", "WETH"]

    @pytest.mark.parametrize("name", ["exchange", "validator"])
    def test_tells_one_changed_byte(
        self,
        fresh_contracts: Contracts,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        name: str,
    ) -> None:
        file = save(fresh_contracts.placed, tmp_path)
        address = getattr(fresh_contracts.placed, name).address
        forge(fresh_contracts.node, address, 77)

        result = main(["verify", "--rpc", fresh_contracts.node.rpc_url, "--deployments", str(file)])

        said = capsys.readouterr().out
        assert result == 1
        assert f"  differs  {name} {address}\n           byte 77: expected" in said
        assert said.count("differs") == 1

    def test_knows_bad_input(self, fresh_anvil: Node, tmp_path: Path) -> None:
        owner = fresh_anvil.accounts()[1]
        who = ["--owner", owner, "--fee-receiver", owner]

        with pytest.raises(WrongInput, match="not within 0 and 500"):
            main(["deploy", "--rpc", fresh_anvil.rpc_url, *who, "--fee-bps", "501"])
        with pytest.raises(WrongInput, match="is not a file"):
            main(["verify", "--rpc", fresh_anvil.rpc_url, "--deployments", str(tmp_path / "x")])

    def test_of_a_market_is_verified_as_the_program_deploys_it(self, market: Market) -> None:
        told = list(verify(market.chain, market.deployment))

        assert [one for one in told if one.differences] == []
