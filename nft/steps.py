"""
What a wallet must do, as pure types: transactions to send and typed data to sign, in order.

The API prepares, the wallet signs. Shapes are those of "Steps" in the interfaces: quantities are
decimal strings in `transaction`, hex in `request`, which a wallet takes unchanged (EIP-1474).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from nft.signing import TypedData
from nft.types import Address

StepState = Literal["incomplete", "complete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionStep:
    """A transaction for the wallet to send; calldata is ready."""

    id: str
    title: str
    explain: str
    chain_id: int
    sender: Address
    to: Address
    data: bytes
    value: int = 0
    gas: int
    state: StepState = "incomplete"

    def as_json(self) -> dict[str, Any]:
        """The step as a program reads it."""
        data = "0x" + self.data.hex()
        return {
            "id": self.id,
            "kind": "transaction",
            "title": self.title,
            "explain": self.explain,
            "state": self.state,
            "transaction": {
                "chain_id": str(self.chain_id),
                "from": str(self.sender),
                "to": str(self.to),
                "data": data,
                "value": str(self.value),
                "gas": str(self.gas),
            },
            "request": {
                "method": "eth_sendTransaction",
                "params": [
                    {
                        "from": str(self.sender),
                        "to": str(self.to),
                        "data": data,
                        "value": hex(self.value),
                        "gas": hex(self.gas),
                        "chainId": hex(self.chain_id),
                    }
                ],
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureStep:
    """Typed data for the wallet to sign, and where to post the signature."""

    id: str
    title: str
    explain: str
    typed_data: TypedData
    href: str
    body: dict[str, Any]
    method: str = "POST"
    state: StepState = "incomplete"

    def as_json(self) -> dict[str, Any]:
        """The step as a program reads it; `signature` is added to `submit.body`."""
        return {
            "id": self.id,
            "kind": "signature",
            "title": self.title,
            "explain": self.explain,
            "state": self.state,
            "typed_data": self.typed_data,
            "submit": {"method": self.method, "href": self.href, "body": self.body},
        }


Step = TransactionStep | SignatureStep
