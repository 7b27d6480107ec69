"""
The whole of it, as a person does it in a browser: upload, mint, certificate, sale, royalty.

One exchange for the module, started as a newcomer starts it. People are those of the demo wallet.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import NewReader
from tests.pages.visit import (
    PATIENCE_MS,
    balance,
    continue_in_wallet,
    describe,
    mint,
    picture,
    pin,
    put_up,
    sign_in,
)
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("pages-journey")]

PRICE = 1_234_567_890_123_456_789
ROYALTY = PRICE * 750 // 10_000


def test_a_work_is_minted_certified_and_sold_with_its_royalty(
    house: Stack, new_reader: NewReader
) -> None:
    artist, collector = new_reader(), new_reader()
    studio = sign_in(artist, house, "Ilka Marrow")

    work_url = mint(studio, house, "Island, Late", price="1.234567890123456789", seed=1)

    expect(studio.locator(".price")).to_have_text("1.234567890123456789\u00a0ETH")
    assert studio.locator(".wall img").evaluate("i => i.complete && i.naturalWidth") > 0
    creator = str(studio.locator("[data-work]").get_attribute("data-owner"))
    before = balance(house, creator)

    studio.get_by_role("link", name="read and check it").click()
    expect(studio.get_by_role("heading", name="What was checked")).to_be_visible()
    assert studio.locator(".checks .fail").count() == 0
    assert studio.locator(".checks .pass").count() >= 7
    studio.locator("#file").set_input_files([picture(1)])
    expect(studio.locator("[data-compare] output.pass")).to_be_visible()
    studio.locator("#file").set_input_files([picture(2)])
    expect(studio.locator("[data-compare] output.fail")).to_be_visible()

    room = sign_in(collector, house, "Noor Castellane")
    room.goto(work_url)
    room.get_by_role("button", name="Buy").click()
    continue_in_wallet(room)
    expect(room.locator(".scroll > li")).to_have_count(2, timeout=PATIENCE_MS)

    # The seller is the artist, so the price less the house's part comes home, royalty included.
    fee = PRICE * 200 // 10_000
    assert balance(house, creator) - before == PRICE - fee
    said = room.locator(".scroll > li").nth(1).inner_text()
    assert "1.234567890123456789\u00a0ETH" in said
    assert "0.092592591759259259\u00a0ETH" in said
    expect(room.locator("dl.facts").first).to_contain_text("you")
    assert artist.errors + collector.errors == []
    assert artist.policy_violations() + collector.policy_violations() == []


def test_a_resale_pays_the_artist_to_the_wei(house: Stack, new_reader: NewReader) -> None:
    studio = sign_in(new_reader(), house, "Teodor Brask")
    work_url = mint(studio, house, "Second Hand", price="0.5", seed=3)
    artist = str(studio.locator("[data-work]").get_attribute("data-owner"))
    first = sign_in(new_reader(), house, "Edda Quist")
    first.goto(work_url)
    first.get_by_role("button", name="Buy").click()
    continue_in_wallet(first)
    expect(first.locator(".scroll > li")).to_have_count(2, timeout=PATIENCE_MS)

    expect(first.get_by_role("link", name="Offer it for sale")).to_be_visible()
    put_up(first, work_url, "At a price", {"Price": "1.234567890123456789"})
    expect(first.locator(".price")).to_be_visible(timeout=PATIENCE_MS)
    before = balance(house, artist)
    second = sign_in(new_reader(), house, "Halfmoon Rooms")
    second.goto(work_url)
    second.get_by_role("button", name="Buy").click()
    continue_in_wallet(second)
    expect(second.locator(".scroll > li")).to_have_count(3, timeout=PATIENCE_MS)

    assert balance(house, artist) - before == ROYALTY
    studio.goto(house.url + "/account")
    expect(studio.locator("main")).to_contain_text("0.092592591759259259\u00a0ETH")


def test_refusing_in_the_wallet_returns_to_the_draft_intact(
    house: Stack, new_reader: NewReader
) -> None:
    page = sign_in(new_reader(), house, "Wen Lanyin")
    describe(page, house, "七个太阳", price="2", seed=4)
    draft = page.url
    pin(page)

    page.get_by_role("button", name="Continue in the wallet").click()
    page.get_by_role("button", name="Refuse", exact=True).click()

    expect(page.get_by_text("You refused in the wallet.")).to_be_visible()
    assert page.url.startswith(draft)
    expect(page.get_by_label("Title", exact=True)).to_have_value("七个太阳")
    expect(page.get_by_label("Price, if it is for sale")).to_have_value("2")
    expect(page.locator(".stages [data-stage=checked].done")).to_be_visible()
    page.get_by_role("link", name="Continue to the signature").click()
    expect(page.get_by_role("button", name="Continue in the wallet")).to_be_visible()


def test_two_tabs_of_one_draft_lose_no_edit(house: Stack, new_reader: NewReader) -> None:
    page = sign_in(new_reader(), house, "Ilka Marrow")
    page.goto(house.url + "/mint")
    page.get_by_label("Title", exact=True).fill("First words")
    expect(page.locator("[data-saved]")).to_have_text("Saved")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Title", exact=True).fill("Other words")
    expect(other.locator("[data-saved]")).to_have_text("Saved")

    page.get_by_label("Medium").fill("ink")

    expect(page.get_by_text("This draft was changed in another tab")).to_be_visible()
    page.get_by_role("button", name="Take the other ones").click()
    assert page.get_by_label("Title", exact=True).input_value() == "Other words"


def test_the_chooser_works_by_keyboard_and_gives_focus_back(
    house: Stack, new_reader: NewReader
) -> None:
    page = new_reader().open(house.url + "/account")
    opener = page.get_by_role("button", name="Choose a wallet")
    opener.focus()

    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Demo wallet"))).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("Demo wallet"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("Ilka Marrow"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("sign this")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your rooms")).to_be_visible()


def test_every_announced_wallet_is_listed_and_none_is_picked(
    house: Stack, new_reader: NewReader
) -> None:
    reader = new_reader()
    reader.page.add_init_script(Path(__file__).with_name("other_wallet.js").read_text("utf-8"))

    page = reader.open(house.url + "/account")
    page.get_by_role("button", name="Choose a wallet").click()

    expect(page.get_by_role("dialog").get_by_role("listitem")).to_have_count(2)
    expect(page.get_by_role("dialog")).to_contain_text("Other Wallet")
    assert page.evaluate("window.asked") == []


@pytest.mark.parametrize("path", ["/docs", "/verify", "/mint", "/account", "/market", "/nowhere"])
def test_live_pages_keep_their_policy(path: str, house: Stack, new_reader: NewReader) -> None:
    reader = new_reader()

    page = reader.open(house.url + path)
    page.wait_for_load_state("networkidle")

    assert reader.policy_violations() == []
    assert reader.errors == []
    assert {host.partition(":")[0] for host in reader.hosts} <= {"localhost", "127.0.0.1"}
