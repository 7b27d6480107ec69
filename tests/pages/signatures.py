"""
Typed data of everything that is signed, as the API hands it out.
"""

from __future__ import annotations

from typing import Any

from nft.auctions import Auction
from nft.orders import UNBOUND, Kind, Order
from nft.signing import (
    auction_typed_data,
    bulk_typed_data,
    order_typed_data,
    voucher_typed_data,
)
from nft.statements import stated, typed_data
from nft.tokens import token_id
from nft.types import Digest
from nft.vouchers import Voucher
from tests.pages.exhibits import (
    COLLECTOR,
    ETH,
    EXCHANGE,
    GALLERY,
    HOUSE,
    MARLOWE,
    NOON,
    WETH,
    digest,
)

CHAIN = 31337
NOW = int(NOON.timestamp())
DAY = 86_400


def _listing(serial: int, **more: Any) -> Order:
    facts: dict[str, Any] = {
        "kind": Kind.LISTING,
        "maker": MARLOWE,
        "collection": HOUSE,
        "token_id": token_id(MARLOWE, serial),
        "transfer_count": 3,
        "price": ETH,
        "end_price": ETH,
        "start": NOW,
        "end": NOW + 2 * DAY,
        "max_royalty_bps": 750,
        "max_fee_bps": 200,
        "nonce": 0,
        "counter": 0,
    }
    return Order(**(facts | more))


def falling() -> dict[str, Any]:
    """A price that halves in two days."""
    return order_typed_data(_listing(7, end_price=ETH // 2), chain_id=CHAIN, exchange=EXCHANGE)


def offer() -> dict[str, Any]:
    """Money for any work of one artist."""
    order = _listing(
        0,
        kind=Kind.COLLECTION_OFFER,
        maker=COLLECTOR,
        transfer_count=UNBOUND,
        currency=WETH,
        max_royalty_bps=1500,
    )
    return order_typed_data(order, chain_id=CHAIN, exchange=EXCHANGE)


def bulk() -> dict[str, Any]:
    """Three listings under one signature."""
    orders = [_listing(n, price=n * ETH, end_price=n * ETH) for n in (1, 2, 3)]
    return bulk_typed_data(orders, chain_id=CHAIN, exchange=EXCHANGE)


def auction() -> dict[str, Any]:
    """A day from the first bid."""
    found = Auction(
        seller=MARLOWE,
        collection=HOUSE,
        token_id=token_id(MARLOWE, 4),
        transfer_count=0,
        reserve=8 * ETH // 10,
        start=NOW,
        open_until=NOW + 30 * DAY,
        duration=DAY,
        min_step_bps=500,
        max_royalty_bps=750,
        max_fee_bps=200,
        nonce=1,
        counter=0,
    )
    return auction_typed_data(found, chain_id=CHAIN, auctions=GALLERY)


def voucher() -> dict[str, Any]:
    """An edition of twelve, two for each collector at most."""
    found = Voucher(
        token_id=token_id(MARLOWE, 9),
        metadata_digest=Digest.parse(digest("metadata")),
        price=ETH // 4,
        royalty_bps=750,
        fee_receiver=GALLERY,
        max_fee_bps=200,
        edition_size=12,
        max_per_recipient=2,
        start=NOW,
        end=NOW + 20 * DAY,
        nonce=2,
        counter=0,
    )
    return voucher_typed_data(found, chain_id=CHAIN, collection=HOUSE)


def statement(*titles: str, copies: int = 1) -> dict[str, Any]:
    """What an artist says of works."""
    facts = {name: "" for name in ("artist", "date", "medium", "dimensions", "description")}
    works = [
        stated(
            {**facts, "title": title, "media": []},
            token_id=token_id(MARLOWE, 10 * serial),
            copies=copies,
            metadata_digest=Digest.parse(digest(title)),
        )
        for serial, title in enumerate(titles, start=1)
    ]
    return typed_data(works, chain_id=CHAIN, contract=HOUSE)
