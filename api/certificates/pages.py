"""
`/c/…`, `/v/{code}` and `/verify`: the paper of a work, answers first, and a desk to check any.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Query, Request
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from api.accounts.deps import MaybeAccountDep
from api.certificates import issuers, offered, offers, offline, service, versions
from api.certificates.anchor import AnchorWaiting, anchor_of
from api.certificates.routes import MAX_DOCUMENT_BYTES, DocumentTooLarge
from api.certificates.status import status_of
from api.certificates.verifying import report_on
from api.certificates.versions import Certificate
from api.certificates.wording import check_words, told
from api.chains.mirror import heads
from api.chains.schemas import AsOf
from api.deps import NowDep, PartsDep, ReadSessionDep
from api.etags import public_bytes
from api.forms import bundling, negotiation
from api.forms.codes import short_url
from api.forms.links import forms_of, json_path, link_header
from api.pages import qr_svg, render, speaker
from api.parts import Parts
from api.standing import queries as standing
from api.standing.disputes import disputes_of
from api.standing.wording import words_of
from api.statements import queries as statements
from api.tokens.cards import card_path
from api.tokens.deps import TokenDep
from api.tokens.queries import get_token, provenance
from api.tokens.schemas import TokenOut
from nft.verification import NotACertificate, Report, read_claims

router = APIRouter(include_in_schema=False)


@router.get("/c/{chain_id}/{contract}/{token_id}")
async def certificate_page(
    request: Request,
    token: TokenDep,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    viewer: MaybeAccountDep,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Response:
    """
    The certificate of a work, checked while you wait; by `Accept` also as JSON and as PDF.

    `version` opens one that was issued before, with a link to the one in force.
    """
    if version is None:
        certificate = await service.get_certificate(session, parts, token, now=now)
    else:
        certificate = await versions.get_version(session, token, version)
        await offers.check_shown(session, parts, certificate, now=now)
    other = await negotiation.other_form(request, session, parts, certificate)
    if other is not None:
        return other
    if not certificate.is_minted:
        return await _offered_page(request, session, parts, certificate, viewer)
    media = await service.media_read_back(session, certificate.document)
    found = await get_token(session, parts, token)
    history = await provenance(session, parts, token)
    head = (await heads(session))[token.chain_id]
    anchored, waits_for = await _anchor(session, certificate)
    await session.close()  # Checking takes a connection of its own, and its time.
    report = await report_on(parts, certificate.body, media=media, anchor=anchored)
    context: dict[str, Any] = {
        "section": "verify",
        "viewer": viewer,
        "token": found,
        "statement": await statements.of_work(session, found),
        "provenance": history,
        "standing": await standing.standing_of(session, parts, token, found, now),
        "disputed": await disputes_of(session, token),
        "provisional": certificate.is_provisional,
        "waits_for": waits_for,
        "issuer_status": (await status_of(session, token, certificate.version)).word,
        "state": AsOf(
            block_number=str(head.number),
            block_hash=str(head.block_hash),
            timestamp=datetime.fromtimestamp(head.timestamp, UTC),
            finality=head.finality(head.number),
        ),
    }
    context |= other_forms(parts, certificate, found)
    context["bundle"] = await bundling.find_kept(session, token)
    return render(
        request,
        "certificates/certificate.html",
        context | report_context(request, report) | words_of(speaker(request)),
        headers={"Link": link_header(token, parts.public_url)},
    )


async def _offered_page(
    request: Request,
    session: AsyncSession,
    parts: Parts,
    certificate: Certificate,
    viewer: object,
) -> Response:
    """Of a work that is not minted: the offer, and neither owner nor provenance."""
    media = await service.media_read_back(session, certificate.document)
    await session.close()  # As above.
    report = await report_on(parts, certificate.body, media=media)
    context = {
        "section": "verify",
        "viewer": viewer,
        "issuer_status": (await status_of(session, certificate.token, certificate.version)).word,
        **carried(parts, certificate),
        **await offered.offered_context(session, parts, certificate),
        **report_context(request, report),
    }
    link = link_header(certificate.token, parts.public_url, is_minted=False)
    return render(request, "certificates/offered.html", context, headers={"Link": link})


async def _anchor(
    session: AsyncSession, certificate: Certificate
) -> tuple[dict[str, Any] | None, str]:
    """The proof of its day, or what that waits for; a provisional one waits for other things."""
    if certificate.is_provisional:
        return None, ""
    try:
        return await anchor_of(session, certificate), ""
    except AnchorWaiting as waiting:
        return None, waiting.stage


def json_url(certificate: Certificate) -> str:
    """Where the document itself is; of a version that is not in force, under its number."""
    url = json_path(certificate.token)
    return f"{url}/versions/{certificate.version}" if certificate.is_superseded else url


def other_forms(parts: Parts, certificate: Certificate, found: TokenOut) -> dict[str, Any]:
    """What leads to the certificate from paper and from elsewhere, and its other forms."""
    return {**carried(parts, certificate), "card_path": card_path(found)}


def carried(parts: Parts, certificate: Certificate) -> dict[str, Any]:
    """The same of any certificate; one of an offer has no card."""
    short = short_url(parts.public_url, certificate.code)
    return {
        "qr": qr_svg(short),
        "short_url": short,
        "superseded": certificate.is_superseded,
        "version": certificate.version,
        "in_force_url": f"/c/{certificate.token.path}",
        "json_url": json_url(certificate),
        "forms": forms_of(certificate.token),
    }


def report_context(request: Request, report: Report) -> dict[str, Any]:
    """What the list of checks needs."""
    say = speaker(request)
    return {
        "report": report,
        "check_name": check_words(say),
        "check_told": partial(told, say=say),
    }


@router.get("/v/{code}")
async def short_link(code: str, session: ReadSessionDep) -> Response:
    """Where the QR code leads: to the page, never to an action."""
    token = await versions.find_by_code(session, code)
    return RedirectResponse(f"/c/{token.path}", status_code=302)


@router.get("/verify")
async def verify_page(
    request: Request,
    viewer: MaybeAccountDep,
    parts: PartsDep,
    code: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """The desk; with a code or an address of ours it opens that certificate."""
    path = urlsplit(code.strip()).path
    if path.startswith(("/c/", "/v/")):
        return RedirectResponse(path, status_code=302)
    if code.strip().isalnum():
        return RedirectResponse(f"/v/{code.strip()}", status_code=302)
    return render(request, "certificates/verify.html", desk(viewer, await _known(parts), code=code))


def desk(viewer: object, issuers: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """
    The page with nothing on it yet.

    `issuers` are Multikeys that its verifier knows, and whose they are.
    """
    known = json.dumps(issuers, ensure_ascii=False).replace("<", "\\u003c")
    empty = {"report": None, "wrong": "", "code": "", "page_url": ""}
    words = {"desk_words": Markup(offline.desk_words()), "desk_issuers": Markup(known)}
    return {"section": "verify", "viewer": viewer} | words | empty | more


async def _known(parts: Parts) -> dict[str, str]:
    async with parts.sessions() as session:
        return await issuers.known(session, parts)


@router.get("/verify.html")
async def keep_verifier(request: Request) -> Response:
    """The verifier as one file that needs no network; its own head holds its policy."""
    return public_bytes(
        request,
        offline.verify_page(),
        media_type="text/html; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="verify.html"',
            "Content-Security-Policy": "sandbox",
        },
    )


@router.post("/verify")
async def verify_text(request: Request, parts: PartsDep, viewer: MaybeAccountDep) -> Response:
    """Check a pasted certificate and show the report, with or without JavaScript."""
    say = speaker(request)
    text = parse_qs((await _read_form(request)).decode("utf-8", "replace")).get("document", [""])[0]
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        wrong = say("That is not the text of a certificate: it is not a JSON document.")
        context = desk(viewer, await _known(parts), wrong=wrong)
        return render(request, "certificates/verify.html", context, status=422)
    report = await report_on(parts, text.encode())
    context = desk(viewer, await _known(parts), page_url=_page_of(document)) | report_context(
        request, report
    )
    return render(request, "certificates/verify.html", context)


async def _read_form(request: Request) -> bytes:
    """A form percent-encodes its text, so it may be three times as long as the document."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > 3 * MAX_DOCUMENT_BYTES:
            raise DocumentTooLarge(len(body))
    return body


def _page_of(document: dict[str, Any]) -> str:
    try:
        return f"/c/{read_claims(document).token.path}"
    except NotACertificate:
        return ""
