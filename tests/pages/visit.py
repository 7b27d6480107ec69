"""
What a person does in a browser, by what they see: signing in, describing, minting, buying.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import urllib.request
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.pages.reader import Reader
from tests.support.stack import Stack

PATIENCE_MS = 60_000


def rpc(stack: Stack, method: str, *params: object) -> Any:
    """One question to the local chain."""
    call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    request = urllib.request.Request(
        stack.rpc_url,
        data=json.dumps(call).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        found = json.loads(answer.read())
    assert "error" not in found, found
    return found["result"]


def picture(seed: int) -> dict[str, Any]:
    """A PNG as a file chooser hands it over; another seed, another file."""
    held = io.BytesIO()
    extent = (-2.2, -1.2, 1.0 + seed / 50, 1.2)
    Image.effect_mandelbrot((640, 400), extent, 60).convert("RGB").save(held, "PNG")
    return {"name": f"work-{seed}.png", "mimeType": "image/png", "buffer": held.getvalue()}


def balance(stack: Stack, address: str) -> int:
    """What an address holds, as the chain says."""
    return int(rpc(stack, "eth_getBalance", address, "latest"), 16)


def follow(link: Locator) -> None:
    """Click a link and wait until the page behind it listens, that is until its scripts ran."""
    address = link.evaluate("(link) => link.href")
    link.click()
    link.page.wait_for_url(address, timeout=PATIENCE_MS)


def choose_wallet(page: Page, person: str) -> None:
    """Take the demo wallet and one of its people, by what a reader sees."""
    page.get_by_role("button", name=re.compile("Demo wallet")).click()
    page.get_by_role("button", name=re.compile(person)).click()


def sign_in(reader: Reader, stack: Stack, person: str) -> Page:
    """Through the door in the bar."""
    page = reader.open(stack.url + "/account")
    page.get_by_role("button", name="Choose a wallet").click()
    choose_wallet(page, person)
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.get_by_role("heading", name="Your rooms")).to_be_visible(timeout=PATIENCE_MS)
    return page


def describe(page: Page, stack: Stack, title: str, *, price: str = "", seed: int = 1) -> None:
    """Fill the studio and wait until the file is checked and the draft kept."""
    page.goto(stack.url + "/mint")
    page.locator("[data-pick]").set_input_files([picture(seed)])
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_label("Artist, as shown").fill("Ilka Marrow")
    page.get_by_label("What is to be seen").fill("A dark island in a pale sea")
    page.get_by_label("Medium").fill("drawing by code")
    page.get_by_label("Royalty, per cent of every sale").fill("7.5")
    page.get_by_label("Price, if it is for sale").fill(price)
    compared = page.locator(".stages [data-stage=compared].done")
    expect(compared).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("[data-saved]")).to_have_text("Saved", timeout=PATIENCE_MS)


def pin(page: Page) -> None:
    """Consent and wait until the wallet may be asked."""
    page.get_by_label(re.compile("I want these files to be public")).check()
    # Pictures of one family by several people resemble each other, and are told.
    findings = page.locator("#accept_findings")
    if findings.count():
        findings.check()
    page.get_by_role("button", name="Pin it and review").click()
    continue_ = page.get_by_role("button", name="Continue in the wallet")
    expect(continue_).to_be_visible(timeout=PATIENCE_MS)


def mint(page: Page, stack: Stack, title: str, *, price: str = "", seed: int = 1) -> str:
    """From an empty studio to the work's page; answers its address."""
    describe(page, stack, title, price=price, seed=seed)
    pin(page)
    page.get_by_role("button", name="Continue in the wallet").click()
    link = page.get_by_role("link", name="See the work")
    confirm_until(page, link)
    follow(link)
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible(timeout=PATIENCE_MS)
    return page.url


ASKED_OR_DONE = """
() => document.querySelector("[data-demo=confirm]") || !document.querySelector("dialog .review")
"""
CLICK_MS = 5_000


def say_yes(page: Page) -> None:
    """Confirm what the demo wallet asks, if it asks: its dialog may be closing just now."""
    yes = page.get_by_role("button", name="Confirm", exact=True)
    if yes.is_visible():
        with contextlib.suppress(TimeoutError):
            yes.click(timeout=CLICK_MS)


def continue_in_wallet(page: Page) -> None:
    """From the dialog that reads out what is asked, through all of the wallet's own questions."""
    page.get_by_role("dialog").get_by_role("button", name="Continue in the wallet").click()
    while True:
        page.wait_for_function(ASKED_OR_DONE, timeout=PATIENCE_MS)
        if page.locator("dialog .review").count() == 0:
            break
        say_yes(page)


def confirm_until(page: Page, done: Locator) -> None:
    """Say yes in the demo wallet, as often as it asks, until something is to be seen."""
    yes = page.get_by_role("button", name="Confirm", exact=True)
    while True:
        yes.or_(done).first.wait_for(timeout=PATIENCE_MS)
        if done.is_visible():
            break
        say_yes(page)


def address_of(page: Page) -> str:
    """Who is signed in."""
    return str(page.locator("body").get_attribute("data-viewer"))


def put_up(
    page: Page, work_url: str, way: str, fill: dict[str, str], *, currency: str = "ETH"
) -> None:
    """Sell a work of one's own, by the page that asks how."""
    page.goto(work_url + "/sell")
    page.get_by_role("radio", name=re.compile(f"^{way}")).check()
    for name, value in fill.items():
        page.get_by_role("textbox", name=name, exact=True).fill(value)
    if currency != "ETH":
        page.get_by_label("In", exact=True).select_option(label=currency)
    page.get_by_role("button", name="Prepare the signature").click()
    continue_in_wallet(page)
    page.wait_for_url(work_url, timeout=PATIENCE_MS)
