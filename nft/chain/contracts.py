"""
Typed calls on our contracts, on plain ERC-721 and on ERC-20: one door to all of them.
"""

from nft.chain.anchoring import Anchors
from nft.chain.calls import (
    ERC1271_MAGIC,
    Contract,
    Credits,
    Governed,
    Question,
    ask_many,
    signature_question,
)
from nft.chain.markets import (
    Auctions,
    Exchange,
    Validator,
    acceptance_values,
    auction_values,
    bulk_values,
    coin_for,
    order_values,
    permit_values,
)
from nft.chain.money import Erc20, Splitter, SplitterFactory, Weth
from nft.chain.works import (
    INTERFACE_ERC721,
    INTERFACE_ERC2981,
    INTERFACE_TRANSFER_COUNT,
    Collection,
    CollectionFactory,
    Erc721,
    voucher_values,
)

__all__ = [
    "ERC1271_MAGIC",
    "INTERFACE_ERC721",
    "INTERFACE_ERC2981",
    "INTERFACE_TRANSFER_COUNT",
    "Anchors",
    "Auctions",
    "Collection",
    "CollectionFactory",
    "Contract",
    "Credits",
    "Erc20",
    "Erc721",
    "Exchange",
    "Governed",
    "Question",
    "Splitter",
    "SplitterFactory",
    "Validator",
    "Weth",
    "acceptance_values",
    "ask_many",
    "auction_values",
    "bulk_values",
    "coin_for",
    "order_values",
    "permit_values",
    "signature_question",
    "voucher_values",
]
