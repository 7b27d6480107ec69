"""
An account's rooms, clicked through: founding collections, taking back, paying in tokens, editions.
"""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import NewReader
from tests.pages.visit import (
    PATIENCE_MS,
    address_of,
    confirm_until,
    continue_in_wallet,
    describe,
    follow,
    mint,
    pin,
    put_up,
    sign_in,
)
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("pages-rooms")]

STRANGER = "0x1111111111111111111111111111111111111111"


def found(page: Page, house: Stack, name: str, mark: str) -> None:
    """Found a collection and see it listed."""
    page.goto(house.url + "/account/collections")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Short mark").fill(mark)
    page.get_by_role("button", name="Found it").click()
    continue_in_wallet(page)
    expect(page.get_by_role("heading", name=name)).to_be_visible(timeout=PATIENCE_MS)


def test_an_artist_founds_a_collection_and_keeps_it(house: Stack, new_reader: NewReader) -> None:
    page = sign_in(new_reader(), house, "Ilka Marrow")
    found(page, house, "Estuary", "ESTU")
    own = page.locator("[data-collection]").nth(1)

    own.get_by_label("Per cent").fill("5")
    own.get_by_role("button", name="Set the royalty").click()
    continue_in_wallet(page)
    expect(own).to_contain_text("5% of every sale", timeout=PATIENCE_MS)
    own.get_by_label("Address").fill(STRANGER)
    own.get_by_role("button", name="Let it mint for me").click()
    continue_in_wallet(page)
    expect(own.get_by_role("button", name="Revoke")).to_be_visible(timeout=PATIENCE_MS)
    own.get_by_role("button", name="Revoke").click()
    continue_in_wallet(page)
    expect(own).to_contain_text("You alone.", timeout=PATIENCE_MS)

    describe(page, house, "First of Its House", seed=31)
    page.get_by_label("Collection", exact=True).select_option(label="Estuary")
    expect(page.locator("[data-saved]")).to_have_text("Saved")
    pin(page)
    link = page.get_by_role("link", name="See the work")
    page.get_by_role("button", name="Continue in the wallet").click()
    confirm_until(page, link)
    follow(link)
    expect(page.get_by_role("heading", name="First of Its House")).to_be_visible()
    work_url = page.url
    contract = str(page.locator("[data-work]").get_attribute("data-contract"))

    gallery = sign_in(new_reader(), house, "Halfmoon Rooms")
    gallery.goto(f"{house.url}/collections/31337/{contract}")
    expect(gallery.get_by_role("heading", level=1)).to_have_text("Estuary")
    gallery.get_by_role("button", name="Make an offer on any work here").click()
    gallery.get_by_label("What you would pay").fill("0.05")
    gallery.get_by_role("button", name="Prepare the offer").click()
    continue_in_wallet(gallery)
    expect(gallery.locator(".lots").first).to_contain_text("for any work of this collection")
    page.goto(work_url)
    expect(page.locator(".lots")).to_contain_text("to you 0.04525\u00a0WETH")
    page.get_by_role("button", name="Accept").click()
    continue_in_wallet(page)
    expect(page.locator(".scroll > li")).to_have_count(2, timeout=PATIENCE_MS)


def test_what_was_signed_is_taken_back(house: Stack, new_reader: NewReader) -> None:
    page = sign_in(new_reader(), house, "Teodor Brask")
    hidden = mint(page, house, "Hidden", price="0.2", seed=32)
    page.get_by_role("button", name="Take it off the market").click()
    page.get_by_role("button", name="Hide it, free").click()
    continue_in_wallet(page)
    expect(page.locator("#offer")).to_contain_text("not for sale", timeout=PATIENCE_MS)
    kept = mint(page, house, "Kept", price="0.3", seed=33)

    page.goto(house.url + "/account/trade")
    expect(page.locator(".lots").first).to_contain_text("hidden; a copy elsewhere stays valid")
    page.get_by_role("button", name="Cancel everything I signed").click()
    continue_in_wallet(page)
    expect(page.locator(".lots").first).to_contain_text("cancelled on the chain")
    expect(page.get_by_role("button", name="Take it back")).to_have_count(0)

    for url in (hidden, kept):
        page.goto(url)
        expect(page.locator("#offer")).to_contain_text("not for sale")


def test_a_price_in_tokens_is_paid_in_tokens(house: Stack, new_reader: NewReader) -> None:
    wen = sign_in(new_reader(), house, "Wen Lanyin")
    work_url = mint(wen, house, "In Tokens", seed=34)
    put_up(wen, work_url, "At a price", {"Price": "0.15"}, currency="WETH")
    expect(wen.locator("#offer .price")).to_have_text("0.15\u00a0WETH")

    edda = sign_in(new_reader(), house, "Edda Quist")
    edda.goto(work_url)
    edda.get_by_role("button", name="Buy", exact=True).click()
    expect(edda.get_by_role("dialog").locator(".costs")).to_contain_text("0.15\u00a0WETH")
    continue_in_wallet(edda)

    expect(edda.locator(".scroll > li")).to_have_count(2, timeout=PATIENCE_MS)
    expect(edda.locator(".scroll > li").nth(1)).to_contain_text("0.15\u00a0WETH")


def test_an_edition_with_a_shared_royalty(house: Stack, new_reader: NewReader) -> None:
    page = sign_in(new_reader(), house, "Wen Lanyin")
    artist = address_of(page)
    describe(page, house, "Thrice", seed=35)
    page.get_by_label("Size of the edition").fill("3")
    page.get_by_label(re.compile("The whole edition")).check()
    page.get_by_role("button", name="Share it with somebody").click()
    page.get_by_label("Address").fill(STRANGER)
    page.get_by_label("Of every sale, %").fill("2.5")
    expect(page.locator("[data-saved]")).to_have_text("Saved")
    pin(page)
    link = page.get_by_role("link", name="See the work")
    page.get_by_role("button", name="Continue in the wallet").click()
    confirm_until(page, link)

    found_works = json.loads(house.get(f"/api/tokens?creator={artist}&q=Thrice")[1])["items"]
    assert len(found_works) == 3
    receivers = {one["royalty"]["receiver"] for one in found_works}
    assert len(receivers) == 1
    assert artist not in receivers
    shares = json.loads(house.get(f"/api/splitters/31337/{receivers.pop()}")[1])["shares"]
    assert {one["receiver"] for one in shares} == {artist, STRANGER}
