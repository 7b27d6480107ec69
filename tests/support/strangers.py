"""
Contracts that are none of ours, on a real node: plain ones from artifacts, odd ones from bytes.
"""

import itertools
import json
from dataclasses import dataclass, replace
from typing import Any

from nft.chain.abi import Abi, parse
from nft.chain.contracts import Erc721
from nft.chain.deployments import Placed
from nft.chain.protocol import Call
from nft.types import Address
from tests.support.servers import ROOT, Contracts, Node

_NUMBERS = itertools.count(0xF00D)


def double(name: str) -> Abi:
    """A double's interface and code, from its artifact."""
    document = json.loads((ROOT / f"tests/support/artifacts/{name}.json").read_text("utf-8"))
    return parse(name, document)


@dataclass
class Strangers:
    """Whoever else uses the chain; the node signs for them."""

    node: Node

    @property
    def people(self) -> list[Address]:
        return [Address.parse(text) for text in self.node.accounts()]

    def place(self, code: str) -> Address:
        """Code, in hex, at an address of its own."""
        address = Address(next(_NUMBERS).to_bytes(20, "big"))
        self.node.call("anvil_setCode", str(address), "0x" + code)
        return address

    def collection(
        self, name: str = "Ranges", *ranges: tuple[Address, int], by: int = 0
    ) -> Address:
        """A collection that mints these ranges by ERC-2309 at its creation."""
        receivers = [receiver for receiver, _ in ranges]
        sizes = [size for _, size in ranges]
        return self.deploy("ConsecutiveToken", name, receivers, sizes, by=by)

    def deploy(self, name: str, *values: Any, by: int = 0) -> Address:
        """A double of the tests."""
        receipt = self._send({"data": "0x" + double(name).creation(*values).hex()}, by)
        return Address.parse(receipt["contractAddress"])

    def tell(self, contract: Address, function: str, *values: Any, by: int = 0) -> dict[str, Any]:
        """The receipt of a call on a `ConsecutiveToken`."""
        data = double("ConsecutiveToken")[function].encode(*values)
        return self._send({"to": str(contract), "data": "0x" + data.hex()}, by)

    def give(self, contract: Address, token_id: int, by: int, to: Address) -> dict[str, Any]:
        """One of the node's people gives a work away."""
        call: Call = Erc721(contract).transfer(self.people[by], to, token_id)
        return self._send({"to": str(contract), "data": "0x" + call.data.hex()}, by)

    def send(self, call: Call, by: int = 0) -> dict[str, Any]:
        """The receipt of any call."""
        return self._send({"to": str(call.to), "data": "0x" + call.data.hex()}, by)

    def _send(self, transaction: dict[str, Any], by: int) -> dict[str, Any]:
        whole = {"from": str(self.people[by]), "gas": hex(11_000_000), **transaction}
        receipt = self.node.receipt(self.node.call("eth_sendTransaction", whole))
        if receipt["status"] != "0x1":
            raise RuntimeError("a stranger's transaction reverted")
        return receipt


def with_plain_token(contracts: Contracts, receiver: Address) -> Contracts:
    """The same chain with a plain ERC-721 of somebody else's on it, registered; 5 % royalty."""
    place = Strangers(contracts.node).deploy("PlainToken", receiver, 500)
    block = int(contracts.node.call("eth_blockNumber"), 16)
    registered = (Placed(place, block),)
    return replace(contracts, placed=replace(contracts.placed, registered=registered))
