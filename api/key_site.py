"""
A chain that a key of ours pays on: signed here, sent to any node.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from api.deploying import Mined
from api.local.errors import CannotStart
from api.local.processes import Pause, wait_until
from nft.chain.errors import InsufficientFunds, Reverted, StateNotAvailable
from nft.chain.protocol import Call, Chain, Receipt
from nft.errors import ExchangeError
from nft.types import Address, Digest

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

POOL_PATIENCE = 20.0


class KeySite:
    """See `api.deploying.Site`."""

    def __init__(
        self,
        chain: Chain,
        account: LocalAccount,
        *,
        patience: float = 600,
        pause: Pause = time.sleep,
    ) -> None:
        self.chain = chain
        self.account = account
        self.sender = Address.parse(account.address)
        self.patience = patience
        self.pause = pause

    def chain_id(self) -> int:
        """The chain's EIP-155 id."""
        return self.chain.chain_id

    def head(self) -> int:
        """The newest block's number."""
        return self.chain.head().number

    def code(self, address: Address, block: int | None = None) -> bytes | None:
        """The code there now or at a block; None when the node forgot the state of that block."""
        if block is None:
            return self.chain.code(address)
        try:
            return self.chain.code(address, block)
        except StateNotAvailable:
            return None

    def balance(self, address: Address) -> int:
        """Wei held by an account."""
        return self.chain.balance(address)

    def ask(self, call: Call) -> bytes:
        """A contract's answer; empty when it refuses."""
        try:
            return self.chain.call(call)
        except Reverted:
            return b""

    def send(self, call: Call) -> Mined:
        """Sign, send and wait; what the chain would refuse is not sent."""
        asked = Call(to=call.to, data=call.data, value=call.value, sender=self.sender)
        try:
            gas = self.chain.estimate_gas(asked)
        except Reverted:
            return Mined(self.head(), succeeded=False)
        fees = self.chain.fees()
        signed = self.account.sign_transaction(
            {
                "type": 2,
                "chainId": self.chain.chain_id,
                "nonce": self.chain.transaction_count(self.sender, "pending"),
                "to": bytes(call.to),
                "data": call.data,
                "value": call.value,
                "gas": gas + gas // 20,
                "maxFeePerGas": fees.max_fee,
                "maxPriorityFeePerGas": fees.tip,
            }
        )
        return self.send_signed(bytes(signed.raw_transaction))

    def send_signed(self, transaction: bytes) -> Mined:
        """Hand in what was signed, and wait for the block."""
        digest = self._handed_in(transaction)
        found: list[Receipt] = []

        def look() -> bool:
            try:
                found.extend(filter(None, [self.chain.find_receipt(digest)]))
            except ExchangeError:
                return False  # A node that still indexes the block says so by an error.
            return bool(found)

        if not wait_until(look, patience=self.patience, pause=self.pause):
            raise CannotStart(f"no receipt of {digest} came within {self.patience:.0f} s")
        return Mined(found[0].block_number, found[0].succeeded)

    def _handed_in(self, transaction: bytes) -> Digest:
        found: list[Digest] = []

        def hand_in() -> bool:
            with suppress(InsufficientFunds):
                found.append(self.chain.send_raw(transaction))
            return bool(found)

        # A node's pool learns of the block that brought the coin a moment after us.
        if not wait_until(hand_in, patience=POOL_PATIENCE, pause=self.pause):
            raise CannotStart("who signed the transaction cannot pay for it")
        return found[0]
