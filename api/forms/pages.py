"""
`/embed/…` and `/oembed`: a work on somebody else's page.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from api.deps import PartsDep, ReadSessionDep
from api.etags import etag_of, matches, public_json
from api.forms import oembed
from api.forms.links import forms_of, public_language
from api.languages import HTML_TAG
from api.pages import THEMES, environment
from api.parts import Parts
from api.standing.disputes import disputes_of
from api.tokens.deps import TokenDep
from api.tokens.queries import get_token

router = APIRouter()

BOUND = 10_000


@router.get("/embed/{chain_id}/{contract}/{token_id}", include_in_schema=False)
async def embed_page(
    request: Request, token: TokenDep, session: ReadSessionDep, parts: PartsDep
) -> Response:
    """
    A work with its label, for frames anywhere: no cookie is read or set, and no script runs.

    Nothing can be bought here: a page that may lie in anybody's frame has no button to press.
    """
    work = await get_token(session, parts, token)
    language = public_language(request)
    theme = request.query_params.get("theme")
    body = (
        environment(language)
        .get_template("forms/embed.html")
        .render(
            token=work,
            forms=forms_of(token),
            public_url=parts.public_url,
            disputed=await disputes_of(session, token),
            theme=theme if theme in THEMES else "",
            viewer=None,
        )
    )
    headers = {
        "Content-Security-Policy": embed_policy(parts),
        "Content-Language": HTML_TAG[language],
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cross-Origin-Opener-Policy": "unsafe-none",
        "Cache-Control": "public, max-age=300",
        "Vary": "Accept-Language",
        "ETag": etag_of(body.encode()),
    }
    if matches(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return HTMLResponse(body, headers=headers)


def embed_policy(parts: Parts) -> str:
    """Our style sheet and faces, a picture of the media origin; and anybody may frame it."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {parts.public_url}",
            f"font-src {parts.public_url}",
            f"img-src {parts.media_url}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors *",
        )
    )


@router.get("/oembed", tags=["certificates"])
async def describe_embed(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    url: Annotated[str, Query(max_length=500)],
    maxwidth: Annotated[int, Query(ge=1, le=100_000)] = BOUND,
    maxheight: Annotated[int, Query(ge=1, le=100_000)] = BOUND,
    format: Annotated[str, Query(max_length=20)] = "json",
) -> Response:
    """
    oEmbed 1.0 for the address of a work or certificate of this site.

    404 for any other address, 501 for any format but `json`.
    """
    if format != "json":
        raise oembed.FormatNotOffered(f"{format!r}: oEmbed is answered as json here")
    bounds = oembed.Bounds(width=maxwidth, height=maxheight)
    return public_json(request, await oembed.embed(session, parts, url, bounds))
