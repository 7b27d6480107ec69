"""
Seaport 1.6 itself, placed where it stands on every chain, and orders signed for it.

Compiled by `solidity/script/seaport.js` from its authors' package. The address of the deployed one
hangs on its exact bytes, so here the creation code runs at that address: immutables, domain
separator and all are those of a deployment there.
"""

import json
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from nft.chain import seaport
from nft.chain.abi import Abi, Function, parse
from nft.chain.protocol import Call
from nft.types import ZERO_ADDRESS, Address
from tests.support.servers import Node

FOLDER = Path(__file__).parent / "artifacts"

COIN, CURRENCY, WORK, SET = 0, 1, 2, 4
"""Item types; a set is any work of its collection."""

NO_KEY = bytes(32)

_ITEM = [
    {"name": "itemType", "type": "uint8"},
    {"name": "token", "type": "address"},
    {"name": "identifierOrCriteria", "type": "uint256"},
    {"name": "startAmount", "type": "uint256"},
    {"name": "endAmount", "type": "uint256"},
]
TYPES = {
    "EIP712Domain": [
        {"name": "name", "type": "string"},
        {"name": "version", "type": "string"},
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ],
    "OrderComponents": [
        {"name": "offerer", "type": "address"},
        {"name": "zone", "type": "address"},
        {"name": "offer", "type": "OfferItem[]"},
        {"name": "consideration", "type": "ConsiderationItem[]"},
        {"name": "orderType", "type": "uint8"},
        {"name": "startTime", "type": "uint256"},
        {"name": "endTime", "type": "uint256"},
        {"name": "zoneHash", "type": "bytes32"},
        {"name": "salt", "type": "uint256"},
        {"name": "conduitKey", "type": "bytes32"},
        {"name": "counter", "type": "uint256"},
    ],
    "OfferItem": _ITEM,
    "ConsiderationItem": [*_ITEM, {"name": "recipient", "type": "address"}],
}


@dataclass(frozen=True)
class Item:
    """Something given, or with a receiver something asked for."""

    kind: int
    token: Address
    identifier: int
    amount: int
    receiver: Address | None = None

    def values(self) -> tuple[Any, ...]:
        """As the ABI's tuple, at one amount from start to end."""
        fixed = (self.kind, self.token, self.identifier, self.amount, self.amount)
        return fixed if self.receiver is None else (*fixed, self.receiver)

    def words(self) -> dict[str, Any]:
        """As typed data."""
        names = [*(each["name"] for each in _ITEM), "recipient"]
        told = (str(value) if isinstance(value, Address) else value for value in self.values())
        return dict(zip(names, told, strict=False))


@dataclass(frozen=True)
class Order:
    """What a maker signs; open to everybody."""

    maker: Address
    given: tuple[Item, ...]
    asked: tuple[Item, ...]
    start: int
    end: int
    salt: int = 1
    conduit_key: bytes = NO_KEY
    tips: tuple[Item, ...] = field(default=())
    """What the filler puts on top."""

    @property
    def value(self) -> int:
        """Coins that the filler sends along."""
        return sum(item.amount for item in (*self.asked, *self.tips) if item.kind == COIN)

    def values(self) -> tuple[Any, ...]:
        """`OrderParameters`."""
        return (
            self.maker,
            ZERO_ADDRESS,
            tuple(item.values() for item in self.given),
            tuple(item.values() for item in (*self.asked, *self.tips)),
            0,
            *(self.start, self.end),
            *(bytes(32), self.salt, self.conduit_key),
            len(self.asked),
        )

    def typed_data(self, chain_id: int) -> dict[str, Any]:
        """What the maker signs, under the counter zero."""
        return {
            "types": TYPES,
            "primaryType": "OrderComponents",
            "domain": {
                "name": "Seaport",
                "version": "1.6",
                "chainId": chain_id,
                "verifyingContract": str(seaport.V1_6),
            },
            "message": {
                "offerer": str(self.maker),
                "zone": str(ZERO_ADDRESS),
                "offer": [item.words() for item in self.given],
                "consideration": [item.words() for item in self.asked],
                "orderType": 0,
                "startTime": self.start,
                "endTime": self.end,
                "zoneHash": bytes(32),
                "salt": self.salt,
                "conduitKey": self.conduit_key,
                "counter": 0,
            },
        }

    def with_tip(self, *tips: Item) -> "Order":
        """The same order as somebody fills it who adds to it."""
        return replace(self, tips=tips)


Signed = tuple[Order, bytes]


@cache
def abi(name: str) -> Abi:
    """Seaport or its conduit controller."""
    return parse(name, json.loads((FOLDER / f"{name}.json").read_text("utf-8")))


def function(name: str) -> Function:
    """One of Seaport's."""
    return abi("Seaport")[name]


def place(node: Node, sender: Address) -> Address:
    """Put Seaport in its place; the conduit controller's address is returned."""
    creation = "0x" + abi("ConduitController").creation().hex()
    sent = node.call("eth_sendTransaction", {"from": str(sender), "data": creation})
    controller = Address.parse(node.receipt(sent)["contractAddress"])
    here = str(seaport.V1_6)
    node.call("anvil_setCode", here, "0x" + abi("Seaport").creation(controller).hex())
    runtime = node.call("eth_call", {"from": str(sender), "to": here, "data": "0x"}, "latest")
    node.call("anvil_setCode", here, runtime)
    return controller


def _call(name: str, *values: Any, value: int = 0) -> Call:
    return Call(seaport.V1_6, function(name).encode(*values), value=value)


def fulfil(signed: Signed) -> Call:
    """Fill an order as it was signed, or with tips."""
    order, signature = signed
    return _call("fulfillOrder", (order.values(), signature), NO_KEY, value=order.value)


def fulfil_for(signed: Signed, receiver: Address, *chosen: tuple[bool, int, int]) -> Call:
    """
    Fill an order for somebody else.

    `chosen` resolves criteria: whether of what is asked for, the item's place, the token.
    """
    order, signature = signed
    resolvers = tuple((0, int(asked), place, token, ()) for asked, place, token in chosen)
    advanced = (order.values(), 1, 1, signature, b"")
    return _call("fulfillAdvancedOrder", advanced, resolvers, NO_KEY, receiver, value=order.value)


def fulfil_available(receiver: Address, *several: Signed) -> Call:
    """Fill whichever of several listings of one work each can be filled."""
    orders = tuple((order.values(), 1, 1, signature, b"") for order, signature in several)
    given = tuple(((place, 0),) for place in range(len(several)))
    asked = tuple(
        ((place, item),)
        for place, (order, _) in enumerate(several)
        for item in range(len(order.asked))
    )
    value = sum(order.value for order, _ in several)
    return _call(
        "fulfillAvailableAdvancedOrders",
        *(orders, (), given, asked, NO_KEY, receiver, len(several)),
        value=value,
    )


Pair = tuple[tuple[int, int], tuple[int, int]]
"""An item given and one asked for that it goes to, each by its order and its place."""


def match(*signed: Signed, pairs: tuple[Pair, ...], value: int = 0) -> Call:
    """Fill orders against each other."""
    orders = tuple((order.values(), signature) for order, signature in signed)
    fulfillments = tuple(((given,), (asked,)) for given, asked in pairs)
    return _call("matchOrders", orders, fulfillments, value=value)


def conduit_calls(controller: Address, key: bytes, owner: Address, conduit: Address) -> list[Call]:
    """What the owner sends to have a conduit that Seaport may use."""
    made = abi("ConduitController")
    return [
        Call(controller, made["createConduit"].encode(key, owner)),
        Call(controller, made["updateChannel"].encode(conduit, seaport.V1_6, True)),
    ]


def find_conduit(node: Node, controller: Address, key: bytes) -> Address:
    """Where the conduit of a key stands or will stand."""
    asked = abi("ConduitController")["getConduit"]
    data = "0x" + asked.encode(key).hex()
    answer = node.call("eth_call", {"to": str(controller), "data": data}, "latest")
    found = asked.decode(bytes.fromhex(answer[2:]))[0]
    assert isinstance(found, Address)
    return found
