"""Who signed what: digests, signatures in all their forms, permits and wrapped signatures."""

from dataclasses import replace

import pytest
from eth_abi.abi import encode
from hypothesis import given, settings
from hypothesis import strategies as st

from nft.errors import NotASignature
from nft.orders import Bulk, Item, Kind, Order
from nft.permits import permit_of, permit_typed_data
from nft.signing import (
    ERC6492_SUFFIX,
    auction_hash,
    auction_typed_data,
    bulk_digest,
    bulk_tree,
    bulk_typed_data,
    canonical_signature,
    order_hash,
    order_typed_data,
    recover,
    text_digest,
    typed_data_digest,
    unwrapped,
    voucher_hash,
    voucher_typed_data,
)
from nft.types import Address, Digest
from tests.nft import strategies as drawn
from tests.nft.samples import (
    AUCTION,
    EXCHANGE,
    HOUSE,
    NOON,
    ORDER,
    SELLER,
    SELLER_KEY,
    VOUCHER,
    WETH,
)


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


class TestOrders:
    @settings(deadline=None, max_examples=50)
    @given(drawn.orders)
    def test_are_hashed_as_wallets_hash_them(self, order: Order):
        typed = order_typed_data(order, chain_id=5, exchange=EXCHANGE)

        assert order_hash(order, chain_id=5, exchange=EXCHANGE) == typed_data_digest(typed)

    @settings(deadline=None, max_examples=20)
    @given(st.lists(drawn.orders, min_size=1, max_size=9))
    def test_signed_together_lead_to_what_the_wallet_signs(self, orders: list[Order]):
        typed = bulk_typed_data(orders, chain_id=5, exchange=EXCHANGE)
        tree = bulk_tree(orders)

        digests = {
            bulk_digest(order, tree.place(index), chain_id=5, exchange=EXCHANGE)
            for index, order in enumerate(orders)
        }

        assert digests == {typed_data_digest(typed)}

    def test_keep_their_own_name_when_signed_together(self):
        tree = bulk_tree([ORDER, replace(ORDER, nonce=4)])
        alone = order_hash(ORDER, chain_id=5, exchange=EXCHANGE)

        together = bulk_digest(ORDER, tree.place(0), chain_id=5, exchange=EXCHANGE)

        assert bulk_digest(ORDER, Bulk(), chain_id=5, exchange=EXCHANGE) == alone
        assert together != alone


class TestAuctionsAndVouchers:
    def test_are_signed_by_who_sells(self):
        where = {"chain_id": 5, "auctions": EXCHANGE}
        typed = auction_typed_data(AUCTION, **where)

        signature = bytes(SELLER_KEY.sign_typed_data(full_message=typed).signature)

        assert recover(auction_hash(AUCTION, **where), signature) == SELLER

    def test_vouchers_hold_in_one_collection_alone(self):
        here, there = (
            voucher_hash(VOUCHER, chain_id=5, collection=contract) for contract in (HOUSE, WETH)
        )
        typed = voucher_typed_data(VOUCHER, chain_id=5, collection=HOUSE)
        signature = bytes(SELLER_KEY.sign_typed_data(full_message=typed).signature)

        assert recover(here, signature) == SELLER
        assert recover(there, signature) != SELLER


class TestPermits:
    def test_are_signed_for_the_token(self):
        typed = permit_typed_data(
            token=WETH,
            token_name="Wrapped Ether",
            token_version="1",
            chain_id=5,
            owner=SELLER,
            spender=EXCHANGE,
            value=7,
            nonce=0,
            deadline=NOON,
        )
        signature = bytes(SELLER_KEY.sign_typed_data(full_message=typed).signature)

        permit = permit_of(signature, value=7, deadline=NOON)

        assert typed["domain"]["verifyingContract"] == str(WETH)
        assert permit.r + permit.s + bytes([permit.v]) == signature
        assert recover(typed_data_digest(typed), signature) == SELLER

    def test_other_forms_are_refused(self):
        with pytest.raises(NotASignature):
            permit_of(b"\0" * 65, value=7, deadline=NOON)


class TestWrappedSignatures:
    @given(st.binary(max_size=200), st.binary(max_size=200))
    def test_are_unwrapped_once(self, calldata, inner):
        body = encode(["address", "bytes", "bytes"], [str(HOUSE), calldata, inner])

        assert unwrapped(body + ERC6492_SUFFIX) == inner

    @given(st.binary(max_size=100))
    def test_others_stay_as_they_are(self, signature):
        assert unwrapped(signature) == signature

    def test_a_malformed_wrapping_is_refused(self):
        with pytest.raises(NotASignature):
            unwrapped(b"\xff" * 96 + ERC6492_SUFFIX)
