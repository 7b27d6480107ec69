"""
What only the chain can say of a voucher in a certificate: a wallet's word, and a creator's minters.

Asked as of now. A wallet changes its keys and a creator takes a right back, and neither makes false
what was certified: so the chain confirms what the paper leaves open, and denies nothing.
"""

from __future__ import annotations

from api.parts import ChainParts
from api.sales.signers import contract_vouches
from nft.chain.contracts import Collection
from nft.errors import ExchangeError
from nft.integrity import Document
from nft.types import TokenRef
from nft.verification.voucher import read_voucher


def is_vouched(part: ChainParts, token: TokenRef, document: Document) -> bool:
    """
    Whether the signer of a readable voucher stands behind it, and may mint for the creator, now.

    A key's signature is for the verifier to check; of that the chain is not asked.
    """
    signed = read_voucher(document["credentialSubject"]["voucher"])
    creator, signer = signed.voucher.creator, signed.signer
    try:
        if signer != creator:
            minter = Collection(token.contract).is_minter(creator, signer)
            if not minter.ask(part.chain):
                return False
        if not signed.is_wallets:
            return True
        return contract_vouches(part, signer, signed.digest(token), signed.signature)
    except ExchangeError:
        return False  # A node that does not answer confirms nothing.
