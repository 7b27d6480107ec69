"""Ownership extracts of works that are none of ours: proven where the layout is known, told so."""

from typing import Any

import pytest

from nft.chain.protocol import Call
from nft.types import Address, Digest, TokenRef
from nft.verification import Evidence, Report, verify_extract
from tests.support.exchange import CHAIN_ID
from tests.support.registering import registered
from tests.support.strangers import Strangers, double
from tests.support.studio import Studio

pytestmark = pytest.mark.chain


async def extract_of(studio: Studio, contract: Address, number: int) -> dict[str, Any]:
    """Of a work whose contract a gallery had mirrored, at the newest final block."""
    studio.contracts.node.mine(3)
    await registered(studio, contract)
    ref = TokenRef(CHAIN_ID, contract, number)
    return await studio.get(f"/api/certificates/{ref.path}/ownership")


def checked(extract: dict[str, Any]) -> Report:
    as_of = extract["as_of"]
    known = {int(as_of["block_number"]): Digest.parse(as_of["block_hash"])}
    return verify_extract(extract, Evidence(block_hashes=known))


def results(report: Report) -> dict[str, str]:
    return {check.id: check.result for check in report.checks}


@pytest.fixture
def strangers(studio: Studio) -> Strangers:
    return Strangers(studio.contracts.node)


async def test_of_a_known_layout_proves_the_owner_and_says_that_it_is_presumed(studio, strangers):
    artist, collector = strangers.people[1], strangers.people[2]
    contract = strangers.deploy("PlainToken", artist, 500)
    strangers.send(Call(contract, double("PlainToken")["mint"].encode(artist, 7)))
    strangers.give(contract, 7, 1, collector)

    extract = await extract_of(studio, contract, 7)

    report = checked(extract)
    found = results(report)
    assert (extract["layout"], extract["owner"]) == ("openzeppelin-erc721-v5", str(collector))
    assert (extract["completeness"], extract["transfer_count"]) == ("continuous", None)
    assert found["chain.owner"] == found["provenance.0"] == found["provenance.1"] == "pass"
    assert (found["chain.contract"], report.verdict) == ("not_checked", "pass")


async def test_of_a_row_walks_back_to_who_was_written_down(studio, strangers):
    collector = strangers.people[1]
    contract = strangers.deploy("RowToken")
    strangers.send(Call(contract, double("RowToken")["mint"].encode(collector, 5)))

    extract = await extract_of(studio, contract, 4)

    assert (extract["layout"], extract["owner"]) == ("erc721a", str(collector))
    assert results(checked(extract))["chain.owner"] == "pass"


async def test_of_no_known_layout_is_attested_by_its_receipts_alone(studio, strangers):
    """OpenZeppelin's `ERC721Consecutive` writes down no owner for most works of a range."""
    artist = strangers.people[1]
    contract = strangers.collection("Ranges", (artist, 20))

    extract = await extract_of(studio, contract, 5)

    report = checked(extract)
    assert (extract["layout"], extract["completeness"]) == (None, "attested")
    assert extract["owner"] == str(artist)
    assert results(report)["chain.owner"] == "not_checked"
    assert report.verdict == "incomplete"


async def test_of_another_owner_than_the_proven_one_fails(studio, strangers):
    artist, collector = strangers.people[1], strangers.people[2]
    contract = strangers.deploy("SoladyToken")
    strangers.send(Call(contract, double("SoladyToken")["mint"].encode(collector, 7)))

    extract = await extract_of(studio, contract, 7)

    assert (extract["layout"], checked(extract).verdict) == ("solady-erc721", "pass")
    extract["owner"] = extract["provenance"][-1]["to"] = str(artist)
    assert checked(extract).verdict == "fail"
