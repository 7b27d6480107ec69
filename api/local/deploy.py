"""
Our contracts on the local chain: put there once, and found again ever after.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from api.local.anvil import CHAIN_ID, Keeper
from api.local.errors import CannotStart, WrongInput
from api.local.folder import DataFolder, write_whole
from api.local.processes import Pause, wait_until
from api.local.rpc import Node, NodeRefused

if TYPE_CHECKING:
    from api.deploying import Mined
    from nft.chain.deployments import Deployment
    from nft.chain.protocol import Call
    from nft.types import Address

FEE_BPS = 200
ANCHORS = "anchors"


class Answers(Protocol):
    """A node that signs for accounts of its own."""

    def call(self, method: str, *params: object) -> Any:
        """The result of one JSON-RPC call; an error of the node is raised."""


class NodeSite:
    """A development node as `api.deploying` sees it; one of its accounts pays."""

    def __init__(
        self, node: Answers, *, account: int = 0, patience: float = 10, pause: Pause = time.sleep
    ) -> None:
        from nft.types import Address

        self.node = node
        self.patience = patience
        self.pause = pause
        self.sender = Address.parse(node.call("eth_accounts")[account])

    def chain_id(self) -> int:
        """The chain's EIP-155 id."""
        return int(self.node.call("eth_chainId"), 16)

    def head(self) -> int:
        """The newest block's number."""
        return int(self.node.call("eth_blockNumber"), 16)

    def code(self, address: Address, block: int | None = None) -> bytes | None:
        """The code there now or at a block; None when the node forgot the state of that block."""
        at = "latest" if block is None else hex(block)
        try:
            return _bytes(self.node.call("eth_getCode", str(address), at))
        except NodeRefused:
            if block is None:
                raise
            return None

    def balance(self, address: Address) -> int:
        """Wei held by an account."""
        return int(self.node.call("eth_getBalance", str(address), "latest"), 16)

    def ask(self, call: Call) -> bytes:
        """A contract's answer; empty when it refuses."""
        asked = {"to": str(call.to), "data": "0x" + call.data.hex()}
        try:
            return _bytes(self.node.call("eth_call", asked, "latest"))
        except NodeRefused:
            return b""

    def send(self, call: Call) -> Mined:
        """Send from the account, and wait for the block."""
        transaction = {
            "from": str(self.sender),
            "to": str(call.to),
            "data": "0x" + call.data.hex(),
            "value": hex(call.value),
        }
        return self._mined(self.node.call("eth_sendTransaction", transaction))

    def send_signed(self, transaction: bytes) -> Mined:
        """Hand in what somebody else signed, and wait for the block."""
        handed_in: list[str] = []

        def hand_in() -> bool:
            try:
                handed_in.append(self.node.call("eth_sendRawTransaction", f"0x{transaction.hex()}"))
            except NodeRefused as error:
                if "insufficient funds" not in str(error):
                    raise
            return bool(handed_in)

        # geth's pool learns of the block that brought the coin a moment after us.
        if not wait_until(hand_in, patience=self.patience, pause=self.pause):
            raise CannotStart("who signed the transaction cannot pay for it")
        return self._mined(handed_in[0])

    def _mined(self, digest: str) -> Mined:
        from api.deploying import Mined

        found: list[dict[str, Any]] = []

        def look() -> bool:
            try:
                found.extend(filter(None, [self.node.call("eth_getTransactionReceipt", digest)]))
            except NodeRefused:
                return False  # For its first moments geth answers that it is still indexing.
            return bool(found)

        if not wait_until(look, patience=self.patience, pause=self.pause):
            raise CannotStart(f"no receipt of {digest} came within {self.patience:.0f} s")
        return Mined(int(found[0]["blockNumber"], 16), found[0]["status"] == "0x1")


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def deployed(folder: DataFolder) -> dict[str, Any] | None:
    """What was deployed before, or None."""
    path = document_of(folder)
    if not path.exists():
        return None
    try:
        document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise WrongInput(f"{path} is not readable: restore it, or start a new folder") from error
    return document


def document_of(folder: DataFolder) -> Path:
    """Where the data folder says what stands on its chain."""
    return folder.deployments / f"{CHAIN_ID}.json"


def deploy_once(node: Node, folder: DataFolder, *, pause: Pause = time.sleep) -> None:
    """
    Deploy what was not, and check that what was is still there.

    The file is written after the chain's state was saved with the contracts in it: a crash in
    between leaves a chain without a file, never a file without a chain. Raises `WrongInput` when
    the chain is not the one that the file speaks of, or its contracts are of an earlier version.
    """
    document = deployed(folder)
    if document is None:
        made = place_all(NodeSite(node, pause=pause))
        Keeper(node, folder).save()
        write_whole(document_of(folder), json.dumps(made.as_json(), indent=2).encode() + b"\n")
        return
    names = CONTRACTS_OF_A_CHAIN
    missing = [name.replace("_", " ") for name in names if name not in document]
    if missing:
        raise WrongInput(
            f"{folder.root} was made by an earlier version of Vernissage: its chain has no "
            f"{', no '.join(missing)}, and what stands on a chain cannot be changed. Nothing was "
            "touched; start a new folder with `make run DATA_DIR=…`, or run the earlier version "
            "on this one"
        )
    for name in names:
        address = document[name]["address"]
        if node.call("eth_getCode", address, "latest") == "0x":
            raise WrongInput(
                f"the chain in {folder.chain} is another than the one that {folder.root} was made "
                f"with: it has no {name.replace('_', ' ')} at {address}"
            )
    if ANCHORS not in document:
        _add_anchors(node, folder, document, pause=pause)


def _add_anchors(node: Node, folder: DataFolder, document: dict[str, Any], *, pause: Pause) -> None:
    """To a chain from before there were anchors; the chain is saved first, as above."""
    from api.deploying import place_one
    from nft.chain.placing import anchors

    placed = place_one(NodeSite(node, pause=pause), anchors())
    Keeper(node, folder).save()
    told = {**document, ANCHORS: placed.as_json()}
    write_whole(document_of(folder), json.dumps(told, indent=2).encode() + b"\n")


CONTRACTS_OF_A_CHAIN = (
    "exchange",
    "house_collection",
    "auctions",
    "collection_factory",
    "splitter_factory",
    "validator",
)
"""`nft.chain.deployments.OURS`, without what importing it costs at every start."""


def place_all(site: NodeSite, *, say: Callable[[str], None] = lambda _: None) -> Deployment:
    """Everything of ours, and a wrapped coin; the paying account owns it and gets the fees."""
    from api.deploying import place
    from nft.chain.placing import Terms, plan

    terms = Terms(owner=site.sender, fee_receiver=site.sender, fee_bps=FEE_BPS)
    return place(site, terms, plan(terms, weth=True), say=say).deployment()
