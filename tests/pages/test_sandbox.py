"""
What a work that is a program can do in a real browser: run, with its own files; and what it cannot.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from api.gateway import private
from nft.content.cid import Cid
from tests.media import pictures
from tests.pages.conftest import NewReader
from tests.pages.sandbox import NOW, SECRET, House, running_house
from tests.support.models import glb

pytestmark = pytest.mark.browser
log = logging.getLogger(__name__)

WASM = b"\0asm\1\0\0\0"
INDEX = b"""<!doctype html><meta charset=utf-8><title>Work</title>
<link rel=stylesheet href=style.css><p id=p>a</p><img id=picture src="img/a%20b.png">
<script>window.inline = 1</script><script src=js/plain.js></script>
<script type=module src=js/main.js></script>"""
MAIN = (Path(__file__).parent / "hostile_work.js").read_bytes()

DOES = {
    "module": "part",
    "plain": "1",
    "inline": "1",
    "style": "rgb(1, 2, 3)",
    "picture": "shown",
    "wasm": "Module",
    "worker": "kept in",
    "own frame": "loaded",
    "blob": "b",
}
CANNOT = [
    "cookie", "localStorage", "indexedDB", "caches", "parent", "top", "serviceWorker",
    "fetch house", "fetch other work", "xhr", "image", "script", "import", "style from house",
    "video", "socket", "clipboard", "camera",
]  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running_house(tmp_path_factory.mktemp("house")) as found:
        yield found


@pytest.fixture
def work(house: House, tmp_path: Path) -> str:
    """The CID of a bundle that tries everything."""
    other = house.folder({"index.html": b"<!doctype html>other"}, tmp_path / "other")
    where = {"house": house.url, "other": f"{house.media_url}/ipfs/{other}/index.html"}
    house.stolen.clear()
    files = {
        "index.html": INDEX,
        "style.css": b"#p { color: rgb(1, 2, 3) }",
        "js/plain.js": b"window.plain = 1",
        "js/main.js": MAIN,
        "js/part.js": b"export const word = 'part'",
        "data/where.json": json.dumps(where).encode(),
        "img/a b.png": pictures.png(),
        "inner.html": b"<!doctype html><p>inner",
        "code.wasm": WASM,
        "sw.js": b"self.addEventListener('fetch', () => {})",
    }
    return house.folder(files, tmp_path / "work")


LISTEN = """addEventListener('message', (event) => {
  if (event.data.told) document.documentElement.dataset.told = JSON.stringify(event.data.told);
})"""
FRAME = (
    '<div data-stage><a data-start="page" data-alt="A work" href="{url}">Start the work</a></div>'
)


def run(house: House, new_reader: NewReader, url: str) -> tuple[Any, dict[str, str]]:
    """Start a work on a page of the house, as a visitor does; what it told."""
    house.body = FRAME.format(url=url)
    page = new_reader().page
    page.add_init_script(LISTEN)
    page.on("console", lambda said: log.warning("%s: %s", said.type, said.text))
    page.on("requestfailed", lambda asked: log.warning("%s: %s", asked.url, asked.failure))
    page.goto(f"{house.url}/page")
    page.get_by_text("Start the work").click()
    return page, told_by(page)


def told_by(page: Page) -> dict[str, str]:
    """What a work told, to the page around it or by itself."""
    held = page.locator("html[data-told]")
    held.wait_for(state="attached", timeout=90_000)
    told: dict[str, str] = json.loads(held.get_attribute("data-told") or "{}")
    return told


class TestInItsFrame:
    def test_runs_with_its_own_files(self, house: House, work: str, new_reader: NewReader) -> None:
        _, told = run(house, new_reader, f"{house.media_url}/ipfs/{work}/")

        assert {name: told[name] for name in DOES} == DOES

    def test_reaches_nothing_else(self, house: House, work: str, new_reader: NewReader) -> None:
        page, told = run(house, new_reader, f"{house.media_url}/ipfs/{work}/")

        assert {name: told[name] for name in CANNOT} == dict.fromkeys(CANNOT, "refused")
        assert told["origin"] == "null"
        assert told["open"] == "null"
        assert house.stolen == []
        assert page.url == f"{house.url}/page"
        assert len(page.context.pages) == 1

    def test_cannot_lead_its_frame_elsewhere(
        self, house: House, new_reader: NewReader, tmp_path: Path
    ) -> None:
        house.stolen.clear()
        leaver = b"<!doctype html><script>parent.postMessage({told: {}}, '*');"
        leaver += f"location = '{house.url}/stolen/self?secret'</script>".encode()
        cid = house.folder({"index.html": leaver}, tmp_path / "leaver")

        page, _ = run(house, new_reader, f"{house.media_url}/ipfs/{cid}/")
        page.wait_for_timeout(500)

        assert house.stolen == []

    def test_is_stopped_and_its_picture_comes_back(
        self, house: House, work: str, new_reader: NewReader
    ) -> None:
        page, _ = run(house, new_reader, f"{house.media_url}/ipfs/{work}/")

        page.get_by_role("button", name="Stop").click()

        assert page.locator("iframe").count() == 0
        assert page.get_by_text("Start the work").is_visible()

    def test_a_private_one_runs_for_whoever_has_its_address(
        self, house: House, work: str, new_reader: NewReader
    ) -> None:
        house.private.take_folder(house.public, Cid.parse(work))
        url = private.url_of(house.media_url, SECRET, work, now=NOW)

        _, told = run(house, new_reader, url + "/")

        assert {name: told[name] for name in DOES} == DOES
        assert told["fetch other work"] == "refused"


class TestOpenedAlone:
    def test_has_no_more_rights_than_in_a_frame(
        self, house: House, work: str, new_reader: NewReader
    ) -> None:
        page = new_reader().page

        page.goto(f"{house.media_url}/ipfs/{work}")

        told = told_by(page)
        assert page.url == f"{house.media_url}/ipfs/{work}/"
        assert told["origin"] == "null"
        refused = [name for name in CANNOT if name not in ("parent", "top")]
        assert {name: told[name] for name in refused} == dict.fromkeys(refused, "refused")

    def test_a_service_worker_is_refused_by_the_server_too(
        self, house: House, work: str, new_reader: NewReader
    ) -> None:
        asking = new_reader().page.request

        answer = asking.get(
            f"{house.media_url}/ipfs/{work}/sw.js", headers={"Service-Worker": "script"}
        )

        assert answer.status == 403


class TestModels:
    def test_turns_in_a_frame_that_asks_nobody(self, house: House, new_reader: NewReader) -> None:
        cid = house.public.add_bytes(glb()).cids["unixfs-v1-2025"]
        house.body = (
            f'<div data-stage><a data-start="model" data-frame="{house.media_url}/_view/model" '
            f'data-alt="A triangle" href="{house.media_url}/ipfs/{cid}">Turn the model</a></div>'
        )
        reader = new_reader()
        page = reader.page
        page.goto(f"{house.url}/page")

        page.get_by_text("Turn the model").click()
        page.wait_for_selector("[data-stage].shown", state="attached", timeout=90_000)

        hosts = {house.url.removeprefix("http://"), house.media_url.removeprefix("http://")}
        assert reader.hosts <= hosts
        assert reader.errors == []

    def test_shows_no_model_of_another_origin(self, house: House, new_reader: NewReader) -> None:
        house.stolen.clear()
        page = new_reader().page

        page.goto(f"{house.media_url}/_view/model#model={house.url}/stolen/model.glb")
        page.wait_for_timeout(300)

        assert page.locator("model-viewer").count() == 0
        assert house.stolen == []


class TestPrivateLinks:
    def test_are_for_one_content_and_a_while(self, house: House, new_reader: NewReader) -> None:
        cid = house.private.add_bytes(b"{}").cids["unixfs-v1-2025"]
        other = house.private.add_bytes(b"{1}").cids["unixfs-v1-2025"]
        url = private.url_of(house.media_url, SECRET, cid, now=NOW)
        past = private.url_of(house.media_url, SECRET, cid, now=NOW - 2 * private.LASTS)
        asking = new_reader().page.request

        statuses = [
            asking.get(address).status
            for address in (url, url.replace(cid, other), past, url.replace("-", "-0"))
        ]

        assert statuses == [200, 404, 404, 404]
        assert asking.get(url).headers["cache-control"] == "private, no-store"
        assert asking.get(f"{house.media_url}/ipfs/{cid}").status == 404
