"""
The shared vectors as JavaScript sees them: viem, ethers, and OpenZeppelin's Merkle trees.

Wallets are written in JavaScript: what they hash and sign must be what we and the contracts do.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nft.signing import recover
from nft.types import Digest

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests" / "vectors"
NODE = Path(sys.prefix) / "bin" / "node"
SCRIPT = ROOT / "solidity" / "script" / "vectors.mjs"

ORDERS = json.loads((VECTORS / "orders.json").read_text("utf-8"))
TREES = json.loads((VECTORS / "trees.json").read_text("utf-8"))

EXPECTED = {
    **{("Order", one["name"]): one for one in ORDERS["orders"]},
    **{("Auction", one["name"]): one for one in ORDERS["auctionsSigned"]},
    **{("Voucher", one["name"]): one for one in ORDERS["vouchers"]},
    **{("BulkOrder", one["name"]): one for one in TREES["bulks"]},
}
SETS = {one["name"]: one for one in TREES["sets"]}

Entry = dict[str, Any]

pytestmark = pytest.mark.xdist_group("javascript")


@pytest.fixture(scope="module")
def found() -> dict[str, list[Entry]]:
    """What the libraries answered."""
    run = subprocess.run([NODE, SCRIPT], capture_output=True, timeout=120, check=True, cwd=ROOT)
    answer: dict[str, list[Entry]] = json.loads(run.stdout)
    return answer


@pytest.fixture(scope="module", params=["viem", "ethers"])
def signed(request: pytest.FixtureRequest, found: dict[str, list[Entry]]) -> list[Entry]:
    """One library's answers."""
    return [one for one in found["signed"] if one["library"] == request.param]


def expected(one: Entry) -> Entry:
    return EXPECTED[one["kind"], one["name"]]


class TestSigned:
    def test_every_vector_was_seen(self, signed: list[Entry]) -> None:
        assert {(one["kind"], one["name"]) for one in signed} == EXPECTED.keys()

    @pytest.mark.parametrize("what", ["domainSeparator", "structHash", "digest"])
    def test_hashes_are_equal(self, signed: list[Entry], what: str) -> None:
        differing = [one["name"] for one in signed if one[what] != expected(one)[what]]

        assert differing == []

    def test_signatures_are_equal(self, signed: list[Entry]) -> None:
        differing = [
            one["name"] for one in signed if one["signature"] != expected(one)["signature"]
        ]

        assert differing == []

    def test_signatures_are_the_keys_to_us(self, signed: list[Entry]) -> None:
        signers = {
            str(recover(Digest.parse(one["digest"]), bytes.fromhex(one["signature"][2:])))
            for one in signed
        }

        assert signers == {ORDERS["signer"]["address"]}

    def test_typehashes_are_equal(self, signed: list[Entry]) -> None:
        told = {(one["kind"], one["name"]): one.get("typehash") for one in signed}
        of_trees = {one["name"]: one["typehash"] for one in TREES["bulks"]}

        differing = [
            name
            for (kind, name), typehash in told.items()
            if typehash and typehash != (ORDERS["typehashes"].get(kind) or of_trees[name])
        ]

        assert differing == []


class TestSets:
    def test_roots_and_proofs_are_openzeppelins(self, found: dict[str, list[Entry]]) -> None:
        assert {one["name"] for one in found["sets"]} == SETS.keys()
        for one in found["sets"]:
            known = SETS[one["name"]]
            assert one["root"] == known["root"]
            assert one["proofs"] == [work["proof"] for work in known["works"]]
