"""Ownership extracts: what they say is proven, by nothing but a block's hash."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from nft.bundles import pack
from nft.chain.contracts import Collection, Erc721
from nft.types import Digest, TokenRef
from nft.verification import Evidence, Report, verify_extract
from tests.support.exchange import Exchange, Person
from tests.support.servers import ROOT


def settle(exchange: Exchange, blocks: int = 3) -> None:
    exchange.contracts.node.mine(blocks)
    exchange.catch_up()


def hand_over(exchange: Exchange, ref: TokenRef, owner: Person, heir: Person) -> None:
    call = Erc721(ref.contract).transfer(owner.address, heir.address, ref.token_id)
    assert exchange.send(owner, call)["status"] == "0x1"


async def extract_of(exchange: Exchange, ref: TokenRef, **params: Any) -> dict[str, Any]:
    return await exchange.get(f"/api/certificates/{ref.path}/ownership", **params)


def checked(extract: dict[str, Any]) -> Report:
    """By somebody who knows the hash of the extract's block, and nothing else."""
    as_of = extract["as_of"]
    known = {int(as_of["block_number"]): Digest.parse(as_of["block_hash"])}
    return verify_extract(extract, Evidence(block_hashes=known))


def results(report: Report) -> dict[str, str]:
    return {check.id: check.result for check in report.checks}


class TestExtract:
    async def test_of_a_work_that_was_sold_is_proven_whole(self, exchange: Exchange) -> None:
        artist, buyer = exchange.person("artist"), exchange.person("buyer")
        ref = exchange.mint(artist)
        await exchange.buy(buyer, await exchange.list(artist, ref))
        settle(exchange)

        extract = await extract_of(exchange, ref)

        report = checked(extract)
        assert report.verdict == "pass", report.as_json()
        assert extract["owner"] == str(buyer)
        assert extract["completeness"] == "complete"
        assert extract["layout"] == "vernissage-collection-v1"
        assert extract["receipts_left_off"] == 0
        assert results(report)["chain.royalty"] == "pass"

    async def test_of_a_burned_work_proves_that_nobody_owns_it(self, exchange: Exchange) -> None:
        artist = exchange.person("artist")
        ref = exchange.mint(artist)
        assert exchange.send(artist, Collection(ref.contract).burn(ref.token_id))["status"] == "0x1"
        settle(exchange)

        extract = await extract_of(exchange, ref)

        assert extract["owner"] is None
        assert extract["provenance"][-1]["event"] == "burn"
        assert extract["completeness"] == "complete"
        assert checked(extract).verdict == "pass"

    async def test_from_before_the_mint_proves_that_there_was_no_work(
        self, exchange: Exchange
    ) -> None:
        artist = exchange.person("artist")
        exchange.contracts.node.mine(2)  # Money by decree is in no header's root.
        ref = exchange.mint(artist)
        settle(exchange)
        mint = (await extract_of(exchange, ref))["provenance"][0]

        extract = await exchange.get(
            f"/api/certificates/{ref.path}/ownership", block=str(int(mint["block_number"]) - 1)
        )

        assert (extract["owner"], extract["transfer_count"], extract["provenance"]) == (None, 0, [])
        report = checked(extract)
        assert report.verdict == "pass"
        owner = next(check for check in report.checks if check.id == "chain.owner")
        assert owner.detail.startswith("not minted, as of block")

    async def test_of_a_work_often_moved_is_complete(self, exchange: Exchange) -> None:
        people = [exchange.person(name) for name in ("artist", "first", "second")]
        ref = exchange.mint(people[0])
        for turn in range(7):
            hand_over(exchange, ref, people[turn % 3], people[(turn + 1) % 3])
        settle(exchange)

        extract = await extract_of(exchange, ref)
        again = await extract_of(exchange, ref)

        assert extract["transfer_count"] == 7
        assert checked(extract).verdict == "pass"
        assert again["evidence"]["receipts"] == extract["evidence"]["receipts"]

    async def test_leaves_off_what_one_answer_does_not_ask_for(self, exchange: Exchange) -> None:
        artist, heir = exchange.person("artist"), exchange.person("heir")
        ref = exchange.mint(artist)
        hand_over(exchange, ref, artist, heir)
        settle(exchange)

        extract = await extract_of(exchange, ref, receipts_from=1)

        assert extract["receipts_left_off"] == 1
        assert [line["receipt"] is None for line in extract["provenance"]] == [True, False]
        assert checked(extract).verdict == "incomplete"

    async def test_changed_by_one_word_fails(self, exchange: Exchange) -> None:
        artist, thief = exchange.person("artist"), exchange.person("thief")
        ref = exchange.mint(artist)
        settle(exchange)
        extract = await extract_of(exchange, ref)

        extract["owner"] = str(thief)

        assert checked(extract).verdict == "fail"


class TestWithoutUs:
    async def test_papers_hold_when_exchange_and_database_are_gone(
        self, exchange: Exchange, tmp_path: Path
    ) -> None:
        artist, buyer = exchange.person("artist"), exchange.person("buyer")
        ref = exchange.mint(artist)
        settle(exchange)
        certificate = await exchange.client.get(f"/api/certificates/{ref.path}")
        await exchange.buy(buyer, await exchange.list(artist, ref))
        settle(exchange)
        extract = await extract_of(exchange, ref)
        as_of = extract["as_of"]
        links = await exchange.get(f"/api/certificates/{ref.path}/links", to=as_of["block_number"])
        await exchange.close()
        parts = {
            "certificate.json": certificate.content,
            "extract.json": json.dumps(extract).encode(),
            "links.json": json.dumps(links).encode(),
        }
        saved = tmp_path / "saved.zip"
        saved.write_bytes(pack(parts))
        known = f"{as_of['block_number']}={as_of['block_hash']}"

        told = subprocess.run(
            [sys.executable, "-m", "api.cli", "verify", saved, "--block-hash", known, "--json"],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

        report = json.loads(told.stdout)
        found = {check["id"]: check["result"] for check in report["checks"]}
        assert (told.returncode, report["verdict"]) == (0, "pass"), told.stdout
        assert found["chain.mint"] == found["chain.metadata"] == "pass"
        assert found["chain.owner"] == found["extract.provenance.chain"] == "pass"
