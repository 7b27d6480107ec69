"""
Works, sales and certificates as the pages get them: fixture objects of the API's own models.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from api.accounts.royalties import Line
from api.chains.schemas import AsOf
from api.orders.schemas import OrderOut, SplitOut
from api.sales.elsewhere import venue_out
from api.statements.queries import Kept
from api.tokens.schemas import (
    AttributeOut,
    EditionOut,
    MediaOut,
    MintedOut,
    ProvenanceItem,
    RoyaltyOut,
    TokenOut,
    VariantOut,
)
from nft.chain import seaport
from nft.statements import Signed
from nft.tokens import token_id
from nft.types import ZERO_ADDRESS, Address, Digest

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUSE = Address.parse("0x5FbDB2315678afecb367f032d93F642f64180aa3")
EXCHANGE = Address.parse("0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512")
MARLOWE = Address.parse("0x8ba1f109551bD432803012645Ac136ddd64DBA72")
OKONJO = Address.parse("0x70997970C51812dc3A010C7d01b50e0d17dc79C8")
LANYIN = Address.parse("0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC")
COLLECTOR = Address.parse("0x90F79bf6EB2c4f870365E785982E1f101E93b906")
GALLERY = Address.parse("0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65")

WETH = Address.parse("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2")
CURRENCIES = {bytes(WETH): ("WETH", 18)}

AS_OF = AsOf(block_number="21894003", block_hash="0x" + "5f" * 32, timestamp=NOON, finality="final")

ETH = 10**18

BLUR = (
    "data:image/webp;base64,UklGRjAAAABXRUJQVlA4ICQAAACQAQCdASoQAAoAA4BaJaQAAuaL6IAA/u7zZgm"
    "TVQfaODgAAAA="
)


def digest(text: str) -> str:
    """A SHA-256 in our spelling."""
    return "0x" + hashlib.sha256(text.encode()).hexdigest()


def split(price: int, royalty_bps: int, receiver: Address) -> SplitOut:
    """Who gets what at a fee of 2 %."""
    royalty, fee = price * royalty_bps // 10_000, price * 200 // 10_000
    return SplitOut(
        seller=str(price - royalty - fee),
        royalty=str(royalty),
        royalty_receiver=str(receiver),
        platform_fee=str(fee),
    )


def listing(
    seller: Address, price: int, royalty_bps: int, receiver: Address, **more: Any
) -> OrderOut:
    """A listing that anybody could fill."""
    facts: dict[str, Any] = dict(
        hash=digest(f"order {price}"),
        kind="listing",
        scope="token",
        more=[],
        set=[],
        creator=None,
        maker=str(seller),
        taker=None,
        chain_id="31337",
        exchange=str(EXCHANGE),
        contract=str(HOUSE),
        token_id="7",
        transfer_count=1,
        price=str(price),
        start_price=str(price),
        end_price=str(price),
        currency=str(ZERO_ADDRESS),
        starts_at=NOON,
        expires_at=NOON + timedelta(days=30),
        created_at=NOON,
        max_royalty_bps=royalty_bps,
        max_fee_bps=200,
        nonce="0",
        counter="0",
        state="fillable",
        hidden=False,
        reasons=[],
        split=split(price, royalty_bps, receiver),
        test=True,
        url="/api/orders/" + digest(f"order {price}"),
        as_of=AS_OF,
    )
    return OrderOut(**(facts | more))


def variants_of(address: str, size: tuple[int, int]) -> list[VariantOut]:
    """What `media.variants` would derive of a picture of this size."""
    widths = [480, 960, 1600]
    widths = [
        width for number, width in enumerate(widths) if not number or widths[number - 1] < size[0]
    ]
    made = []
    for name, width in [(f"w{width}", min(width, size[0])) for width in widths]:
        height = round(size[1] * width / size[0])
        for kind, ending in (("avif", "avif"), ("webp", "webp"), ("jpeg", "jpg")):
            url = f"{address}-{width}x{height}.{ending}"
            facts = {"name": f"{name}.{ending}", "url": url, "type": f"image/{kind}"}
            made.append(VariantOut(width=width, height=height, **facts))
    return made


def work(
    serial: int,
    title: str,
    artist: str,
    creator: Address,
    size: tuple[int, int],
    *,
    price: int | None = None,
    picture: str = "a1",
    owner: Address | None = None,
    media_url: str = "",
    **more: Any,
) -> TokenOut:
    """One work, described in full."""
    number = token_id(creator, serial)
    path = f"31337/{HOUSE}/{number}"
    facts: dict[str, Any] = {
        "chain_id": "31337",
        "contract": str(HOUSE),
        "token_id": str(number),
        "asset": f"eip155:31337/erc721:{HOUSE}/{number}",
        "test": True,
        "title": title,
        "description": "Drawn in one evening, from memory, after a walk along the estuary."
        "\n\nThe haze is not added afterwards; each ridge is drawn through the one before it.",
        "artist": artist,
        "alt_text": "Ridges one behind the other in evening haze, from slate blue to pale peach",
        "date": "2026",
        "medium": "digital drawing",
        "dimensions": f"{size[0]} × {size[1]} px",
        "edition": EditionOut(number=1, size=1),
        "attributes": [AttributeOut(trait_type="Season", value="autumn")],
        "rights": "© the artist. The owner may show it, not reproduce it.",
        "external_id": "VM-0042",
        "creator": str(creator),
        "owner": str(owner or creator),
        "transfer_count": 3,
        "royalty": RoyaltyOut(receiver=str(creator), bps=750),
        "media": [
            MediaOut(
                role="image",
                cid="bafkreiggqwmrjtudrxggnydcnizrrzb3t24nvxsdrmaxwpb4x3i3t4jlni",
                sha256=digest(title),
                type="image/png",
                size=1_834_112,
                url=f"{media_url}/pictures/{picture}-{size[0]}x{size[1]}.jpg",
                width=size[0],
                height=size[1],
                blur=BLUR,
                variants=variants_of(f"{media_url}/pictures/{picture}", size),
            )
        ],
        "metadata_digest": digest("metadata"),
        "metadata_cid": "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
        "metadata_known": True,
        "token_uri": "ipfs://bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
        "frozen": False,
        "burned": False,
        "minted": MintedOut(
            block_number="21000001",
            transaction_hash=digest("mint"),
            timestamp=datetime(2026, 5, 4, 9, tzinfo=UTC),
        ),
        "listing": listing(owner or creator, price, 750, creator) if price else None,
        "work_url": f"/works/{path}",
        "certificate_url": f"/c/{path}",
        "as_of": AS_OF,
    }
    return TokenOut(**(facts | more))


def exhibition() -> list[TokenOut]:
    """Eight works by three artists, one with a Chinese title."""
    return [
        work(
            1,
            "Low Water, Evening",
            "I. Marlowe",
            MARLOWE,
            (2000, 860),
            price=12 * ETH // 10,
            picture="a7",
        ),
        work(
            2, "Threadbare", "S. Okonjo", OKONJO, (1200, 1200), price=45 * ETH // 100, picture="a3"
        ),
        work(3, "The Ferry Home", "I. Marlowe", MARLOWE, (900, 1200), picture="a2"),
        work(4, "七个太阳", "温岚音", LANYIN, (1000, 1300), price=8 * ETH // 10, picture="a5"),
        work(
            5, "Monsoon Ledger", "S. Okonjo", OKONJO, (1500, 900), price=3 * ETH // 10, picture="a4"
        ),
        work(
            7,
            "Seven Valleys",
            "I. Marlowe",
            MARLOWE,
            (1600, 1000),
            price=95 * ETH // 100,
            picture="a1",
            owner=GALLERY,
        ),
        work(8, "Small Hours", "温岚音", LANYIN, (1400, 1050), picture="a6"),
        work(
            9,
            "Red Correspondence",
            "S. Okonjo",
            OKONJO,
            (900, 1260),
            price=6 * ETH // 10,
            picture="a8",
        ),
    ]


def event(number: int, kind: str, sender: Address, to: Address, **more: Any) -> ProvenanceItem:
    """One line of provenance, a month after the one before."""
    facts: dict[str, Any] = {
        "event": kind,
        "from": str(sender),
        "to": str(to),
        "transaction_hash": digest(f"transaction {number}"),
        "log_index": number,
        "block_number": str(21_000_000 + number * 40_021),
        "block_hash": digest(f"block {number}"),
        "timestamp": datetime(2026, 4 + number, 4 + number * 3, 9, 30, tzinfo=UTC),
        "finality": "final",
    }
    return ProvenanceItem(**(facts | more))


def sale(number: int, seller: Address, buyer: Address, price: int) -> ProvenanceItem:
    """A sale with its royalty of 7.5 %."""
    return event(
        number,
        "sale",
        seller,
        buyer,
        price=str(price),
        currency=str(ZERO_ADDRESS),
        royalty_paid=str(price * 750 // 10_000),
        royalty_receiver=str(MARLOWE),
        platform_fee=str(price * 200 // 10_000),
    )


def sale_elsewhere(number: int, seller: Address, buyer: Address, price: int) -> ProvenanceItem:
    """A sale on another venue, of two works at once, that paid no royalty."""
    return event(
        number,
        "sale",
        seller,
        buyer,
        price=str(price),
        currency=str(ZERO_ADDRESS),
        royalty_paid="0",
        royalty_receiver=str(MARLOWE),
        sale_kind="elsewhere",
        venue=venue_out(seaport.V1_6),
        payments=[{"receiver": str(seller), "amount": str(price)}],
        works=2,
    )


def provenance() -> list[ProvenanceItem]:
    """Minted, sold three times, once of them elsewhere, given away once."""
    return [
        event(1, "mint", ZERO_ADDRESS, MARLOWE, royalty_bps=750),
        sale(2, MARLOWE, COLLECTOR, 40 * ETH // 100),
        sale(3, COLLECTOR, OKONJO, 62 * ETH // 100),
        sale_elsewhere(4, OKONJO, LANYIN, 70 * ETH // 100),
        event(5, "transfer", LANYIN, GALLERY),
    ]


def royalty(received: int, owed: int | None, *, here: bool = False) -> Line:
    """One sale at one ether."""
    return Line(
        chain_id=31337,
        contract=HOUSE,
        token_id=1,
        title="Seven Valleys",
        timestamp=NOON,
        transaction_hash=digest("a sale"),
        seller=COLLECTOR,
        price=ETH,
        currency=ZERO_ADDRESS,
        venue=None if here else venue_out(seaport.V1_6),
        received=received,
        owed=owed,
    )


def royalties() -> list[Line]:
    """Paid here; paid, cut and left out elsewhere; and paid for who knows what."""
    whole = 75 * ETH // 1000
    return [
        royalty(whole, whole, here=True),
        royalty(whole, whole),
        royalty(whole // 2, whole),
        royalty(0, whole),
        royalty(whole, None),
    ]


def statement() -> Kept:
    """What the artist signed."""
    signed = Signed(
        signer=MARLOWE,
        signature=bytes(65),
        copies=1,
        token_id=1,
        place=0,
        works=(Digest.parse(digest("a work")),),
    )
    return Kept(signed, Digest.parse(digest("a statement")), NOON)
