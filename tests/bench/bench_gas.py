"""
What minting, selling and cancelling cost, read from receipts on a fresh node.

Setup of every sale, as in the anchors it is compared with: one work for 1 ETH, 5 % royalty to
one receiver, the platform's fee kept in the exchange; buyer, seller and receiver are plain
accounts that already hold coin; the seller approved the exchange before. *warm*: the buyer holds
one work of the collection already and the seller has sold here before. *first*: neither.

    python -m tests.bench.bench_gas          # a table; with JSON=1 the last line is one object
    python -m tests.bench.bench_gas --write  # the same, kept as solidity/snapshots/receipts.json
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from itertools import count
from typing import Any

from eth_account import Account
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.types import TxReceipt

from nft.orders import UNBOUND, Kind, Order
from nft.signing import order_hash
from nft.tokens import token_id
from nft.types import Address
from tests.support.servers import ROOT, running_anvil

PRICE = 10**18
ROYALTY_BPS = 500
FEE_BPS = 250
DIGEST = bytes.fromhex("5a" * 32)

ARTIST, SELLER, BUYER, PLATFORM, STUDIO = range(5)
"""The people, by their number among the node's accounts."""

BUDGETS = {
    "buy_eth_foreign_kept": 95_500,
    "buy_eth_own": 90_500,
    "cancel_one": 28_500,
    "cancel_all": 45_000,
    "mint": 82_500,
    "mint_ten_each": 52_000,
}
"""The most that each path may cost; paths left out are printed for comparison."""


SNAPSHOT = ROOT / "solidity" / "snapshots" / "receipts.json"


def _artifact(path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / path).read_text("utf-8"))
    return found


@dataclass
class Bench:
    """The contracts on a fresh node, and people with keys."""

    web3: Web3
    collection: Contract
    exchange: Contract
    foreign: Contract

    def __post_init__(self) -> None:
        Account.enable_unaudited_hdwallet_features()
        mnemonic = "test test test test test test test test test test test junk"
        self.people = [
            Account.from_mnemonic(mnemonic, account_path=f"m/44'/60'/0'/0/{i}") for i in range(5)
        ]
        self.nonces = count()

    def send(self, call: Any, sender: int, value: int = 0) -> TxReceipt:
        """The receipt of a call that succeeded."""
        account = self.people[sender].address
        digest = call.transact({"from": account, "value": value, "gas": 5_000_000})
        receipt = self.web3.eth.wait_for_transaction_receipt(digest)
        if receipt["status"] != 1:
            raise RuntimeError(f"{call.fn_name} reverted")
        return receipt

    def gas(self, call: Any, sender: int, value: int = 0) -> int:
        """What a call costs."""
        return int(self.send(call, sender, value)["gasUsed"])

    def listing(self, contract: Contract, token: int, transfers: int) -> tuple[Any, bytes]:
        """A listing signed by the seller, as `fill` takes it."""
        seller = self.people[SELLER]
        now = self.web3.eth.get_block("latest")["timestamp"]
        order = Order(
            kind=Kind.LISTING,
            maker=Address.parse(seller.address),
            collection=Address.parse(contract.address),
            token_id=token,
            transfer_count=transfers,
            price=PRICE,
            end_price=PRICE,
            start=now,
            end=now + 30 * 86_400,
            max_royalty_bps=ROYALTY_BPS,
            max_fee_bps=FEE_BPS,
            nonce=next(self.nonces),
            counter=0,
        )
        exchange = Address.parse(self.exchange.address)
        digest = order_hash(order, chain_id=self.web3.eth.chain_id, exchange=exchange)
        signature = seller.unsafe_sign_hash(digest).signature
        fields = (
            *(int(order.kind), seller.address, "0x" + "0" * 40, contract.address),
            *(order.token_id, order.transfer_count, [], bytes(32), bytes(32), "0x" + "0" * 40),
            *(order.price, order.end_price, order.start, order.end),
            *(order.max_royalty_bps, order.max_fee_bps, order.nonce, order.counter),
        )
        return fields, bytes(signature)

    def buy(self, contract: Contract, token: int, transfers: int) -> int:
        """What the buyer pays in gas for one work."""
        order, signature = self.listing(contract, token, transfers)
        return self.gas(self.exchange.functions.fill(order, signature), BUYER, PRICE)


def _deploy(web3: Web3, path: str, *arguments: Any) -> Contract:
    found = _artifact(path)
    factory = web3.eth.contract(abi=found["abi"], bytecode=found["bytecode"])
    digest = factory.constructor(*arguments).transact({"from": web3.eth.accounts[9]})
    receipt = web3.eth.wait_for_transaction_receipt(digest)
    return web3.eth.contract(address=receipt["contractAddress"], abi=found["abi"])


def set_up(rpc_url: str) -> Bench:
    """Deploy everything on the node at this address."""
    web3 = Web3(HTTPProvider(rpc_url))
    accounts = web3.eth.accounts
    artifacts = "nft/chain/artifacts"
    return Bench(
        web3=web3,
        collection=_deploy(web3, f"{artifacts}/Collection.json", "House", "HOUSE", bytes(32)),
        exchange=_deploy(web3, f"{artifacts}/Exchange.json", accounts[PLATFORM], FEE_BPS),
        foreign=_deploy(
            web3, "tests/support/artifacts/PlainToken.json", accounts[ARTIST], ROYALTY_BPS
        ),
    )


def measure_mints(bench: Bench) -> dict[str, int]:
    """The artist mints to the collector: the first work ever, the next, ten at once."""
    mint, many = bench.collection.functions.mint, bench.collection.functions.mintMany
    to = bench.people[SELLER].address
    nobody = "0x" + "0" * 40
    studio = bench.people[STUDIO].address
    ten = [DIGEST] * 10
    return {
        "mint_first": bench.gas(mint(to, 1, DIGEST, ROYALTY_BPS, nobody), ARTIST),
        "mint": bench.gas(mint(to, 2, DIGEST, ROYALTY_BPS, nobody), ARTIST),
        "mint_ten_each": bench.gas(many(to, 3, ten, ROYALTY_BPS, nobody), ARTIST) // 10,
        "mint_new_payee": bench.gas(mint(to, 13, DIGEST, ROYALTY_BPS, studio), ARTIST),
        "mint_known_payee": bench.gas(mint(to, 14, DIGEST, ROYALTY_BPS, studio), ARTIST),
    }


def measure_sales(bench: Bench) -> dict[str, int]:
    """The collector sells: works of the house, then works of a foreign collection."""
    creator = Address.parse(bench.people[ARTIST].address)
    own = bench.collection
    for contract in (own, bench.foreign):
        bench.send(
            contract.functions.setApprovalForAll(bench.exchange.address, True), sender=SELLER
        )
    for token in range(1, 6):
        bench.send(bench.foreign.functions.mint(bench.people[SELLER].address, token), ARTIST)
    found = {
        "buy_eth_own_first": bench.buy(own, token_id(creator, 1), 0),
        "buy_eth_own": bench.buy(own, token_id(creator, 2), 0),
        "buy_eth_own_payee": bench.buy(own, token_id(creator, 13), 0),
    }
    return found | {
        "buy_eth_foreign_first": bench.buy(bench.foreign, 1, UNBOUND),
        "buy_eth_foreign_kept": bench.buy(bench.foreign, 2, UNBOUND),
    }


def measure_exits(bench: Bench) -> dict[str, int]:
    """The collector cancels: one order in a word already begun, and all; the platform draws."""
    functions = bench.exchange.functions
    return {
        "cancel_one": bench.gas(functions.cancel([next(bench.nonces)]), SELLER),
        "cancel_ten_each": bench.gas(functions.cancel([*range(100, 110)]), SELLER) // 10,
        "cancel_one_first": bench.gas(functions.cancel([0]), ARTIST),
        "cancel_all": bench.gas(functions.cancelAll(), STUDIO),
        "cancel_all_again": bench.gas(functions.cancelAll(), STUDIO),
        "withdraw_fees": bench.gas(functions.withdrawFees(), PLATFORM),
    }


def measure() -> dict[str, int]:
    """Every figure, from one fresh node."""
    with running_anvil() as node:
        bench = set_up(node.rpc_url)
        return measure_mints(bench) | measure_sales(bench) | measure_exits(bench)


def main() -> None:
    """Print the table; with JSON=1 in the environment, the figures as one object at the end."""
    found = measure()
    for name, gas in found.items():
        budget = BUDGETS.get(name)
        sys.stdout.write(f"{name:24} {gas:>9,} {f'of {budget:,}' if budget else '':>12}\n")
    if "--write" in sys.argv:
        SNAPSHOT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if os.environ.get("JSON") == "1":
        sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
