"""
Our contracts on the local chain: put there once, and found again ever after.
"""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from api.local.anvil import CHAIN_ID, Keeper
from api.local.errors import CannotStart, WrongInput
from api.local.folder import DataFolder, write_whole
from api.local.processes import Pause, wait_until
from api.local.rpc import Node

ARTIFACTS = Path(__file__).resolve().parents[2] / "nft" / "chain" / "artifacts"
HOUSE_NAME = "Vernissage"
HOUSE_SYMBOL = "VERN"
FEE_BPS = 200
NAMES = {
    "exchange": "Exchange",
    "house_collection": "Collection",
    "auctions": "Auctions",
    "collection_factory": "CollectionFactory",
    "splitter_factory": "SplitterFactory",
    "validator": "Validator",
}


def constructor_arguments(
    artifact: Mapping[str, Any], *, fee_receiver: str, placed: Mapping[str, Any]
) -> list[object]:
    """What a constructor is given, by the name of each parameter."""
    given: dict[str, object] = {
        "name": HOUSE_NAME,
        "symbol": HOUSE_SYMBOL,
        "contractDigest": bytes(32),
        "owner": fee_receiver,
        "feeReceiver": fee_receiver,
        "feeBps": FEE_BPS,
        **{name: entry["address"] for name, entry in placed.items() if isinstance(entry, dict)},
    }
    given["house"] = given.get("house_collection")
    return [given[part["name"].strip("_")] for part in _inputs(artifact)]


def _inputs(artifact: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    for entry in artifact["abi"]:
        if entry["type"] == "constructor":
            return list(entry["inputs"])
    return []


def creation_code(
    artifact: Mapping[str, Any], *, fee_receiver: str, placed: Mapping[str, Any]
) -> str:
    """The data of the transaction that creates the contract."""
    from eth_abi.abi import encode

    types = [part["type"] for part in _inputs(artifact)]
    values = constructor_arguments(artifact, fee_receiver=fee_receiver, placed=placed)
    return str(artifact["bytecode"]) + encode(types, values).hex()


def read_artifact(name: str) -> dict[str, Any]:
    """One compiled contract."""
    path = ARTIFACTS / f"{name}.json"
    if not path.exists():
        raise CannotStart(f"{path} is missing: the checkout is not whole")
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def deployed(folder: DataFolder) -> dict[str, Any] | None:
    """What was deployed before, or None."""
    path = folder.deployments / f"{CHAIN_ID}.json"
    if not path.exists():
        return None
    try:
        document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise WrongInput(f"{path} is not readable: restore it, or start a new folder") from error
    return document


def deploy_once(node: Node, folder: DataFolder, *, pause: Pause = time.sleep) -> None:
    """
    Deploy what was not, and check that what was is still there.

    The file is written after the chain's state was saved with the contracts in it: a crash in
    between leaves a chain without a file, never a file without a chain. Raises `WrongInput` when
    the chain is not the one that the file speaks of.
    """
    document = deployed(folder)
    if document is None:
        document = _deploy(node, pause=pause)
        Keeper(node, folder).save()
        path = folder.deployments / f"{CHAIN_ID}.json"
        write_whole(path, json.dumps(document, indent=2).encode() + b"\n")
        return
    for name in ("exchange", "house_collection"):
        address = document[name]["address"]
        if node.call("eth_getCode", address, "latest") == "0x":
            raise WrongInput(
                f"the chain in {folder.chain} is another than the one that {folder.root} was made "
                f"with: it has no {name.replace('_', ' ')} at {address}"
            )


def _deploy(node: Node, *, pause: Pause) -> dict[str, Any]:
    deployer = node.call("eth_accounts")[0]
    document: dict[str, Any] = {"chain_id": CHAIN_ID, "fee_bps": FEE_BPS}
    for number, (key, name) in enumerate(NAMES.items()):
        if not (ARTIFACTS / f"{name}.json").exists():
            document[key] = {"address": f"0x{number + 1:040x}", "block": 0}
            continue
        code = creation_code(read_artifact(name), fee_receiver=deployer, placed=document)
        digest = node.call("eth_sendTransaction", {"from": deployer, "data": code})
        receipt = _receipt(node, digest, pause=pause)
        if receipt["status"] != "0x1":
            raise CannotStart(f"the contract {name} could not be deployed on the local chain")
        block = int(receipt["blockNumber"], 16)
        document[key] = {"address": checksummed(receipt["contractAddress"]), "block": block}
    return document


def _receipt(node: Node, digest: str, *, pause: Pause) -> dict[str, Any]:
    found: list[dict[str, Any]] = []

    def look() -> bool:
        found.extend(filter(None, [node.call("eth_getTransactionReceipt", digest)]))
        return bool(found)

    if not wait_until(look, patience=10, pause=pause):
        raise CannotStart("the local chain does not mine: no receipt came within 10 s")
    return found[0]


def checksummed(address: str) -> str:
    """EIP-55, as everywhere in our documents."""
    from eth_utils.address import to_checksum_address

    return str(to_checksum_address(address))
