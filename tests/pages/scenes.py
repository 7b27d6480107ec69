"""
Every page in the states worth looking at: a template and what the route would hand it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

from api.accounts.royalties import totals
from api.certificates.pages import desk
from api.certificates.wording import check_words, told
from api.chains.queries import contracts_out
from api.chains.schemas import ChainOut
from api.collections.schemas import CollectionOut
from api.forms.links import forms_of
from api.intents.pages import Known, sign_context
from api.intents.schemas import CostOut, IntentOut, WarningOut
from api.intents.sentences import Teller
from api.intents.shares import shares
from api.languages import LANGUAGES, catalogue
from api.mints.pages import limits
from api.pages import qr_svg
from api.tokens.pages import roll_of
from media.formats import ACCEPTED
from nft.types import TokenRef
from nft.verification import BlockTrust, Check, Report
from tests.pages import (
    exhibits,
    foreign_scenes,
    import_scenes,
    kind_scenes,
    market_scenes,
    mirror_scenes,
    signatures,
    standing_scenes,
)
from tests.support.people import deployed

Scene = tuple[str, dict[str, Any]]


def home() -> Scene:
    return "home/home.html", {"section": "", "works": 8, "tokens": exhibits.exhibition()}


def bare_home() -> Scene:
    return "home/home.html", {"section": "", "works": 0, "tokens": []}


def _asked(**more: Any) -> dict[str, Any]:
    asked = {
        "for_sale": "",
        "q": "",
        "max_eth": "",
        "sort": "newest",
        "wrong": "",
        "is_narrow": False,
    }
    return asked | more


def market() -> Scene:
    return "home/market.html", {
        "section": "market",
        "tokens": exhibits.exhibition(),
        "vouchers": [],
        "following": "abc",
        "asked": _asked(),
    }


def market_nothing() -> Scene:
    asked = _asked(q="unicorn", is_narrow=True)
    return "home/market.html", {
        "section": "market",
        "tokens": [],
        "vouchers": [],
        "following": None,
        "asked": asked,
    }


def error_404() -> Scene:
    return "error", {
        "status": 404,
        "title": "No such token",
        "detail": "no token 31337/0x00/1 is known here",
        "code": "NoSuchToken",
        "request_id": "0123456789abcdef",
        "type": "/docs/errors/NoSuchToken",
    }


CARRIED = ("section", "qr", "short_url", "json_url", "forms", "superseded", "version")
CARRIED += ("in_force_url", "issuer_status")


def _report(failing: bool = False, unminted: bool = False) -> Report:
    known = [
        Check("document", "pass", True, "a certificate of authenticity", "eip155:31337/erc721:0x…"),
        Check("issuer.signature", "pass", True, "holds", "did:key:z6Mk#z6Mk"),
        Check("issuer.identity", "pass", False, "the key is that of this exchange", "z6Mk"),
        Check("creator", "pass", True, "the token id carries it", str(exhibits.MARLOWE)),
        Check("media.0.image", "pass", True, "read back", exhibits.digest("Seven Valleys")),
        Check("chain.id", "pass", True, "chain 31337", "a node of this exchange"),
        Check("chain.contract", "pass", True, "the contract has code", str(exhibits.HOUSE)),
        Check("chain.mint", "pass", True, "minted in block 21000001", exhibits.digest("mint")),
    ]
    if unminted:
        open_one = Check(
            "chain.mint",
            "not_checked",
            True,
            "offered, not minted: when this was issued there was no token",
        )
        return Report((*known[:5], open_one), ())
    if failing:
        why = "the token now carries another digest: ask for the newest certificate"
        known.append(Check("chain.metadata", "fail", True, why, exhibits.digest("metadata")))
    known.append(Check("block.12", "not_checked", False, "block 12 is not linked"))
    block = BlockTrust(21_000_001, exhibits.digest("block 1"), "rpc")
    return Report(tuple(known), (block,))


def _words(language: str) -> dict[str, Any]:
    say = SAY[language]
    return {"check_name": check_words(say), "check_told": partial(told, say=say)}


def certificate() -> Scene:
    return "certificates/certificate.html", {
        "section": "verify",
        "token": exhibits.exhibition()[5],
        "statement": exhibits.statement(),
        "provenance": exhibits.provenance(),
        "provisional": False,
        "waits_for": "tree",
        "superseded": False,
        "version": 2,
        "in_force_url": "/c/31337/0x0/1",
        "issuer_status": "valid",
        "state": exhibits.AS_OF,
        "qr": qr_svg("http://localhost:8000/v/k7m2qx9p4r"),
        "short_url": "http://localhost:8000/v/k7m2qx9p4r",
        "json_url": "/api/certificates/31337/0x0/1",
        "card_path": "/works/31337/0x0/1/card.jpg",
        "forms": forms_of(TokenRef(31337, exhibits.HOUSE, 1)),
        "bundle": SimpleNamespace(
            cid="bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"
        ),
        "report": _report(),
        **_words("en"),
        **standing_scenes.on_certificate(standing_scenes.verified()),
    }


def certificate_chinese() -> Scene:
    template, context = certificate()
    token = exhibits.exhibition()[3]
    more = standing_scenes.on_certificate(standing_scenes.declared(), "zh")
    return template, context | {"token": token, **_words("zh")} | more


def certificate_offered() -> Scene:
    """Anchored, not minted."""
    context = certificate()[1]
    of_voucher = market_scenes.voucher()[1]
    return "certificates/offered.html", {
        **{name: context[name] for name in CARRIED},
        "token": of_voucher["token"],
        "voucher": of_voucher["voucher"],
        "number": 5,
        "has_statement": True,
        "by_contract": False,
        "test": True,
        "asset": exhibits.exhibition()[5].asset,
        "anchored_at": exhibits.AS_OF.timestamp,
        "anchor_url": "/api/certificates/31337/0x0/1/anchor?version=1",
        "report": _report(unminted=True),
        **_words("en"),
    }


def certificate_offered_today() -> Scene:
    """Neither minted nor anchored, and its offer is over."""
    template, context = certificate_offered()
    voucher = context["voucher"].model_copy(update={"state": "cancelled"})
    return template, context | {"voucher": voucher, "anchored_at": None, **_words("zh")}


def certificate_failing() -> Scene:
    template, context = certificate()
    more = {"provisional": True, "superseded": True, "issuer_status": "suspended"}
    return template, context | {"report": _report(failing=True)} | more


def verify() -> Scene:
    return "certificates/verify.html", desk(None, {})


def verify_report() -> Scene:
    more = {"report": _report(failing=True), "page_url": "/c/31337/0x0/1"}
    return "certificates/verify.html", desk(None, {}) | more | _words("en")


CHAIN = ChainOut(
    chain_id="31337",
    caip2="eip155:31337",
    name="Local chain",
    test=True,
    contracts=contracts_out(deployed(31337)),
    platform_fee_bps=200,
    currencies=[],
    rpc_urls=["http://127.0.0.1:8545"],
)


def _intent(state: str, **more: Any) -> IntentOut:
    facts: dict[str, Any] = {
        "intent": "mint",
        "id": "9f" * 16,
        "state": state,
        "account": str(exhibits.MARLOWE),
        "chain_id": "31337",
        "created_at": exhibits.NOON,
        "expires_at": exhibits.NOON + timedelta(days=1),
        "cost": CostOut(
            network_max="312500000000000", platform_fee="0", currency="0x" + "0" * 40, prompts=3
        ),
        "problem": None,
        "result": None,
        "steps": [
            {
                "id": "mint",
                "kind": "transaction",
                "title": "Mint",
                "explain": "",
                "state": "incomplete",
            },
            {
                "id": "approve",
                "kind": "transaction",
                "title": "Approve",
                "explain": "",
                "state": "incomplete",
            },
            {
                "id": "sign-listing",
                "kind": "signature",
                "title": "Sign",
                "explain": "",
                "state": "incomplete",
            },
        ],
        "request": {
            "chain_id": "31337",
            "creator": str(exhibits.MARLOWE),
            "title": "Seven Valleys",
            "artist": "I. Marlowe",
            "description": "Drawn in one evening, from memory.",
            "alt_text": "Ridges one behind the other in evening haze",
            "work": {
                "date": "2026",
                "medium": "digital drawing",
                "dimensions": "1600 × 1000 px",
                "edition": {"number": 1, "size": 1},
            },
            "attributes": [{"trait_type": "Season", "value": "autumn"}],
            "rights": "The owner may show it.",
            "royalties": [{"receiver": str(exhibits.MARLOWE), "bps": 750}],
            "list_at": {"price": "950000000000000000", "currency": "0x" + "0" * 40},
        },
    }
    return IntentOut(**(facts | more))


def _sign(
    intent: IntentOut,
    language: str = "en",
    *,
    title: str = "",
    known: Known | None = None,
    **more: Any,
) -> Scene:
    locale = {"en": "en_GB", "zh": "zh_Hans_CN"}[language]
    teller = Teller(SAY[language], locale, language, exhibits.CURRENCIES, title)
    context = sign_context(
        intent, CHAIN, teller=teller, public_url="http://localhost:8000", known=known
    )
    return "intents/sign.html", context | more


def sign() -> Scene:
    return _sign(_intent("prepared"), draft_id="abc")


def sign_chinese() -> Scene:
    return _sign(_intent("prepared"), "zh")


def sign_preparing() -> Scene:
    return _sign(_intent("preparing", steps=[], cost=None))


def sign_final() -> Scene:
    result = {
        "chain_id": "31337",
        "contract": str(exhibits.HOUSE),
        "token_id": "1",
        "transaction_hash": exhibits.digest("mint"),
        "work_url": "http://localhost:8000/works/31337/0x0/1",
        "certificate_url": "http://localhost:8000/c/31337/0x0/1",
    }
    return _sign(_intent("final", result=result))


def sign_failed() -> Scene:
    problem = {"code": "Exchange_OrderExpired", "detail": "the offer has expired"}
    return _sign(_intent("failed", intent="fill", problem=problem))


def mint() -> Scene:
    draft = SimpleNamespace(
        id="d1",
        revision=3,
        intent_id="9f" * 16,
        body={"title": "Seven Valleys"},
        updated_at=exhibits.NOON,
    )
    return "mints/mint.html", {
        "section": "mint",
        "viewer": str(exhibits.MARLOWE),
        "draft": draft,
        "drafts": [draft],
        "refused": True,
        "chain": CHAIN,
        "currencies_taken": market_scenes.TAKEN,
        "collections": market_scenes.my_collections()[1]["collections"],
        "limits": limits(2 * 1024**3),
        "accepted": ACCEPTED,
    }


def mint_stranger() -> Scene:
    return "mints/mint.html", {"section": "mint", "viewer": None}


def artist() -> Scene:
    works = exhibits.exhibition()
    return "artists/artist.html", {
        "section": "artists",
        "address": str(exhibits.MARLOWE),
        "name": "I. Marlowe",
        "created": [each for each in works if each.artist == "I. Marlowe"],
        "more_created": False,
        "vouchers": [market_scenes.voucher()[1]["voucher"]],
        "owned": [works[4]],
    }


def artist_nobody() -> Scene:
    nothing: dict[str, Any] = {"name": "", "created": [], "vouchers": [], "owned": []}
    nothing["more_created"] = False
    return "artists/artist.html", nothing | {"section": "artists", "address": str(exhibits.GALLERY)}


def artists() -> Scene:
    return "artists/list.html", {"section": "artists", "artists": roll_of(exhibits.exhibition())}


def _collection(**more: Any) -> Scene:
    facts: dict[str, Any] = dict(
        chain_id="31337",
        contract=str(exhibits.HOUSE),
        name="Vernissage",
        symbol="VERN",
        house=True,
        artist=None,
        test=True,
        works=8,
        creators=3,
        owners=4,
        for_sale=6,
        first_block="3",
        url="",
        as_of=exhibits.AS_OF,
    )
    found = CollectionOut(**(facts | more))
    context = market_scenes.MARKET | {
        "collection": found,
        "tokens": exhibits.exhibition(),
        "following": None,
    }
    return "collections/collection.html", context


def collection() -> Scene:
    return _collection()


def collection_own() -> Scene:
    return _collection(house=False, name="Estuary", artist=str(exhibits.MARLOWE))


def account() -> Scene:
    works = exhibits.exhibition()
    _, context = mint()
    return "accounts/account.html", {
        "section": "account",
        "viewer": str(exhibits.MARLOWE),
        "owned": works[:2],
        "created": works[2:5],
        "drafts": context["drafts"],
        "intents": [
            {"id": "9f", "words": "Mint a work", "title": "Low Water", "state_words": "Ready."}
        ],
        "royalties": exhibits.royalties(),
        "royalty_totals": totals(exhibits.royalties()),
        "sessions": [
            {
                "is_this": True,
                "device": None,
                "last_used_at": exhibits.NOON - timedelta(minutes=2),
                "expires_at": exhibits.NOON + timedelta(days=7),
            }
        ],
    }


def signin() -> Scene:
    return "accounts/signin.html", {"section": "account"}


def docs_error() -> Scene:
    return "docs/error.html", {
        "code": "OrderExpired",
        "title": "Order expired",
        "meaning": "The order's end time has passed.",
        "status": 409,
        "advice": "Look at the present state, then decide again.",
    }


def _signature(kind: str, typed: dict[str, Any], **more: Any) -> IntentOut:
    step = {"id": f"sign-{kind}", "kind": "signature", "title": "", "explain": ""}
    steps = [step | {"state": "incomplete", "typed_data": typed}]
    return _intent("prepared", intent=kind, steps=steps, request={}, **more)


def sign_falling() -> Scene:
    return _sign(
        _signature("listing", signatures.falling()),
        title="Seven Valleys",
        known=Known(royalty_bps=750),
    )


def sign_cart() -> Scene:
    step = {"id": "cart", "kind": "transaction", "title": "", "explain": "", "state": "incomplete"}
    left_out = [WarningOut(code="OrderLeftOut", detail="gone", url=None)]
    intent = _intent("prepared", intent="cart", steps=[step], request={}, warnings=left_out)
    parts = {"seller": 1_810, "royalty": 150, "platform_fee": 40}
    return _sign(intent, known=Known(shares=shares("You pay for 2 works", parts, SAY["en"])))


def sign_offer() -> Scene:
    return _sign(_signature("offer", signatures.offer()), known=Known(royalty_bps=750))


def sign_auction() -> Scene:
    intent = _signature("auction", signatures.auction())
    return _sign(intent, "zh", title="七个太阳", known=Known(royalty_bps=750))


def sign_voucher() -> Scene:
    return _sign(_signature("voucher", signatures.voucher()), title="Seven Valleys")


def sign_bulk() -> Scene:
    return _sign(_signature("bulk", signatures.bulk()))


SAY = {language: catalogue(language).gettext for language in LANGUAGES}

SCENES: dict[str, Callable[[], Scene]] = (
    market_scenes.SCENES
    | mirror_scenes.SCENES
    | foreign_scenes.SCENES
    | kind_scenes.SCENES
    | import_scenes.scenes(CHAIN)
    | {
        "standing": standing_scenes.page,
        "standing-chinese": standing_scenes.page_chinese,
        "domains": lambda: standing_scenes.domains(CHAIN),
    }
    | {
        name.replace("_", "-"): found
        for name, found in list(globals().items())
        if callable(found)
        and not name.startswith("_")
        and getattr(found, "__module__", "") == __name__
    }
)
