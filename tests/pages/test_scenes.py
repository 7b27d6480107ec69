"""
Every page in every state: accessible, within its policy, asking nobody else, and never too wide.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import NewReader
from tests.pages.reader import LateScripts
from tests.pages.scenes import SCENES

pytestmark = pytest.mark.browser

# Each scheme meets each language, and each of the four meets a phone or a desk.
VIEWS = [
    pytest.param("light", "en", 1440, id="light-en-1440"),
    pytest.param("dark", "en", 320, id="dark-en-320"),
    pytest.param("light", "zh", 320, id="light-zh-320"),
    pytest.param("dark", "zh", 1440, id="dark-zh-1440"),
]


@pytest.mark.parametrize(("scheme", "language", "width"), VIEWS)
@pytest.mark.parametrize("scene", sorted(SCENES))
def test_is_fit_to_be_seen(
    scene: str, scheme: str, language: str, width: int, showroom_url: str, new_reader: NewReader
) -> None:
    reader = new_reader(scheme=scheme, language=language, width=width)

    answer = reader.page.goto(f"{showroom_url}/scene/{scene}", wait_until="load")

    assert answer is not None
    assert answer.status < 500
    assert reader.axe() == []
    assert reader.policy_violations() == []
    assert reader.errors == []
    assert reader.overflow() == 0
    assert reader.hosts == {urlsplit(showroom_url).netloc}


READ = ["home", "market", "work", "certificate", "artist", "verify", "voucher", "house", "cart"]
READ += ["work-falling", "work-at-auction", "work-paused"]
READ += ["work-film", "work-sound", "work-model", "work-page", "work-document"]


@pytest.mark.parametrize("scene", READ)
def test_can_be_read_without_javascript(
    scene: str, showroom_url: str, new_reader: NewReader
) -> None:
    reader = new_reader(java_script_enabled=False)

    page = reader.page
    page.goto(f"{showroom_url}/scene/{scene}")

    assert page.locator("h1").first.is_visible()
    assert len(page.locator("main").inner_text()) > 100


class TestTheWorkWithoutJavaScript:
    def test_says_what_who_how_much_and_whose(
        self, showroom_url: str, new_reader: NewReader
    ) -> None:
        page = new_reader(java_script_enabled=False).page

        page.goto(f"{showroom_url}/scene/work")

        said = page.locator("main").inner_text()
        assert "Seven Valleys" in said
        assert "I. Marlowe" in said
        assert "0.95\u00a0ETH" in said
        assert "0.07125\u00a0ETH" in said
        assert "0x15d3…6A65" in said
        assert page.locator("ol.scroll > li").count() == 5
        assert page.get_by_role("link", name="read and check it").is_visible()
        assert page.locator(".wall img").get_attribute("width") == "1600"


class TestSigning:
    def test_cannot_be_begun_before_the_page_listens(
        self, showroom_url: str, new_reader: NewReader
    ) -> None:
        """A click in that moment would be lost, and whoever made it would wait for their wallet."""
        page = new_reader().page
        late = LateScripts(page)
        page.goto(f"{showroom_url}/scene/sign", wait_until="commit")
        begin = page.get_by_role("button", name="Continue in the wallet")
        expect(begin).to_be_disabled()

        late.let_come()

        expect(begin).to_be_enabled()


class TestTheme:
    def test_a_choice_is_there_before_any_script(
        self, showroom_url: str, new_reader: NewReader
    ) -> None:
        page = new_reader(java_script_enabled=False, scheme="light").page

        page.goto(f"{showroom_url}/scene/home?theme=dark")
        page.goto(f"{showroom_url}/scene/home")

        assert page.locator("html").get_attribute("data-theme") == "dark"
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(20, 19, 17)"


MEASURE = """
all => all.slice(0, 3).map(picture => {
  const box = picture.getBoundingClientRect();
  const ratio = picture.getAttribute('width') / picture.getAttribute('height');
  return [box.top, box.height, box.width / box.height - ratio];
})
"""


class TestTheHang:
    def test_heights_in_a_row_agree_and_nothing_is_cut(
        self, showroom_url: str, new_reader: NewReader
    ) -> None:
        page = new_reader(width=1440).open(f"{showroom_url}/scene/home")

        boxes = page.eval_on_selector_all(".hang img", MEASURE)

        assert len({round(top) for top, _, _ in boxes}) == 1
        assert max(height for _, height, _ in boxes) - min(height for _, height, _ in boxes) < 2
        assert max(abs(cut) for _, _, cut in boxes) < 0.01


class TestPayloads:
    @pytest.mark.parametrize("field", ["title", "artist", "description", "alt_text", "rights"])
    def test_words_stay_words(self, field: str, showroom_url: str, new_reader: NewReader) -> None:
        reader = new_reader()

        page = reader.open(f"{showroom_url}/payloads/{field}")

        assert page.evaluate("window.pwned") is None
        assert page.locator("main script, main [onerror], main [onload]").count() == 0
        assert reader.policy_violations() == []
        assert reader.errors == []
