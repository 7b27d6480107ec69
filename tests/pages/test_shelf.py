"""
Files on the shelf of the studio, as a person adds, watches, pauses and removes them.

The expectations U1, U2, U8 and U19.
"""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.media.pictures import geotagged_exif, jpeg
from tests.pages.conftest import NewReader
from tests.pages.reader import Reader
from tests.pages.visit import PATIENCE_MS, picture, sign_in
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("pages-shelf")]

STAGES = ["received", "hashed", "checked", "derived", "compared"]

HAND_OVER = """
([name, type, data, how]) => {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  const held = new DataTransfer();
  held.items.add(new File([bytes], name, { type }));
  const easel = document.querySelector("[data-easel]");
  const given = { dataTransfer: held, bubbles: true, cancelable: true };
  if (how === "drop") {
    easel.dispatchEvent(new DragEvent("dragover", given));
    easel.dispatchEvent(new DragEvent("drop", given));
  } else {
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: held, bubbles: true }));
  }
}
"""

DROP_SOMETHING_VAST = """
() => {
  const held = new DataTransfer();
  held.items.add(new File([new Uint8Array(269_000_000)], "vast.png", { type: "image/png" }));
  const drop = new DragEvent("drop", { dataTransfer: held });
  document.querySelector("[data-easel]").dispatchEvent(drop);
}
"""


@pytest.fixture(scope="module")
def session(house: Stack, browser: Browser) -> Any:
    """The cookies of somebody who signed in."""
    context = browser.new_context(locale="en-GB")
    sign_in(Reader(context.new_page()), house, "Ilka Marrow")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def studio(house: Stack, new_reader: NewReader, session: Any) -> Page:
    return new_reader(storage_state=session).open(house.url + "/mint")


def hand_over(page: Page, file: dict[str, Any], how: str) -> None:
    data = base64.b64encode(file["buffer"]).decode()
    page.evaluate(HAND_OVER, [file["name"], file["mimeType"], data, how])


def card(page: Page, name: str) -> Any:
    return page.locator(".file", has=page.get_by_text(name, exact=True))


def expect_checked(page: Page, name: str) -> None:
    for stage in STAGES:
        place = card(page, name).locator(f"[data-stage={stage}].done")
        expect(place).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.parametrize("how", ["drop", "paste"])
def test_a_file_is_dropped_or_pasted_and_its_stages_are_named(studio: Page, how: str) -> None:
    hand_over(studio, picture(11), how)

    expect_checked(studio, "work-11.png")
    expect(card(studio, "work-11.png").locator("[data-stage=pinned].done")).to_have_count(0)


def test_a_file_is_chosen_by_keyboard_alone(studio: Page) -> None:
    with studio.expect_file_chooser() as chosen:
        # First a question to the page: by its answer the page knows that the dialog is ours.
        studio.locator("[data-easel]").focus()
        studio.keyboard.press("Enter")
    chosen.value.set_files([picture(12)])

    expect_checked(studio, "work-12.png")
    assert studio.locator("[data-easel]").get_attribute("aria-describedby") == "limits"


def test_several_files_have_roles_and_each_can_be_removed(studio: Page) -> None:
    studio.locator("[data-pick]").set_input_files([picture(13), picture(14)])
    expect_checked(studio, "work-13.png")
    expect_checked(studio, "work-14.png")

    roles = studio.locator(".file select").evaluate_all("all => all.map((one) => one.value)")
    studio.get_by_role("button", name="Remove: work-13.png").click()

    assert roles == ["image", "document"]
    expect(studio.locator(".file")).to_have_count(1)
    card(studio, "work-14.png").locator("select").select_option("image")
    expect(studio.locator("[data-saved]")).to_have_text("Saved", timeout=PATIENCE_MS)
    studio.reload()
    expect_checked(studio, "work-14.png")
    expect(card(studio, "work-14.png").locator("select")).to_have_value("image")


def test_limits_stand_there_before_and_a_refusal_names_limit_and_value(studio: Page) -> None:
    expect(studio.locator("#limits")).to_contain_text("up to 268.4")
    expect(studio.locator("#limits")).to_contain_text("up to 2.1")

    studio.evaluate(DROP_SOMETHING_VAST)

    said = card(studio, "vast.png").get_by_role("alert")
    expect(said).to_have_text(re.compile(r"269.MB; at most 268\.4.MB"))


def test_a_file_that_is_no_work_is_refused_by_name(studio: Page) -> None:
    words = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"just words"}

    studio.locator("[data-pick]").set_input_files([words])

    said = card(studio, "notes.txt").get_by_role("alert")
    expect(said).to_contain_text("accepted are", timeout=PATIENCE_MS)


def test_what_a_picture_tells_is_taken_out_by_one_press(studio: Page) -> None:
    data = jpeg(320, 200, exif=geotagged_exif())
    file = {"name": "summer.jpg", "mimeType": "image/jpeg", "buffer": data}
    studio.locator("[data-pick]").set_input_files([file])
    findings = studio.locator("[data-findings]")
    expect(findings).to_contain_text("GPS position", timeout=PATIENCE_MS)

    studio.get_by_role("button", name="Take out what it tells about me: summer.jpg").click()

    expect(findings).not_to_contain_text("GPS position", timeout=PATIENCE_MS)
    expect(card(studio, "summer.jpg")).to_contain_text("A copy without position")
    expect(studio.get_by_role("button", name="Take out what")).to_have_count(0)


def test_sending_is_paused_goes_on_and_leaving_asks(studio: Page) -> None:
    held: list[Any] = []
    studio.route("**/api/uploads/*", lambda route: held.append(route))
    studio.locator("[data-pick]").set_input_files([picture(15)])
    pause = studio.get_by_role("button", name="Pause: work-15.png")
    pause.click()
    expect(card(studio, "work-15.png")).to_contain_text("Paused. What was sent is kept.")

    asked: list[str] = []
    studio.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    studio.close(run_before_unload=True)
    studio.unroute("**/api/uploads/*")
    studio.get_by_role("button", name="Go on: work-15.png").click()

    expect_checked(studio, "work-15.png")
    assert asked == ["beforeunload"]


def test_without_a_network_it_says_so_and_goes_on_by_itself(studio: Page) -> None:
    studio.context.set_offline(True)
    expect(studio.get_by_text("You are offline.")).to_be_visible()
    studio.locator("[data-pick]").set_input_files([picture(16)])
    expect(card(studio, "work-16.png")).to_contain_text("The connection was lost.")

    studio.context.set_offline(False)

    expect_checked(studio, "work-16.png")
    expect(studio.get_by_text("You are offline.")).to_be_hidden()


def test_nothing_asks_more_often_than_once_a_second(studio: Page) -> None:
    asked: list[str] = []
    studio.on("request", lambda request: asked.append(f"{request.method} {request.url}"))

    studio.locator("[data-pick]").set_input_files([picture(17)])
    expect_checked(studio, "work-17.png")

    gets = [line for line in asked if line.startswith("GET") and "/api/uploads" in line]
    assert len(gets) == 1
    assert "/api/uploads/events?id=" in gets[0]
