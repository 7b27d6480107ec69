"""
Works of four kinds, dropped into the studio, seen there as on the public page, and minted.
"""

from __future__ import annotations

import itertools
import random
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.media import pictures, recordings
from tests.pages.conftest import NewReader
from tests.pages.reader import Reader
from tests.pages.visit import PATIENCE_MS, choose_wallet, confirm_until, follow, pin, sign_in
from tests.support.models import glb
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("pages-kinds")]

# A model is drawn by a processor here, on a machine that may be busy.
DRAWING_MS = 150_000
RUNS = b"""<!doctype html><meta charset=utf-8><title>Tide</title><p id=said>waiting</p>
<script>document.querySelector("#said").textContent = "the tide runs"</script>"""
MEGABYTES = 20

DROP = """
() => {
  const held = new DataTransfer();
  for (const file of document.querySelector("#hand").files) held.items.add(file);
  const drop = new DragEvent("drop", { dataTransfer: held, bubbles: true, cancelable: true });
  document.querySelector("[data-easel]").dispatchEvent(drop);
}
"""
HAND = """
() => {
  const hand = Object.assign(document.createElement("input"), { type: "file", id: "hand" });
  document.body.append(hand);
}
"""


@pytest.fixture
def reader(house: Stack, new_reader: NewReader) -> Reader:
    """Somebody in front of an empty studio, with a wallet."""
    found = new_reader()
    sign_in(found, house, "Ilka Marrow")
    found.open(house.url + "/mint")
    return found


def drop(page: Page, folder: Path, name: str, data: bytes) -> None:
    """Let a file go over the easel, from the disk as a person's hand takes it."""
    path = folder / name
    path.write_bytes(data)
    page.evaluate(HAND)
    page.locator("#hand").set_input_files(path)
    page.evaluate(DROP)
    page.evaluate("() => document.querySelector('#hand').remove()")


def expect_checked(page: Page, files: int = 1) -> Locator:
    """Every file through its last stage; answers where the preview hangs, hung anew."""
    done = page.locator(".stages [data-stage=compared].done")
    expect(done).to_have_count(files, timeout=PATIENCE_MS)
    bench = page.locator("[data-preview]")
    # The preview follows a moment later, and takes away what was started in the one before it.
    page.get_by_label("Title", exact=True).fill(f"After file {files}")
    expect(bench).to_contain_text(f"After file {files}", timeout=PATIENCE_MS)
    return bench


def choose_cover(page: Page) -> None:
    cover = {"name": "cover.png", "mimeType": "image/png", "buffer": pictures.png()}
    page.locator("[data-pick-cover]").set_input_files([cover])
    expect_checked(page, files=2)


def mint_it(page: Page, title: str) -> None:
    """From what lies on the shelf to the public page."""
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_label("What is to be seen").fill("What was dropped")
    expect(page.locator("[data-saved]")).to_have_text("Saved", timeout=PATIENCE_MS)
    pin(page)
    page.get_by_role("button", name="Continue in the wallet").click()
    link = page.get_by_role("link", name="See the work")
    confirm_until(page, link)
    follow(link)
    heading = page.get_by_role("heading", level=1, name=title)
    expect(heading).to_be_visible(timeout=PATIENCE_MS)


def expect_played(film: Locator) -> None:
    """It goes on by itself once started, so its bytes came and its policy lets it."""
    film.evaluate("(film) => { film.muted = true; return film.play(); }")
    film.page.wait_for_function(
        "(film) => film.currentTime > 0.2", arg=film.element_handle(), timeout=PATIENCE_MS
    )


def test_a_picture_of_twenty_megabytes_takes_four_screens(
    house: Stack, new_reader: NewReader, tmp_path: Path
) -> None:
    """From the first visit with a wallet to the work's page (U20)."""
    reader = new_reader()
    page, screens = reader.page, []
    page.on("framenavigated", lambda frame: screens.append(urlsplit(frame.url).path))
    reader.open(house.url + "/mint")
    page.get_by_role("link", name="Sign in with a wallet").click()
    choose_wallet(page, "Ilka Marrow")
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.locator("body[data-viewer^='0x']")).to_be_visible(timeout=PATIENCE_MS)
    grain = random.Random(7).randbytes(2_700 * 2_500 * 3)
    image = Image.frombytes("RGB", (2_700, 2_500), grain)
    data = pictures.encoded(image, "PNG", compress_level=1)
    assert len(data) > MEGABYTES * 1_000_000

    drop(page, tmp_path, "harbour.png", data)

    picture = expect_checked(page).locator(".wall img.framed")
    expect(picture).to_be_visible()
    width = "(image) => image.decode().then(() => image.naturalWidth)"
    assert picture.evaluate(width) > 0
    expect(page.locator(".file")).to_contain_text(re.compile(r"^harbour\.png\d+\.\d\sMB"))
    mint_it(page, "Harbour, with grain")
    assert len([path for path, _ in itertools.groupby(screens)]) <= 4, screens
    assert reader.policy_violations() == []
    assert reader.errors == []


def test_a_film_is_played_in_the_studio_and_on_its_page(reader: Reader, tmp_path: Path) -> None:
    page = reader.page

    drop(page, tmp_path, "turning.mp4", recordings.video())

    expect_played(expect_checked(page).locator(".wall video"))
    mint_it(page, "Turning")
    expect_played(page.locator(".wall video"))
    assert reader.policy_violations() == []
    assert reader.errors == []


def test_a_model_is_turned_behind_its_cover(reader: Reader, tmp_path: Path) -> None:
    page = reader.page
    drop(page, tmp_path, "triangle.glb", glb())
    bench = expect_checked(page)
    choose_cover(page)
    expect(page.locator(".cover")).to_contain_text("the picture you chose")

    bench.get_by_text("Turn the model").click()

    expect(
        bench.locator("[data-stage].waiting > picture, [data-stage].waiting > img")
    ).to_be_visible()
    bench.locator("[data-stage].shown").wait_for(timeout=DRAWING_MS)
    expect(bench.get_by_role("status")).to_have_count(0)
    expect(bench.locator("[data-stage] iframe")).to_have_css("opacity", "1")
    chosen = page.locator(".file", has_text="cover.png").inner_text()
    page.get_by_role("button", name="Take it of the model").click()
    expect_checked(page, files=2)
    expect(page.locator(".file", has_text="cover.png")).not_to_have_text(chosen)
    assert reader.errors == []


def test_a_page_runs_in_the_studio_and_on_its_page(reader: Reader, tmp_path: Path) -> None:
    page = reader.page
    drop(page, tmp_path, "tide.html", RUNS)
    bench = expect_checked(page)
    choose_cover(page)

    bench.get_by_text("Start the work").click()

    said = "[data-stage] iframe"
    expect(bench.frame_locator(said).get_by_text("the tide runs")).to_be_visible()
    mint_it(page, "Tide")
    page.get_by_text("Start the work").click()
    expect(page.frame_locator(said).get_by_text("the tide runs")).to_be_visible()
    assert reader.policy_violations() == []
    assert reader.errors == []
