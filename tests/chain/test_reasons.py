"""
Our reasons against the validator's: the same answer from facts as from the contracts themselves.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from nft.auctions import AuctionFacts, reasons_not_biddable
from nft.chain.contracts import Collection, Validator
from nft.chain.errors import Reverted
from nft.fillability import Facts, WorkFacts, reasons_not_fillable
from nft.merkle import SetTree
from nft.orders import UNBOUND, Acceptance, Item, Kind, Order, price_at, shares
from nft.reasons import Reason, from_numbers
from nft.tokens import token_id
from nft.types import UINT256_MAX, ZERO_ADDRESS, Address
from nft.vouchers import Voucher, VoucherFacts, reasons_not_redeemable
from tests.support.servers import running_anvil
from tests.support.trading import DIGEST, PRICE, ROYALTY_BPS, START, Market, Person

pytestmark = [pytest.mark.chain, pytest.mark.xdist_group("reasons")]


@pytest.fixture(scope="module")
def market() -> Iterator[Market]:
    with running_anvil(*Market.OPTIONS) as node:
        made = Market(node)
        made.send(made.seller, made.house.set_approval_for_all(made.exchange.address, True))
        made.send(made.buyer, made.weth.deposit(2 * PRICE))
        made.send(made.buyer, made.weth.approve(made.exchange.address, UINT256_MAX))
        assert made.foreign
        yield made


def work_facts(market: Market, item: Item, part: int, *, seller: Address) -> dict[str, Any]:
    """What the chain says about a work; foreign ones count no transfers."""
    chain, contract = market.chain, Collection(item.collection)
    ours = item.collection in (market.house.address, market.clone.address)
    try:
        owner = contract.owner_of(item.token_id).ask(chain)
    except Reverted:
        owner = None
    single = contract.get_approved(item.token_id).ask(chain) if owner else ZERO_ADDRESS
    for_all = contract.is_approved_for_all(seller, market.exchange.address).ask(chain)
    receiver, royalty = contract.royalty_info(item.token_id, part).ask(chain)
    return {
        "owner": owner,
        "transfer_count": contract.transfer_count(item.token_id).ask(chain) if ours else 0,
        "is_approved": for_all or single == market.exchange.address,
        "royalty": royalty,
        "royalty_receiver": receiver,
        "metadata_digest": contract.metadata_digest(item.token_id).ask(chain) if ours else DIGEST,
    }


def facts_of(
    market: Market, order: Order, now: int, *, taker: Address, acceptance: Acceptance | None
) -> Facts:
    """Everything that decides about an order, from the chain."""
    chain, exchange = market.chain, market.exchange
    payer, seller = (order.maker, taker) if order.kind.is_offer else (taker, order.maker)
    items = order.items
    if acceptance is not None:
        items = (Item(order.collection, acceptance.token_id, UNBOUND),)
    parts = shares(price_at(order, now), len(items))
    works = [
        work_facts(market, item, part, seller=seller)
        for item, part in zip(items, parts, strict=True)
    ]
    counter, used = exchange.standing(order.maker, order.nonce).ask(chain)
    in_coin = order.currency == ZERO_ADDRESS
    return Facts(
        **works[0],
        more=tuple(WorkFacts(**one) for one in works[1:]),
        is_nonce_used=used,
        counter=counter,
        fee_bps=exchange.fee_bps().ask(chain),
        is_currency_allowed=in_coin or exchange.is_currency_allowed(order.currency).ask(chain),
        balance=chain.balance(payer) if in_coin else market.weth.balance_of(payer).ask(chain),
        allowance=market.weth.allowance(payer, exchange.address).ask(chain),
    )


def words(reasons: list[Reason]) -> list[str]:
    return sorted({reason.code for reason in reasons})


def agreed(
    market: Market, order: Order, *, taker: Person, acceptance: Acceptance | None = None
) -> list[str]:
    """What both say about an order, once they say the same."""
    maker = market.buyer if order.kind.is_offer else market.seller
    now = market.chain.head().timestamp
    facts = facts_of(market, order, now, taker=taker.address, acceptance=acceptance)
    ours = reasons_not_fillable(order, facts, now=now, taker=taker.address, acceptance=acceptance)
    validator = Validator(market.placed["validator"])
    question = validator.check_order(
        order, market.signed(maker, order), taker=taker.address, acceptance=acceptance
    )
    theirs, _ = question.ask(market.chain, "latest")
    assert words(ours) == words(from_numbers(theirs))
    return words(ours)


def minted(market: Market, serial: int) -> int:
    token = token_id(market.artist.address, serial)
    call = market.house.mint(market.seller.address, token, DIGEST, ROYALTY_BPS)
    market.send(market.artist, call)
    return token


Change = Callable[[Market, int], dict[str, Any]]


def moved(market: Market, token: int) -> dict[str, Any]:
    call = market.house.transfer(market.seller.address, market.rival.address, token)
    market.send(market.seller, call)
    return {}


def burned(market: Market, token: int) -> dict[str, Any]:
    market.send(market.seller, market.house.burn(token))
    return {}


def cancelled(market: Market, token: int) -> dict[str, Any]:
    market.send(market.seller, market.exchange.cancel([77]))
    return {"nonce": 77}


LISTINGS: list[tuple[str, Change, list[str]]] = [
    ("sound", lambda *_: {}, []),
    ("falling", lambda *_: {"end_price": 1}, []),
    ("sold elsewhere", moved, ["OwnershipChanged", "SellerNotOwner"]),
    ("burned", burned, ["OwnershipChanged", "TokenGone"]),
    ("cancelled", cancelled, ["NonceUsed"]),
    ("signed ahead", lambda *_: {"counter": 5}, ["CounterAhead"]),
    ("to come", lambda *_: {"start": START + 2**29, "end": START + 2**30}, ["NotStarted"]),
    ("over", lambda *_: {"start": START - 9, "end": START - 1}, ["OrderExpired"]),
    ("a low cap", lambda *_: {"max_royalty_bps": 499}, ["RoyaltyAboveMaximum"]),
    ("a low fee", lambda *_: {"max_fee_bps": 249}, ["FeeAboveMaximum"]),
    ("private", lambda m, _: {"taker": m.rival.address}, ["TakerMismatch"]),
    ("a strange currency", lambda m, _: {"currency": m.rival.address}, ["CurrencyUnsupported"]),
    (
        "in WETH that the buyer lacks",
        lambda m, _: {"currency": m.weth.address, "price": 3 * PRICE, "end_price": 3 * PRICE},
        ["BalanceTooLow"],
    ),
    (
        "too dear",
        lambda *_: {"price": 10**30, "end_price": 10**30},
        ["BalanceTooLow"],
    ),
]


class TestListings:
    @pytest.mark.parametrize("number", range(len(LISTINGS)), ids=[one[0] for one in LISTINGS])
    def test_are_judged_alike(self, market: Market, number: int) -> None:
        _, change, expected = LISTINGS[number]
        token = minted(market, 100 + number)
        order = market.listing(market.seller, market.house, token)
        order = replace(order, **change(market, token))

        found = agreed(market, order, taker=market.buyer)

        if expected == ["CurrencyUnsupported"]:  # of a strange currency nobody holds anything
            assert "CurrencyUnsupported" in found
        else:
            assert found == expected

    def test_of_the_seller_to_the_seller(self, market: Market) -> None:
        order = market.listing(market.seller, market.house, minted(market, 150))

        assert agreed(market, order, taker=market.seller) == ["MakerIsTaker"]

    def test_of_works_that_nobody_may_move(self, market: Market) -> None:
        token = minted(market, 151)
        call = market.house.set_approval_for_all(market.exchange.address, False)
        market.send(market.seller, call)
        order = market.listing(market.seller, market.house, token)
        try:
            assert agreed(market, order, taker=market.buyer) == ["NotApproved"]
        finally:
            call = market.house.set_approval_for_all(market.exchange.address, True)
            market.send(market.seller, call)

    def test_of_a_bundle_that_lost_a_work(self, market: Market) -> None:
        kept, lost = minted(market, 152), minted(market, 153)
        foreign = market.work_of(market.foreign, market.seller)
        more = (
            Item(market.house.address, lost, 0),
            Item(market.foreign.address, foreign, UNBOUND),
        )
        order = market.listing(market.seller, market.house, kept, more=more)
        assert agreed(market, order, taker=market.buyer) == []

        moved(market, lost)

        expected = ["OwnershipChanged", "SellerNotOwner"]
        assert agreed(market, order, taker=market.buyer) == expected


class TestOffers:
    def offer(self, market: Market, token: int, **changed: Any) -> Order:
        made = market.listing(
            market.buyer, market.house, token, currency=market.weth.address,
            transfer_count=UNBOUND, kind=Kind.TOKEN_OFFER,
        )  # fmt: skip
        return replace(made, **changed)

    def test_are_judged_alike(self, market: Market) -> None:
        token, other = minted(market, 200), minted(market, 201)
        order = self.offer(market, token)
        sound = Acceptance(token_id=token, min_proceeds=0)
        cases = [
            (sound, []),
            (replace(sound, min_proceeds=PRICE), ["ProceedsTooLow"]),
            (replace(sound, token_id=other), ["TokenMismatch"]),
            (replace(sound, transfer_count=0), ["OfferBound"]),
        ]

        for acceptance, expected in cases:
            found = agreed(market, order, taker=market.seller, acceptance=acceptance)
            assert found == expected

    def test_for_given_metadata(self, market: Market) -> None:
        token = minted(market, 202)
        acceptance = Acceptance(token_id=token, min_proceeds=0)
        as_it_is = self.offer(market, token, metadata_digest=DIGEST)
        other = self.offer(market, token, metadata_digest=type(DIGEST)(b"\x01" * 32))

        for order, expected in ((as_it_is, []), (other, ["MetadataMismatch"])):
            found = agreed(market, order, taker=market.seller, acceptance=acceptance)
            assert found == expected

    def test_on_a_set(self, market: Market) -> None:
        inside, outside = minted(market, 203), minted(market, 204)
        tree = SetTree([(inside, 0), (5, 0), (6, 0)])
        order = self.offer(market, 0, kind=Kind.SET_OFFER, criteria=tree.root)
        proof = tree.proof(inside)
        sound = Acceptance(token_id=inside, transfer_count=0, proof=proof, min_proceeds=0)
        foreign = replace(sound, token_id=outside)

        assert agreed(market, order, taker=market.seller, acceptance=sound) == []
        found = agreed(market, order, taker=market.seller, acceptance=foreign)
        assert found == ["NotInSet"]

    def test_on_the_works_of_a_creator(self, market: Market) -> None:
        token = minted(market, 205)
        order = self.offer(market, token >> 96 << 96, kind=Kind.COLLECTION_OFFER)
        anothers = replace(order, token_id=(token >> 96) + 1 << 96)
        acceptance = Acceptance(token_id=token, min_proceeds=0)

        assert agreed(market, order, taker=market.seller, acceptance=acceptance) == []
        found = agreed(market, anothers, taker=market.seller, acceptance=acceptance)
        assert found == ["TokenMismatch"]


class TestVouchers:
    def agreed(
        self, market: Market, voucher: Voucher, *, number: int = 0, taker: Person | None = None
    ) -> list[str]:
        chain, collection = market.chain, market.clone
        who = (taker or market.buyer).address
        signature = market.signed_voucher(voucher, collection)
        counter, used = market.exchange.standing(market.artist.address, voucher.nonce).ask(chain)
        word = collection.ownership_word(voucher.token_id + number).ask(chain)
        name = collection.hash_voucher(voucher).ask(chain)
        facts = VoucherFacts(
            is_minted=any(word),
            minted=0,
            may_sign=True,
            is_nonce_used=used,
            counter=counter,
            taken=collection.taken_of(name, who).ask(chain),
        )
        ours = reasons_not_redeemable(
            voucher, facts, now=chain.head().timestamp, number=number, taker=who
        )
        validator = Validator(market.placed["validator"])
        theirs, _ = validator.check_voucher(
            collection.address,
            voucher,
            market.artist.address,
            signature,
            number=number,
            taker=who,
        ).ask(chain)
        assert words(ours) == words(from_numbers(theirs))
        return words(ours)

    def test_are_judged_alike(self, market: Market) -> None:
        voucher = replace(market.voucher(market.clone, 50), edition_size=3, max_per_recipient=1)
        assert self.agreed(market, voucher) == []
        assert self.agreed(market, voucher, number=3) == ["EditionExceeded"]
        private = replace(voucher, recipient=market.rival.address)
        assert self.agreed(market, private) == ["TakerMismatch"]
        late = replace(voucher, start=START - 9, end=START - 1)
        assert self.agreed(market, late) == ["OrderExpired"]

        signature = market.signed_voucher(voucher, market.clone)
        call = market.clone.redeem(voucher, market.artist.address, signature)
        market.send(market.buyer, call)
        assert self.agreed(market, voucher) == ["AlreadyMinted", "RecipientLimit"]
        assert self.agreed(market, voucher, number=1) == ["RecipientLimit"]
        assert self.agreed(market, voucher, number=1, taker=market.rival) == []

        market.send(market.artist, market.exchange.cancel([voucher.nonce]))
        assert self.agreed(market, voucher, number=1, taker=market.rival) == ["NonceUsed"]


class TestAuctions:
    def test_are_judged_alike_before_the_first_bid(self, market: Market) -> None:
        chain, validator = market.chain, Validator(market.placed["validator"])
        token = market.work_of(market.foreign, market.seller)
        sound = market.auction(market.foreign, token)
        cases = [
            (sound, []),
            (replace(sound, start=START - 9, open_until=START - 1), ["OrderExpired"]),
            (replace(sound, start=START + 2**29, open_until=START + 2**29), ["NotStarted"]),
            (replace(sound, counter=1), ["CounterAhead"]),
            (replace(sound, max_royalty_bps=1), ["RoyaltyAboveMaximum"]),
            (replace(sound, max_fee_bps=1), ["FeeAboveMaximum"]),
        ]
        for auction, expected in cases:
            price = auction.reserve
            receiver, royalty = market.foreign.royalty_info(token, price).ask(chain)
            counter, used = market.exchange.standing(auction.seller, auction.nonce).ask(chain)
            facts = AuctionFacts(
                owner=market.foreign.owner_of(token).ask(chain),
                transfer_count=0,
                is_approved=True,
                is_nonce_used=used,
                counter=counter,
                royalty=royalty,
                royalty_receiver=receiver,
                fee_bps=market.auctions.fee_bps().ask(chain),
            )
            who = market.buyer.address
            ours = reasons_not_biddable(auction, facts, now=chain.head().timestamp, bidder=who)
            question = validator.check_auction(auction, market.signed_auction(auction), bidder=who)
            assert words(ours) == words(from_numbers(question.ask(chain)[0])) == expected
