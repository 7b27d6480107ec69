"""
Transactions of every type, each leaving logs of every shape, on any node.

`python -m tests.support.all_types URL` prints the blocks that hold them as JSON, as recorded in
`tests/vectors/blocks-<node>.json`.
"""

import contextlib
import json
import sys
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils import to_checksum_address

from api.local.processes import wait_until
from tests.support.servers import Node

TOPIC = "7f" + "ab" * 32
SENDER: LocalAccount = Account.from_key("0x" + "5e" * 32)
"""Nobody's account; each node is asked to give it a coin."""


def _log(topics: int, size: int) -> str:
    """Code that writes one log of so many topics and bytes from memory."""
    return TOPIC * topics + f"61{size:04x}" + "6000" + f"{0xA0 + topics:02x}"


SHAPES = ((0, 0), (1, 1), (2, 31), (3, 55), (4, 56), (1, 300))
"""Topics and bytes of data; the one byte is small enough to be its own encoding."""

LOGGING = "0x7f" + "05" * 32 + "600052" + "".join(_log(*shape) for shape in SHAPES) + "00"
"""Code of a creation: memory filled with small bytes, one log of each shape, no contract."""


def _sent(node: Node, transaction: dict[str, Any], **how: Any) -> str:
    nonce = int(node.call("eth_getTransactionCount", SENDER.address, "pending"), 16)
    whole = {"chainId": int(node.call("eth_chainId"), 16), "nonce": nonce, **transaction}
    signed = Account.sign_transaction(whole, SENDER.key, **how)
    hashed: str = node.call("eth_sendRawTransaction", "0x" + signed.raw_transaction.hex())
    _mined(node, hashed)
    return hashed


def _mined(node: Node, hashed: str) -> dict[str, Any]:
    """The receipt; a geth that has just started refuses to look for a moment."""
    found: list[dict[str, Any]] = []

    def look() -> bool:
        with contextlib.suppress(RuntimeError):
            found.extend(filter(None, [node.call("eth_getTransactionReceipt", hashed)]))
        return bool(found)

    assert wait_until(look, patience=20)
    return found[0]


def send_all(node: Node) -> list[str]:
    """One transaction of each type 0 to 4, mined; their hashes."""
    rich = to_checksum_address(node.accounts()[0])
    coin = {"from": rich, "to": SENDER.address, "value": hex(10**18)}
    _mined(node, node.call("eth_sendTransaction", coin))
    priced, dynamic = {"gasPrice": 10**10}, {"maxFeePerGas": 10**10, "maxPriorityFeePerGas": 10**9}
    creation = {"data": LOGGING, "value": 0, "gas": 500_000}
    chain_id = int(node.call("eth_chainId"), 16)
    nonce = int(node.call("eth_getTransactionCount", SENDER.address, "latest"), 16)
    delegation = Account.sign_authorization(
        {"chainId": chain_id, "address": "0x" + "77" * 20, "nonce": nonce + 5}, SENDER.key
    )
    plain = {"to": rich, "value": 1, "gas": 100_000}
    blobs = {"maxFeePerBlobGas": 10**10}
    listed = [{"address": rich, "storageKeys": ["0x" + "01" * 32]}]
    return [
        _sent(node, {**creation, **priced}),
        _sent(node, {**creation, **priced, "accessList": listed, "type": 1}),
        _sent(node, {**creation, **dynamic, "type": 2}),
        _sent(node, {**plain, **dynamic, **blobs, "type": 3}, blobs=[bytes(131072)]),
        _sent(node, {**plain, **dynamic, "type": 4, "authorizationList": [delegation]}),
    ]


def block_of(node: Node, number: int) -> dict[str, Any]:
    """A block as the node tells it: header, receipts and whole transactions."""
    block = node.call("eth_getBlockByNumber", hex(number), True)
    return {
        "header": {name: value for name, value in block.items() if name != "transactions"},
        "transactions": [_without_blobs(one) for one in block["transactions"]],
        "receipts": node.call("eth_getBlockReceipts", hex(number)),
    }


def _without_blobs(transaction: dict[str, Any]) -> dict[str, Any]:
    """Anvil tells the blobs too, which no block holds."""
    return {
        name: value
        for name, value in transaction.items()
        if name not in ("blobs", "commitments", "proofs")
    }


def blocks_of(node: Node, hashes: list[str]) -> list[dict[str, Any]]:
    """The blocks of these transactions."""
    numbers = {int(_mined(node, one)["blockNumber"], 16) for one in hashes}
    return [block_of(node, number) for number in sorted(numbers)]


if __name__ == "__main__":
    chosen = Node(rpc_url=sys.argv[1], pid=0)
    sys.stdout.write(json.dumps(blocks_of(chosen, send_all(chosen))) + "\n")
