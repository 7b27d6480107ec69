"""`vernissage countersign`: a gallery signs a certificate, with a key of its own domain."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

DESCRIPTION = """
Signs what a certificate says, as the gallery whose did:web is named. Post the result to
/api/certificates/{chain}/{contract}/{token}/countersignatures. It counts once the domain answers
the DID document, which is printed too, at https://<domain>/.well-known/did.json. Make a key with
`openssl genpkey -algorithm ed25519 -out gallery.pem`, and let nobody else have it.
"""


def parser() -> argparse.ArgumentParser:
    """What `vernissage countersign` understands."""
    made = argparse.ArgumentParser(prog="vernissage countersign", description=DESCRIPTION)
    made.add_argument("certificate", type=Path, help="the very file that was issued")
    made.add_argument("--key", type=Path, required=True, help="an Ed25519 private key, PEM")
    made.add_argument("--did", required=True, help="did:web:<domain> of the gallery")
    made.add_argument("-o", "--out", type=Path, help="where to write it (default: printed)")
    made.add_argument(
        "--did-out", type=Path, metavar="FILE", help="where to write the DID document, too"
    )
    made.add_argument(
        "--withdraw",
        type=Path,
        metavar="FILE",
        help="take back this countersignature: post the result to …/{id}/withdraw",
    )
    made.add_argument("--json", action="store_true", help="both documents as one line of JSON")
    return made


def main(arguments: list[str]) -> int:
    """Sign; returns the exit code."""
    from nft.countersignatures import countersign, did_document, withdraw

    given = parser().parse_args(arguments)
    key, now = _read_key(given.key), datetime.now(UTC)
    if given.withdraw is not None:
        made = withdraw(_read_json(given.withdraw), key=key, did=given.did, now=now)
    else:
        made = countersign(_read_certificate(given.certificate), key=key, did=given.did, now=now)
    hosted = did_document(key, given.did)
    if given.out is not None:
        given.out.write_text(_text(made), "utf-8")
    if given.did_out is not None:
        given.did_out.write_text(_text(hosted), "utf-8")
    if given.json:
        both = {"countersignature": made, "did_document": hosted}
        sys.stdout.write(json.dumps(both, ensure_ascii=False) + "\n")
        return 0
    if given.out is None:
        sys.stdout.write(_text(made))
    domain = given.did.removeprefix("did:web:")
    sys.stderr.write(f"\nat https://{domain}/.well-known/did.json:\n{_text(hosted)}")
    return 0


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _read_key(path: Path) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from api.local.errors import WrongInput

    try:
        found = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise WrongInput(f"{path} holds no private key that can be read") from error
    if not isinstance(found, Ed25519PrivateKey):
        raise WrongInput(f"{path} is a key of another kind than Ed25519")
    return found


def _read_json(path: Path) -> dict[str, Any]:
    from api.local.errors import WrongInput

    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise WrongInput(f"{path} is no JSON document that can be read") from error
    if not isinstance(found, dict) or not isinstance(found.get("proof"), dict):
        raise WrongInput(f"{path} is no signed document")
    return found


def _read_certificate(path: Path) -> Any:
    """What there is to sign; a gallery does not sign a certificate whose own signature fails."""
    from nft.countersignatures import Countersigned
    from nft.integrity import check_proof
    from nft.types import Digest
    from nft.verification import read_claims

    document = _read_json(path)
    check_proof(document)
    claims = read_claims(document)
    return Countersigned(
        certificate=Digest.sha256(path.read_bytes()),
        token=claims.token,
        metadata=claims.metadata_digest,
        creator=claims.creator,
    )
