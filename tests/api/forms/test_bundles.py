"""
The evidence bundle over HTTP: drawn for whoever asks, then pinned, and the same bytes ever after.
"""

import hashlib
import json

import pytest

from api.forms import bundling
from nft.bundles import pack, unpack
from nft.content.importer import import_pieces
from nft.content.profiles import DEFAULT
from nft.types import Address, Digest, TokenRef
from nft.verification import Evidence, verify_archive
from tests.media import pictures
from tests.support.exchange import CHAIN_ID
from tests.support.sheets import attached_to

pytestmark = pytest.mark.chain


async def test_a_bundle_is_drawn_pinned_and_drawn_anew_when_the_work_was_sold(studio):
    artist, collector = studio.person("artist"), studio.person("collector")
    auth = await studio.sign_in(artist)
    file = pictures.encoded(pictures.canvas(900, 600), "JPEG", quality=90)
    intent = await studio.mint_through(artist, auth, file)
    studio.send_step(artist, intent["steps"][-1])
    studio.contracts.node.mine(4)
    studio.catch_up()
    result = (await studio.intent(intent["id"]))["result"]
    ref = TokenRef(CHAIN_ID, Address.parse(result["contract"]), int(result["token_id"]))
    at = f"/api/certificates/{ref.path}"

    credential = await studio.client.get(at)
    early = await studio.client.get(f"{at}.zip")
    drawn = await bundling.bundles_round(studio.parts, studio.media.private)
    await studio.work()
    kept = await studio.client.get(f"{at}.zip")
    again = await studio.client.get(f"{at}.zip")
    metadata = (await studio.client.get(f"/api/tokens/{ref.path}")).json()["metadata_digest"]
    parts = unpack(kept.content)
    cid = import_pieces([kept.content], [DEFAULT]).roots[DEFAULT.name].cid
    public = await studio.client.get(f"/ipfs/{cid}")

    assert (early.status_code, "X-Ipfs-Path" in early.headers) == (200, False)
    assert kept.headers["X-Ipfs-Path"] == f"/ipfs/{cid}"
    assert kept.content == again.content == public.content
    assert set(parts) >= {"README.txt", "certificate.json", "extract.json", "metadata.json"}
    assert set(parts) >= {"status.json", "issuer.json", "standing.json", "certificate.pdf"}
    assert parts["certificate.json"] == credential.content == attached_to(parts["certificate.pdf"])
    assert f"0x{hashlib.sha256(parts['metadata.json']).hexdigest()}" == metadata
    extract = json.loads(parts["extract.json"])
    assert extract["owner"] == str(artist)
    believed = {int(extract["as_of"]["block_number"]): Digest.parse(extract["as_of"]["block_hash"])}
    report = verify_archive(kept.content, Evidence(block_hashes=believed))
    assert report.verdict == "pass", report.as_json()
    assert (
        pack({name: body for name, body in parts.items() if name != "README.txt"}) == kept.content
    )
    assert (drawn, studio.rows("SELECT count(*) FROM book_bundles_due")) == (1, [(0,)])

    order = await studio.list(artist, ref)
    await studio.buy(collector, order)
    studio.contracts.node.mine(4)
    studio.catch_up()
    assert await bundling.bundles_round(studio.parts, studio.media.private) == 1
    await studio.work()
    sold = await studio.client.get(f"{at}.zip")
    gone = await studio.client.get(f"/ipfs/{cid}")

    assert json.loads(unpack(sold.content)["extract.json"])["owner"] == str(collector)
    assert sold.headers["X-Ipfs-Path"] != kept.headers["X-Ipfs-Path"]
    assert gone.status_code == 404
    assert studio.rows("SELECT count(*) FROM media_references WHERE holder LIKE 'bundle:%'") == [
        (1,)
    ]


async def test_a_work_that_nobody_minted_has_none(exchange):
    answer = await exchange.client.get(f"/api/certificates/{CHAIN_ID}/{exchange.house}/7.zip")

    assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchToken")
