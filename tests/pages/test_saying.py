"""
What is said of a work, clicked through in a browser: a mark and its end, a claim to its decision.

Three people of the demo wallet; the copyist reads Chinese. The issuer decides at the command line,
where the only door to that is.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import NewReader
from tests.pages.visit import PATIENCE_MS, confirm_until, mint, sign_in
from tests.support.stack import PROGRAM, Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("pages-saying")]


def standing_of(work_url: str) -> str:
    """The page of what is said of a work."""
    return work_url.replace("/works/", "/c/") + "/standing"


def sign_what_was_prepared(page: Page) -> None:
    """Through the page of the intent and the demo wallet, until the server has it."""
    page.get_by_role("button", name="Continue in the wallet").click(timeout=PATIENCE_MS)
    confirm_until(page, page.locator("[data-steps] li.complete"))


def as_operator(house: Stack, *words: str) -> None:
    """Run a command with what the exchange's own processes were given."""
    raw = Path(f"/proc/{house.identity('worker').pid}/environ").read_bytes()
    given = dict(one.split("=", 1) for one in raw.decode().split("\0") if "=" in one)
    subprocess.run([*PROGRAM, *words], env=given, check=True, capture_output=True, timeout=60)


def test_a_work_is_marked_as_stolen_and_the_mark_taken_back(
    house: Stack, new_reader: NewReader
) -> None:
    artist, visitor = new_reader(), new_reader()
    studio = sign_in(artist, house, "Ilka Marrow")
    work = mint(studio, house, "Lantern", seed=5)

    studio.goto(standing_of(work))
    studio.get_by_role("radio", name="it was stolen").check()
    studio.get_by_label("What happened").fill("Taken from the studio in May.")
    studio.get_by_role("button", name="Mark it, and sign").click()
    sign_what_was_prepared(studio)
    stranger = visitor.open(work)
    expect(stranger.locator("[data-disputed]")).to_contain_text("marked as stolen")

    studio.goto(standing_of(work))
    expect(studio.locator("main")).to_contain_text("Taken from the studio in May.")
    studio.get_by_label("Why it no longer holds").fill("It came back.")
    studio.get_by_role("button", name="Take the mark back").click()
    sign_what_was_prepared(studio)
    stranger.reload()
    expect(stranger.locator("[data-disputed]")).to_have_count(0)
    stranger.goto(standing_of(work))
    expect(stranger.locator("li.over")).to_contain_text("It came back.")
    assert artist.errors + visitor.errors == []
    assert artist.policy_violations() + visitor.policy_violations() == []


def test_a_copy_is_claimed_answered_in_chinese_and_decided(
    house: Stack, new_reader: NewReader
) -> None:
    artist, copyist = new_reader(), new_reader()
    studio, rival = sign_in(artist, house, "Wen Lanyin"), sign_in(copyist, house, "Teodor Brask")
    original = mint(studio, house, "Harbour", seed=6)
    copy = mint(rival, house, "Haven", seed=6)

    studio.goto(standing_of(copy))
    studio.get_by_text("Is this work yours, or a copy of yours?").click()
    studio.get_by_label("Your earlier work: the address of its page").fill(original)
    studio.get_by_label("What you claim").fill("This is my Harbour.")
    studio.get_by_role("button", name="Claim in public").click()
    claim = studio.locator("li[id^=claim-]")
    expect(claim).to_contain_text("the same file", timeout=PATIENCE_MS)
    name = str(claim.get_attribute("id")).removeprefix("claim-")

    rival.goto(standing_of(copy) + "?lang=zh")
    rival.get_by_label("您的答复").fill("这是致敬。")
    rival.get_by_role("button", name="公开答复").click()
    expect(rival.locator(".reply")).to_contain_text("这是致敬。", timeout=PATIENCE_MS)
    as_operator(house, "standing", "decide", name, "upheld", "--reason", "The same file, earlier.")
    studio.reload()

    expect(claim).to_contain_text("Upheld by the issuer")
    expect(claim).to_contain_text("这是致敬。")
    expect(studio.locator("form[data-form=answer]")).to_have_count(0)
    rival.goto(copy)
    expect(rival.locator("[data-disputed]")).to_be_visible()
    assert artist.errors + copyist.errors == []
    assert artist.policy_violations() + copyist.policy_violations() == []
