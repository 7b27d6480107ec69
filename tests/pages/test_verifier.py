"""
Papers checked in a real browser: on the page, where nothing is sent, and in the file that needs no
network at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from api.certificates import offline
from nft.bundles import pack
from nft.verification import Evidence, verify_archive, verify_file
from tests.pages.conftest import NewReader
from tests.pages.reader import AXE, NOTE_VIOLATIONS
from tests.support.offered_papers import OfferedPapers, offered_papers
from tests.support.papers import Papers, papers

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages-verifier")]

SHOWN = """
() => [...document.querySelectorAll("[data-check]")].map((line) => [
  line.dataset.check,
  ["pass", "fail", "not_checked"].find((result) => line.classList.contains(result)),
])
"""


@pytest.fixture(scope="module")
def work() -> Papers:
    """An artist's own collection, sold once."""
    return papers(seed=1, is_clone=True, has_payee=True)


@pytest.fixture(scope="module")
def offered() -> OfferedPapers:
    """A work that is anchored and not minted."""
    return offered_papers(seed=62)


@pytest.fixture(scope="module")
def folder(work: Papers, offered: OfferedPapers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a collector has on disk, the verifier among it."""
    found = tmp_path_factory.mktemp("papers")
    parts = work.bundle()
    (found / "verify.html").write_bytes(offline.verify_page())
    (found / "bundle.zip").write_bytes(pack(parts))
    (found / "offered.zip").write_bytes(pack(offered.bundle()))
    (found / "certificate.json").write_bytes(work.body)
    (found / "stranger.png").write_bytes(b"another picture")
    other = parts | {"certificate.json": work.body.replace(b"Marlowe", b"Marlove", 1)}
    (found / "altered.zip").write_bytes(pack(other))
    return found


def expected(report: dict[str, Any]) -> list[list[str]]:
    """The lines of Python's report, as `SHOWN` finds them: a bundle's parts stand in groups."""
    lines = [[check["id"], check["result"]] for check in report["checks"]]
    groups = [("extract.", 1), ("bundle.", 2)]

    def group(line: list[str]) -> int:
        return next((place for start, place in groups if line[0].startswith(start)), 0)

    return sorted(lines, key=group)


def name_block(page: Page, work: Papers) -> None:
    """Type the one hash that a reader trusts."""
    number, block_hash = next(iter(work.trusted.items()))
    page.get_by_label("Hashes of blocks that you trust").fill(f"{number}={block_hash}")


class TestPage:
    def test_checks_a_bundle_and_sends_nothing(
        self, showroom_url: str, new_reader: NewReader, work: Papers, folder: Path
    ) -> None:
        reader = new_reader()
        page = reader.open(showroom_url + "/scene/verify")
        page.wait_for_load_state("networkidle")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url))

        page.locator("[data-files]").set_input_files(folder / "bundle.zip")
        name_block(page, work)

        expect(page.locator(".verdict")).to_have_text("Everything that must hold does.")
        report = verify_archive(
            (folder / "bundle.zip").read_bytes(), Evidence(block_hashes=work.trusted)
        )
        assert page.evaluate(SHOWN) == expected(report.as_json())
        assert [url for url in sent if "/static/icon.svg" not in url] == []
        assert reader.errors == []
        assert reader.policy_violations() == []
        assert reader.axe() == []

    def test_says_what_nobody_vouches_for_and_what_is_strange(
        self, showroom_url: str, new_reader: NewReader, work: Papers, folder: Path
    ) -> None:
        page = new_reader().open(showroom_url + "/scene/verify")

        page.locator("[data-files]").set_input_files(folder / "certificate.json")
        verdict = page.locator(".verdict")
        expect(verdict).to_contain_text("not everything could be checked")
        page.locator("[data-files]").set_input_files(folder / "stranger.png")
        expect(verdict).to_contain_text("It does not hold")
        page.get_by_role("button", name="Take it away").last.click()
        expect(verdict).to_contain_text("not everything could be checked")
        page.get_by_label("Hashes of blocks that you trust").fill("12=abc")

        expect(page.get_by_role("alert")).to_contain_text("This is no block hash: 12=abc")
        expect(page.locator('[data-check="chain.mint"]')).to_contain_text("is not linked")
        assert page.evaluate(SHOWN) == expected(verify_file(work.body, Evidence()).as_json())

    def test_says_of_a_work_before_its_token_that_it_is_anchored_and_not_minted(
        self, showroom_url: str, new_reader: NewReader, offered: OfferedPapers, folder: Path
    ) -> None:
        reader = new_reader()
        page = reader.open(showroom_url + "/scene/verify")

        page.locator("[data-files]").set_input_files(folder / "offered.zip")
        name_block(page, offered)

        expect(page.locator('[data-check="anchor"]')).to_have_class("pass")
        expect(page.locator(".verdict")).to_contain_text("not everything could be checked")
        mint = page.locator('[data-check="chain.mint"]')
        expect(mint).to_contain_text("offered, not minted")
        expect(mint).to_contain_text("needed")
        expect(page.locator('[data-check="voucher"]')).to_contain_text(str(offered.artist))
        expect(page.locator(".silent")).to_contain_text("Whether the voucher still stands")
        report = verify_archive(
            (folder / "offered.zip").read_bytes(), Evidence(block_hashes=offered.trusted)
        )
        assert page.evaluate(SHOWN) == expected(report.as_json())
        assert reader.errors == []

    def test_takes_what_is_dropped_anywhere(
        self, showroom_url: str, new_reader: NewReader, work: Papers
    ) -> None:
        page = new_reader(language="zh", width=390).open(showroom_url + "/scene/verify")
        data = page.evaluate_handle(
            """(text) => {
              const held = new DataTransfer();
              held.items.add(new File([text], "certificate.json", { type: "application/json" }));
              return held;
            }""",
            work.body.decode(),
        )

        page.dispatch_event("h1", "drop", {"dataTransfer": data})

        expect(page.locator(".verdict")).to_have_text("未见疑点，但并非每一项都能查验。")
        expect(page.locator('[data-check="chain.mint"]')).to_contain_text("尚无可信的联系")

    def test_without_javascript_says_what_it_would_send(
        self, showroom_url: str, new_reader: NewReader
    ) -> None:
        page = new_reader(java_script_enabled=False).page
        page.goto(showroom_url + "/scene/verify")

        page.get_by_text("Or let us check a text").click()

        expect(page.get_by_text("This one is sent to us.")).to_be_visible()
        expect(page.get_by_role("button", name="Send it and check it")).to_be_visible()
        expect(page.get_by_role("link", name="Keep the verifier")).to_be_visible()


@pytest.fixture
def alone(browser: Browser, folder: Path) -> Iterator[Page]:
    """The file opened from disk, the network cut, and a note of whatever it asks for."""
    context: BrowserContext = browser.new_context(offline=True, locale="en-GB")
    page = context.new_page()
    page.add_init_script(NOTE_VIOLATIONS)
    page.goto((folder / "verify.html").as_uri())
    yield page
    context.close()


class TestAlone:
    def test_checks_a_bundle_as_python_does(self, alone: Page, work: Papers, folder: Path) -> None:
        asked: list[str] = []
        alone.on("request", lambda request: asked.append(request.url))

        alone.locator("[data-files]").set_input_files(folder / "bundle.zip")
        name_block(alone, work)

        expect(alone.locator(".verdict")).to_have_text("Everything that must hold does.")
        report = verify_archive(
            (folder / "bundle.zip").read_bytes(), Evidence(block_hashes=work.trusted)
        )
        assert alone.evaluate(SHOWN) == expected(report.as_json())
        expect(alone.locator(".believed")).to_contain_text("you named its hash")
        expect(alone.locator(".silent")).to_contain_text("a certificate never says it")
        assert asked == []
        assert alone.evaluate("window.violations") == []

    def test_fails_a_bundle_of_which_one_letter_was_changed(
        self, alone: Page, folder: Path
    ) -> None:
        alone.locator("[data-files]").set_input_files(folder / "altered.zip")

        expect(alone.locator(".verdict")).to_contain_text("It does not hold")
        line = alone.locator('[data-check="issuer.signature"]')
        expect(line).to_contain_text("the signature does not fit the document")
        expect(alone.locator(".wrongs")).to_contain_text("The signature under it holds")

    def test_permits_no_request_even_where_there_is_a_network(
        self, browser: Browser, folder: Path, showroom_url: str
    ) -> None:
        context = browser.new_context()
        page = context.new_page()
        page.add_init_script(NOTE_VIOLATIONS)
        page.goto((folder / "verify.html").as_uri())

        answer = page.evaluate(
            "(url) => fetch(url, { mode: 'no-cors' }).then(() => 'sent', () => 'refused')",
            showroom_url,
        )

        assert answer == "refused"
        assert any("connect-src" in one for one in page.evaluate("window.violations"))
        context.close()

    def test_speaks_two_languages_and_is_fit_to_be_seen(self, alone: Page, folder: Path) -> None:
        alone.set_viewport_size({"width": 340, "height": 800})
        alone.locator("[data-files]").set_input_files(folder / "altered.zip")
        expect(alone.locator(".verdict")).to_contain_text("It does not hold")
        alone.get_by_role("button", name="中文").click()

        expect(alone.locator(".verdict")).to_contain_text("此件不成立")
        expect(alone.get_by_role("heading", level=1)).to_contain_text("查验证书")
        assert alone.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
        for scheme in ("light", "dark"):
            alone.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            alone.evaluate(AXE.read_text("utf-8"))
            assert alone.evaluate("axe.run(document)")["violations"] == []

    def test_says_in_chinese_that_a_work_is_not_minted(
        self, alone: Page, offered: OfferedPapers, folder: Path
    ) -> None:
        alone.locator("[data-files]").set_input_files(folder / "offered.zip")
        name_block(alone, offered)
        alone.get_by_role("button", name="中文").click()

        expect(alone.locator('[data-check="voucher"]')).to_contain_text("签署了铸造它的铸造券")
        expect(alone.locator('[data-check="chain.mint"]')).to_contain_text("尚未铸造")
        expect(alone.locator('[data-check="anchor"]')).to_have_class("pass")
        expect(alone.locator(".silent")).to_contain_text("铸造券是否仍然有效")

    def test_prints_the_report_and_the_hashes_it_rests_on(
        self, alone: Page, work: Papers, folder: Path
    ) -> None:
        alone.locator("[data-files]").set_input_files(folder / "bundle.zip")
        name_block(alone, work)
        expect(alone.locator(".verdict")).to_have_text("Everything that must hold does.")

        alone.emulate_media(media="print")

        expect(alone.locator("[data-drop]")).to_be_hidden()
        expect(alone.locator(".verdict")).to_be_visible()
        expect(alone.locator('[data-check="chain.mint"]')).to_be_visible()
        expect(alone.locator(".believed")).to_contain_text(str(next(iter(work.trusted.values()))))

    def test_has_the_same_bytes_when_built_again(self, folder: Path) -> None:
        offline.verify_page.cache_clear()
        offline.desk_words.cache_clear()

        again = offline.verify_page()

        assert again == (folder / "verify.html").read_bytes()
        assert b"The MIT License" in again
