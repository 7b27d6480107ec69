"""
`/sign/{id}`: what a wallet is about to do, reviewed, signed and watched, on whichever device
holds the wallet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
from api.intents.queries import get_intent
from api.intents.schemas import IntentOut
from api.languages import BABEL_LOCALE, language_of
from api.pages import qr_svg, render, speaker
from api.tables import DraftRow
from api.tokens.queries import get_token
from nft.errors import ExchangeError
from nft.types import WHOLE_BPS, Address, TokenRef

router = APIRouter(include_in_schema=False)

Say = Callable[[str], str]

JOURNEY = ("preparing", "prepared", "submitted", "in_block", "confirmed", "final")
"""The states that follow each other when nothing goes wrong."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One station of the journey, and whether it lies behind."""

    name: str
    words: str
    class_: str


def kind_words(say: Say) -> dict[str, str]:
    """What each kind of intent is called."""
    return {
        "mint": say("Mint a work"),
        "listing": say("Offer a work for sale"),
        "fill": say("Buy a work"),
        "cancel": say("Take a work off the market"),
        "transfer": say("Give a work away"),
        "burn": say("Burn a work"),
        "freeze": say("Freeze a description"),
        "metadata": say("Correct a description"),
    }


def state_words(say: Say) -> dict[str, str]:
    """What each state means, in a sentence."""
    return {
        "preparing": say("The files are being pinned and read back. There is nothing to sign yet."),
        "prepared": say("Everything is ready. Read it once more, then continue in the wallet."),
        "submitted": say("Sent. It waits for a block."),
        "in_block": say("It stands in a block, which could still be withdrawn."),
        "confirmed": say("It is confirmed; the block is safe."),
        "final": say("Done, and final."),
        "replaced": say("The wallet replaced this transaction with another one."),
        "dropped": say(
            "The network dropped the transaction. Nothing happened; you can sign again."
        ),
        "failed": say("The transaction failed on the chain. Nothing moved but the network’s fee."),
        "unknown": say("We cannot see the transaction at the moment. It may still go through."),
        "abandoned": say("Given up. Nothing was sent."),
    }


def stage_words(say: Say) -> dict[str, str]:
    """The stations, in a word or two."""
    return {
        "preparing": say("pinned"),
        "prepared": say("prepared"),
        "submitted": say("sent"),
        "in_block": say("in a block"),
        "confirmed": say("confirmed"),
        "final": say("final"),
    }


def step_words(say: Say) -> dict[str, tuple[str, str]]:
    """Title and purpose of the steps that we know; others keep the words they came with."""
    return {
        "mint": (
            say("Mint the work"),
            say("Writes the hash of its description and your royalty into the collection."),
        ),
        "approve": (
            say("Let the exchange hand over works of yours"),
            say("Needed once. It may move a work only when somebody pays what you signed."),
        ),
        "sign-listing": (
            say("Sign the offer"),
            say("Says at which price and until when you would sell. Free, and cancellable."),
        ),
        "fill": (
            say("Pay and receive the work"),
            say("One transaction: the work to you, the money to seller, artist and house."),
        ),
        "cancel": (
            say("Cancel the offer on the chain"),
            say("Nobody can use the signature again, wherever a copy of it lies."),
        ),
        "hide": (
            say("Sign that we shall hide the offer"),
            say("Free. We stop handing the offer out; copies elsewhere stay valid."),
        ),
        "transfer": (
            say("Hand the work over"),
            say("The work goes to the address you named. It cannot be taken back."),
        ),
        "freeze": (
            say("Freeze the description"),
            say("From then on nobody can change it, you included."),
        ),
        "burn": (say("Burn the work"), say("The token is destroyed for good.")),
    }


def steps_of(intent: IntentOut, say: Say) -> list[dict[str, Any]]:
    """The steps with their words in the reader's language."""
    known = step_words(say)
    found = []
    for step in intent.steps:
        title, explain = known.get(step["id"], (step["title"], step["explain"]))
        found.append({**step, "title": title, "explain": explain})
    return found


def journey_of(intent: IntentOut, say: Say) -> list[Stage]:
    """The stations with those behind marked done."""
    words = stage_words(say)
    names = JOURNEY if intent.intent == "mint" else JOURNEY[1:]
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


def sale_split_of(request: dict[str, Any], fee_bps: int) -> dict[str, str] | None:
    """Who would get what of the price asked in the same sitting."""
    asked = request.get("list_at") or work_of(request).get("list_at")
    if not asked:
        return None
    price = int(asked["price"])
    bps = sum(int(each["bps"]) for each in request.get("royalties") or [])
    royalty, fee = price * bps // WHOLE_BPS, price * fee_bps // WHOLE_BPS
    return {
        "price": str(price),
        "seller": str(price - royalty - fee),
        "royalty": str(royalty),
        "platform_fee": str(fee),
    }


def sign_context(
    intent: IntentOut,
    chain: ChainOut,
    *,
    say: Say,
    locale: str,
    public_url: str,
    title: str = "",
    terms: Pairs | None = None,
) -> dict[str, Any]:
    """Everything the page shows; the same for the route and for the showroom of the tests."""
    steps = steps_of(intent, say)
    is_mint = intent.intent == "mint"
    waiting = sum(step["state"] == "incomplete" for step in steps)
    return {
        "intent": intent,
        "chain": chain,
        "heading": kind_words(say).get(intent.intent, intent.intent),
        "subject_title": title or str(work_of(intent.request).get("title") or ""),
        "state_words": state_words(say),
        "journey": journey_of(intent, say),
        "steps": steps,
        "prompts": waiting
        or (intent.cost.prompts if intent.cost else 1 + 2 * bool(intent.request.get("list_at"))),
        "review": review_of(intent.request, intent.account, chain, say, locale)
        if is_mint
        else None,
        "terms": terms or [],
        "sale_split": sale_split_of(intent.request, chain.platform_fee_bps) if is_mint else None,
        "qr": qr_svg(f"{public_url}/sign/{intent.id}"),
        "draft_id": None,
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
    locale = BABEL_LOCALE[language_of(request)]
    say = speaker(request)
    title = await _title_of(session, parts, intent)
    context = sign_context(
        intent,
        chain_out(chain_of(parts, intent.chain_id)),
        say=say,
        locale=locale,
        public_url=parts.public_url,
        title=title,
        terms=terms_of(intent, say, locale),
    )
    draft = select(col(DraftRow.id)).where(
        col(DraftRow.intent_id) == intent_id,
        col(DraftRow.owner) == Address.parse(intent.account),
    )
    context["draft_id"] = (await session.execute(draft)).scalar_one_or_none() if viewer else None
    return render(request, "intents/sign.html", {"viewer": viewer} | context)


def terms_of(intent: IntentOut, say: Say, locale: str) -> Pairs:
    """The few facts of an intent that is not a mint."""
    body = intent.request
    found: Pairs = []
    if intent.intent == "listing" and body.get("price"):
        found.append((say("Price"), display.money(body["price"], locale)))
        if body.get("expires_at"):
            found.append((say("Until"), display.instant(body["expires_at"], locale)))
    if intent.intent == "transfer" and body.get("to"):
        found.append((say("To"), str(body["to"])))
    return found


async def _title_of(session: AsyncSession, parts: Any, intent: IntentOut) -> str:
    """The title of the work that an intent is about, when the mirror knows it."""
    body, links = intent.request, intent.result
    contract = (links and links.contract) or body.get("contract")
    token_id = (links and links.token_id) or body.get("token_id")
    if not contract or not token_id:
        return ""
    try:
        ref = TokenRef(int(intent.chain_id), Address.parse(contract), int(token_id))
        return (await get_token(session, parts, ref)).title
    except ExchangeError:
        return ""
