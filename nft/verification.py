"""
Checking a certificate: ordered checks over the document and whatever evidence there is.

Pure: evidence is gathered elsewhere (a node, a file, the reader's block hashes) and passed in.
A check that could not run says so; it is never taken for a pass. The same report answers the
command line, the API and the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import rfc8785

from nft.certificates import TYPE, described
from nft.errors import ExchangeError
from nft.integrity import Document, ProofInvalid, check_proof, multikey
from nft.metadata import canonical_bytes, metadata_digest
from nft.tokens import creator_of
from nft.types import Address, Digest, TokenRef, parse_uint

Result = Literal["pass", "fail", "not_checked"]

MAX_MEDIA = 64
"""Files that one certificate may name; whoever checks reads every one of them."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a report."""

    id: str
    result: Result
    required: bool
    detail: str
    input: str = ""


@dataclass(frozen=True, slots=True)
class BlockTrust:
    """A block that facts rest on, and why its hash is believed."""

    number: int
    hash: str
    linked: Literal["given", "rpc", "by proof", "no"]


@dataclass(frozen=True, slots=True)
class Report:
    """Ordered checks and the verdict they add up to."""

    checks: tuple[Check, ...]
    blocks: tuple[BlockTrust, ...] = ()

    @property
    def verdict(self) -> Literal["pass", "fail", "incomplete"]:
        """fail when anything failed, incomplete when a required check did not run."""
        if any(check.result == "fail" for check in self.checks):
            return "fail"
        ran = all(check.result == "pass" for check in self.checks if check.required)
        return "pass" if ran else "incomplete"

    def as_json(self) -> dict[str, Any]:
        """The report as interfaces promise it."""
        return {
            "verdict": self.verdict,
            "valid": self.verdict == "pass",
            "checks": [
                {
                    "id": check.id,
                    "result": check.result,
                    "required": check.required,
                    "detail": check.detail,
                    "input": check.input,
                }
                for check in self.checks
            ],
            "blocks": [
                {"number": str(block.number), "hash": block.hash, "linked": block.linked}
                for block in self.blocks
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainEvidence:
    """What a node answered about a token and its mint."""

    source: str
    chain_id: int
    has_code: bool
    metadata_digest: Digest | None
    """None when the token does not exist (never minted or burned)."""
    mint_block_hash: Digest | None
    """Hash of the block with the mint's number on the node's chain."""
    mint_log_found: bool
    """The mint's transaction holds the Transfer from zero at the stated log index."""
    owner: Address | None
    royalty_bps: int | None
    transfer_count: int | None
    head_number: int
    head_hash: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that a check may rest on; whatever is missing is reported as not checked."""

    chain: ChainEvidence | None = None
    block_hashes: Mapping[int, Digest] = field(default_factory=dict)
    """Hashes of blocks that the reader trusts."""
    media: Mapping[Digest, str] = field(default_factory=dict)
    """SHA-256 of files that were read, and who read them when."""
    known_issuers: Mapping[str, str] = field(default_factory=dict)
    """Multikey → who it is, for readers that know issuers."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The parts of a certificate that checks compare, parsed once."""

    token: TokenRef
    creator: Address
    metadata_digest: Digest
    media: tuple[tuple[str, Digest], ...]
    mint_transaction: Digest
    mint_block: int
    mint_block_hash: Digest
    mint_log_index: int


class NotACertificate(ProofInvalid):
    """The document is not a certificate of authenticity of ours."""


def read_claims(document: Document) -> Claims:
    """Parse what the checks need. Raises `NotACertificate` with the part at fault."""
    try:
        types = document["type"]
        if TYPE not in types or "VerifiableCredential" not in types:
            raise NotACertificate(f"the document's type is {types!r}, not {TYPE}")
        subject = document["credentialSubject"]
        if len(subject["media"]) > MAX_MEDIA:
            raise NotACertificate(f"it names more than {MAX_MEDIA} files")
        token, mint = subject["token"], subject["mint"]
        return Claims(
            token=TokenRef(
                parse_uint(token["chain_id"]),
                Address.parse(token["contract"]),
                parse_uint(token["token_id"]),
            ),
            creator=Address.parse(subject["creator"]["address"]),
            metadata_digest=Digest.parse(subject["metadata"]["sha256"]),
            media=tuple(
                (str(asset["role"]), Digest.parse(asset["sha256"])) for asset in subject["media"]
            ),
            mint_transaction=Digest.parse(mint["transaction_hash"]),
            mint_block=parse_uint(mint["block_number"]),
            mint_block_hash=Digest.parse(mint["block_hash"]),
            mint_log_index=int(mint["log_index"]),
        )
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise NotACertificate(f"the document lacks or misshapes the part {error}") from error
    except NotACertificate:
        raise
    except (ExchangeError, ValueError) as error:
        raise NotACertificate(str(error)) from error


def verify(document: Document, evidence: Evidence) -> Report:
    """Every check, in the order a reader asks: who says so, of what, and does the chain agree."""
    try:
        claims = read_claims(document)
    except NotACertificate as error:
        return Report((Check("document", "fail", True, str(error)),))
    checks = [
        Check("document", "pass", True, "a certificate of authenticity", claims.token.caip19),
        *_check_issuer(document, evidence),
        _check_creator(claims),
        _check_description(document, claims),
        *_check_media(claims, evidence),
        *_check_chain(claims, evidence),
    ]
    return Report(tuple(checks), _blocks(claims, evidence))


def _check_issuer(document: Document, evidence: Evidence) -> list[Check]:
    try:
        method = check_proof(document)
    except ProofInvalid as error:
        return [Check("issuer.signature", "fail", True, str(error))]
    issuer, key = document.get("issuer"), method.rpartition("#")[2]
    if method != f"{issuer}#{key}":
        why = f"signed with {method}, which is not a key of {issuer}"
        return [Check("issuer.signature", "fail", True, why, method)]
    if str(issuer).startswith("did:key:") and issuer != f"did:key:{key}":
        return [Check("issuer.signature", "fail", True, "the did:key names another key", method)]
    found = [Check("issuer.signature", "pass", True, "eddsa-jcs-2022 signature holds", method)]
    who = evidence.known_issuers.get(key)
    if who:
        found.append(Check("issuer.identity", "pass", False, f"the key is that of {who}", key))
    else:
        why = "the signature shows that one key signed, not whose key it is"
        found.append(Check("issuer.identity", "not_checked", False, why, key))
    return found


def _check_creator(claims: Claims) -> Check:
    named = creator_of(claims.token.token_id)
    if named != claims.creator:
        why = f"the token id names {named}, the certificate {claims.creator}"
        return Check("creator", "fail", True, why, str(claims.token.token_id))
    why = f"the token id itself carries the minting address {named}"
    return Check("creator", "pass", True, why, str(named))


def _check_description(document: Document, claims: Claims) -> Check:
    """
    Anybody can sign other words about a work; the digest on the chain is that of the artist's.

    The certificate carries the description whole, so that its hash can be taken again anywhere.
    """
    name, digest = "description", claims.metadata_digest
    subject = document["credentialSubject"]
    metadata = subject["metadata"].get("document")
    try:
        found = metadata_digest(canonical_bytes(metadata))
    except (ExchangeError, rfc8785.CanonicalizationError, RecursionError) as error:
        return Check(name, "fail", True, f"no description that could be hashed: {error}")
    if found != digest:
        why = f"the description inside has the SHA-256 {found}, the token's is another"
        return Check(name, "fail", True, why, str(digest))
    if not isinstance(metadata, dict) or not isinstance(metadata.get("properties", {}), dict):
        return Check(name, "fail", True, "the description is of an unknown shape", str(digest))
    other = [part for part, value in described(metadata).items() if subject.get(part) != value]
    if other:
        why = f"the work's own description has another {', '.join(other)}"
        return Check(name, "fail", True, why, str(digest))
    return Check(name, "pass", True, "words and files are those of the description", str(digest))


def _check_media(claims: Claims, evidence: Evidence) -> list[Check]:
    held = set(evidence.media)
    found = []
    for position, (role, digest) in enumerate(claims.media):
        name = f"media.{position}.{role}"
        if digest in held:
            why = f"the file has the stated SHA-256 ({evidence.media[digest]})"
            found.append(Check(name, "pass", True, why, str(digest)))
        else:
            why = "no file with this SHA-256 was given"
            found.append(Check(name, "not_checked", False, why, str(digest)))
    stated = {digest for _, digest in claims.media}
    for digest in sorted(held - stated):
        why = "a file was given that the certificate does not name"
        found.append(Check("media.other", "fail", True, why, str(digest)))
    return found


def _check_chain(claims: Claims, evidence: Evidence) -> list[Check]:
    chain = evidence.chain
    given = evidence.block_hashes.get(claims.mint_block)
    found = []
    if given is not None:
        is_same = given == claims.mint_block_hash
        why = "the mint's block has the hash that the reader gave"
        if not is_same:
            why = f"the reader's block {claims.mint_block} has another hash"
        found.append(Check("mint.block", "pass" if is_same else "fail", True, why, str(given)))
    if chain is None:
        why = "no node was asked"
        return [
            *found,
            Check("chain.mint", "not_checked", True, why, str(claims.mint_transaction)),
            Check("chain.metadata", "not_checked", True, why, str(claims.metadata_digest)),
        ]
    if chain.chain_id != claims.token.chain_id:
        why = f"the node speaks for chain {chain.chain_id}, the work is on {claims.token.chain_id}"
        return [*found, Check("chain.id", "fail", True, why, chain.source)]
    found.append(Check("chain.id", "pass", True, f"chain {chain.chain_id}", chain.source))
    contract = str(claims.token.contract)
    why = "the contract has code" if chain.has_code else "there is no contract at this address"
    found.append(Check("chain.contract", _result(chain.has_code), True, why, contract))
    found.append(_check_mint(claims, chain))
    found.append(_check_metadata(claims, chain))
    if chain.owner is not None:
        why = (
            f"held by {chain.owner} after {chain.transfer_count} transfers, royalty "
            f"{chain.royalty_bps} bps, as of block {chain.head_number}; not part of the certificate"
        )
        found.append(Check("chain.owner", "pass", False, why, str(chain.head_hash)))
    return found


def _result(ok: bool) -> Result:
    return "pass" if ok else "fail"


def _check_mint(claims: Claims, chain: ChainEvidence) -> Check:
    transaction = str(claims.mint_transaction)
    if chain.mint_block_hash != claims.mint_block_hash:
        why = f"block {claims.mint_block} of the node's chain has another hash"
        return Check("chain.mint", "fail", True, why, transaction)
    if not chain.mint_log_found:
        why = "the mint's transaction holds no such Transfer from zero"
        return Check("chain.mint", "fail", True, why, transaction)
    why = f"minted in block {claims.mint_block}, log {claims.mint_log_index}"
    return Check("chain.mint", "pass", True, why, transaction)


def _check_metadata(claims: Claims, chain: ChainEvidence) -> Check:
    digest = str(claims.metadata_digest)
    if chain.metadata_digest is None:
        return Check("chain.metadata", "fail", True, "the token no longer exists", digest)
    if chain.metadata_digest != claims.metadata_digest:
        why = f"the token now carries {chain.metadata_digest}: ask for the newest certificate"
        return Check("chain.metadata", "fail", True, why, digest)
    why = "the token carries the digest of exactly this description"
    return Check("chain.metadata", "pass", True, why, digest)


def _blocks(claims: Claims, evidence: Evidence) -> tuple[BlockTrust, ...]:
    linked: Literal["given", "rpc", "no"] = "no"
    if evidence.block_hashes.get(claims.mint_block) == claims.mint_block_hash:
        linked = "given"
    elif evidence.chain and evidence.chain.mint_block_hash == claims.mint_block_hash:
        linked = "rpc"
    return (BlockTrust(claims.mint_block, str(claims.mint_block_hash), linked),)


def issuer_directory(issuers: Iterable[tuple[Any, str]]) -> dict[str, str]:
    """Public keys and names as `known_issuers` wants them."""
    return {multikey(key): name for key, name in issuers}
