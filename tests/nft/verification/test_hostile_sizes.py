"""
Documents made to cost a reader time: every step over them is taken once, not once for every other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from nft.proofs.keccak import keccak
from nft.proofs.rlp import encode_bytes, encode_int, encode_list
from nft.proofs.trie import EMPTY_ROOT
from nft.verification import Evidence, verify_file
from tests.support.papers import Options, Papers, dumped, papers
from tests.support.toy_chain import Log
from tests.support.verifier import JavaScript, running_verifier

# Steps that are multiplied take minutes; a slow machine takes ten seconds.
pytestmark = [pytest.mark.xdist_group("verifier"), pytest.mark.timeout(90)]


@pytest.fixture(scope="module")
def javascript() -> Iterator[JavaScript]:
    with running_verifier() as found:
        yield found


def assert_both_agree(body: bytes, javascript: JavaScript) -> dict[str, Any]:
    """The report of both."""
    expected = verify_file(body, Evidence()).as_json()
    assert javascript.verify(body) == expected
    return expected


class CrowdedPapers(Papers):
    """Moved in a transaction of many thousand logs."""

    def _move(self) -> None:
        crowd = [Log(b"\x01" * 20, ())] * 30_000
        self.hand_over("sale", self.artist, crowd, self.price())


def test_many_lines_of_one_large_receipt(javascript: JavaScript) -> None:
    extract = CrowdedPapers(Options(seed=71, moves=1)).extract()
    extract["provenance"] += [extract["provenance"][-1]] * 4_000

    report = assert_both_agree(dumped(extract), javascript)

    assert report["verdict"] == "fail"


def header(number: int, mark: bytes) -> bytes:
    """A header that nobody mined, of a state with nothing in it."""
    hashes = [keccak(mark), bytes(32), bytes(20), EMPTY_ROOT, EMPTY_ROOT, EMPTY_ROOT, bytes(256)]
    parts = [encode_bytes(part) for part in (*hashes, b"")]
    parts += [encode_int(one) for one in (number, 1, 1, number)]
    return encode_list(b"".join([*parts, *map(encode_bytes, (b"", bytes(32), bytes(8)))]))


def headers(mark: bytes) -> dict[str, Any]:
    """Evidence of as many blocks as it may have."""
    numbers = range(1, 4_097)
    nobody = {"account": "0x" + "11" * 20, "proof": [], "storage": []}
    return {
        "format": "vernissage-evidence-v1",
        "chain_id": "31337",
        "headers": ["0x" + header(number, mark).hex() for number in numbers],
        "states": [{"block": str(number), **nobody} for number in numbers],
        "receipts": [],
        "code": [],
    }


def test_thousands_of_blocks_with_two_hashes(javascript: JavaScript) -> None:
    document = json.loads(dumped(papers(seed=72, moves=0).extract()))
    document |= {"evidence": headers(b"one"), "links": headers(b"other")}

    report = assert_both_agree(dumped(document), javascript)

    disputed = [one for one in report["checks"] if one["id"].startswith("block.")]
    assert [one["result"] for one in disputed].count("fail") == 4_096
