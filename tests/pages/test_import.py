"""
A gallery's folder in a browser: checked, corrected, sent, minted, and never twice.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from nft.sheets.writing import write_table
from tests.pages.conftest import NewReader
from tests.pages.visit import PATIENCE_MS, continue_in_wallet, sign_in
from tests.support.importing import unlike
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("pages-import")]

COLUMNS = ("file", "title", "artist", "price", "external_id")


def hang(folder: Path, count: int, **changed: dict[str, str]) -> Path:
    """A folder of pictures with its sheet; `changed` cells by row, `r3={"price": "x"}`."""
    folder.mkdir(exist_ok=True)
    rows = []
    for number in range(2, count + 2):
        row = {"file": f"{number}.png", "title": f"Leaf {number}", "external_id": f"L{number}"}
        (folder / row["file"]).write_bytes(unlike(f"{folder.name}-{number}"))
        row |= changed.get(f"r{number}", {})
        rows.append([row.get(column, "") for column in COLUMNS])
    (folder / "works.csv").write_bytes(write_table([COLUMNS, *rows], separator=";"))
    return folder


def choose(page: Page, folder: Path) -> None:
    page.locator("[data-pick=folder]").set_input_files(folder)
    expect(page.locator("[data-verdict]")).not_to_be_empty(timeout=PATIENCE_MS)


def cells(page: Page, table: str) -> list[list[str]]:
    """The rows that a table shows."""
    return page.locator(f"{table} tbody tr").evaluate_all(
        "all => all.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )


@pytest.mark.timeout(600)
def test_a_folder_of_twenty_is_checked_sent_and_minted(
    house: Stack, new_reader: NewReader, tmp_path: Path
) -> None:
    reader = new_reader()
    page = sign_in(reader, house, "Ilka Marrow")
    page.goto(house.url + "/mint")
    page.get_by_role("link", name="import a sheet and its folder").click()
    folder = hang(
        tmp_path / "Leaves", 20, r3={"price": "=1,000"}, r7={"file": "7.PNG", "title": ""}
    )

    choose(page, folder)

    verdict = page.locator("[data-verdict]")
    expect(verdict).to_have_text("20 rows: 18 can be taken, 2 have problems.")
    assert [row[:2] for row in cells(page, ".report")] == [
        ["D3", "price"],
        ["A7", "file"],
        ["B7", "title"],
    ]
    assert "7.png" in cells(page, ".report")[1][3]
    page.get_by_label("Only problems").uncheck()
    assert len(cells(page, ".report")) == 21

    with page.expect_download() as caught:
        page.get_by_role("button", name="Download this report").click()
    text = Path(caught.value.path()).read_text("utf-8-sig")
    report = list(csv.DictReader(io.StringIO(text)))
    assert report[0]["value"] == "'=1,000"

    page.get_by_role("button", name="Take the 18 rows that are right").click()
    counts = page.locator("[data-counts]")
    expect(counts).to_have_text("18 ready to mint", timeout=4 * PATIENCE_MS)
    expect(page).to_have_url(re.compile("/mint/import/[0-9a-f]{32}$"))
    expect(page.locator("[data-cost]")).to_contain_text("18 works in one transaction, at most")

    page.get_by_role("button", name="Pin and sign the next group").click()
    expect(page.locator("[data-minted]")).to_have_text("Say that the files may become public.")
    page.get_by_label(re.compile("I want their files to be public")).check()
    page.get_by_role("button", name="Pin and sign the next group").click()
    expect(page.get_by_role("dialog")).to_be_visible(timeout=2 * PATIENCE_MS)
    continue_in_wallet(page)
    expect(counts).to_have_text("18 minted", timeout=2 * PATIENCE_MS)
    expect(page.locator(".rows a").first).to_have_text("Leaf 2")

    hang(folder, 20)
    page.reload()
    expect(counts).to_have_text("18 minted")
    choose(page, folder)
    expect(verdict).to_have_text("20 rows, all of them right.")
    outcomes = [row[3] for row in cells(page, ".report")]
    assert sorted(outcomes) == ["minted or on its way; not minted again"] * 18 + ["new"] * 2
    assert reader.errors == []
    assert reader.policy_violations() == []
    assert reader.axe() == []


@pytest.mark.parametrize("script", ["import.js", "mint.js"])
def test_files_that_were_chosen_before_the_page_listens_are_taken(
    house: Stack, new_reader: NewReader, tmp_path: Path, script: str
) -> None:
    page = sign_in(new_reader(), house, "Teodor Brask")
    held: list[Route] = []
    page.route(re.compile(rf"/{script}"), lambda route: held.append(route))
    is_import = script == "import.js"
    page.goto(house.url + ("/mint/import" if is_import else "/mint"), wait_until="commit")
    folder = hang(tmp_path / "Early", 1)
    pick = page.locator("[data-pick=folder]" if is_import else "[data-pick]")
    pick.set_input_files(folder if is_import else folder / "2.png")
    page.wait_for_function("() => document.querySelector('[data-pick]').files.length > 0")

    for route in held:
        route.continue_()

    if is_import:
        expect(page.locator("[data-verdict]")).to_have_text(
            "1 rows, all of them right.", timeout=PATIENCE_MS
        )
    else:
        expect(page.get_by_text("2.png").first).to_be_visible(timeout=PATIENCE_MS)


def test_a_thousand_rows_do_not_freeze_the_page(
    house: Stack, new_reader: NewReader, tmp_path: Path
) -> None:
    page = sign_in(new_reader(), house, "Teodor Brask")
    page.goto(house.url + "/mint/import")
    wrong = {f"r{number}": {"price": "x"} for number in range(2, 1_002, 5)}
    folder = hang(tmp_path / "Thousand", 1_000, **wrong)

    choose(page, folder)

    expect(page.locator("[data-verdict]")).to_have_text(
        "1000 rows: 800 can be taken, 200 have problems."
    )
    page.get_by_label("Only problems").uncheck()
    assert len(cells(page, ".report")) == 50
    page.locator("[data-pager=report] button").last.click()
    assert len(cells(page, ".report")) == 50
    assert cells(page, ".report")[0][0] in ("D52", "52")


HASHES = """
async () => {
  const { Sha256, sha256Of } = await import("/static/js/sha256.js");
  const two = (byte) => byte.toString(16).padStart(2, "0");
  const hex = (bytes) => [...new Uint8Array(bytes)].map(two).join("");
  const wrong = [];
  for (const size of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 100_003]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31 + size) % 256);
    const wanted = hex(await crypto.subtle.digest("SHA-256", bytes));
    const hash = new Sha256();
    for (let at = 0; at < size; at += 37) hash.update(bytes.subarray(at, at + 37));
    if (hash.end() !== wanted) wrong.push(size);
    if (await sha256Of(new Blob([bytes])) !== "0x" + wanted) wrong.push(-size);
  }
  return wrong;
}
"""


def test_our_sha256_is_the_browsers(showroom_url: str, new_reader: NewReader) -> None:
    page = new_reader().open(f"{showroom_url}/scene/import")

    assert page.evaluate(HASHES) == []
