"""Which work, and which version of its certificate, a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from nft.types import TokenRef


async def read_work(session: AsyncSession, text: str) -> TokenRef:
    """Of a CAIP-19, `chain/contract/id` or a code. Raises `NoSuchCertificate`, `Unacceptable`."""
    from api.certificates.versions import find_by_code
    from nft.types import Address, TokenRef, parse_uint

    if ":" in text:
        return TokenRef.parse_caip19(text)
    if text.count("/") == 2:
        chain_id, contract, number = text.split("/")
        return TokenRef(parse_uint(chain_id), Address.parse(contract), parse_uint(number))
    return await find_by_code(session, text)


async def read_version(session: AsyncSession, token: TokenRef, asked: int | None) -> int:
    """
    The version asked for, or the one in force; it must have been issued.

    It stays in force until the transaction ends.
    """
    from api.certificates import versions

    if asked is not None:
        return (await versions.get_version(session, token, asked)).version
    await versions.hold_work(session, token)
    newest = await versions.newest(session, token)
    if newest is None:
        raise versions.NoSuchVersion(token, 1)
    return newest.version
