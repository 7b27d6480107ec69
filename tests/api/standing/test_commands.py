"""
`vernissage countersign` and the issuer's part in claims.
"""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.cli import main
from api.cli.standing import parser
from tests.api.standing.conftest import Desk
from tests.support.exchange import Person

pytestmark = pytest.mark.chain

GALLERY = "did:web:gallery.art"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "gallery.pem"
    made = Ed25519PrivateKey.from_private_bytes(b"\x05" * 32)
    path.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


async def test_a_gallery_countersigns_from_the_command_line(
    desk: Desk, artist: Person, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = desk.mint_own(artist)
    file = tmp_path / "certificate.json"
    file.write_bytes(await desk.certificate(work))

    code = main(["countersign", str(file), "--key", str(key), "--did", GALLERY, "--json"])

    made = json.loads(capsys.readouterr().out.splitlines()[-1])
    desk.publish("gallery.art", made["did_document"], "/.well-known/did.json")
    path = f"/api/certificates/{work.path}/countersignatures"
    posted = await desk.client.post(path, json=made["countersignature"])
    assert code == 0
    assert posted.status_code == 201, posted.text
    assert await desk.level(work) == "creator_verified"


async def test_a_changed_certificate_is_not_countersigned(
    desk: Desk, artist: Person, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = desk.mint(artist)
    file = tmp_path / "certificate.json"
    file.write_bytes((await desk.certificate(work)).replace(b"Untitled", b"Entitled", 1) + b" ")
    document = json.loads(file.read_bytes())
    document["validFrom"] = "2020-01-01T00:00:00Z"
    file.write_text(json.dumps(document))

    code = main(["countersign", str(file), "--key", str(key), "--did", GALLERY])

    assert code == 2
    assert "proofValue" not in capsys.readouterr().out


def test_a_rejected_claim_cannot_revoke() -> None:
    asked = ["decide", "0" * 32, "upheld", "--reason", "x", "--suspend", "--revoke"]

    with pytest.raises(SystemExit):
        parser().parse_args(asked)
