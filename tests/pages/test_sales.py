"""
One sale of each kind, clicked through in a browser; what was shown before is what was paid.

The split stands in the dialog before the wallet is asked, and the balances say it afterwards, to
the wei. People are those of the demo wallet.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import NewReader
from tests.pages.visit import (
    PATIENCE_MS,
    address_of,
    balance,
    confirm_until,
    continue_in_wallet,
    describe,
    follow,
    mint,
    pin,
    put_up,
    rpc,
    sign_in,
)
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("pages-sales")]

ETH = 10**18
NOTHING = {"to the seller": 0, "to the artist, as royalty": 0, "to the house": 0}


def chain(stack: Stack) -> dict[str, Any]:
    """What the API says of the local chain."""
    found: dict[str, Any] = json.loads(stack.get("/api/chains")[1])["items"][0]
    return found


def tokens(stack: Stack, holder: str) -> int:
    """What an address holds of the wrapped coin."""
    (weth,) = [one for one in chain(stack)["currencies"] if one["symbol"] == "WETH"]
    data = "0x70a08231" + holder[2:].rjust(64, "0")
    return int(rpc(stack, "eth_call", {"to": weth["address"], "data": data}, "latest"), 16)


def shown(page: Page) -> dict[str, int]:
    """The amounts that the dialog reads out, by their words."""
    costs = page.get_by_role("dialog").locator(".costs div")
    expect(costs.first).to_be_visible(timeout=PATIENCE_MS)
    found = {}
    for row in costs.all():
        amount = row.locator("dd").inner_text().split("\u00a0")[0].replace(",", "")
        whole, _, part = amount.partition(".")
        found[row.locator("dt").inner_text()] = int(whole + part.ljust(18, "0"))
    return found


def parts(said: dict[str, int]) -> tuple[int, int, int]:
    """Seller, artist and house of what was shown."""
    found = NOTHING | {name: said[name] for name in NOTHING if name in said}
    return (
        found["to the seller"],
        found["to the artist, as royalty"],
        found["to the house"],
    )


def owners(page: Page, count: int) -> None:
    """The provenance has so many hands."""
    expect(page.locator(".scroll > li")).to_have_count(count, timeout=PATIENCE_MS)


def buy(page: Page) -> dict[str, int]:
    """Buy what the page shows; answers what the dialog said."""
    page.get_by_role("button", name="Buy", exact=True).click()
    said = shown(page)
    continue_in_wallet(page)
    return said


def forward(stack: Stack, seconds: int) -> None:
    """Set the local chain's time forward."""
    rpc(stack, "evm_increaseTime", hex(seconds))
    rpc(stack, "evm_mine")


def seconds(moment: str) -> int:
    """Unix seconds of RFC 3339."""
    return int(datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp())


def price_at(order: dict[str, Any], moment: int) -> int:
    """The falling price at a second, by the contract's arithmetic."""
    first, last = int(order["start_price"]), int(order["end_price"])
    start, end = seconds(order["starts_at"]), seconds(order["expires_at"])
    return first - (first - last) * (moment - start) // (end - start)


class Money:
    """What seller, artist and exchange hold now, to compare with later."""

    def __init__(self, stack: Stack, seller: str, artist: str, *, in_tokens: bool = False) -> None:
        self.stack = stack
        self.holders = (seller, artist, str(chain(stack)["contracts"]["exchange"]))
        self.read = tokens if in_tokens else balance
        self.before = self._now()

    def _now(self) -> list[int]:
        return [self.read(self.stack, holder) for holder in self.holders]

    def gained(self) -> tuple[int, ...]:
        """Of each since then."""
        return tuple(now - was for now, was in zip(self._now(), self.before, strict=True))


def resold(
    house: Stack, new_reader: NewReader, title: str, *, artist: str, seed: int
) -> tuple[str, str, Page]:
    """A work that its artist sold to Noor Castellane: its page, its artist, and Noor's page."""
    studio = sign_in(new_reader(), house, artist)
    work_url = mint(studio, house, title, price="0.1", seed=seed)
    maker = address_of(studio)
    noor = sign_in(new_reader(), house, "Noor Castellane")
    noor.goto(work_url)
    buy(noor)
    owners(noor, 2)
    return work_url, maker, noor


def test_fixed_price(house: Stack, new_reader: NewReader) -> None:
    work_url, artist, noor = resold(
        house, new_reader, "Second Light", artist="Ilka Marrow", seed=11
    )
    put_up(noor, work_url, "At a price", {"Price": "1.234567890123456789"})
    money = Money(house, address_of(noor), artist)

    edda = sign_in(new_reader(), house, "Edda Quist")
    edda.goto(work_url)
    said = buy(edda)
    owners(edda, 3)

    assert said["You pay"] == 1_234_567_890_123_456_789 == sum(parts(said))
    assert parts(said)[1] == 1_234_567_890_123_456_789 * 750 // 10_000
    assert money.gained() == parts(said)


def test_private_sale(house: Stack, new_reader: NewReader) -> None:
    work_url, artist, noor = resold(house, new_reader, "For One", artist="Ilka Marrow", seed=12)
    gallery = sign_in(new_reader(), house, "Halfmoon Rooms")
    terms = {"Price": "0.7", "To whom": address_of(gallery)}
    put_up(noor, work_url, "At a price", terms)
    money = Money(house, address_of(noor), artist)

    stranger = sign_in(new_reader(), house, "Edda Quist")
    stranger.goto(work_url)
    expect(stranger.get_by_role("button", name="Buy", exact=True)).to_have_count(0)
    gallery.goto(work_url)
    expect(gallery.locator("#offer")).to_contain_text("It is offered to you alone.")
    said = buy(gallery)
    owners(gallery, 3)

    assert money.gained() == parts(said)
    assert sum(parts(said)) == 7 * ETH // 10


def test_falling_price(house: Stack, new_reader: NewReader) -> None:
    work_url, artist, noor = resold(house, new_reader, "Ebb", artist="Teodor Brask", seed=13)
    terms = {"First price": "1", "Last price": "0.4"}
    put_up(noor, work_url, "At a falling price", terms)
    forward(house, 6 * 3_600)
    money = Money(house, address_of(noor), artist)

    edda = sign_in(new_reader(), house, "Edda Quist")
    edda.goto(work_url)
    expect(edda.locator("#offer")).to_contain_text("It falls evenly from 1\u00a0ETH")
    name = edda.locator("[data-action=buy]").get_attribute("data-hash")
    order = json.loads(house.get(f"/api/orders/{name}")[1])
    edda.get_by_role("button", name="Buy", exact=True).click()
    said = shown(edda)
    told = edda.get_by_role("dialog").locator("time").last.get_attribute("datetime")
    at = seconds(str(told))
    rpc(house, "evm_setNextBlockTimestamp", hex(at + 1))
    continue_in_wallet(edda)
    owners(edda, 3)

    assert said["You pay"] == price_at(order, at) == sum(parts(said))
    # The block came a second after the dialog: so much was paid, and divided alike.
    paid = price_at(order, at + 1)
    royalty, fee = paid * 750 // 10_000, paid * 200 // 10_000
    assert money.gained() == (paid - royalty - fee, royalty, fee)


def make_offer(page: Page, work_url: str, amount: str, scope: str) -> None:
    """Say what one would pay, and for what."""
    page.goto(work_url)
    page.get_by_role("button", name="Make an offer").click()
    page.get_by_role("radio", name=re.compile(scope)).check()
    page.get_by_label("What you would pay").fill(amount)
    page.get_by_role("button", name="Prepare the offer").click()
    continue_in_wallet(page)
    expect(page.locator(".lots")).to_contain_text(f"{amount}\u00a0WETH", timeout=PATIENCE_MS)


def accept(page: Page, work_url: str) -> dict[str, int]:
    """Accept the best offer; answers what the dialog said."""
    page.goto(work_url)
    page.get_by_role("button", name="Accept").first.click()
    said = shown(page)
    continue_in_wallet(page)
    return said


def test_offer_on_a_work(house: Stack, new_reader: NewReader) -> None:
    work_url, artist, noor = resold(house, new_reader, "Asked For", artist="Wen Lanyin", seed=14)
    edda = sign_in(new_reader(), house, "Edda Quist")
    make_offer(edda, work_url, "0.333333333333333333", "this work")
    money = Money(house, address_of(noor), artist, in_tokens=True)

    said = accept(noor, work_url)
    owners(noor, 3)

    assert said["The buyer pays"] == 333_333_333_333_333_333
    assert money.gained() == parts(said)
    assert tokens(house, address_of(edda)) == 0


def test_offer_on_any_work_of_an_artist(house: Stack, new_reader: NewReader) -> None:
    work_url, artist, noor = resold(house, new_reader, "Any One", artist="Wen Lanyin", seed=15)
    gallery = sign_in(new_reader(), house, "Halfmoon Rooms")
    make_offer(gallery, work_url, "0.21", "by this artist")
    money = Money(house, address_of(noor), artist, in_tokens=True)

    said = accept(noor, work_url)
    owners(noor, 3)

    assert money.gained() == parts(said)
    assert sum(parts(said)) == 21 * ETH // 100


def bid(page: Page, work_url: str, amount: str) -> dict[str, int]:
    """Bid so much; answers what the dialog said."""
    page.goto(work_url)
    page.get_by_label("Your bid in ETH").fill(amount)
    page.get_by_role("button", name="Bid", exact=True).click()
    said = shown(page)
    continue_in_wallet(page)
    expect(page.locator("#offer .price")).to_have_text(f"{amount}\u00a0ETH", timeout=PATIENCE_MS)
    return said


def test_auction_with_an_outbid(house: Stack, new_reader: NewReader) -> None:
    work_url, artist, noor = resold(
        house, new_reader, "Going, Going", artist="Ilka Marrow", seed=16
    )
    put_up(noor, work_url, "By auction", {"Reserve, the least first bid": "0.5"})
    gallery = sign_in(new_reader(), house, "Halfmoon Rooms")
    edda = sign_in(new_reader(), house, "Edda Quist")
    bid(gallery, work_url, "0.5")
    held = balance(house, address_of(gallery))

    said = bid(edda, work_url, "0.61")

    assert balance(house, address_of(gallery)) - held == ETH // 2
    expect(edda.locator(".lots")).to_contain_text("outbid, and paid back")
    money = Money(house, address_of(noor), artist)
    auctions = str(chain(house)["contracts"]["auctions"])
    kept = balance(house, auctions)
    forward(house, 2 * 86_400)
    teodor = sign_in(new_reader(), house, "Teodor Brask")
    teodor.goto(work_url)
    expect(teodor.locator("#offer")).to_contain_text("waits to be settled")
    teodor.get_by_role("button", name="Settle it").click()
    settled = shown(teodor)
    continue_in_wallet(teodor)
    owners(teodor, 3)

    assert parts(settled) == parts(said)
    seller, royalty, _ = money.gained()
    assert (seller, royalty) == parts(said)[:2]
    # The bid leaves the contract but for the house's part, which it keeps.
    assert kept - balance(house, auctions) == 61 * ETH // 100 - parts(said)[2]
    expect(teodor.locator(".scroll > li").nth(2)).to_contain_text("0.61\u00a0ETH")


def test_lazy_mint(house: Stack, new_reader: NewReader) -> None:
    wen = sign_in(new_reader(), house, "Wen Lanyin")
    describe(wen, house, "Not Yet", seed=17)
    wen.get_by_role("radio", name=re.compile("Let its first collector mint it")).check()
    wen.get_by_role("textbox", name="Price", exact=True).fill("0.25")
    expect(wen.locator("[data-saved]")).to_have_text("Saved")
    pin(wen)
    wen.get_by_role("button", name="Continue in the wallet").click()
    link = wen.get_by_role("link", name="See the work")
    confirm_until(wen, link)
    follow(link)
    voucher_url = wen.url
    artist = address_of(wen)
    money = Money(house, artist, artist)

    edda = sign_in(new_reader(), house, "Edda Quist")
    edda.goto(voucher_url)
    edda.get_by_role("button", name="Mint it and buy it").click()
    said = shown(edda)
    continue_in_wallet(edda)
    owners(edda, 2)

    assert money.gained()[0] == parts(said)[0] == 245 * ETH // 1000
    assert parts(said) == (245 * ETH // 1000, 0, 5 * ETH // 1000)
    expect(edda.locator(".scroll > li").first).to_contain_text("minted")
    expect(edda.locator(".scroll > li").nth(1)).to_contain_text("0.25\u00a0ETH")
    edda.goto(voucher_url)
    expect(edda.locator(".price")).to_have_text("All taken")


def set_aside(page: Page, work_urls: list[str]) -> None:
    """Put several works aside and go to where they lie."""
    for url in work_urls:
        page.goto(url)
        page.get_by_role("button", name="Set aside", exact=True).click()
        expect(page.get_by_role("button", name="Put back")).to_be_visible()
    follow(page.get_by_role("link", name=f"Set aside ({len(work_urls)})"))


def test_batch_of_all_or_none_and_of_what_can_be_had(house: Stack, new_reader: NewReader) -> None:
    studio = sign_in(new_reader(), house, "Teodor Brask")
    artist = address_of(studio)
    urls = [
        mint(studio, house, f"Sheet {n}", price=price, seed=20 + n)
        for n, price in [(1, "0.1"), (2, "0.2"), (3, "0.3"), (4, "0.4")]
    ]
    edda = sign_in(new_reader(), house, "Edda Quist")
    set_aside(edda, urls[:2])
    money = Money(house, artist, artist)

    edda.get_by_role("button", name="Buy all of them, or none").click()
    said = shown(edda)
    continue_in_wallet(edda)
    expect(edda.get_by_role("status").first).to_have_text(
        "All of them are yours.", timeout=PATIENCE_MS
    )

    # Artist and seller are one, so all but the house's part comes home.
    seller, royalty, fee = parts(said)
    assert (seller + royalty, fee) == (money.gained()[0], money.gained()[2])
    assert seller + royalty + fee == 3 * ETH // 10

    set_aside(edda, urls[2:])
    edda.get_by_role("button", name="Buy what can be had").click()
    shown(edda)
    noor = sign_in(new_reader(), house, "Noor Castellane")
    noor.goto(urls[2])
    buy(noor)
    owners(noor, 2)
    money = Money(house, artist, artist)
    continue_in_wallet(edda)
    expect(edda.get_by_role("status").first).to_contain_text("1 of 2 are yours.")
    expect(edda.locator(".cart")).to_contain_text("was gone; nothing was paid for it")
    assert money.gained()[0] == 4 * ETH // 10 * 98 // 100
