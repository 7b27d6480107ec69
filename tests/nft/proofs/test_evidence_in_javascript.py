"""The other reader of evidence refuses what this one refuses, in the same words."""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from nft.proofs.errors import EvidenceRefused
from nft.proofs.evidence import Evidence
from nft.proofs.keccak import keccak
from nft.proofs.trie import Trie
from nft.types import Address
from tests.nft.proofs.made import CONTRACT, Block, Made
from tests.nft.proofs.test_evidence import FLIPPED, REFUSED, SAMPLE, Json, altered
from tests.support.verifier import JavaScript, Refused, running_verifier, text_of

pytestmark = pytest.mark.xdist_group("verifier")


@pytest.fixture(scope="module")
def javascript() -> Iterator[JavaScript]:
    with running_verifier() as found:
        yield found


def here(document: Json) -> str:
    try:
        return str(Evidence.read(document).chain_id)
    except EvidenceRefused as error:
        return str(error)


def there(javascript: JavaScript, document: Json) -> Any:
    try:
        return javascript.ask("evidence", text=text_of(json.dumps(document).encode()))
    except Refused as error:
        return str(error)


class TestTheSame:
    def test_reads_what_is_canonical(self, javascript: JavaScript) -> None:
        assert there(javascript, SAMPLE) == "31337"

    @pytest.mark.parametrize(("rule", "place", "change"), REFUSED)
    def test_refuses_in_the_same_words(
        self, rule: str, place: str, change: Callable[[Json], object], javascript: JavaScript
    ) -> None:
        document = altered(change)

        assert there(javascript, document) == here(document)

    def test_whatever_is_altered(self, javascript: JavaScript) -> None:
        chosen = Random(7).sample(FLIPPED, 250)

        found = [there(javascript, document) for _, document in chosen]

        assert found == [here(document) for _, document in chosen]

    def test_two_faults_in_one_state(self, javascript: JavaScript) -> None:
        def change(whole: Json) -> None:
            whole["states"][0].update(block="x", account="x", proof="x", storage="x")

        document = altered(change)

        assert there(javascript, document) == here(document)
        assert "states[0].block" in here(document)

    def test_a_leaf_of_zero(self, javascript: JavaScript) -> None:
        """As anvil leaves it where a slot was cleared: of a work that was burned, say."""
        block = Block(3, accounts={CONTRACT: Cleared({1: 7})})
        document = Evidence.of(block.shows(CONTRACT, 1, 2)).document

        assert Evidence.read(document).states[3, Address(CONTRACT)].storage == {1: 7, 2: 0}
        assert there(javascript, document) == "31337"


class Cleared(Made):
    """An account whose slot 2 was cleared, on anvil."""

    @property
    def trie(self) -> Trie:  # type: ignore[override]
        words = {1: b"\7", 2: b"\x80"}
        keys = {keccak(slot.to_bytes(32, "big")).hex(): word for slot, word in words.items()}
        return Trie(sorted(keys.items()))
