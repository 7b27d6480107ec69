"""
Sessions: made by a signature, found by a token, ended by either side.

A nonce is a row; using it up is deleting it, so of two that use one nonce at the same time one
fails. Of a session's token only the SHA-256 is kept.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from anyio import to_thread
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.accounts.siwe import SignIn, SignInMessageInvalid, parse
from api.deps import chain_of
from api.parts import Parts
from api.tables import NonceRow, SessionRow
from nft.chain.contracts import ERC1271_MAGIC, signature_question
from nft.chain.errors import ContractSilent, Reverted
from nft.chain.protocol import Chain
from nft.errors import NotASignature, NotSignedIn
from nft.signing import recover, text_digest
from nft.types import Address, Digest

NONCE_LIFE = timedelta(minutes=10)
SESSION_LIFE = timedelta(days=7)
IDLE_LIFE = timedelta(hours=24)
_TOUCH_EVERY = timedelta(minutes=5)
TOKEN_PREFIX = "vs_"


class SignInRefused(NotSignedIn):
    """The signature, the nonce or the time does not hold."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the sign-in is refused: {why}")


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that has just begun, with the token that will not be shown again."""

    row: SessionRow
    token: str


def token_hash(token: str) -> Digest:
    """What is kept of a token; it has 256 random bits, so a plain hash is enough."""
    return Digest.sha256(token.encode())


async def offer_nonce(
    session: AsyncSession, parts: Parts, *, address: Address, chain_id: int, now: datetime
) -> NonceRow:
    """The text for a wallet to sign. Raises `NoSuchChain`."""
    chain_of(parts, chain_id)
    await session.execute(delete(NonceRow).where(col(NonceRow.expires_at) <= now))
    nonce = secrets.token_hex(16)
    now = now.replace(microsecond=0)
    message = SignIn(
        domain=urlsplit(parts.public_url).netloc,
        address=address,
        uri=parts.public_url,
        chain_id=chain_id,
        nonce=nonce,
        issued_at=now,
        expires_at=now + NONCE_LIFE,
    )
    row = NonceRow(
        nonce=nonce,
        address=address,
        chain_id=chain_id,
        message=message.text(),
        expires_at=message.expires_at,
    )
    session.add(row)
    await session.flush()
    return row


async def sign_in(
    session: AsyncSession, parts: Parts, *, message: str, signature: str, now: datetime
) -> NewSession:
    """
    Begin a session. Raises `SignInMessageInvalid`, `NotASignature` or `SignInRefused`.

    The text must be the very one handed out with the nonce: domain, URI, chain, times and all.
    """
    found = parse(message)
    _check_place(parts, found, now=now)
    signed = _read_signature(signature)
    await _check_signature(parts, found, signed)
    used = (
        delete(NonceRow)
        .where(col(NonceRow.nonce) == found.nonce, col(NonceRow.expires_at) > now)
        .returning(col(NonceRow.message))
    )
    if (await session.execute(used)).scalar_one_or_none() != message:
        raise SignInRefused("its nonce was used before, has expired, or is not ours")
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = SessionRow(
        token_hash=token_hash(token),
        address=found.address,
        chain_id=found.chain_id,
        created_at=now,
        last_used_at=now,
        expires_at=now + SESSION_LIFE,
    )
    session.add(row)
    await session.flush()
    return NewSession(row, token)


def _check_place(parts: Parts, found: SignIn, *, now: datetime) -> None:
    if found.domain != urlsplit(parts.public_url).netloc or found.uri != parts.public_url:
        raise SignInMessageInvalid(f"it is for {found.uri}, this is {parts.public_url}")
    chain_of(parts, found.chain_id)
    if found.expires_at <= now or found.issued_at > now + timedelta(seconds=60):
        raise SignInRefused("the message has expired or is from the future")


def _read_signature(text: str) -> bytes:
    try:
        if not text.startswith("0x"):
            raise NotASignature("it does not begin with 0x")
        return bytes.fromhex(text[2:])
    except ValueError as error:
        raise NotASignature("it is not hex") from error


async def _check_signature(parts: Parts, found: SignIn, signature: bytes) -> None:
    """The key's own signature, or the word of the contract that stands at the address."""
    digest = text_digest(found.text())
    refusal: NotASignature | None = None
    try:
        if recover(digest, signature) == found.address:
            return
    except NotASignature as error:
        refusal = error
    chain = chain_of(parts, found.chain_id).chain
    if not await to_thread.run_sync(_contract_vouches, chain, found.address, digest, signature):
        raise refusal or SignInRefused("the signature is not that of the address")


def _contract_vouches(chain: Chain, wallet: Address, digest: Digest, signature: bytes) -> bool:
    """ERC-1271; a plain account has no code and vouches for nothing."""
    if not chain.code(wallet):
        return False
    try:
        answer = signature_question(wallet, digest, signature).ask(chain)
    except (ContractSilent, Reverted):
        return False
    return bytes(answer) == ERC1271_MAGIC


async def find_session(session: AsyncSession, token: str, *, now: datetime) -> SessionRow | None:
    """The session of a token while it lives; its idle time begins anew, a few minutes coarse."""
    row = await session.get(SessionRow, token_hash(token))
    if row is None or row.expires_at <= now or row.last_used_at + IDLE_LIFE <= now:
        return None
    return row


async def touch(session: AsyncSession, row: SessionRow, *, now: datetime) -> None:
    """Note that the session was used."""
    if row.last_used_at + _TOUCH_EVERY > now:
        return
    this = col(SessionRow.token_hash) == row.token_hash
    await session.execute(update(SessionRow).where(this).values(last_used_at=now))


async def end(session: AsyncSession, token: str) -> None:
    """Sign out: the token is dead at once, everywhere."""
    this = col(SessionRow.token_hash) == token_hash(token)
    await session.execute(delete(SessionRow).where(this))


async def end_all(session: AsyncSession, address: Address) -> None:
    """Sign an account out on every device."""
    await session.execute(delete(SessionRow).where(col(SessionRow.address) == address))


async def list_sessions(session: AsyncSession, address: Address) -> list[SessionRow]:
    """An account's sessions, the last used first."""
    query = select(SessionRow).where(col(SessionRow.address) == address)
    found = await session.execute(query.order_by(col(SessionRow.last_used_at).desc()))
    return list(found.scalars())
