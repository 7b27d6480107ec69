"""
Certificates to be printed: pure ones, without a chain.
"""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from api.forms.sheets import Picture, Sheet
from media.typesetting import Press
from nft.certificates import Issuer, Mint, Statement, certificate_code, issue
from nft.metadata import Asset, Work, canonical_bytes, document, metadata_digest
from nft.tokens import token_id
from nft.types import Address, Digest, TokenRef

FACES = Path(__file__).parents[2] / "api" / "faces"
PRESS = Press(FACES)
MARLOWE = Address.parse("0x8ba1f109551bD432803012645Ac136ddd64DBA72")
HOUSE = Address.parse("0x5FbDB2315678afecb367f032d93F642f64180aa3")
DIGEST = Digest(hashlib.sha256(b"picture").digest())
MINTED = 1_777_889_112


def credential(*, is_test: bool = False, is_provisional: bool = False, **stated: Any) -> bytes:
    """The bytes of a certificate of a work so stated."""
    picture = Asset("image", "bafkreie", "unixfs-v1-2025", DIGEST, "image/jpeg", 9, 1600, 1000)
    told = document(Work(**{"title": "Seven Valleys", "assets": (picture,), **stated}))
    mint = Mint(
        transaction_hash=DIGEST,
        block_number=21_894_003,
        block_hash=DIGEST,
        timestamp=MINTED,
        log_index=0,
        royalty_bps=750,
        royalty_receiver=MARLOWE,
    )
    statement = Statement(
        token=TokenRef(31337, HOUSE, token_id(MARLOWE, 7)),
        metadata_digest=metadata_digest(canonical_bytes(told)),
        metadata=told,
        mint=mint,
        is_test=is_test,
        is_provisional=is_provisional,
    )
    signed = issue(statement, Issuer.local(Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)))
    return json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode()


def sheet(
    *,
    language: str = "en",
    picture: Picture | None = None,
    public_url: str = "https://vernissage.example",
    **stated: Any,
) -> Sheet:
    """Something to print."""
    code = certificate_code(TokenRef(31337, HOUSE, token_id(MARLOWE, 7)))
    return Sheet(
        body=credential(**stated),
        code=code,
        language=language,
        public_url=public_url,
        picture=picture,
    )


def picture_in(folder: Path, size: tuple[int, int] = (800, 500)) -> Picture:
    """A picture as it lies in the store, without an ending."""
    held = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(held, "JPEG")
    file = folder / hashlib.sha256(held.getvalue()).hexdigest()
    file.write_bytes(held.getvalue())
    return Picture(file=file, type="image/jpeg", width=size[0], height=size[1])


def text_of(body: bytes) -> str:
    """Every word of a PDF, its pages one after the other."""
    found = pypdfium2.PdfDocument(body)
    pages = [found[number].get_textpage().get_text_bounded() for number in range(len(found))]
    return "\n".join(pages)


def shown(body: bytes, *, dpi: int = 300) -> Image.Image:
    """The first page as it comes out of a printer."""
    page: Image.Image = pypdfium2.PdfDocument(body)[0].render(scale=dpi / 72).to_pil()
    return page


def attached_to(body: bytes) -> bytes:
    """The credential that a PDF carries."""
    with pikepdf.open(io.BytesIO(body)) as file:
        return bytes(file.attachments["certificate.json"].get_file().read_bytes())
