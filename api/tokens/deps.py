"""
How a work, an amount or an address stands in a URL.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Path, Query

from api.tokens.filters import TokenFilters
from api.tokens.schemas import TokenSort
from nft.content import Cid
from nft.errors import ExchangeError, NotADigest, NotAnAmount
from nft.types import Address, Digest, TokenRef, parse_uint

MAX_CHAIN_ID = 2**53
"""JSON numbers and `bigint` both hold it; EIP-2294 bounds chain ids near there."""

ChainPath = Annotated[str, Path(max_length=20)]
AddressPath = Annotated[str, Path(max_length=60)]
TokenIdPath = Annotated[str, Path(max_length=80)]


def read_token(chain_id: str, contract: str, token_id: str) -> TokenRef:
    """Three texts as a work's name. Raises `NotAnAmount` or `NotAnAddress` with the field."""
    return TokenRef(
        chain_id=read_uint("chain_id", chain_id, maximum=MAX_CHAIN_ID),
        contract=read_address("contract", contract),
        token_id=read_uint("token_id", token_id),
    )


def read_uint(field: str, text: str, *, maximum: int = 2**256 - 1) -> int:
    """A whole number; the error names the field."""
    try:
        return parse_uint(text, maximum=maximum)
    except ExchangeError as error:
        error.field = field
        raise


def read_hash(text: str) -> Digest:
    """The name of an order, auction or voucher in a path. Raises `NotADigest`."""
    if len(text) > 66:
        raise NotADigest(text)
    return Digest.parse(text.lower())


def read_address(field: str, text: str) -> Address:
    """An address; the error names the field."""
    try:
        return Address.parse(text)
    except ExchangeError as error:
        error.field = field
        raise


async def token_path(chain_id: ChainPath, contract: AddressPath, token_id: TokenIdPath) -> TokenRef:
    """The work that a path names."""
    return read_token(chain_id, contract, token_id)


TokenDep = Annotated[TokenRef, Depends(token_path)]


def read_assets(texts: list[str]) -> tuple[TokenRef, ...]:
    """CAIP-19 names, given again and again or with commas. Raises with the field `asset`."""
    names = [name for text in texts for name in text.split(",") if name]
    try:
        found = tuple(TokenRef.parse_caip19(name) for name in names)
        for one in found:
            if one.chain_id > MAX_CHAIN_ID:
                raise NotAnAmount(str(one.chain_id))
    except ExchangeError as error:
        error.field = "asset"
        raise
    return found


Text = Annotated[str | None, Query(max_length=200)]
Asset = Annotated[list[str], Query(max_length=100)]


def token_filters(
    chain_id: Text = None,
    owner: Text = None,
    creator: Text = None,
    contract: Text = None,
    for_sale: bool | None = None,
    min_price: Text = None,
    max_price: Text = None,
    q: Text = None,
    sha256: Text = None,
    cid: Text = None,
    external_id: Annotated[str | None, Query(max_length=300)] = None,
    asset: Asset = [],  # noqa: B006  (FastAPI copies it)
    updated_since: datetime | None = None,
    sort: TokenSort = "newest",
) -> TokenFilters:
    """The filters of `GET /api/tokens` and of the market."""
    number = None if chain_id is None else read_uint("chain_id", chain_id, maximum=MAX_CHAIN_ID)
    if updated_since is not None and updated_since.tzinfo is None:
        updated_since = updated_since.replace(tzinfo=UTC)
    return TokenFilters(
        chain_id=number,
        owner=None if owner is None else read_address("owner", owner),
        creator=None if creator is None else read_address("creator", creator),
        contract=None if contract is None else read_address("contract", contract),
        for_sale=for_sale,
        min_price=None if min_price is None else read_uint("min_price", min_price),
        max_price=None if max_price is None else read_uint("max_price", max_price),
        q=q,
        sha256=None if sha256 is None else Digest.parse(sha256),
        cid=None if cid is None else Cid.parse(cid),
        external_id=external_id,
        assets=read_assets(asset),
        updated_since=updated_since,
        sort=sort,
    )


FiltersDep = Annotated[TokenFilters, Depends(token_filters)]
