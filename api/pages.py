"""
Pages for people: one Jinja environment per language, and the way from a template to an answer.

The policy of every page is strict: no inline script, no `style` attribute. Where a value must reach
the style sheet (the proportions of a picture in the hang) it goes through a class: `hang.css`, made
below, has one class for each half per cent of proportion between 1 : 5 and 5 : 1. A `style=` is
forbidden, `attr()` for numbers is not in every browser, and a script would leave readers without
JavaScript with a page that jumps. The picture's own `width` and `height` keep it exact; the class
only shares out the row, and errs by less than a pixel.

Colours follow the system through `light-dark()`; a reader's choice is a cookie, which the server
writes into the first tag, so that there is no flash and no script before the first paint.
"""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import segno
from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from api import display, pictures
from api.forms.artwork import visual_artwork
from api.forms.links import oembed_path
from api.languages import (
    BABEL_LOCALE,
    COOKIE,
    HTML_TAG,
    LANGUAGES,
    YEAR_SECONDS,
    catalogue,
    language_of,
)
from api.seal import seal_svg
from nft.types import ZERO_ADDRESS

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"

THEMES = ("light", "dark")
THEME_COOKIE = "theme"
LOCAL_CHAIN = 31337

RATIO_STEP = 1.005
RATIO_STEPS = 322
"""1.005 to the power of 322 is 5: panoramas and scrolls beyond that share their row as 5 : 1."""


def ratio_class(width: int | None, height: int | None) -> str:
    """The class of `hang.css` for a picture's proportions; a square when they are not known."""
    if not width or not height:
        return "r0"
    step = round(math.log(width / height) / math.log(RATIO_STEP))
    step = max(-RATIO_STEPS, min(RATIO_STEPS, step))
    return f"r{step}" if step >= 0 else f"rm{-step}"


@lru_cache
def hang_css() -> bytes:
    """One rule for each class of `ratio_class`: `--r` is width over height."""
    rules = []
    for step in range(-RATIO_STEPS, RATIO_STEPS + 1):
        name = f"r{step}" if step >= 0 else f"rm{-step}"
        rules.append(f".{name}{{--r:{RATIO_STEP**step:.4f}}}")
    return "\n".join(rules).encode()


@lru_cache
def static_url(path: str) -> str:
    """The address of one of our files, with a piece of its hash so that it may be kept for long."""
    file = STATIC / path
    if not file.is_file():
        return f"/static/{path}"
    return f"/static/{path}?v={hashlib.sha256(file.read_bytes()).hexdigest()[:12]}"


@lru_cache
def environment(language: str) -> Environment:
    """The templates in one language, with autoescape everywhere."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    words = catalogue(language)
    found.policies["ext.i18n.trimmed"] = True
    install: Any = found
    install.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)
    found.filters.update(_filters(language))
    found.globals.update(
        seal=seal_svg,
        visual_artwork=visual_artwork,
        oembed_path=oembed_path,
        static=static_url,
        ratio=ratio_class,
        shown_as=pictures.shown,
        poster_of=pictures.poster,
        hang_sizes=pictures.hang_sizes,
        wall_sizes=pictures.wall_sizes,
        languages=LANGUAGES,
        language=language,
        sp="" if language == "zh" else " ",
        html_lang=HTML_TAG[language],
        zero=str(ZERO_ADDRESS),
    )
    return found


def _filters(language: str) -> dict[str, Any]:
    """How values are written in one language."""
    locale = BABEL_LOCALE[language]
    return dict(
        money=_priced(display.money, locale),
        amount=_priced(display.amount, locale),
        percent=partial(_bind, display.percent, locale),
        day=partial(_bind, display.day, locale),
        instant=partial(_bind, display.instant, locale),
        second=partial(_bind, display.second, locale),
        span=partial(_bind, display.span, locale),
        bytes=partial(_bind, display.size, locale),
        number=partial(_bind, display.number, locale),
        titled=partial(_titled, language),
        clock=display.clock,
        short=display.short,
        short_number=display.short_number,
        is_han=display.is_han,
        is_deceptive=display.is_deceptive,
        share=display.share,
        path_of=display.path_of,
        ago=partial(_ago, locale),
    )


def _bind(function: Any, locale: str, value: Any, *more: Any) -> Any:
    """A display function with its locale in the second place."""
    return function(value, locale, *more)


def _priced(function: Any, locale: str) -> Any:
    """A filter of money, which looks the symbol up among the currencies of the page."""

    @pass_context
    def filtered(context: Context, value: Any, currency: Any = ZERO_ADDRESS) -> Any:
        return function(value, locale, currency, context.get("currencies"))

    return filtered


def currencies_of(parts: Any) -> display.Currencies:
    """How the tokens are written that prices may be named in, on any chain of ours."""
    return {
        bytes(one.address): (one.symbol, one.decimals)
        for chain in parts.chains.values()
        for one in (chain.deployment.currencies if chain else ())
    }


def _titled(language: str, text: str) -> Markup:
    return display.titled(text, language)


def _ago(locale: str, value: Any, now: Any) -> str:
    return display.ago(value, now, locale)


def theme_of(request: Request) -> str:
    """`light` or `dark` by the reader's choice, or empty: as the system has it."""
    for asked in (request.query_params.get("theme"), request.cookies.get(THEME_COOKIE)):
        if asked in THEMES:
            return asked
        if asked == "system":
            return ""
    return ""


def with_query(request: Request, **changes: str | None) -> str:
    """This page's path with some of its query changed; None takes a name away."""
    kept = [(k, v) for k, v in request.query_params.multi_items() if k not in changes]
    query = kept + [(k, v) for k, v in changes.items() if v is not None]
    return request.url.path + (f"?{urlencode(query)}" if query else "")


def render(
    request: Request,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """A page in the reader's language and colours; a choice made by link is kept as a cookie."""
    language = language_of(request)
    parts = request.app.state.parts
    everywhere = {
        "request": request,
        "theme": theme_of(request),
        "here": partial(with_query, request),
        "viewer": None,
        "now": parts.clock(),
        "has_local_chain": LOCAL_CHAIN in parts.chains,
        "currencies": currencies_of(parts),
        "public_url": parts.public_url,
        "media_url": parts.media_url,
        "section": "",
        "auctions": {},
        "problem": None,
    }
    body = environment(language).get_template(template).render(everywhere | (context or {}))
    kept = {"Cache-Control": "private, no-cache", "Vary": "Accept, Accept-Language, Cookie"}
    answer = HTMLResponse(body, status_code=status, headers=kept | (headers or {}))
    answer.headers["Content-Language"] = HTML_TAG[language]
    _keep_choices(request, answer)
    return answer


def _keep_choices(request: Request, answer: Response) -> None:
    """Remember `?lang=` and `?theme=`; nothing else is ever set by a page."""
    asked = request.query_params
    is_secure = request.url.scheme == "https"
    if asked.get("lang") in LANGUAGES:
        answer.set_cookie(
            COOKIE, asked["lang"], max_age=YEAR_SECONDS, samesite="lax", secure=is_secure
        )
    if asked.get("theme") in (*THEMES, "system"):
        answer.set_cookie(
            THEME_COOKIE, asked["theme"], max_age=YEAR_SECONDS, samesite="lax", secure=is_secure
        )


def error_page(
    request: Request, problem: dict[str, Any], headers: dict[str, str] | None = None
) -> Response:
    """The page of an error: one of its own where a status has one, else the general one."""
    status = int(problem["status"])
    name = f"errors/{status}.html"
    try:
        environment("en").get_template(name)
    except TemplateNotFound:
        name = "errors/error.html"
    return render(request, name, {"problem": problem}, status=status, headers=headers)


def speaker(request: Request) -> Callable[[str], str]:
    """`gettext` in the reader's language, for words that are chosen in Python."""
    return catalogue(language_of(request)).gettext


def qr_svg(text: str) -> Markup:
    """A QR code as inline SVG: dark modules alone, middle error level, quiet zone of two."""
    held = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        held,
        kind="svg",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        border=2,
        svgclass=None,
        lineclass=None,
    )
    return Markup(held.getvalue().decode())
