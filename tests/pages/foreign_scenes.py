"""
Collections of others and their works: while their history is read, and when it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from api.collections.schemas import CollectionOut, MirrorOut
from api.tokens.schemas import EditionOut, MetadataVersionOut, TokenOut, UserOut
from tests.pages import exhibits, market_scenes
from tests.support.people import COLLECTOR, STRANGER

Scene = tuple[str, dict[str, Any]]

LONG_URI = "https://metadata.example.org/collections/" + "a" * 120 + "/7.json?version=12"


def _versions() -> list[MetadataVersionOut]:
    found = {"fetched_at": exhibits.NOON, "block_number": "23456789"}
    return [
        MetadataVersionOut(
            version=1,
            uri=LONG_URI,
            sha256=exhibits.digest("one"),
            size=912,
            error=None,
            **found,
        ),
        MetadataVersionOut(
            version=2,
            uri=LONG_URI,
            sha256=None,
            size=None,
            error="the answer is not taken: it answered 404",
            **found,
        ),
    ]


def _work(**more: Any) -> TokenOut:
    stranger = {
        "contract": str(STRANGER),
        "token_id": "7",
        "artist": "",
        "date": "",
        "medium": "",
        "dimensions": "",
        "rights": "",
        "external_id": "",
        "edition": EditionOut(number=1, size=None),
        "media": [],
        "listing": None,
        "metadata_digest": None,
        "metadata_cid": None,
        "foreign": True,
        "title": "Mirage No. 7",
        "description": "A work that somebody else describes.",
        "image_url": "https://pictures.example.org/" + "b" * 90 + "/7.png",
        "metadata_versions": _versions(),
        "token_uri": LONG_URI,
    }
    return exhibits.exhibition()[0].model_copy(update=stranger | more)


def _page(token: TokenOut) -> Scene:
    template, context = market_scenes.SCENES["work"]()
    sale = replace(context["sale"], is_ours=False, offers=[])
    return template, context | {"token": token, "sale": sale}


def foreign_work() -> Scene:
    return _page(_work())


def foreign_work_unread() -> Scene:
    nothing = {"title": "", "description": "", "attributes": [], "metadata_known": False}
    return _page(_work(**nothing, image_url=None, metadata_versions=[], token_uri=None))


def foreign_work_locked() -> Scene:
    lent = UserOut(account=str(COLLECTOR), expires_at=exhibits.NOON)
    template, context = _page(_work(locked=True, user=lent))
    return template, context | {"sale": replace(context["sale"], listing=None)}


def _collection(mirror: MirrorOut, tokens: list[TokenOut], name: str = "Mirages") -> Scene:
    found = CollectionOut(
        chain_id="1",
        contract=str(STRANGER),
        name=name,
        symbol="MIR",
        house=False,
        artist=None,
        foreign=True,
        mirror=mirror,
        test=False,
        works=len(tokens),
        creators=len(tokens),
        owners=len(tokens),
        for_sale=0,
        first_block=mirror.first_block or "0",
        url="",
        as_of=exhibits.AS_OF if tokens else None,
    )
    context = market_scenes.MARKET | {"collection": found, "tokens": tokens, "following": None}
    return "collections/collection.html", context


def foreign_collection() -> Scene:
    mirror = MirrorOut(state="complete", first_block="12287507", read_to="23456000", progress=1.0)
    return _collection(mirror, [_work(), _work(token_id="8", title="")])


def foreign_collection_left() -> Scene:
    mirror = MirrorOut(
        state="left",
        first_block=None,
        progress=0.0,
        refused="It minted a hundred thousand works in a block, again and again.",
        left_block="23456000",
    )
    return _collection(mirror, [], name="Flood")


def foreign_collection_being_read() -> Scene:
    mirror = MirrorOut(
        state="backfilling",
        first_block="12287507",
        read_to="17872000",
        target_block="23456000",
        progress=0.5,
        note="whether a contract stood here before was not looked for",
    )
    return _collection(mirror, [], name="<b>Mirages</b>\u202eEGARIM" + "x" * 180)


def foreign_collection_asked_for() -> Scene:
    return _collection(MirrorOut(state="requested", first_block=None, progress=0.0), [])


def foreign_collection_refused() -> Scene:
    mirror = MirrorOut(
        state="refused",
        first_block=None,
        progress=0.0,
        refused=f"there is no contract at {STRANGER}",
    )
    return _collection(mirror, [], name="")


def collections_register() -> Scene:
    chains = [
        SimpleNamespace(chain_id="1", name="Ethereum"),
        SimpleNamespace(chain_id="8453", name="Base"),
    ]
    return "collections/register.html", {"viewer": str(exhibits.MARLOWE), "chains": chains}


def collections_register_signed_out() -> Scene:
    return "collections/register.html", {"viewer": None, "chains": []}


def collections_list() -> Scene:
    _, read = foreign_collection()
    _, reading = foreign_collection_being_read()
    found = [read["collection"], reading["collection"]]
    return "collections/list.html", {"collections": found}


SCENES: dict[str, Callable[[], Scene]] = {
    name.replace("_", "-"): found
    for name, found in list(globals().items())
    if callable(found) and not name.startswith("_") and getattr(found, "__module__", "") == __name__
}
