"""
Orders, auctions and vouchers of every kind, drawn at random within their types.
"""

from hypothesis import strategies as st

from nft.auctions import Auction
from nft.orders import Item, Kind, Order
from nft.types import UINT256_MAX, Address, Digest
from nft.vouchers import Voucher

addresses = st.binary(min_size=20, max_size=20).map(Address)
digests = st.binary(min_size=32, max_size=32).map(Digest)
words = st.integers(0, UINT256_MAX)
seconds = st.integers(0, 2**64 - 1)
bps = st.integers(0, 2**16 - 1)

orders = st.builds(
    Order,
    kind=st.sampled_from(Kind),
    maker=addresses,
    taker=addresses,
    collection=addresses,
    token_id=words,
    transfer_count=words,
    more=st.lists(st.builds(Item, addresses, words, words), max_size=3).map(tuple),
    criteria=digests,
    metadata_digest=digests,
    currency=addresses,
    price=words,
    end_price=words,
    start=seconds,
    end=seconds,
    max_royalty_bps=bps,
    max_fee_bps=bps,
    nonce=words,
    counter=words,
)

auctions = st.builds(
    Auction,
    seller=addresses,
    collection=addresses,
    token_id=words,
    transfer_count=words,
    reserve=words,
    start=seconds,
    open_until=seconds,
    duration=seconds,
    end=seconds,
    min_step_bps=bps,
    max_royalty_bps=bps,
    max_fee_bps=bps,
    nonce=words,
    counter=words,
)

vouchers = st.builds(
    Voucher,
    token_id=words,
    metadata_digest=digests,
    price=words,
    currency=addresses,
    royalty_bps=bps,
    royalty_receiver=addresses,
    recipient=addresses,
    fee_receiver=addresses,
    max_fee_bps=bps,
    edition_size=st.integers(0, 2**32 - 1),
    max_per_recipient=st.integers(0, 2**32 - 1),
    start=seconds,
    end=seconds,
    nonce=words,
    counter=words,
)
