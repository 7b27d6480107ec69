"""
A voucher as it stands: state, works left, and who would get what.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.chains.mirror import Blocks
from api.orders.reading import moment, split_out
from api.orders.schemas import ReasonOut
from api.parts import Parts
from api.tokens import documents
from api.tokens.documents import Pictures
from api.vouchers.facts import Known
from api.vouchers.schemas import RoyaltyTermsOut, VoucherOut
from nft.content import cid_of_digest
from nft.reasons import Code, Reason
from nft.settlement import split_voucher
from nft.types import ZERO_ADDRESS
from nft.vouchers import reasons_not_redeemable, voucher_state


def standing(known: Known, now: datetime) -> tuple[str, list[Reason]]:
    """The voucher's one word, and why nothing of it can be had now."""
    seconds = int(now.timestamp())
    number = known.next_number or 0
    found = reasons_not_redeemable(known.voucher, known.facts, now=seconds, number=number)
    if known.is_awaited:
        found.append(Reason.of(Code.WALLET_NOT_DEPLOYED))
    state = voucher_state(known.voucher, known.facts, found, now=seconds)
    if state == "filled":
        found = [Reason("OrderFilled", "all works of it have been minted")]
    elif state == "cancelled":
        found = [Reason("OrderCancelled", "the signer cancelled it on the chain")]
    elif state == "expired":
        found = [Reason("OrderExpired", "the sale is over")]
    return state, found


def voucher_out(
    known: Known, parts: Parts, blocks: Blocks, pictures: Pictures, now: datetime
) -> VoucherOut:
    """The voucher as JSON and pages show it."""
    voucher = known.voucher
    state, reasons = standing(known, now)
    block = blocks.get((known.chain_id, known.last_block)) if known.last_block is not None else None
    part = parts.chains.get(known.chain_id)
    receiver = voucher.royalty_receiver
    return VoucherOut.model_validate(
        {
            "hash": str(known.name),
            "maker": str(known.signer),
            "creator": str(voucher.creator),
            "chain_id": str(known.chain_id),
            "contract": str(known.contract),
            "token_id": str(voucher.token_id),
            **_described(known, pictures, parts.media_url),
            "metadata_digest": str(voucher.metadata_digest),
            "metadata_cid": str(cid_of_digest(voucher.metadata_digest)),
            "price": str(voucher.price),
            "currency": str(voucher.currency),
            "royalty": RoyaltyTermsOut(
                bps=voucher.royalty_bps,
                receiver=str(voucher.creator if receiver == ZERO_ADDRESS else receiver),
            ),
            "recipient": None if voucher.recipient == ZERO_ADDRESS else str(voucher.recipient),
            "fee_receiver": None
            if voucher.fee_receiver == ZERO_ADDRESS
            else str(voucher.fee_receiver),
            "max_fee_bps": voucher.max_fee_bps,
            "edition_size": voucher.edition_size,
            "minted": known.facts.minted,
            "next_number": known.next_number,
            "max_per_recipient": voucher.max_per_recipient or None,
            "starts_at": moment(voucher.start),
            "expires_at": moment(voucher.end),
            "nonce": str(voucher.nonce),
            "counter": str(voucher.counter),
            "state": state,
            "hidden": known.is_hidden,
            "reasons": [ReasonOut(code=one.code, detail=one.detail) for one in reasons],
            "split": split_out(split_voucher(voucher)),
            "created_at": known.created_at,
            "test": bool(part and part.is_test),
            "url": f"{parts.public_url}/api/vouchers/{known.name}",
            "as_of": block.as_of() if block else None,
        }
    )


def _described(known: Known, pictures: Pictures, media_url: str) -> dict[str, Any]:
    """What the artist states of the work."""
    document = known.document
    stated = documents.part(document, "properties")
    return {
        "title": documents.text(document, "name"),
        "artist": documents.text(stated, "artist"),
        "description": documents.text(document, "description"),
        "alt_text": documents.text(stated, "alt_text"),
        "media": documents.media(document, pictures, media_url),
    }
