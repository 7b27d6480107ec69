"""
A work on somebody else's page: framed by anybody, described by oEmbed, and never more than data.
"""

import json
import re
from html import unescape

import pytest

from api.forms.artwork import script_json
from tests.support.exchange import CHAIN_ID, PUBLIC_URL

pytestmark = pytest.mark.chain

HOSTILE = "</script><img src=x onerror=alert(1)> \"' <!-- & \u2028 {{ 7*7 }}"


@pytest.fixture
def token(exchange):
    """A work whose every word is hostile."""
    words = {"description": HOSTILE, "medium": HOSTILE, "alt_text": HOSTILE, "artist": HOSTILE}
    return exchange.mint(exchange.person("artist"), title=HOSTILE, **words)


async def test_a_frame_may_stand_anywhere_and_knows_nobody(exchange, token):
    answer = await exchange.client.get(
        f"/embed/{token.path}?theme=dark&lang=zh", headers={"Cookie": "lang=en; session=stolen"}
    )
    policy = answer.headers["Content-Security-Policy"]
    page = await exchange.client.get(f"/works/{token.path}", headers={"Accept": "text/html"})

    assert answer.status_code == 200
    assert "frame-ancestors *" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "X-Frame-Options" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert 'data-theme="dark"' in answer.text
    assert 'lang="zh-Hans"' in answer.text
    assert "TEST" in answer.text
    assert not re.search(r"<script|<form|<button| on\w+=\"", answer.text)
    assert "<img src=x" not in answer.text
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


async def test_pages_describe_their_work_as_data(exchange, token):
    answers = [
        await exchange.client.get(f"/{page}/{token.path}", headers={"Accept": "text/html"})
        for page in ("works", "c")
    ]
    blocks = [
        re.findall(r'<script type="application/ld\+json">(.*?)</script>', one.text, re.DOTALL)
        for one in answers
    ]
    told = json.loads(blocks[0][0])

    assert [len(found) for found in blocks] == [1, 1]
    assert blocks[0] == blocks[1]
    assert (told["@type"], told["name"], told["artMedium"]) == ("VisualArtwork", HOSTILE, HOSTILE)
    assert told["identifier"][0] == {
        "@type": "PropertyValue",
        "propertyID": "CAIP-19",
        "value": token.caip19,
    }
    assert (told["artEdition"], told["artform"]) == (1, "Digital image")
    assert told["image"]["@type"] == "ImageObject"
    assert told["creator"]["name"] == HOSTILE
    assert ["og:image" in one.text for one in answers] == [True, True]
    assert ["application/json+oembed" in one.text for one in answers] == [True, True]


async def test_oembed_gives_a_frame_for_a_page_of_ours(exchange, token):
    found = [
        (await exchange.client.get("/oembed", params={"url": f"{PUBLIC_URL}/{page}/{token.path}"}))
        for page in ("works", "c", "embed")
    ]
    told = found[0].json()
    frame = re.fullmatch(
        r'<iframe src="([^"]*)" width="(\d+)" height="(\d+)" .*></iframe>', told["html"]
    )

    assert [one.status_code for one in found] == [200, 200, 200]
    assert found[0].headers["Access-Control-Allow-Origin"] == "*"
    assert (told["version"], told["type"], told["title"]) == ("1.0", "rich", HOSTILE)
    assert frame[1] == f"{PUBLIC_URL}/embed/{token.path}"
    assert (int(frame[2]), int(frame[3])) == (told["width"], told["height"])
    assert HOSTILE in unescape(told["html"])
    assert "<img" not in told["html"]
    assert told["thumbnail_url"].startswith(f"{PUBLIC_URL}/works/{token.path}/card.jpg")


async def test_oembed_keeps_within_bounds(exchange, token):
    url = f"{PUBLIC_URL}/works/{token.path}"

    told = await exchange.get("/oembed", url=url, maxwidth=300, maxheight=200)

    assert (told["width"], told["height"]) == (300, 200)
    assert "thumbnail_url" not in told


async def test_oembed_knows_no_other_address(exchange, token):
    urls = [
        f"http://evil.test/works/{token.path}",
        f"{PUBLIC_URL}.evil.test/works/{token.path}",
        f"{PUBLIC_URL}@evil.test/works/{token.path}",
        f"{PUBLIC_URL}/works/{CHAIN_ID}/{exchange.house}/99",
        f"{PUBLIC_URL}/account",
        f"{PUBLIC_URL}/v/aaaaaaaaaaaa",
        "file:///etc/passwd",
        "http://[::1",
    ]
    found = [await exchange.client.get("/oembed", params={"url": url}) for url in urls]
    as_xml = await exchange.client.get(
        "/oembed", params={"url": f"{PUBLIC_URL}/works/{token.path}", "format": "xml"}
    )

    assert [one.status_code for one in found] == [404] * len(urls)
    assert (as_xml.status_code, as_xml.json()["code"]) == (501, "FormatNotOffered")


def test_a_block_of_data_ends_where_it_should():
    written = script_json({"title": HOSTILE})

    assert not re.search(r"[<>&\u2028]", written)
    assert json.loads(written) == {"title": HOSTILE}
