"""
The certificate on paper over HTTP.
"""

import pytest

from tests.media import pictures
from tests.support.exchange import CHAIN_ID
from tests.support.sheets import attached_to, text_of

pytestmark = pytest.mark.chain

TITLE = "Harbour </script> #panic()"


async def test_the_sheet_carries_the_certificate_and_the_picture(studio):
    artist = studio.person("artist")
    auth = await studio.sign_in(artist)
    file = pictures.encoded(pictures.canvas(1200, 900), "JPEG", quality=95)
    intent = await studio.mint_through(artist, auth, file, title=TITLE)
    studio.send_step(artist, intent["steps"][-1])
    studio.contracts.node.mine(3)
    studio.catch_up()
    result = (await studio.intent(intent["id"]))["result"]
    work = f"{CHAIN_ID}/{result['contract']}/{result['token_id']}"
    credential = await studio.client.get(f"/api/certificates/{work}")
    at = f"/api/certificates/{work}.pdf"

    first = await studio.client.get(at)
    again = await studio.client.get(at)
    known = await studio.client.get(at, headers={"If-None-Match": first.headers["ETag"]})
    chinese = await studio.client.get(at, headers={"Accept-Language": "zh-CN"})

    assert (first.status_code, first.headers["Content-Type"]) == (200, "application/pdf")
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert first.content == again.content
    assert known.status_code == 304
    assert attached_to(first.content) == credential.content
    assert b"/Subtype/Image" in first.content
    assert TITLE in text_of(first.content)
    assert chinese.headers["Content-Language"] == "zh-Hans"
    assert chinese.headers["ETag"] != first.headers["ETag"]
    assert "真品证书" in text_of(chinese.content)


async def test_one_address_has_every_form(exchange):
    token = exchange.mint(exchange.person("artist"), title="Haze")
    exchange.contracts.node.mine(3)
    exchange.catch_up()
    page, credential, paper = [
        await exchange.client.get(f"/c/{token.path}", headers={"Accept": accept})
        for accept in ("text/html,*/*;q=0.8", "application/vc", "application/pdf")
    ]
    code = page.text.partition("/v/")[2][:12]
    printed = await exchange.client.get(f"/V/{code.upper()}")
    short = await exchange.client.get(printed.headers["Location"])

    assert [one.headers["Content-Type"].split(";")[0] for one in (page, credential, paper)] == [
        "text/html",
        "application/vc",
        "application/pdf",
    ]
    assert {
        f'</api/certificates/{token.path}.pdf>; rel="alternate"' in one.headers["Link"]
        for one in (page, credential, paper)
    } == {True}
    assert {"Accept" in one.headers["Vary"] for one in (page, credential, paper)} == {True}
    assert (printed.status_code, printed.headers["Location"]) == (301, f"/v/{code}")
    assert short.headers["Location"] == f"/c/{token.path}"


async def test_what_does_not_exist_is_not_printed(exchange):
    answer = await exchange.client.get(f"/api/certificates/{CHAIN_ID}/{exchange.house}/7.pdf")

    assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchToken")
