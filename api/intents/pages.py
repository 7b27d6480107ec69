"""
`/sign/{id}`: what a wallet is about to do, reviewed, signed and watched, on whichever device
holds the wallet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from starlette.responses import Response

from api import display
from api.accounts.deps import MaybeAccountDep
from api.chains.queries import chain_out
from api.chains.schemas import ChainOut
from api.deps import NowDep, PartsDep, ReadSessionDep, chain_of
from api.intents.paying import shares_of
from api.intents.queries import get_intent
from api.intents.schemas import IntentOut
from api.intents.sentences import Teller, sentences_of
from api.intents.shares import Shares, of_mint, of_signature
from api.intents.wording import (
    Say,
    kind_words,
    stage_words,
    state_words,
    step_words,
    warning_words,
)
from api.languages import BABEL_LOCALE, language_of
from api.pages import currencies_of, qr_svg, render, speaker
from api.parts import Parts
from api.statements.steps import STEP
from api.tables import DraftRow
from api.tokens.queries import get_token
from api.tokens.schemas import TokenOut
from nft.errors import ExchangeError
from nft.signing import typed_data_digest
from nft.types import Address, TokenRef

router = APIRouter(include_in_schema=False)

MINTS = ("mint", "lazy_mint")
"""Intents that begin with files to be pinned."""

JOURNEY = ("preparing", "prepared", "submitted", "in_block", "confirmed", "final")
"""The states that follow each other when nothing goes wrong."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One station of the journey, and whether it lies behind."""

    name: str
    words: str
    class_: str


def steps_of(intent: IntentOut, say: Say) -> list[dict[str, Any]]:
    """The steps with their words in the reader's language."""
    known = step_words(say)
    found = []
    for step in intent.steps:
        title, explain = known.get(step["id"], (step["title"], step["explain"]))
        found.append({**step, "title": title, "explain": explain})
    return found


def warnings_of(intent: IntentOut, say: Say) -> list[dict[str, str | None]]:
    """Each warning once, in the reader's language where we know it."""
    known = warning_words(say)
    told = {known.get(one.code, one.detail): one.url for one in intent.warnings}
    return [{"words": words, "url": url} for words, url in told.items()]


def journey_of(intent: IntentOut, say: Say) -> list[Stage]:
    """The stations with those behind marked done."""
    words = stage_words(say)
    names = JOURNEY if intent.intent in MINTS else JOURNEY[1:]
    at = names.index(intent.state) if intent.state in names else -1
    return [
        Stage(
            name,
            words[name],
            "done" if n < at or (n == at == len(names) - 1) else "now" if n == at else "",
        )
        for n, name in enumerate(names)
    ]


Pairs = list[tuple[str, str | Markup]]


def work_of(request: dict[str, Any]) -> dict[str, Any]:
    """The (first) work that a mint asks for, which may stand at the top or in a list."""
    works = request.get("works")
    return dict(works[0]) if works else request


def review_of(
    request: dict[str, Any], account: str, chain: ChainOut, say: Say, locale: str
) -> dict[str, Pairs]:
    """A mint in two columns: what can be corrected until it is frozen, and what never can."""
    body = work_of(request)
    label = body.get("work") or {}
    edition = label.get("edition") or {"number": 1, "size": 1}
    traits = [f"{each['trait_type']}: {each['value']}" for each in body.get("attributes") or []]
    correctable: list[tuple[str, Any]] = [
        (say("Title"), body.get("title")),
        (say("Artist"), body.get("artist")),
        (say("Date"), label.get("date")),
        (say("Medium"), label.get("medium")),
        (say("Dimensions"), label.get("dimensions")),
        (say("Edition"), f"{edition.get('number', 1)} / {edition.get('size') or '…'}"),
        (say("Description"), body.get("description")),
        (say("What is to be seen"), body.get("alt_text")),
        (say("Rights"), body.get("rights")),
        (say("Attributes"), "\n".join(traits)),
        (say("Inventory number"), body.get("external_id")),
    ]
    royalties = body.get("royalties") or []
    bps = sum(int(each["bps"]) for each in royalties)
    receivers = ", ".join(display.short(each["receiver"]) for each in royalties) or say("nobody")
    contract = request.get("contract") or chain.contracts.house_collection
    final: list[tuple[str, Any]] = [
        (say("The key that mints"), account),
        (
            say("Where it stands"),
            f"{chain.name}, {display.short(contract)}",
        ),
        (say("The day of its mint, and that it happened"), say("the block tells them")),
        (
            say("Royalty"),
            f"{display.percent(bps, locale)} → {receivers}\n"
            + say("It can be lowered, and after the first change of hands never raised again."),
        ),
        (
            say("That its files are public"),
            say("They are pinned under their hash; whoever has copied them keeps them."),
        ),
    ]
    return {
        "correctable": [(name, str(value)) for name, value in correctable if value],
        "final": [(name, str(value)) for name, value in final],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the page knows beyond the intent itself."""

    title: str = ""
    royalty_bps: int = 0
    """Of the work that is about to be offered."""
    shares: Shares | None = None
    """Of what is about to be paid."""
    terms: Pairs = field(default_factory=list)


def sign_context(
    intent: IntentOut,
    chain: ChainOut,
    *,
    teller: Teller,
    public_url: str,
    known: Known | None = None,
) -> dict[str, Any]:
    """Everything the page shows; the same for the route and for the showroom of the tests."""
    known, say = known or Known(), teller.say
    steps = steps_of(intent, say)
    waiting = sum(step["state"] == "incomplete" for step in steps)
    signed, stated = _signed_of(steps)
    is_mint = intent.intent in MINTS
    asked = intent.request.get("list_at") or work_of(intent.request).get("list_at")
    fee_bps, divided = chain.platform_fee_bps, known.shares
    if intent.intent == "mint":
        divided = of_mint(work_of(intent.request), asked, fee_bps, say) if asked else None
    elif signed and divided is None:
        divided = of_signature(signed, royalty_bps=known.royalty_bps, fee_bps=fee_bps, say=say)
    return {
        "intent": intent,
        "chain": chain,
        "heading": kind_words(say).get(intent.intent, intent.intent),
        "subject_title": teller.title or str(work_of(intent.request).get("title") or ""),
        "state_words": state_words(say),
        "journey": journey_of(intent, say),
        "steps": steps,
        "prompts": waiting or (intent.cost.prompts if intent.cost else 1 + 2 * bool(asked)),
        "sentences": _sentences(intent.intent, signed, stated, teller),
        "can_do_without": _can_do_without(steps),
        "review": review_of(intent.request, intent.account, chain, say, teller.locale)
        if is_mint
        else None,
        "terms": known.terms,
        "warnings": warnings_of(intent, say),
        "shares": divided,
        "qr": qr_svg(f"{public_url}/sign/{intent.id}"),
        "draft_id": None,
    } | _ways_on(intent, signed)


TypedData = dict[str, Any]


def _signed_of(steps: Sequence[dict[str, Any]]) -> tuple[TypedData | None, TypedData | None]:
    """What is signed first beside the artist's statement, and the statement."""
    typed = {step["id"]: step["typed_data"] for step in steps if step.get("typed_data")}
    stated = typed.pop(STEP, None)
    return next(iter(typed.values()), None), stated


def _can_do_without(steps: Sequence[dict[str, Any]]) -> bool:
    """The artist's statement waits, and more than that: the chain takes a work without it."""
    left = {step["id"] for step in steps if step["state"] == "incomplete"}
    return STEP in left and len(left) > 1


def _sentences(
    kind: str, signed: TypedData | None, stated: TypedData | None, teller: Teller
) -> list[Markup]:
    """What is read out: the signature that decides; a mint has its review instead."""
    if kind == "mint":
        return []
    told = signed or stated
    return sentences_of(told, teller) if told else []


def _ways_on(intent: IntentOut, signed: dict[str, Any] | None) -> dict[str, str | None]:
    """Where to look once it has happened: the work and its certificate, or the voucher."""
    if signed and signed["primaryType"] == "Voucher":
        is_there = intent.state in ("in_block", "confirmed", "final")
        url = f"/vouchers/{typed_data_digest(signed)}" if is_there else None
        return {"work_url": url, "certificate_url": None}
    result = intent.result
    return {
        "work_url": result.work_url if result else None,
        "certificate_url": result.certificate_url if result else None,
    }


@router.get("/sign/{intent_id}")
async def sign_page(
    request: Request,
    intent_id: str,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    viewer: MaybeAccountDep,
) -> Response:
    """Review, sign, watch."""
    intent = await get_intent(session, parts, intent_id, now=now)
    language = language_of(request)
    work = await _work_of(session, parts, intent)
    teller = Teller(
        say=speaker(request),
        locale=BABEL_LOCALE[language],
        language=language,
        currencies=currencies_of(parts),
        title=work.title if work else "",
    )
    context = sign_context(
        intent,
        chain_out(chain_of(parts, intent.chain_id)),
        teller=teller,
        public_url=parts.public_url,
        known=Known(
            royalty_bps=work.royalty.bps if work else 0,
            shares=await shares_of(session, parts, intent, teller.say, now),
            terms=terms_of(intent, teller),
        ),
    )
    draft = select(col(DraftRow.id)).where(
        col(DraftRow.intent_id) == intent_id,
        col(DraftRow.owner) == Address.parse(intent.account),
    )
    context["draft_id"] = (await session.execute(draft)).scalar_one_or_none() if viewer else None
    return render(request, "intents/sign.html", {"viewer": viewer} | context)


def terms_of(intent: IntentOut, teller: Teller) -> Pairs:
    """The few facts of an intent that has no sentences of its own."""
    say, body = teller.say, intent.request
    if intent.intent == "transfer" and body.get("to"):
        return [(say("To"), str(body["to"]))]
    return []


async def _work_of(session: AsyncSession, parts: Parts, intent: IntentOut) -> TokenOut | None:
    """The work that an intent is about, when the mirror knows it."""
    body, links = intent.request, intent.result
    contract = (links and links.contract) or body.get("contract")
    token_id = (links and links.token_id) or body.get("token_id")
    if not contract or not token_id:
        return None
    try:
        ref = TokenRef(int(intent.chain_id), Address.parse(contract), int(token_id))
        return await get_token(session, parts, ref)
    except ExchangeError:
        return None
