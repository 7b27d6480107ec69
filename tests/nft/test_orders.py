"""What may be signed, who signed it, and why an order cannot be filled."""

from dataclasses import replace

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from nft.errors import NotASignature, OrderInvalid
from nft.fillability import Facts, reasons_not_fillable, state_of
from nft.orders import UNBOUND, Item, Kind, Order, check_order
from nft.signing import canonical_signature, order_hash, order_typed_data, recover, text_digest
from nft.types import Address, Digest

SELLER_KEY = Account.from_key(b"\x01" * 32)
SELLER = Address.parse(SELLER_KEY.address)
BUYER = Address(b"\xbb" * 20)
HOUSE = Address(b"\x07" * 20)
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


class TestCheckOrder:
    def test_takes_a_plain_listing(self):
        check_order(ORDER, now=NOON)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"kind": Kind.TOKEN_OFFER}, "currency"),
            ({"currency": BUYER}, "currency"),
            ({"price": 0, "end_price": 0}, "price"),
            ({"price": 2**128, "end_price": 2**128}, "price"),
            ({"end_price": ETHER + 1}, "end_price"),
            ({"more": (Item(HOUSE, 5, 0),)}, "more"),
            ({"criteria": Digest(b"\x01" * 32)}, "criteria"),
            ({"metadata_digest": Digest(b"\x01" * 32)}, "metadata_digest"),
            ({"maker": Address(bytes(20))}, "maker"),
            ({"collection": Address(bytes(20))}, "collection"),
            ({"taker": SELLER}, "taker"),
            ({"end": NOON}, "expires_at"),
            ({"start": NOON - 100, "end": NOON - 10}, "expires_at"),
            ({"transfer_count": UNBOUND, "end": NOON + 61 * 86_400}, "expires_at"),
            ({"max_royalty_bps": 10_001}, "max_royalty_bps"),
        ],
    )
    def test_names_the_field_that_breaks_a_rule(self, change, field):
        with pytest.raises(OrderInvalid) as caught:
            check_order(replace(ORDER, **change), now=NOON)
        assert caught.value.field == field


class TestFillability:
    def test_nothing_stands_in_the_way_of_a_sound_listing(self):
        assert reasons_not_fillable(ORDER, FACTS, now=NOON) == []
        assert state_of(FACTS, [], order=ORDER, now=NOON) == "fillable"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"owner": BUYER}, "SellerNotOwner"),
            ({"owner": None}, "TokenGone"),
            ({"transfer_count": 4}, "OwnershipChanged"),
            ({"is_approved": False}, "NotApproved"),
            ({"is_nonce_used": True}, "NonceUsed"),
            ({"counter": 2}, "CounterMoved"),
            ({"royalty": ETHER * 75 // 1_000 + 1}, "RoyaltyAboveMaximum"),
            ({"fee_bps": 201}, "FeeAboveMaximum"),
        ],
    )
    def test_says_what_stands_in_the_way(self, change, code):
        reasons = reasons_not_fillable(ORDER, replace(FACTS, **change), now=NOON)

        assert [reason.code for reason in reasons] == [code]

    @pytest.mark.parametrize(
        ("now", "codes"),
        [
            (NOON - 1, ["NotStarted"]),
            (NOON, []),
            (NOON + 3_600, []),
            (NOON + 3_601, ["OrderExpired"]),
        ],
    )
    def test_both_ends_of_its_time_are_inclusive(self, now, codes):
        reasons = reasons_not_fillable(ORDER, FACTS, now=now)

        assert [reason.code for reason in reasons] == codes

    @pytest.mark.parametrize(
        ("change", "now", "state"),
        [
            ({"filled": True, "owner": BUYER}, NOON, "filled"),
            ({"cancelled": True}, NOON, "cancelled"),
            ({"counter": 9}, NOON, "cancelled"),
            ({}, NOON + 9_999, "expired"),
            ({"is_approved": False}, NOON, "not_fillable"),
        ],
    )
    def test_has_one_word_for_its_state(self, change, now, state):
        facts = replace(FACTS, **change)
        reasons = reasons_not_fillable(ORDER, facts, now=now)

        assert state_of(facts, reasons, order=ORDER, now=now) == state

    def test_a_work_that_left_and_came_back_is_not_for_sale(self):
        came_back = replace(FACTS, owner=SELLER, transfer_count=ORDER.transfer_count + 2)

        assert reasons_not_fillable(ORDER, came_back, now=NOON)[0].code == "OwnershipChanged"


class TestSigning:
    def test_the_maker_is_who_signed(self):
        typed = order_typed_data(ORDER, chain_id=31337, exchange=EXCHANGE)
        signature = bytes(SELLER_KEY.sign_typed_data(full_message=typed).signature)

        digest = order_hash(ORDER, chain_id=31337, exchange=EXCHANGE)

        assert recover(digest, signature) == SELLER

    @pytest.mark.parametrize("field", [f for f in ORDER.__dataclass_fields__ if f != "more"])
    def test_every_field_changes_the_hash(self, field):
        other = {"kind": Kind.TOKEN_OFFER, "criteria": Digest(b"\x01" * 32)}
        value = getattr(ORDER, field)
        if field == "metadata_digest":
            changed = Digest(b"\x02" * 32)
        elif isinstance(value, Address):
            changed = Address(b"\xcc" * 20)
        else:
            changed = other.get(field) or value + 1

        hashes = {
            order_hash(order, chain_id=31337, exchange=EXCHANGE)
            for order in (ORDER, replace(ORDER, **{field: changed}))
        }

        assert len(hashes) == 2

    def test_chain_exchange_and_bundle_change_the_hash(self):
        here = order_hash(ORDER, chain_id=31337, exchange=EXCHANGE)

        assert order_hash(ORDER, chain_id=1, exchange=EXCHANGE) != here
        assert order_hash(ORDER, chain_id=31337, exchange=HOUSE) != here
        bundle = replace(ORDER, more=(Item(HOUSE, 6, 0),))
        assert order_hash(bundle, chain_id=31337, exchange=EXCHANGE) != here

    @given(st.text(max_size=300))
    def test_a_text_is_signed_as_wallets_sign_it(self, text):
        from eth_account.messages import encode_defunct

        signed = SELLER_KEY.sign_message(encode_defunct(text=text))

        assert recover(text_digest(text), bytes(signed.signature)) == SELLER


class TestSignatureForms:
    DIGEST = Digest(b"\x09" * 32)
    GOOD = bytes(SELLER_KEY.unsafe_sign_hash(DIGEST).signature)
    N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

    def test_the_short_form_is_the_same_signature(self):
        r, s, v = self.GOOD[:32], int.from_bytes(self.GOOD[32:64], "big"), self.GOOD[64]
        short = r + (s | (v - 27) << 255).to_bytes(32, "big")

        assert canonical_signature(short) == self.GOOD
        assert recover(self.DIGEST, short) == SELLER

    def test_v_of_nought_or_one_is_lifted(self):
        low = self.GOOD[:64] + bytes([self.GOOD[64] - 27])

        assert canonical_signature(low) == self.GOOD

    def test_the_malleable_twin_is_refused(self):
        s = int.from_bytes(self.GOOD[32:64], "big")
        twin = self.GOOD[:32] + (self.N - s).to_bytes(32, "big") + bytes([55 - self.GOOD[64]])

        with pytest.raises(NotASignature, match="lower half"):
            canonical_signature(twin)

    @pytest.mark.parametrize(
        "signature",
        [
            b"",
            b"\x00" * 65,
            b"\x01" * 63,
            b"\x01" * 66,
            b"\x01" * 10_000,
            GOOD[:64] + b"\x02",
            GOOD[:64] + b"\x1a",
            GOOD[:64] + b"\x1d",
            b"\x00" * 32 + GOOD[32:],
            GOOD[:32] + b"\x00" * 32 + GOOD[64:],
            b"\xff" * 32 + GOOD[32:],
        ],
    )
    def test_other_forms_are_refused(self, signature):
        with pytest.raises(NotASignature):
            recover(self.DIGEST, signature)
