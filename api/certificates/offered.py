"""
What the page of a certificate says of a work that is offered and not minted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.certificates.anchor import anchored_at
from api.certificates.versions import Certificate
from api.parts import Parts
from api.tokens import documents
from api.tokens.queries import pictures_of
from api.vouchers.pages import Face
from api.vouchers.queries import get_voucher

STATED = ("title", "artist", "description", "alt_text", "date", "medium", "dimensions", "rights")


def _stated(subject: Mapping[str, Any]) -> dict[str, Any]:
    return {name: documents.text(subject, name) for name in STATED}


async def offered_context(
    session: AsyncSession, parts: Parts, certificate: Certificate
) -> dict[str, Any]:
    """The work by its description, the offer as it stands now, and since when it is anchored."""
    assert certificate.voucher is not None, "a certificate from before the mint"
    subject = certificate.document["credentialSubject"]
    voucher = await get_voucher(session, parts, certificate.voucher)
    described = subject["metadata"]["document"]
    pictures = await pictures_of(session, parts.media_url, [described])
    path = certificate.token.path
    return {
        "token": Face(
            creator=subject["creator"]["address"],
            media=documents.media(described, pictures, parts.media_url),
            edition=documents.edition(described),
            **_stated(subject),
        ),
        "voucher": voucher,
        "number": certificate.token.token_id - int(voucher.token_id) + 1,
        "has_statement": "statement" in subject,
        "by_contract": subject["voucher"].get("wallet") == "contract",
        "test": "notice" in subject,
        "asset": certificate.token.caip19,
        "anchored_at": await anchored_at(session, certificate),
        "anchor_url": f"/api/certificates/{path}/anchor?version={certificate.version}",
    }
