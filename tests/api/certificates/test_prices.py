"""Prices in ownership extracts: proven where the code of whoever sold the work is."""

from typing import Any

import pytest

from nft.chain.protocol import Call
from nft.types import Address, TokenRef
from nft.verification import Report
from tests.api.certificates.test_extract import checked, extract_of, results, settle
from tests.support.exchange import CHAIN_ID, ETHER, Person
from tests.support.registering import registered
from tests.support.strangers import Strangers, double
from tests.support.trader import Trader, work_of

pytestmark = pytest.mark.chain

HOUR = 3_600


def detail(report: Report, name: str) -> str:
    return next(check.detail for check in report.checks if check.id == name)


async def sold_at_auction(trader: Trader, seller: Person) -> dict[str, Any]:
    """By a collector, to the only bidder; the extract after it."""
    ref, bidder = trader.mint(trader.person("artist"), to=seller), trader.person("bidder")
    terms = {"reserve": str(ETHER), "duration": HOUR}
    opened = await trader.sell(seller, kind="auction", **work_of(ref), **terms)
    path = f"/api/auctions/{opened['hash']}"
    await trader.take(bidder, f"{path}/bid", bidder=str(bidder))
    trader.wait(HOUR + 1)
    await trader.take(seller, f"{path}/settle", account=str(seller))
    settle(trader)
    return await extract_of(trader, ref)


class TestAuctions:
    async def test_prove_price_and_seller_by_their_code(self, trader: Trader) -> None:
        seller = trader.person("seller")

        extract = await sold_at_auction(trader, seller)

        report, line = checked(extract), extract["provenance"][-1]
        told = detail(report, "provenance.2")
        assert (line["sale_kind"], line["seller"], line["price"]) == (
            "auction",
            str(seller),
            str(ETHER),
        )
        assert (report.verdict, results(report)["provenance.2"]) == ("pass", "pass")
        assert told.startswith(f"sold at auction by {seller} to {line['to']} for {ETHER} of")
        assert told.endswith(f"as the auctions at {trader.deployment.auctions.address} recorded it")

    async def test_are_found_out_in_another_price_and_another_seller(self, trader: Trader) -> None:
        extract = await sold_at_auction(trader, trader.person("seller"))
        line = extract["provenance"][-1]

        for changed in ({"price": str(2 * ETHER)}, {"seller": line["to"]}):
            extract["provenance"][-1] = line | changed
            assert results(checked(extract))["provenance.2"] == "fail"


class TestStrangers:
    async def test_work_that_we_sold_has_its_price_proven(self, trader: Trader) -> None:
        seller, buyer = trader.person("seller"), trader.person("buyer")
        strangers = Strangers(trader.contracts.node)
        contract = strangers.deploy("PlainToken", Address(b"\x77" * 20), 500)
        strangers.send(Call(contract, double("PlainToken")["mint"].encode(seller.address, 7)))
        await registered(trader, contract)
        ref = TokenRef(CHAIN_ID, contract, 7)
        order = await trader.sell(seller, kind="listing", **work_of(ref), price=str(ETHER))
        await trader.buy(buyer, order)
        settle(trader)

        extract = await extract_of(trader, ref)

        report = checked(extract)
        assert extract["layout"] == "openzeppelin-erc721-v5"
        assert (report.verdict, results(report)["provenance.1"]) == ("pass", "pass")
        assert detail(report, "provenance.1").endswith(f"as exchange {trader.exchange} recorded it")
