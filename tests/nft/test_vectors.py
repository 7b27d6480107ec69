"""Our Python against the vectors that forge and JavaScript read too: hashes, trees, words, ids."""

import hashlib
import importlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nft.auctions import Auction
from nft.content import cid_of_digest
from nft.merkle import SetTree, set_leaf, verify_in_set
from nft.metadata import metadata_digest
from nft.orders import Item, Kind, Order
from nft.signing import (
    auction_hash,
    bulk_digest,
    bulk_tree,
    bulk_typed_data,
    canonical_signature,
    order_hash,
    recover,
    typed_data_digest,
    voucher_typed_data,
)
from nft.tokens import OwnershipWord, creator_of, ownership_slot, serial_of, token_id
from nft.types import Address, Digest
from nft.vouchers import Voucher

VECTORS = Path(__file__).resolve().parents[1] / "vectors"


def _load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    return found


ORDERS = _load("orders")
TREES = _load("trees")
WORDS = _load("words")["words"]
METADATA = _load("metadata")["metadata"]

LISTED = [entry for entry in ORDERS["orders"] if int(entry["order"]["kind"]) in set(Kind)]
"""All but the one whose kind is not one of ours."""


def _name(entry: dict[str, Any]) -> str:
    return str(entry["name"]).replace(" ", "-")


def _address(text: str) -> Address:
    return Address.parse(text)


def _order(fields: dict[str, Any]) -> Order:
    return Order(
        kind=Kind(int(fields["kind"])),
        maker=_address(fields["maker"]),
        taker=_address(fields["taker"]),
        collection=_address(fields["collection"]),
        token_id=int(fields["tokenId"]),
        transfer_count=int(fields["transferCount"]),
        more=tuple(
            Item(
                collection=_address(item["collection"]),
                token_id=int(item["tokenId"]),
                transfer_count=int(item["transferCount"]),
            )
            for item in fields["more"]
        ),
        criteria=Digest.parse(fields["criteria"]),
        metadata_digest=Digest.parse(fields["metadataDigest"]),
        currency=_address(fields["currency"]),
        price=int(fields["price"]),
        end_price=int(fields["endPrice"]),
        start=int(fields["start"]),
        end=int(fields["end"]),
        max_royalty_bps=int(fields["maxRoyaltyBps"]),
        max_fee_bps=int(fields["maxFeeBps"]),
        nonce=int(fields["nonce"]),
        counter=int(fields["counter"]),
    )


def _voucher(fields: dict[str, Any]) -> Voucher:
    return Voucher(
        token_id=int(fields["tokenId"]),
        metadata_digest=Digest.parse(fields["metadataDigest"]),
        price=int(fields["price"]),
        currency=_address(fields["currency"]),
        royalty_bps=int(fields["royaltyBps"]),
        royalty_receiver=_address(fields["royaltyReceiver"]),
        recipient=_address(fields["recipient"]),
        fee_receiver=_address(fields["feeReceiver"]),
        max_fee_bps=int(fields["maxFeeBps"]),
        edition_size=int(fields["editionSize"]),
        max_per_recipient=int(fields["maxPerRecipient"]),
        start=int(fields["start"]),
        end=int(fields["end"]),
        nonce=int(fields["nonce"]),
        counter=int(fields["counter"]),
    )


def _auction(fields: dict[str, Any]) -> Auction:
    return Auction(
        seller=_address(fields["seller"]),
        collection=_address(fields["collection"]),
        token_id=int(fields["tokenId"]),
        transfer_count=int(fields["transferCount"]),
        reserve=int(fields["reserve"]),
        start=int(fields["start"]),
        open_until=int(fields["openUntil"]),
        duration=int(fields["duration"]),
        end=int(fields["end"]),
        min_step_bps=int(fields["minStepBps"]),
        max_royalty_bps=int(fields["maxRoyaltyBps"]),
        max_fee_bps=int(fields["maxFeeBps"]),
        nonce=int(fields["nonce"]),
        counter=int(fields["counter"]),
    )


@pytest.mark.parametrize("entry", LISTED, ids=_name)
class TestOrders:
    def test_have_the_hash_that_others_compute(self, entry: dict[str, Any]) -> None:
        order = _order(entry["order"])

        found = order_hash(
            order, chain_id=int(ORDERS["chainId"]), exchange=_address(ORDERS["exchange"])
        )

        assert str(found) == entry["digest"]

    def test_are_signed_by_the_key_in_both_forms(self, entry: dict[str, Any]) -> None:
        digest = Digest.parse(entry["digest"])
        long = bytes.fromhex(entry["signature"][2:])
        short = bytes.fromhex(entry["compactSignature"][2:])

        assert str(recover(digest, long)) == ORDERS["signer"]["address"]
        assert canonical_signature(short) == long


@pytest.mark.parametrize("entry", ORDERS["vouchers"], ids=_name)
def test_vouchers_have_the_hash_that_others_compute(entry: dict[str, Any]) -> None:
    typed_data = voucher_typed_data(
        _voucher(entry["voucher"]),
        chain_id=int(ORDERS["chainId"]),
        collection=_address(ORDERS["collection"]),
    )

    assert str(typed_data_digest(typed_data)) == entry["digest"]


@pytest.mark.parametrize("entry", ORDERS["auctionsSigned"], ids=_name)
def test_auctions_have_the_hash_that_others_compute(entry: dict[str, Any]) -> None:
    found = auction_hash(
        _auction(entry["auction"]),
        chain_id=int(ORDERS["chainId"]),
        auctions=_address(ORDERS["auctions"]),
    )

    assert str(found) == entry["digest"]
    assert str(recover(found, bytes.fromhex(entry["signature"][2:]))) == ORDERS["signer"]["address"]


@pytest.mark.parametrize("entry", TREES["bulks"], ids=_name)
class TestOrdersSignedTogether:
    CHAIN = int(TREES["chainId"])
    EXCHANGE = _address(TREES["exchange"])

    def test_have_the_places_and_the_hash_that_others_compute(self, entry: dict[str, Any]) -> None:
        order = _order(entry["order"])
        orders = [replace(order, nonce=nonce) for nonce in range(int(entry["count"]))]

        tree = bulk_tree(orders)
        place = tree.place(int(entry["index"]))
        found = bulk_digest(order, place, chain_id=self.CHAIN, exchange=self.EXCHANGE)

        assert [str(sibling) for sibling in place.proof] == entry["proof"]
        assert str(tree.root) == entry["root"]
        assert str(found) == entry["digest"]

    def test_are_shown_to_the_wallet_as_what_is_hashed(self, entry: dict[str, Any]) -> None:
        order = _order(entry["order"])
        orders = [replace(order, nonce=nonce) for nonce in range(int(entry["count"]))]

        shown = bulk_typed_data(orders, chain_id=self.CHAIN, exchange=self.EXCHANGE)

        assert str(typed_data_digest(shown)) == entry["digest"]

    def test_are_signed_by_the_key(self, entry: dict[str, Any]) -> None:
        signature = bytes.fromhex(entry["signature"][2:])

        found = recover(Digest.parse(entry["digest"]), signature)

        assert str(found) == TREES["signer"]["address"]


@pytest.mark.parametrize("entry", TREES["sets"], ids=_name)
def test_sets_have_the_root_and_the_proofs_that_others_compute(entry: dict[str, Any]) -> None:
    works = [(int(one["tokenId"]), int(one["transferCount"])) for one in entry["works"]]

    tree = SetTree(works)

    assert str(tree.root) == entry["root"]
    for one, work in zip(entry["works"], works, strict=True):
        proof = tree.proof(work[0])
        assert [str(sibling) for sibling in proof] == one["proof"]
        assert str(set_leaf(*work)) == one["leaf"]
        assert verify_in_set(tree.root, set_leaf(*work), proof)


@pytest.mark.parametrize("entry", WORDS, ids=_name)
class TestWords:
    def test_unpack_and_pack(self, entry: dict[str, Any]) -> None:
        word = OwnershipWord(
            owner=_address(entry["owner"]),
            royalty_bps=entry["royaltyBps"],
            is_frozen=bool(entry["frozen"]),
            payee=entry["payee"],
            transfer_count=int(entry["transferCount"]),
            is_approved=bool(entry["approved"]),
        )

        assert OwnershipWord.unpack(int(entry["word"], 16)) == word
        assert f"0x{word.pack():064x}" == entry["word"]

    def test_lie_where_the_contract_keeps_them(self, entry: dict[str, Any]) -> None:
        assert ownership_slot(int(entry["tokenId"])) == int(entry["wordSlot"], 16)

    def test_ids_name_their_creator(self, entry: dict[str, Any]) -> None:
        found = token_id(_address(entry["creator"]), int(entry["serial"]))

        assert str(found) == entry["tokenId"]
        assert creator_of(found) == _address(entry["creator"])
        assert str(serial_of(found)) == entry["serial"]


@pytest.mark.parametrize("entry", METADATA, ids=_name)
def test_metadata_has_one_address(entry: dict[str, Any]) -> None:
    assert str(cid_of_digest(Digest.parse(entry["digest"]))) == entry["cid"]


@pytest.mark.parametrize("entry", [e for e in METADATA if "body" in e], ids=_name)
def test_metadata_has_the_digest_of_its_bytes(entry: dict[str, Any]) -> None:
    body = entry["body"].encode() or b'"' + b"a" * 262_142 + b'"'

    assert len(body) == entry["size"]
    assert str(metadata_digest(body)) == entry["digest"]
    assert hashlib.sha256(body).hexdigest() == entry["digest"][2:]


def test_are_what_the_script_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = VECTORS.parents[1] / "solidity" / "script"
    monkeypatch.syspath_prepend(str(folder))
    script = importlib.import_module("vectors")

    for write in (script.orders, script.trees, script.words, script.metadata):
        assert write() == _load(write.__name__)
