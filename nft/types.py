"""
The small values that everything is said in: addresses, digests, tokens, amounts.

Inside, an address is 20 bytes, a digest 32 bytes, an amount or a token id an `int`. In JSON an
address is EIP-55 checksummed, a digest `0x` lower-case hex, an amount a decimal string.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

from nft.errors import NotADigest, NotAnAddress, NotAnAmount
from nft.proofs.keccak import keccak

UINT256_MAX = 2**256 - 1
"""The greatest uint256; as a transfer count in an order it means: not bound to a count."""

WHOLE_BPS = 10_000
"""A whole price in basis points: one basis point is a hundredth of a percent."""


def _as_text(cls: type, parse: Callable[[str], Any]) -> Any:
    """How pydantic reads and writes such a value: an instance in Python, text in JSON."""
    from pydantic_core import PydanticCustomError, core_schema  # not needed to make a CID

    def read(value: Any) -> Any:
        if isinstance(value, cls):
            return value
        if not isinstance(value, str):
            raise PydanticCustomError("not_text", "Input should be a string")
        try:
            return parse(value)
        except (NotAnAddress, NotADigest) as error:
            why = {"why": str(error)}
            raise PydanticCustomError("not_" + cls.__name__.lower(), "{why}", why) from error

    return core_schema.json_or_python_schema(
        json_schema=core_schema.no_info_after_validator_function(read, core_schema.str_schema()),
        python_schema=core_schema.no_info_plain_validator_function(read),
        serialization=core_schema.to_string_ser_schema(when_used="json"),
    )


class Address(bytes):
    """An account on an EVM chain: 20 bytes, shown as EIP-55 text."""

    def __new__(cls, value: bytes) -> Self:
        if len(value) != 20:
            raise NotAnAddress(value.hex())
        return super().__new__(cls, value)

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read an address; mixed case must carry a correct EIP-55 checksum.

        Raises `NotAnAddress`.
        """
        digits = text[2:] if text[:2] in ("0x", "0X") else ""
        try:
            if len(digits) != 40 or not digits.isalnum() or not digits.isascii():
                raise NotAnAddress(text)
            address = cls(bytes.fromhex(digits))
        except ValueError as error:
            raise NotAnAddress(text) from error
        is_one_case = digits in (digits.lower(), digits.upper())
        if not is_one_case and str(address)[2:] != digits:
            raise NotAnAddress(text)
        return address

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Read and written as text in JSON."""
        return _as_text(cls, cls.parse)

    def __str__(self) -> str:
        return checksummed(bytes(self))

    def __repr__(self) -> str:
        return f"Address({str(self)!r})"

    @property
    def short(self) -> str:
        """First and last four digits, for text where the whole is one click away."""
        text = str(self)
        return f"{text[:6]}…{text[-4:]}"


@lru_cache(maxsize=4_096)
def checksummed(address: bytes) -> str:
    """EIP-55; the same few addresses are written again and again."""
    lower = address.hex()
    check = keccak(lower.encode()).hex()
    pairs = zip(lower, check, strict=False)
    return "0x" + "".join(c.upper() if int(k, 16) >= 8 else c for c, k in pairs)


ZERO_ADDRESS = Address(bytes(20))
"""Nobody; as a currency, the chain's own coin; as a taker, anyone."""


class Digest(bytes):
    """Thirty-two bytes of a hash: SHA-256 of content, keccak of an order, block or transaction."""

    def __new__(cls, value: bytes) -> Self:
        if len(value) != 32:
            raise NotADigest(value.hex())
        return super().__new__(cls, value)

    @classmethod
    def sha256(cls, data: bytes) -> Self:
        """The SHA-256 of bytes: how files, descriptions and certificates are named."""
        return cls(hashlib.sha256(data).digest())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `0x` and 64 hex digits. Raises `NotADigest`."""
        try:
            if text[:2] != "0x" or len(text) != 66:
                raise NotADigest(text)
            return cls(bytes.fromhex(text[2:]))
        except ValueError as error:
            raise NotADigest(text) from error

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Read and written as text in JSON."""
        return _as_text(cls, cls.parse)

    def __str__(self) -> str:
        return "0x" + self.hex()

    def __repr__(self) -> str:
        return f"Digest({str(self)!r})"


ZERO_DIGEST = Digest(bytes(32))


@dataclass(frozen=True, slots=True, order=True)
class TokenRef:
    """One token of one contract on one chain."""

    chain_id: int
    contract: Address
    token_id: int

    @property
    def caip19(self) -> str:
        """CAIP-19 asset id, `eip155:<chain>/erc721:<contract>/<token id>`."""
        return f"eip155:{self.chain_id}/erc721:{self.contract}/{self.token_id}"

    @property
    def path(self) -> str:
        """The three parts as they stand in our URLs."""
        return f"{self.chain_id}/{self.contract}/{self.token_id}"

    @classmethod
    def parse_caip19(cls, text: str) -> TokenRef:
        """Read what `caip19` writes. Raises `NotAnAddress` or `NotAnAmount`."""
        chain, _, asset = text.partition("/")
        namespace, _, chain_id = chain.partition(":")
        kind, _, rest = asset.partition(":")
        contract, _, token_id = rest.partition("/")
        if namespace != "eip155" or kind != "erc721":
            raise NotAnAmount(text)
        return cls(parse_uint(chain_id), Address.parse(contract), parse_uint(token_id))


def caip2(chain_id: int) -> str:
    """CAIP-2 id of an EVM chain."""
    return f"eip155:{chain_id}"


def caip10(chain_id: int, address: Address) -> str:
    """CAIP-10 id of an account."""
    return f"eip155:{chain_id}:{address}"


def parse_uint(text: str, *, maximum: int = UINT256_MAX) -> int:
    """
    Read a whole number written in plain ASCII digits, as amounts stand in our JSON.

    No sign, no exponent, no leading zero, no other script's digits. Raises `NotAnAmount`.
    """
    is_plain = 0 < len(text) <= 78 and text.isascii() and text.isdigit()
    if not is_plain or (text[0] == "0" and text != "0") or int(text) > maximum:
        raise NotAnAmount(text)
    return int(text)
