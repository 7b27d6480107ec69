"""
`/api/certificates/{…}/versions`, `/links`: what was issued before, and how its blocks are linked.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from api.certificates import links, offers, service, versions
from api.certificates.schemas import VersionList, VersionOut
from api.certificates.status import status_of
from api.certificates.versions import Certificate, blocks_of
from api.chains import mirror
from api.deps import NowDep, PartsDep, ReadSessionDep
from api.etags import public_bytes, public_json
from api.tables import CertificateRow
from api.tokens.deps import TokenDep, read_uint
from nft.types import Digest, TokenRef

router = APIRouter(prefix="/api/certificates", tags=["certificates"])

FOR_EVER = "public, max-age=31536000, immutable"

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/{chain_id}/{contract}/{token_id}/versions", response_model=VersionList)
async def list_versions(
    token: TokenDep, request: Request, session: ReadSessionDep, parts: PartsDep, now: NowDep
) -> Response:
    """Every version that was ever issued, the oldest first; the last one is in force."""
    await service.get_certificate(session, parts, token, now=now)
    await session.close()  # What was issued just now is in no state from before.
    rows = await versions.every(session, token)
    items = [await _line(session, token, row, rows[-1].version) for row in rows]
    return public_json(request, VersionList(items=items))


async def _line(
    session: AsyncSession, token: TokenRef, row: CertificateRow, newest: int
) -> VersionOut:
    return VersionOut.model_validate(
        {
            "version": row.version,
            "issued_at": row.issued_at,
            "reason": row.reason,
            "has_evidence": row.has_evidence,
            "superseded": row.version < newest,
            "status": (await status_of(session, token, row.version)).word,
            "sha256": str(Digest.sha256(row.body)),
            "url": f"/api/certificates/{token.path}/versions/{row.version}",
        }
    )


@router.get("/{chain_id}/{contract}/{token_id}/versions/{version}", response_model=dict[str, Any])
async def get_version(
    token: TokenDep,
    version: Number,
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
) -> Response:
    """
    One version, the very bytes that were issued; the headers say whether it is in force.

    404 `CertificateHidden` of one that holds a voucher which its signer hid and can still be used.
    """
    found = await versions.get_version(session, token, version)
    await offers.check_shown(session, parts, found, now=now)
    status = await status_of(session, token, version)
    wants_vc = "application/vc" in request.headers.get("accept", "")
    return public_bytes(
        request,
        found.body,
        media_type="application/vc" if wants_vc else "application/json",
        headers={
            "Cache-Control": FOR_EVER,
            "Link": ", ".join(version_links(found)),
            "Certificate-Version": str(version),
            "Certificate-Status": "superseded" if found.is_superseded else status.word,
        },
    )


def version_links(found: Certificate) -> list[str]:
    """Where the versions beside one are (RFC 5829)."""
    base = f"/api/certificates/{found.token.path}"
    told = [
        f'<{base}>; rel="latest-version"',
        f'<{base}/versions>; rel="version-history"',
    ]
    if found.is_superseded:
        told.insert(0, f'<{base}/versions/{found.version + 1}>; rel="successor-version"')
    if found.version > 1:
        told.append(f'<{base}/versions/{found.version - 1}>; rel="predecessor-version"')
    return told


@router.get("/{chain_id}/{contract}/{token_id}/links", response_model=dict[str, Any])
async def get_links(
    token: TokenDep,
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    to: Annotated[str, Query(max_length=20)] = "final",
) -> Response:
    """
    Evidence that leads from a block down to those of the certificate: `links.json` of a bundle.

    `to` is a number, or the newest block that is `final` or `safe`. Whoever believes its hash (the
    header `Linked-From`) believes with it the certificate's blocks, however old they are.
    """
    certificate = await service.get_certificate(session, parts, token, now=now)
    if not certificate.is_minted:
        raise offers.NotMintedYet(token, "a link to its block")
    head = (await mirror.heads(session))[token.chain_id]
    known = {"final": head.final_number, "safe": head.safe_number}
    number = known[to] if to in known else read_uint("to", to, maximum=2**53)
    blocks = blocks_of(certificate.document)
    found = await links.to_blocks(session, parts, token.chain_id, blocks, number)
    if found is None:
        raise links.NothingToLink(number)
    return public_json(request, found, headers={"Linked-From": str(number)})
