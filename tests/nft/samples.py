"""
One of each that is signed, sound in every term, and what the chain says about them.
"""

from eth_account import Account

from nft.auctions import Auction, AuctionFacts
from nft.fillability import Facts
from nft.orders import UNBOUND, Kind, Order
from nft.types import Address, Digest
from nft.vouchers import Voucher, VoucherFacts

SELLER_KEY = Account.from_key(b"\x01" * 32)
SELLER = Address.parse(SELLER_KEY.address)
BUYER = Address(b"\xbb" * 20)
HOUSE = Address(b"\x07" * 20)
WETH = Address(b"\xe2" * 20)
EXCHANGE = Address(b"\xee" * 20)
NOON = 1_800_000_000
ETHER = 10**18

ORDER = Order(
    kind=Kind.LISTING,
    maker=SELLER,
    collection=HOUSE,
    token_id=5,
    transfer_count=2,
    price=ETHER,
    end_price=ETHER,
    start=NOON,
    end=NOON + 3_600,
    max_royalty_bps=750,
    max_fee_bps=200,
    nonce=3,
    counter=1,
)
FACTS = Facts(
    owner=SELLER,
    transfer_count=2,
    is_approved=True,
    is_nonce_used=False,
    counter=1,
    royalty=ETHER * 75 // 1_000,
    royalty_receiver=BUYER,
    fee_bps=200,
)

OFFER = Order(
    kind=Kind.TOKEN_OFFER,
    maker=BUYER,
    collection=HOUSE,
    token_id=5,
    transfer_count=UNBOUND,
    currency=WETH,
    price=ETHER,
    end_price=ETHER,
    start=NOON,
    end=NOON + 3_600,
    max_royalty_bps=750,
    max_fee_bps=200,
    nonce=3,
    counter=1,
)

AUCTION = Auction(
    seller=SELLER,
    collection=HOUSE,
    token_id=5,
    transfer_count=2,
    reserve=ETHER,
    start=NOON,
    open_until=NOON + 7 * 86_400,
    duration=86_400,
    min_step_bps=500,
    max_royalty_bps=750,
    max_fee_bps=200,
    nonce=3,
    counter=1,
)
AUCTION_FACTS = AuctionFacts(
    owner=SELLER,
    transfer_count=2,
    is_approved=True,
    is_nonce_used=False,
    counter=1,
    royalty=ETHER * 75 // 1_000,
    royalty_receiver=BUYER,
    fee_bps=200,
)

VOUCHER = Voucher(
    token_id=int.from_bytes(SELLER, "big") << 96 | 9,
    metadata_digest=Digest(b"\x5a" * 32),
    price=ETHER,
    royalty_bps=750,
    fee_receiver=EXCHANGE,
    max_fee_bps=200,
    start=NOON,
    end=NOON + 3_600,
    nonce=3,
    counter=1,
)
VOUCHER_FACTS = VoucherFacts(
    is_minted=False, minted=0, may_sign=True, is_nonce_used=False, counter=1
)
