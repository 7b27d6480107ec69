"""
What a node says about a certificate's token, gathered for `nft.verification`.

The state is read at one block, named by hash, so that the answers fit together.
"""

from __future__ import annotations

from nft.chain.contracts import Collection, ask_many
from nft.chain.protocol import Chain
from nft.tokens import OwnershipWord
from nft.types import ZERO_ADDRESS, ZERO_DIGEST, Digest, TokenRef
from nft.verification import ChainEvidence, Claims
from nft.verification.claims import MintClaims

TRANSFER_TOPIC = bytes.fromhex("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")


def gather(chain: Chain, claims: Claims, *, source: str) -> ChainEvidence | None:
    """
    Ask a node everything that the checks compare; None where the work is certified unminted.

    `source` names the node in the report. Raises `ChainUnreachable` when it does not answer.
    """
    if claims.mint is None:
        return None
    head = chain.head()
    token = claims.token
    contract = Collection(token.contract)
    has_code = bool(chain.code(token.contract, head.block_hash))
    digest: Digest | None = None
    word: OwnershipWord | None = None
    if has_code:
        answers = ask_many(
            chain,
            [contract.metadata_digest(token.token_id), contract.ownership_word(token.token_id)],
            head.block_hash,
        )
        if isinstance(answers[0], Digest) and answers[0] != ZERO_DIGEST:
            digest = answers[0]
        if isinstance(answers[1], Digest):
            word = OwnershipWord.unpack(int.from_bytes(answers[1], "big"))
    is_alive = word is not None and word.owner != ZERO_ADDRESS
    block = chain.find_block(claims.mint.block)
    return ChainEvidence(
        source=source,
        chain_id=chain.chain_id,
        has_code=has_code,
        metadata_digest=digest if is_alive else None,
        mint_block_hash=block.block_hash if block else None,
        mint_log_found=_has_mint_log(chain, claims.token, claims.mint),
        owner=word.owner if word and is_alive else None,
        royalty_bps=word.royalty_bps if word and is_alive else None,
        transfer_count=word.transfer_count if word and is_alive else None,
        head_number=head.number,
        head_hash=head.block_hash,
    )


def _has_mint_log(chain: Chain, token: TokenRef, mint: MintClaims) -> bool:
    receipt = chain.find_receipt(mint.transaction)
    if receipt is None or receipt.block_hash != mint.block_hash:
        return False
    token_id = token.token_id.to_bytes(32, "big")
    return any(
        log.log_index == mint.log_index
        and log.address == token.contract
        and len(log.topics) == 4
        and log.topics[0] == TRANSFER_TOPIC
        and not any(log.topics[1])
        and log.topics[3] == token_id
        for log in receipt.logs
    )
