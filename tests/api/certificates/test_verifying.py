"""Any document is checked for anybody: by the API, and by the command line without us."""

import json

import pytest

from api.certificates import issuers, status
from api.certificates.status import Change
from api.cli.verify import main
from nft.anchors import Status
from nft.bundles import pack
from nft.checkpoints import Checkpoint, issue_checkpoints
from nft.types import Digest
from tests.support.exchange import CHAIN_ID, Exchange
from tests.support.offered_papers import OfferedPapers, offered_papers
from tests.support.papers import ISSUER, NOON

VERIFY = "/api/certificates/verify"


def settle(exchange: Exchange) -> None:
    exchange.contracts.node.mine(3)
    exchange.catch_up()


async def minted(exchange: Exchange) -> tuple[bytes, bytes]:
    """The bytes of a new work's certificate, and of its extract."""
    ref = exchange.mint(exchange.person("artist"))
    settle(exchange)
    found = await exchange.client.get(f"/api/certificates/{ref.path}")
    extract = await exchange.client.get(f"/api/certificates/{ref.path}/ownership")
    return found.content, extract.content


async def asked(exchange: Exchange, body: bytes, **headers: str) -> dict:
    answer = await exchange.client.post(VERIFY, content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def results(report: dict) -> dict[str, str]:
    return {check["id"]: check["result"] for check in report["checks"]}


def blocks_of(certificate: bytes) -> dict[int, Digest]:
    told = json.loads(certificate)["credentialSubject"]["mint"]
    return {int(told["block_number"]): Digest.parse(told["block_hash"])}


@pytest.fixture(scope="module")
def offered() -> OfferedPapers:
    """A work that is certified before its token, on a chain of which our node knows nothing."""
    return offered_papers(seed=61, copies=2)


class TestByTheApi:
    async def test_a_certificate_passes_by_its_proofs_and_our_node(self, exchange: Exchange):
        certificate, _ = await minted(exchange)

        report = await asked(exchange, certificate)

        found = results(report)
        assert report["verdict"] == "pass", report
        assert {found[one] for one in ("evidence", "chain.mint", "chain.royalty")} == {"pass"}
        assert found["issuer.identity"] == "pass"
        assert found["status.revocation"] == found["status.suspension"] == "pass"
        assert report["blocks"][0]["linked"] == "rpc"

    async def test_an_extract_and_evidence_alone_pass(self, exchange: Exchange):
        certificate, extract = await minted(exchange)
        evidence = json.dumps(json.loads(certificate)["evidence"][0]["proofs"]).encode()

        reports = [await asked(exchange, body) for body in (extract, evidence)]

        assert [report["verdict"] for report in reports] == ["pass", "pass"], reports

    async def test_a_bundle_passes_and_names_the_owner(self, exchange: Exchange):
        certificate, extract = await minted(exchange)
        bundle = pack({"certificate.json": certificate, "extract.json": extract})

        report = await asked(exchange, bundle, **{"Content-Type": "application/zip"})

        assert report["verdict"] == "pass", report
        assert results(report)["extract.provenance.chain"] == "pass"

    async def test_a_changed_word_fails_and_no_json_is_refused(self, exchange: Exchange):
        certificate, _ = await minted(exchange)

        report = await asked(exchange, certificate.replace(b'"title":"', b'"title":"A '))
        refused = [
            await exchange.client.post(VERIFY, content=body) for body in (b"{", b"[]", b"\xff")
        ]

        assert report["verdict"] == "fail"
        assert [answer.status_code for answer in refused] == [400, 400, 400]

    async def test_a_work_that_is_not_minted_is_never_asked_of_our_node(
        self, exchange: Exchange, offered: OfferedPapers
    ):
        report = await asked(exchange, offered.body)

        found = results(report)
        assert report["verdict"] == "incomplete", report
        assert (found["voucher"], found["chain.mint"]) == ("pass", "not_checked")
        assert {"chain.id", "chain.contract", "chain.metadata"} & found.keys() == set()

    async def test_a_bundle_of_such_a_work_speaks_of_its_anchor(
        self, exchange: Exchange, offered: OfferedPapers
    ):
        headers = {"Content-Type": "application/zip"}

        report = await asked(exchange, pack(offered.bundle()), **headers)

        found = results(report)
        assert report["verdict"] == "incomplete", report
        # The toy chain's blocks are not those of our node.
        assert (found["voucher"], found["anchor"]) == ("pass", "not_checked")

    async def test_what_is_no_bundle_says_so(self, exchange: Exchange):
        headers = {"Content-Type": "application/zip"}

        for body in (b"PK\x03\x04", b"{}", pack({"certificate.json": b"{"})):
            report = await asked(exchange, body, **headers)
            assert report["verdict"] == "fail"
            assert [check["id"] for check in report["checks"]] == ["document"]


class TestByTheCommandLine:
    @pytest.fixture
    async def certificate(self, exchange: Exchange, tmp_path):
        body, _ = await minted(exchange)
        file = tmp_path / "certificate.json"
        file.write_bytes(body)
        return file

    def run(self, capsys, *arguments) -> tuple[int, dict]:
        code = main([*map(str, arguments), "--json"])
        told = capsys.readouterr().out
        return code, json.loads(told) if told else {}

    async def test_offline_by_the_hash_of_its_block(self, certificate, capsys):
        (number, found), *_ = blocks_of(certificate.read_bytes()).items()

        code, report = self.run(capsys, certificate, "--block-hash", f"{number}={found}")
        alone, incomplete = self.run(capsys, certificate)

        assert (code, report["verdict"]) == (0, "pass")
        assert (alone, incomplete["verdict"]) == (1, "incomplete")

    async def test_by_two_nodes_that_agree_and_by_one(self, exchange, certificate, capsys):
        node = exchange.contracts.node.rpc_url
        other = node.replace("127.0.0.1", "localhost")

        _, one = self.run(capsys, certificate, "--rpc", node)
        code, two = self.run(capsys, certificate, "--rpc", node, "--rpc", other)

        said = [
            next(check["detail"] for check in report["checks"] if check["id"].startswith("block."))
            for report in (one, two)
        ]
        assert code == 0
        assert "no second one was asked" in said[0]
        assert said[1].startswith("2 nodes agree")

    async def test_by_checkpoints_of_the_key_that_is_named(self, certificate, capsys, tmp_path):
        held = [
            Checkpoint(CHAIN_ID, number, found, 0)
            for number, found in blocks_of(certificate.read_bytes()).items()
        ]
        file = tmp_path / "checkpoints.json"
        file.write_text(json.dumps(issue_checkpoints(held, ISSUER, as_of=NOON)))
        key = ISSUER.did.removeprefix("did:key:")
        stranger = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"

        code, report = self.run(capsys, certificate, "--checkpoints", file, "--checkpoint-key", key)
        refused, _ = self.run(
            capsys, certificate, "--checkpoints", file, "--checkpoint-key", stranger
        )

        assert (code, report["verdict"], report["blocks"][0]["linked"]) == (0, "pass", "given")
        assert refused == 2

    async def test_a_bundle_with_the_file_of_another_work_fails(
        self, certificate, capsys, tmp_path
    ):
        bundle, picture = tmp_path / "bundle.zip", tmp_path / "other.png"
        bundle.write_bytes(pack({"certificate.json": certificate.read_bytes()}))
        picture.write_bytes(b"another picture")

        code, report = self.run(capsys, bundle, "--media", picture)

        assert code == 1
        assert results(report)["media.other"] == "fail"

    async def test_a_work_that_is_not_minted_is_incomplete_with_a_node_or_without(
        self, exchange, offered, capsys, tmp_path
    ):
        node = exchange.contracts.node.rpc_url
        alone, bundle = tmp_path / "certificate.json", tmp_path / "bundle.zip"
        alone.write_bytes(offered.body)
        bundle.write_bytes(pack(offered.bundle()))
        (number, found), *_ = offered.trusted.items()

        _, by_node = self.run(capsys, alone, "--rpc", node)
        code, anchored = self.run(
            capsys, bundle, "--rpc", node, "--block-hash", f"{number}={found}"
        )

        assert (code, by_node["verdict"], anchored["verdict"]) == (1, "incomplete", "incomplete")
        assert results(by_node)["voucher"] == "pass"
        assert results(anchored)["anchor"] == "pass"
        assert results(anchored)["chain.mint"] == "not_checked"

    @pytest.mark.parametrize(
        ("body", "arguments"),
        [(b"{", []), (b"[]", []), (b"{}", ["--block-hash", "x"]), (b"{}", ["--media", "/none"])],
    )
    def test_bad_input_is_no_verdict(self, body, arguments, capsys, tmp_path):
        file = tmp_path / "file"
        file.write_bytes(body)

        assert self.run(capsys, file, *arguments) == (2, {})

    def test_says_in_words_what_blocks_are_believed_for(self, capsys, tmp_path):
        file = tmp_path / "file.json"
        file.write_bytes(b"{}")

        assert main([str(file)]) == 1
        told = capsys.readouterr().out
        assert "hashes that you gave: 0" in told
        assert "verdict: fail" in told


async def test_a_certificate_of_a_rotated_key_can_still_be_called_back(exchange):
    ref = exchange.mint(exchange.person("artist"))
    settle(exchange)
    old = (await exchange.client.get(f"/api/certificates/{ref.path}")).content
    parts, now = exchange.parts, exchange.clock()
    async with parts.sessions.begin() as session:
        await issuers.rotate(session, parts, note="a yearly change", now=now)

    before = results(await asked(exchange, old))
    async with parts.sessions.begin() as session:
        await status.change(session, ref, 1, Change(Status.REVOKED, "rights", "", now))
    after = results(await asked(exchange, old))
    did = json.loads(old)["issuer"]
    listed = await exchange.get("/api/status-lists/revocation/0", issuer=did)

    assert (before["status.revocation"], before["status.suspension"]) == ("pass", "pass")
    assert (after["status.revocation"], after["status.suspension"]) == ("fail", "pass")
    assert listed["issuer"] == did
