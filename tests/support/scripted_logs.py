"""
Logs as our contracts write them, for the scripted node.
"""

from collections.abc import Sequence

from eth_abi.abi import encode

from nft.chain.abi import topic
from nft.royalties import Share
from nft.types import ZERO_ADDRESS, Address, Digest
from tests.support.scripted_node import ScriptedLog

FEE_RECEIVER = Address(b"\xfe" * 20)


def word(value: int | bytes) -> bytes:
    """A value as 32 bytes; addresses to the right, as the ABI has them."""
    return value.to_bytes(32, "big") if isinstance(value, int) else bytes(value).rjust(32, b"\0")


def log(address: Address, signature: str, *indexed: int | bytes, data: bytes = b"") -> ScriptedLog:
    """A log of an event by its signature."""
    return ScriptedLog(address, (topic(signature), *map(word, indexed)), data)


def transferred(contract: Address, sender: Address, receiver: Address, token: int) -> ScriptedLog:
    """An ERC-721 `Transfer`."""
    return log(contract, "Transfer(address,address,uint256)", sender, receiver, token)


def minted(
    contract: Address,
    creator: Address,
    token: int,
    *,
    digest: bytes = b"\x07" * 32,
    bps: int = 500,
    receiver: Address | None = None,
) -> tuple[ScriptedLog, ScriptedLog]:
    """The two logs of a mint in our collections; the creator receives the royalty."""
    return (
        transferred(contract, ZERO_ADDRESS, creator, token),
        log(
            contract,
            "Minted(uint256,bytes32,uint16,address)",
            token,
            data=digest + word(bps) + word(creator if receiver is None else receiver),
        ),
    )


def filled(
    exchange: Address,
    *,
    order_hash: Digest,
    maker: Address,
    taker: Address,
    collection: Address,
    token: int,
    price: int = 1000,
    royalty: int = 50,
    royalty_receiver: Address = ZERO_ADDRESS,
    fee: int = 20,
    flags: int = 0,
) -> ScriptedLog:
    """A sale on our exchange."""
    figures = (collection, token, ZERO_ADDRESS, price, royalty_receiver, royalty, fee, flags)
    return log(
        exchange,
        "OrderFilled(bytes32,address,address,address,uint256,address,uint256,address,"
        "uint256,uint256,uint8)",
        order_hash,
        maker,
        taker,
        data=b"".join(map(word, figures)),
    )


def redeemed(
    collection: Address,
    *,
    voucher_hash: Digest,
    signer: Address,
    buyer: Address,
    token: int,
    price: int = 1000,
    fee: int = 20,
) -> ScriptedLog:
    """A voucher's sale."""
    return log(
        collection,
        "VoucherFilled(bytes32,address,address,uint256,address,uint256,address,uint256)",
        voucher_hash,
        signer,
        buyer,
        data=b"".join(map(word, (token, ZERO_ADDRESS, price, FEE_RECEIVER, fee))),
    )


def opened(
    auctions: Address, *, auction_hash: Digest, seller: Address, collection: Address, token: int
) -> ScriptedLog:
    """An auction's opening; its bid comes next."""
    return log(
        auctions,
        "AuctionOpened(bytes32,address,address,uint256)",
        auction_hash,
        seller,
        collection,
        data=word(token),
    )


def bid(
    auctions: Address, *, auction_hash: Digest, bidder: Address, amount: int, end: int
) -> ScriptedLog:
    """A bid."""
    return log(
        auctions,
        "BidPlaced(bytes32,address,uint256,uint256)",
        auction_hash,
        bidder,
        data=word(amount) + word(end),
    )


def settled(
    auctions: Address,
    *,
    auction_hash: Digest,
    seller: Address,
    winner: Address,
    collection: Address,
    token: int,
    price: int = 1000,
) -> ScriptedLog:
    """An auction's sale; the seller receives the royalty of 50."""
    figures = (collection, token, price, seller, 50, 20, 0)
    return log(
        auctions,
        "AuctionSettled(bytes32,address,address,address,uint256,uint256,address,uint256,"
        "uint256,uint8)",
        auction_hash,
        seller,
        winner,
        data=b"".join(map(word, figures)),
    )


def unwound(
    auctions: Address, *, auction_hash: Digest, bidder: Address, amount: int
) -> ScriptedLog:
    """An auction whose work could not be delivered."""
    signature = "AuctionUnwound(bytes32,address,uint256)"
    return log(auctions, signature, auction_hash, bidder, data=word(amount))


def reclaimed(auctions: Address, *, auction_hash: Digest, seller: Address) -> ScriptedLog:
    """The work is back with its seller."""
    return log(auctions, "WorkReclaimed(bytes32,address)", auction_hash, seller)


def created(
    factory: Address, collection: Address, artist: Address, name: str = "Blue", symbol: str = "BLU"
) -> ScriptedLog:
    """An artist's collection."""
    return log(
        factory,
        "CollectionCreated(address,address,string,string)",
        collection,
        artist,
        data=encode(["string", "string"], [name, symbol]),
    )


def split(factory: Address, splitter: Address, shares: Sequence[Share]) -> ScriptedLog:
    """A splitter."""
    told = [(share.receiver, share.bps) for share in shares]
    return log(
        factory,
        "SplitterCreated(address,(address,uint16)[])",
        splitter,
        data=encode(["(address,uint16)[]"], [told]),
    )


Part = tuple[int, Address, int, int]
"""An item of a Seaport order: type, token, identifier, amount; what is received names whom too."""


def fulfilled(
    venue: Address,
    *,
    order_hash: Digest,
    offerer: Address,
    recipient: Address,
    offer: Sequence[Part],
    consideration: Sequence[tuple[Part, Address]],
) -> ScriptedLog:
    """An order of Seaport that was filled."""
    types = [
        "bytes32",
        "address",
        "(uint8,address,uint256,uint256)[]",
        "(uint8,address,uint256,uint256,address)[]",
    ]
    received = [(*part, receiver) for part, receiver in consideration]
    return log(
        venue,
        "OrderFulfilled(bytes32,address,address,address,(uint8,address,uint256,uint256)[],"
        "(uint8,address,uint256,uint256,address)[])",
        offerer,
        ZERO_ADDRESS,
        data=encode(types, [order_hash, recipient, list(offer), received]),
    )


def matched(venue: Address, *order_hashes: Digest) -> ScriptedLog:
    """Orders of Seaport that were filled against each other."""
    return log(venue, "OrdersMatched(bytes32[])", data=encode(["bytes32[]"], [order_hashes]))
