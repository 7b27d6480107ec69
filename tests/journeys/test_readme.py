"""The README's program does what the README says, and anybody can check what came of it."""

import json
import subprocess
import sys

import httpx
import pytest

from tests.support.journey import program

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("journeys")]

PRICE = 10**18
ROYALTY = PRICE * 750 // 10_000
FEE = PRICE * 200 // 10_000


def lines_of_code() -> int:
    return sum(1 for line in program().splitlines() if line.strip())


def balance(rpc_url: str, address: str, block: str) -> int:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "eth_getBalance", "params": [address, block]}
    return int(httpx.post(rpc_url, json=asked).json()["result"], 16)


class TestTheProgram:
    def test_is_short(self):
        assert lines_of_code() <= 48

    def test_sells_with_the_royalty_to_the_wei(self, outcome):
        assert outcome.lines[0].startswith(f"sold for {PRICE}, royalty {ROYALTY} to 0x")

    def test_its_certificate_verifies(self, outcome):
        assert outcome.verdict == "pass"

    def test_the_mirror_tells_who_got_what(self, web, sold):
        path = f"{sold['chain_id']}/{sold['contract']}/{sold['token_id']}"

        items = web.get(f"/api/tokens/{path}/provenance").json()["items"]

        assert [item["event"] for item in items] == ["mint", "sale"]
        sale = items[1]
        assert (sale["price"], sale["royalty_paid"]) == (str(PRICE), str(ROYALTY))
        assert sale["platform_fee"] == str(FEE)
        assert sale["royalty_receiver"] == sold["creator"]
        assert sale["to"] == sold["owner"]

    def test_the_chain_paid_what_the_mirror_tells(self, exchange, web, sold):
        path = f"{sold['chain_id']}/{sold['contract']}/{sold['token_id']}"
        sale = web.get(f"/api/tokens/{path}/provenance").json()["items"][1]
        block = int(sale["block_number"])

        before, after = (
            balance(exchange.rpc_url, sold["creator"], hex(number)) for number in (block - 1, block)
        )

        assert after - before == PRICE - FEE  # the artist is seller and royalty receiver at once


class TestVerifyWithoutTheServer:
    def _verify(self, *arguments: str) -> tuple[int, dict]:
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", "verify", *arguments, "--json"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, json.loads(done.stdout) if done.stdout else {}

    @pytest.fixture
    def certificate(self, web, sold, tmp_path):
        path = f"{sold['chain_id']}/{sold['contract']}/{sold['token_id']}"
        file = tmp_path / "certificate.json"
        file.write_bytes(web.get(f"/api/certificates/{path}").content)
        return file

    @pytest.fixture
    def picture(self, exchange, sold, tmp_path):
        file = tmp_path / "picture.png"
        file.write_bytes(httpx.get(f"{exchange.media_url}/ipfs/{sold['media'][0]['cid']}").content)
        return file

    def test_passes_against_a_node_and_the_file(self, exchange, certificate, picture):
        code, report = self._verify(
            str(certificate), "--rpc", exchange.rpc_url, "--media", str(picture)
        )

        assert code == 0
        assert report["valid"] is True
        assert "fail" not in {check["result"] for check in report["checks"]}

    def test_is_incomplete_without_a_node(self, certificate):
        code, report = self._verify(str(certificate))

        assert code == 1
        assert report["verdict"] == "incomplete"

    def test_fails_for_another_picture(self, exchange, certificate, picture):
        picture.write_bytes(picture.read_bytes() + b"\0")

        code, report = self._verify(
            str(certificate), "--rpc", exchange.rpc_url, "--media", str(picture)
        )

        assert (code, report["verdict"]) == (1, "fail")

    def test_fails_for_another_title(self, exchange, certificate):
        document = json.loads(certificate.read_text())
        document["credentialSubject"]["title"] = "Journey "
        certificate.write_text(json.dumps(document))

        code, report = self._verify(str(certificate), "--rpc", exchange.rpc_url)

        assert (code, report["verdict"]) == (1, "fail")

    def test_says_that_the_node_did_not_answer(self, certificate):
        code, _ = self._verify(str(certificate), "--rpc", "http://127.0.0.1:9")

        assert code == 3

    def test_says_that_the_file_is_none(self, tmp_path):
        file = tmp_path / "not.json"
        file.write_text("[1]")

        assert self._verify(str(file))[0] == 2
        assert self._verify(str(tmp_path / "missing.json"))[0] == 2
