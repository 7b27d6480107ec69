"""
The artifacts that Python deploys are those of the sources in the tree.

Their hash is compared always, the bytes where the compiler is installed.
"""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from eth_hash.auto import keccak

from tests.support.servers import skip

ROOT = Path(__file__).resolve().parents[2]
SOLIDITY = ROOT / "solidity"


def _export() -> ModuleType:
    spec = importlib.util.spec_from_file_location("export", SOLIDITY / "script" / "export.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


NAMES = tuple(_export().CONTRACTS)

OPEN_TO_ALL = {
    "Anchors": {"anchor", "publishKey"},
    "Auctions": {
        *("open", "bid", "settle", "unwind", "reclaim"),
        *("withdraw", "withdrawFor", "withdrawFees"),
    },
    "Collection": {
        *("mint", "mintMany", "mintEdition", "redeem", "setMinter", "setDefaultRoyalty"),
        *("freezeAll", "setApprovalForAll", "withdraw", "withdrawFor"),
    },
    "CollectionFactory": {"create"},
    "Exchange": {
        *("fill", "fillBulk", "fillWithPermit", "buyMany", "buyAvailable"),
        *("accept", "acceptMany", "cancel", "cancelAll"),
        *("withdraw", "withdrawFor", "withdrawFees"),
    },
    "Splitter": {"release"},
    "SplitterFactory": {"create"},
    "Validator": set[str](),
}
"""What a stranger may call, touching only the own things or following a signature."""

CLOSED = {
    "Anchors": set[str](),
    "Auctions": {
        *("deliver", "setFee", "setFeeReceiver", "setGuardian", "pause", "unpause", "retire"),
        *("transferOwnership", "acceptOwnership", "renounceOwnership"),
    },
    "Collection": {
        *("setMetadata", "setRoyalty", "freeze", "burn", "setContractMetadata"),
        *("approve", "transferFrom", "safeTransferFrom"),
    },
    "CollectionFactory": set[str](),
    "Exchange": {
        *("setCurrency", "setFee", "setFeeReceiver", "setGuardian", "pause", "unpause", "retire"),
        *("transferOwnership", "acceptOwnership", "renounceOwnership", "buyFor"),
    },
    "Splitter": set[str](),
    "SplitterFactory": set[str](),
    "Validator": set[str](),
}
"""What a stranger is refused; the `Admin…_Cases` in Solidity call each as one."""


@pytest.fixture(scope="module")
def export() -> ModuleType:
    """The script that writes the artifacts."""
    return _export()


def _read(export: ModuleType, name: str) -> dict[str, Any]:
    _, folder = export.CONTRACTS[name]
    found: dict[str, Any] = json.loads((ROOT / folder / f"{name}.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_artifact_is_of_these_sources(export: ModuleType, name: str) -> None:
    source, _ = export.CONTRACTS[name]

    assert _read(export, name)["sourceHash"] == export.source_hash(source)


@pytest.mark.timeout(600)
def test_exporting_again_gives_the_same_bytes(export: ModuleType, tmp_path: Path) -> None:
    if not export.FORGE.exists():
        skip("forge is not installed: run `make setup`")

    export.export(tmp_path)

    for _, folder in export.CONTRACTS.values():
        for written in (tmp_path / folder).glob("*.json"):
            assert written.read_bytes() == (ROOT / folder / written.name).read_bytes()


@pytest.mark.parametrize("name", sorted(OPEN_TO_ALL))
def test_every_function_is_open_or_closed_on_purpose(export: ModuleType, name: str) -> None:
    writing = {
        entry["name"]
        for entry in _read(export, name)["abi"]
        if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure")
    }

    assert writing == OPEN_TO_ALL[name] | CLOSED[name]


@pytest.mark.parametrize("name", sorted(OPEN_TO_ALL))
def test_a_stranger_calls_every_function_in_a_test(name: str) -> None:
    files = (SOLIDITY / "test" / "cases").glob("Admin*.t.sol")

    called = {
        function
        for path in files
        for function in re.findall(r"\b[A-Za-z]\w*\.(\w+)", path.read_text("utf-8"))
    }

    assert (OPEN_TO_ALL[name] | CLOSED[name]) - {"fill"} <= called


def test_no_contract_is_too_large_to_deploy(export: ModuleType) -> None:
    sizes = {name: len(_read(export, name)["deployedBytecode"]) // 2 - 1 for name in NAMES}

    assert all(0 < size <= 24_576 for size in sizes.values()), sizes


def test_the_storage_that_proofs_read_is_where_they_look(export: ModuleType) -> None:
    layout = _read(export, "Collection")["storageLayout"]["storage"]

    slots = {entry["label"]: entry["slot"] for entry in layout}

    assert slots["_digests"] == "2"
    assert slots["_payees"] == "3"
    assert slots["_creators"] == "6"


def test_the_slots_placed_by_hand_are_those_of_the_vectors(export: ModuleType) -> None:
    placed = {
        entry["label"]: entry
        for entry in _read(export, "Collection")["storageLayout"]["handPlaced"]
    }
    vectors = json.loads((ROOT / "tests" / "vectors" / "words.json").read_text("utf-8"))["words"]
    seed = bytes.fromhex(placed["ownershipWord"]["seed"][2:])

    for vector in vectors:
        token = int(vector["tokenId"])
        slot = 2 * token + int.from_bytes(keccak(token.to_bytes(32, "big")[:28] + seed), "big")
        word = sum(
            int(vector[field["label"]], 0) << field["bit"]
            if isinstance(vector[field["label"]], str)
            else vector[field["label"]] << field["bit"]
            for field in placed["ownershipWord"]["fields"]
        )
        assert f"0x{slot % 2**256:064x}" == vector["wordSlot"]
        assert f"0x{word:064x}" == vector["word"]


def test_every_case_of_the_table_is_a_test() -> None:
    table = (SOLIDITY / "README.md").read_text("utf-8")
    tests = "\n".join(path.read_text("utf-8") for path in (SOLIDITY / "test").rglob("*.sol"))

    named = re.findall(r"`((?:test|testFuzz|invariant)_\w+)`", table)

    assert len(named) > 40
    assert [name for name in named if f"function {name}(" not in tests] == []


def test_every_reason_of_the_validator_is_a_test() -> None:
    reasons = (SOLIDITY / "src" / "types" / "Reasons.sol").read_text("utf-8")
    cases = (SOLIDITY / "test" / "cases").glob("Validator*.t.sol")
    tests = "\n".join(path.read_text("utf-8") for path in cases)

    numbers = re.findall(r"uint16 internal constant \w+ = (\d+);", reasons)

    assert len(numbers) > 50
    assert [n for n in numbers if f"function test_VAL_{int(n):03d}_" not in tests] == []
