"""
A work's picture on pages: the lightest format the browser knows, nothing that jumps, and closely.
"""

from __future__ import annotations

import gzip
import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from api import pictures
from tests.pages.conftest import NewReader
from tests.pages.exhibits import MARLOWE, variants_of, work
from tests.pages.reader import LateScripts

MEASURE_SHIFTS = """
window.shifts = [];
const named = ({ node }) => (node?.outerHTML ?? node?.nodeName ?? "").slice(0, 90);
const noted = (shift) => [shift.value, ...shift.sources.map(named)];
new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map(noted)))
  .observe({ type: "layout-shift", buffered: true });
"""
TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
PLACE_IN_PICTURE = """([x, y]) => {
  const box = document.querySelector(".closely-stage img").getBoundingClientRect();
  return [(x - box.x) / box.width, (y - box.y) / box.height];
}"""


def file(pixels=(2000, 1000), **changes):
    """The picture of a work, with its variants."""
    shown = work(1, "Low Water", "I. Marlowe", MARLOWE, pixels).media[0]
    return shown.model_copy(update=changes)


class TestShown:
    def test_offers_formats_by_weight_and_widths_by_size(self):
        shown = pictures.shown(file())

        assert [each.type for each in shown.sources] == ["image/avif", "image/webp"]
        assert [re.findall(r"\d+w", each.srcset) for each in shown.sources] == [
            ["480w", "960w", "1600w"],
            ["480w", "960w", "1600w"],
        ]
        assert shown.src.endswith("-1600x800.jpg")

    def test_shows_the_original_where_nothing_was_derived(self):
        shown = pictures.shown(file(variants=[]))

        assert (shown.sources, shown.src, shown.srcset) == ((), file().url, "")

    def test_offers_no_format_that_stops_short(self):
        small = [one for one in variants_of("/p", (2000, 1000)) if one.width == 480]

        shown = pictures.shown(file(variants=small))

        assert shown.sources == ()
        assert shown.src == file().url

    def test_spares_readers_a_heavy_original(self):
        small = [one for one in variants_of("/p", (2000, 1000)) if one.width == 480]

        shown = pictures.shown(file(variants=small, size=40_000_000))

        assert shown.src == "/p-480x240.jpg"

    def test_shows_the_poster_of_what_is_no_picture(self):
        shown = pictures.shown(file(type="video/mp4"))

        assert "mp4" not in shown.src + shown.srcset
        assert shown.src.endswith(".jpg")


@pytest.mark.browser
class TestPages:
    @pytest.mark.parametrize("width", [1280, 390])
    @pytest.mark.parametrize("scene", ["home", "work", "market", "certificate"])
    def test_nothing_jumps(self, showroom_url, new_reader: NewReader, scene, width):
        reader = new_reader(width=width)
        reader.page.add_init_script(MEASURE_SHIFTS)

        page = reader.open(f"{showroom_url}/scene/{scene}")
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_load_state("networkidle")

        # Less than a pixel in a thousand: a variant's height is a whole number of pixels.
        assert [shift for shift in page.evaluate("window.shifts") if shift[0] > 0.002] == []

    @pytest.mark.parametrize("width", [1280, 390])
    @pytest.mark.parametrize("scene", ["home", "work", "market", "certificate", "artist"])
    def test_nothing_jumps_when_scripts_come_late(
        self, showroom_url, new_reader: NewReader, scene, width
    ):
        page = new_reader(width=width).page
        page.add_init_script(MEASURE_SHIFTS)
        late = LateScripts(page)
        page.goto(f"{showroom_url}/scene/{scene}", wait_until="commit")
        page.locator("footer.foot").wait_for()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.evaluate(TWO_FRAMES)

        late.let_come()
        page.wait_for_load_state("load")
        page.wait_for_load_state("networkidle")
        page.evaluate(TWO_FRAMES)

        assert late.count
        assert [shift for shift in page.evaluate("window.shifts") if shift[0] > 0.002] == []

    @pytest.mark.parametrize("scene", ["home", "work", "market"])
    def test_takes_avif_of_about_the_width_it_needs(self, showroom_url, new_reader, scene):
        page = new_reader().open(f"{showroom_url}/scene/{scene}")
        picture = page.locator("picture > img").first

        expect(picture).to_have_js_property("complete", True)
        taken, width = picture.evaluate("(one) => [one.currentSrc, one.clientWidth]")

        assert taken.endswith(".avif")
        assert width * 0.9 <= int(re.search(r"-(\d+)x", taken)[1]) <= max(480, width * 3)

    @pytest.mark.parametrize("scene", ["home", "market"])
    def test_hurries_with_the_first_and_leaves_the_last_for_later(
        self, showroom_url, new_reader, scene
    ):
        page = new_reader().open(f"{showroom_url}/scene/{scene}")

        said = page.locator(".hang picture > img").evaluate_all(
            "(all, of) => all.map((one) => of.map((name) => one.getAttribute(name)))",
            ["fetchpriority", "loading", "decoding"],
        )

        assert said[0] == ["high", None, "async"]
        assert said[-1] == [None, "lazy", "async"]
        assert [priority for priority, _, _ in said].count("high") == 1

    @pytest.mark.parametrize(
        "scene", ["home", "work", "market", "account", "artist", "certificate"]
    )
    def test_fits_in_sixty_kilobytes(self, showroom_url, scene):
        body = httpx.get(f"{showroom_url}/scene/{scene}").content

        assert len(gzip.compress(body, 6)) <= 60 * 1024


@pytest.fixture
def close(showroom_url, new_reader: NewReader) -> Page:
    """A picture that is being looked at closely."""
    page = new_reader().open(f"{showroom_url}/scene/work")
    page.locator(".wall a").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    return page


def scale(page: Page) -> int:
    """The per cent that it says."""
    return int(page.locator(".closely-scale").inner_text().split()[0])


@pytest.mark.browser
class TestClosely:
    def test_starts_with_all_of_it(self, close):
        box = close.locator(".closely-stage img").bounding_box()

        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1280
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900

    def test_comes_closer_by_keys_and_goes_back(self, close):
        first = scale(close)

        close.keyboard.press("+")
        nearer = scale(close)
        close.keyboard.press("0")

        assert nearer > first
        assert scale(close) == first

    def test_keeps_the_point_under_the_wheel(self, close):
        before = close.evaluate(PLACE_IN_PICTURE, [500, 400])

        close.mouse.move(500, 400)
        close.mouse.wheel(0, -500)
        expect(close.locator(".closely-stage.whole")).to_have_count(0)

        assert close.evaluate(PLACE_IN_PICTURE, [500, 400]) == pytest.approx(before, abs=0.002)

    def test_is_dragged_no_further_than_its_edge(self, close):
        close.keyboard.press("+")
        close.keyboard.press("+")
        close.keyboard.press("+")
        close.mouse.move(600, 400)
        close.mouse.down()
        close.mouse.move(3000, 3000, steps=4)
        close.mouse.up()

        box = close.locator(".closely-stage img").bounding_box()

        assert (box["x"], box["y"]) == (0, 0)

    def test_fetches_the_original_only_when_it_shows_more(self, close):
        image = close.locator(".closely-stage img")
        assert image.get_attribute("src").endswith(".avif")

        close.get_by_role("button", name="Closer").click()
        close.get_by_role("button", name="Closer").click()
        close.get_by_role("button", name="Closer").click()

        expect(image).to_have_attribute("src", re.compile(r"-1600x1000\.(avif|jpg)$"))

    def test_ends_with_escape_and_hands_the_focus_back(self, close):
        close.keyboard.press("Escape")

        expect(close.get_by_role("dialog")).to_have_count(0)
        assert close.evaluate("document.activeElement.matches('.wall a')")

    def test_is_readable_by_everybody(self, showroom_url, new_reader: NewReader):
        reader = new_reader(width=390, has_touch=True)
        page = reader.open(f"{showroom_url}/scene/work")
        page.locator(".wall a").click()

        assert reader.axe() == []
        assert reader.policy_violations() == []
        assert reader.errors == []

    def test_is_the_original_without_scripts(self, showroom_url, new_reader: NewReader):
        page = new_reader(java_script_enabled=False).open(f"{showroom_url}/scene/work")

        assert page.locator(".wall a").get_attribute("href").endswith("a1-1600x1000.jpg")
