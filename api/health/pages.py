"""
`/house`: what the exchange takes, what its owner can do, and what nobody can. And the page of
`/status`: how fresh the mirror is, and how we know that it is true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.accounts.deps import MaybeAccountDep
from api.certificates.anchor import AnchoredUpTo
from api.chains.mirror import heads
from api.deps import NowDep, PartsDep, ReadSessionDep
from api.health.keeping import Keeping
from api.health.papers import Papers
from api.health.standing import Standing
from api.health.wording import shown, states
from api.languages import catalogue, language_of
from api.pages import render, speaker
from api.sales.standing import standing_of

router = APIRouter(include_in_schema=False)


@router.get("/house")
async def house_page(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    viewer: MaybeAccountDep,
) -> Response:
    """Every chain's exchange as the mirror knows it."""
    say = speaker(request)
    names = {
        "exchange": say("Exchange"),
        "auctions": say("Auctions"),
        "house_collection": say("The house’s collection"),
        "collection_factory": say("Collections of artists"),
        "splitter_factory": say("Splitters of royalties"),
        "validator": say("Reasons and warnings"),
    }
    known = await heads(session)
    chains = []
    for number, part in sorted(parts.chains.items()):
        deployment = part.deployment
        chains.append(
            {
                "chain_id": str(number),
                "name": part.name,
                "test": part.is_test,
                "house": await standing_of(session, part, now),
                "contracts": [
                    (words, str(getattr(deployment, name).address)) for name, words in names.items()
                ],
                "former": [str(placed.address) for placed in deployment.former_exchanges],
                "block_number": str(known[number].number) if number in known else "0",
            }
        )
    return render(request, "health/house.html", {"viewer": viewer, "chains": chains})


def status_page(
    request: Request,
    chains: Sequence[Standing],
    kept: Keeping,
    anchored: Mapping[int, AnchoredUpTo],
    certified: Papers,
) -> Response:
    """What `/status` answers to people; nothing of it is kept by a browser."""
    words = catalogue(language_of(request))
    comma = words.gettext(", ")
    told = [(one, shown(one, words.ngettext, comma)) for one in chains]
    return render(
        request,
        "health/status.html",
        {
            "chains": told,
            "states": states(words.gettext),
            "kept": kept,
            "anchored": anchored,
            "certified": certified,
        },
        headers={"Cache-Control": "no-store"},
    )
