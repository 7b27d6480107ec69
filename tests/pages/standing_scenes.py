"""
What others say of a work, in the states worth looking at.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from api.chains.schemas import ChainOut
from api.languages import catalogue
from api.likenesses.schemas import LikenessesOut
from api.standing.schemas import (
    AnswerOut,
    AssuranceOut,
    BindingOut,
    ClaimOut,
    CountersignatureOut,
    MarkOut,
    ReadDocumentOut,
    StandingOut,
)
from api.standing.wording import words_of
from nft.assurance import Facts, Named, Vouched, assess
from tests.pages import exhibits
from tests.pages.exhibits import COLLECTOR, LANYIN, MARLOWE, NOON

Scene = tuple[str, dict[str, Any]]

THEN = NOON - timedelta(days=90)
SAY = {language: catalogue(language).gettext for language in ("en", "zh")}


def _facts(**more: Any) -> Facts:
    known: dict[str, Any] = {
        "creator": MARLOWE,
        "issued_at": THEN,
        "contract_artist": MARLOWE,
        "contract_since": THEN,
        "is_frozen": True,
        "frozen_at": THEN,
        "statement_signer": MARLOWE,
        "minted_at": THEN,
        "is_final": True,
        "files": 1,
        "files_read": 1,
        "files_read_at": NOON,
    }
    return Facts(**known | more)


def binding(state: str = "held", name: str = "marlowe.art") -> BindingOut:
    return BindingOut.model_validate(
        {
            "id": exhibits.digest(name),
            "account": str(MARLOWE),
            "chain_id": "31337",
            "name": name,
            "domain": name,
            "method": "well-known",
            "url": f"https://{name}/.well-known/vernissage.json",
            "state": state,
            "since": THEN,
            "read_at": NOON,
            "made_at": THEN,
            "withdrawn_at": None,
            "turns": [],
            "typed_data": {},
            "signature": "0x",
        }
    )


def countersignature() -> CountersignatureOut:
    return CountersignatureOut(
        id=exhibits.digest("countersignature"),
        gallery="did:web:galerie-nord.art",
        key="z6Mk",
        certificate=exhibits.digest("certificate"),
        metadata_digest=exhibits.digest("metadata"),
        current=True,
        received_at=THEN + timedelta(days=3),
        withdrawn_at=None,
        document={},
        did_document=ReadDocumentOut(url="", sha256="", read_at=THEN, document={}),
        withdrawal=None,
    )


def mark(**more: Any) -> MarkOut:
    known: dict[str, Any] = {
        "id": exhibits.digest("mark"),
        "kind": "stolen",
        "by": "owner",
        "account": str(COLLECTOR),
        "reason": "The phone with the key was taken on a train. I have told the police.",
        "at": NOON - timedelta(days=2),
        "block_number": "21893000",
        "block_hash": exhibits.digest("block"),
        "transfer_count": "2",
        "signature": "0x",
        "issued_at": "0",
        "standing": True,
        "taken_back_at": None,
        "taken_back_reason": None,
    }
    return MarkOut.model_validate(known | more)


def claim(**more: Any) -> ClaimOut:
    known: dict[str, Any] = {
        "id": "0123456789abcdef0123456789abcdef",
        "chain_id": "31337",
        "contract": str(exhibits.HOUSE),
        "token_id": "1",
        "claimant": str(LANYIN),
        "basis": "earlier_work",
        "evidence": {
            "asset": "eip155:31337/erc721:0x/2",
            "path": f"31337/{exhibits.HOUSE}/2",
            "title": "Seven Valleys, first state",
            "minted_at": "2025-11-02T10:00:00Z",
            "likeness": "near",
            "distance": 12,
        },
        "reason": "This is my etching of 2019, mirrored and with another title.",
        "at": NOON - timedelta(days=20),
        "state": "answered",
        "answers": [
            AnswerOut(
                role="artist",
                account=str(MARLOWE),
                words="We worked from the same photograph, which is in the public domain.",
                at=NOON - timedelta(days=18),
            )
        ],
        "decision_reason": None,
        "decided_at": None,
        "withdrawn_reason": None,
        "withdrawn_at": None,
    }
    return ClaimOut.model_validate(known | more)


def standing(facts: Facts, **more: Any) -> StandingOut:
    token = exhibits.exhibition()[5]
    known: dict[str, Any] = {
        "asset": token.asset,
        "chain_id": token.chain_id,
        "contract": token.contract,
        "token_id": token.token_id,
        "creator": token.creator,
        "certificate_sha256": exhibits.digest("certificate"),
        "assurance": AssuranceOut.model_validate(assess(facts).as_json()),
        "bindings": [],
        "countersignatures": [],
        "marks": [],
        "claims": [],
        "likenesses": LikenessesOut(compared=None, found=[], later=[]),
    }
    return StandingOut(**known | more)


def verified() -> StandingOut:
    named = Named("marlowe.art", THEN, NOON)
    vouched = Vouched("did:web:galerie-nord.art", THEN, THEN)
    return standing(
        _facts(named=[named], vouched=[vouched]),
        bindings=[binding(), binding("lost", "xn--80ak6aa92e.com")],
        countersignatures=[countersignature()],
    )


def declared() -> StandingOut:
    """In the house's collection, not signed: the first level alone."""
    return standing(_facts(contract_artist=None, is_shared=True, statement_signer=None))


def on_certificate(shown: StandingOut, language: str = "en") -> dict[str, Any]:
    """What the certificate's page is handed of it."""
    disputed = (
        sorted({one.kind for one in shown.marks if one.standing}),
        ["open"] if shown.claims else [],
    )
    return {"standing": shown, "disputed": disputed, **words_of(SAY[language])}


def _page(language: str) -> Scene:
    token = exhibits.exhibition()[5]
    back = {"id": exhibits.digest("2"), "kind": "lost", "standing": False}
    shown = verified().model_copy(
        update={
            "marks": [
                mark(**back, taken_back_at=NOON, taken_back_reason="It was in the other safe."),
                mark(),
            ],
            "claims": [claim()],
        }
    )
    return "standing/standing.html", {
        "section": "verify",
        "viewer": COLLECTOR,
        "token": token,
        "alike": shown.likenesses,
        "holder": str(COLLECTOR),
        "own_bindings": [binding()],
        "may_answer": [claim().id],
    } | on_certificate(shown, language)


def page() -> Scene:
    return _page("en")


def page_chinese() -> Scene:
    return _page("zh")


def domains(chain: ChainOut) -> Scene:
    return "standing/domains.html", {
        "section": "account",
        "viewer": MARLOWE,
        "bindings": [binding("lost", "old-marlowe.art"), binding()],
        "chains": [chain],
        **words_of(SAY["en"]),
    }
