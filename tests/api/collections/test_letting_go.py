"""
The operator lets go of a stranger's contract, by the command; what everybody is told from then on.
"""

import json
import os
import subprocess

import pytest

from api.cli.index_unregister import main as command
from indexer.audit import EVERYTHING, audit
from indexer.full_proof import prove_all
from indexer.leaving import leave
from indexer.rebuild import rebuild
from indexer.run import connected
from nft.errors import ExchangeError, NotAnAddress, Unacceptable
from nft.types import Address
from tests.support.exchange import CHAIN_ID
from tests.support.registering import registered
from tests.support.stack import PROGRAM
from tests.support.strangers import Strangers
from tests.support.studio import Studio

pytestmark = pytest.mark.chain

WHY = "it floods the mirror"


def unregister(
    studio: Studio, contract: Address | str, why: str = WHY
) -> subprocess.CompletedProcess[str]:
    """The command, as an operator runs it."""
    return subprocess.run(
        [
            *(*PROGRAM, "index", "unregister", str(contract)),
            *("--chain", str(CHAIN_ID), "--reason", why, "--json"),
        ],
        env={**os.environ, "DATABASE_URL": studio.database_url},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


async def test_everybody_is_told_since_when_and_why(studio: Studio) -> None:
    strangers = Strangers(studio.contracts.node)
    contract = strangers.collection("Flood", (studio.person("somebody").address, 2))
    before = await registered(studio, contract)
    works = (await studio.get("/api/tokens", contract=str(contract)))["items"]
    token = f"/api/tokens/{CHAIN_ID}/{contract}/{works[0]['token_id']}"
    shown = await studio.client.get(token)
    auth = await studio.sign_in(studio.person("another"))
    collection = f"/collections/{CHAIN_ID}/{contract}"

    done = unregister(studio, contract)

    left = json.loads(done.stdout)
    told = await studio.get(f"/api{collection}")
    gone = [await studio.client.get(token + more) for more in ("", "/provenance")]
    pages = {
        language: (await studio.client.get(collection, headers={"Accept-Language": language})).text
        for language in ("en", "zh")
    }
    status = await studio.get("/status", format="json")
    refused = await studio.client.post(f"/api{collection}", headers=auth)
    assert (before["mirror"]["state"], shown.status_code) == ("complete", 200)
    assert done.returncode == 0, done.stderr
    assert (left["works"], left["contract"]) == (2, str(contract))
    assert (told["mirror"]["state"], told["works"]) == ("left", 0)
    assert (told["mirror"]["left_block"], told["mirror"]["refused"]) == (left["left_block"], WHY)
    for answer in gone:
        assert (answer.status_code, answer.json()["code"]) == (404, "NoLongerFollowed")
        assert f"since block {left['left_block']}: {WHY}" in answer.json()["detail"]
        assert answer.json()["left_block"] == left["left_block"]
    assert "No longer followed since block" in pages["en"]
    assert "本馆决定不再跟踪此合约" in pages["zh"]
    assert all(WHY in page for page in pages.values())
    listed = status["chains"][0]["registered_contracts"]
    assert [(one["left_block"], one["refused"]) for one in listed] == [(left["left_block"], WHY)]
    assert (refused.status_code, refused.json()["code"]) == (409, "ContractLeft")
    items = (await studio.get("/api/collections"))["items"]
    assert str(contract) not in [one["contract"] for one in items]


async def test_the_mirror_is_whole_without_it(studio: Studio) -> None:
    """Held against the node: by an audit, by receipts, and by a rebuild."""
    strangers = Strangers(studio.contracts.node)
    somebody = studio.person("somebody").address
    flood, kept = [strangers.collection(name) for name in ("Flood", "Kept")]
    for contract in (flood, kept):
        for number in (7, 8):
            strangers.tell(contract, "mint", somebody, number)
        await registered(studio, contract)
    studio.contracts.node.mine(3)
    studio.catch_up()

    with connected(studio.database_url) as connection:
        leave(connection, CHAIN_ID, flood, WHY)

    deployment = studio.deployment
    with connected(studio.database_url) as connection:
        compared = audit(connection, studio.chain, deployment, EVERYTHING)
        proof = prove_all(connection, studio.chain, deployment)
        before, after = rebuild(connection, studio.chain, deployment)
    assert list(compared.differences) == []
    assert compared.compared["tokens"] >= 2
    assert proof.differences == []
    assert before == after
    works = (await studio.get("/api/tokens", limit="100"))["items"]
    assert {one["contract"] for one in works if one["foreign"]} == {str(kept)}


@pytest.mark.parametrize(
    ("contract", "why", "error"),
    [
        (str(Address(b"\x66" * 20)), " ", Unacceptable),
        (str(Address(b"\x66" * 20)), "x" * 501, Unacceptable),
        ("0x66", WHY, NotAnAddress),
    ],
)
def test_a_reason_is_needed_and_an_address(
    contract: str, why: str, error: type[ExchangeError]
) -> None:
    with pytest.raises(error):
        command([contract, "--chain", str(CHAIN_ID), "--reason", why])


def test_what_nobody_registered_is_exit_code_1(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    studio.catch_up()
    monkeypatch.setenv("DATABASE_URL", studio.database_url)

    code = command([str(Address(b"\x66" * 20)), "--chain", str(CHAIN_ID), "--reason", WHY])

    assert (code, capsys.readouterr().out) == (1, "")
