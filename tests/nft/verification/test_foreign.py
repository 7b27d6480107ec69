"""Our credentials hold by an implementation that nobody here wrote."""

import json
import os
import subprocess
import sys
from pathlib import Path

from nft.certificates import Issuer
from nft.checkpoints import issue_checkpoints
from tests.support.papers import ISSUER, NOON, dumped, papers

ROOT = Path(__file__).parents[3]
PROGRAM = ROOT / "tests" / "support" / "foreign_verifier.mjs"


def verified(tmp_path, *documents) -> list[dict]:
    files = []
    for position, document in enumerate(documents):
        files.append(tmp_path / f"{position}.json")
        files[-1].write_bytes(dumped(document))
    done = subprocess.run(
        [Path(sys.executable).with_name("node"), PROGRAM, *files],
        env={**os.environ, "MODULES": str(ROOT / "api")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_certificates_lists_and_checkpoints_verify_there(tmp_path):
    web = papers(seed=91, moves=0, issuer=Issuer(ISSUER.key, "did:web:example.org"))
    local = papers(seed=92, moves=0)

    found = verified(
        tmp_path,
        local.certificate,
        web.certificate,
        *local.status()["lists"],
        issue_checkpoints([], ISSUER, as_of=NOON),
    )

    assert found == [{"verified": True, "errors": []}] * 5


def test_changed_ones_do_not(tmp_path):
    genuine = papers(seed=92, moves=0).certificate
    word = {**genuine, "validFrom": "2026-01-01T00:00:00Z"}
    proof = {**genuine, "proof": {**genuine["proof"], "created": "2026-01-01T00:00:00Z"}}
    context = {**genuine, "@context": genuine["@context"][:1]}

    found = verified(tmp_path, word, proof, context)

    assert [one["verified"] for one in found] == [False, False, False]
