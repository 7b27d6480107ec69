"""
Every sentence that a report can say, in one place.

The verifier in JavaScript (`api/static/js/verifier/`) says the same ones: a template's `{name}`
is replaced by a text, and nothing else happens to it. `words_json` is the table for it; a test
holds both to it.
"""

from __future__ import annotations

import json
import re

from nft.strict_json import MEANING

_BLANK = re.compile(r"\{(\w+)\}")

WORDS: dict[str, str] = {
    # The document
    "document.certificate": "a certificate of authenticity",
    "document.extract": "an ownership extract",
    "document.evidence": "an evidence object",
    "document.json": MEANING,
    "document.unknown": "this is no document of ours",
    "document.malformed": "a part of the document is missing or cannot be read",
    "document.media": "the certificate names more than 64 files",
    "document.archive": "this is no bundle that can be read",
    # Who signed
    "signature.pass": "the eddsa-jcs-2022 signature holds",
    "signature.missing": "there is no proof of the suite eddsa-jcs-2022",
    "signature.stranger": "the key that signed is not one that the issuer's name leads to",
    "signature.broken": "the signature does not fit the document",
    "identity.known": "the key is that of {who}",
    "identity.unknown": "the signature shows that one key signed, not whose key it is",
    "identity.anchored": "account {anchorer} published the key on the chain",
    "identity.copied": "a copy of the issuer's document lists the key; "
    "whether the copy is right, only the issuer's domain can say",
    "identity.unlisted": "the copy of the issuer's document does not list the key",
    "identity.revoked": "the copy of the issuer's document says that the key leaked on {date}",
    "identity.other": "the copy of an issuer's document is of another issuer",
    # What is said of the work
    "creator.pass": "the token id itself carries the minting address {address}",
    "creator.fail": "the token id names {address}, the certificate another creator",
    "description.pass": "words and files are those of the description",
    "description.none": "there is no description that could be hashed",
    "description.other": "the description inside has another SHA-256 than the token carries",
    "description.shape": "the description is of an unknown shape",
    "description.differs": "the work's own description has another {parts}",
    "statement.pass": "{signer}, who created the work, signed exactly this",
    "statement.none": "the artist signed no statement",
    "statement.contract": "a contract wallet may have signed: only a node can say",
    "statement.malformed": "the artist's statement cannot be read",
    "statement.other": "the signed statement is of other facts",
    "statement.token": "the signed statement is of another token",
    "statement.stranger": "the statement was not signed by the creator",
    "voucher.pass": "{signer}, who created the work, signed the voucher that mints it",
    "voucher.minter": "{signer} signed the voucher; whether the creator lets them, only a node can "
    "say",
    "voucher.contract": "a contract wallet may have signed the voucher: only a node can say",
    "voucher.malformed": "the voucher cannot be read",
    "voucher.token": "the voucher mints other tokens",
    "voucher.other": "the voucher is of another description",
    "voucher.stranger": "the voucher was not signed by the account that it names",
    "media.pass": "the file has the stated SHA-256 ({source})",
    "media.absent": "no file with this SHA-256 was given",
    "media.other": "a file was given that the certificate does not name",
    # Evidence and blocks
    "evidence.pass": "every proof leads from the root that its header names",
    "evidence.fail": "the evidence is not in its one form, or a proof in it does not hold",
    "evidence.chain": "the evidence is of another chain",
    "block.given": "block {number} has the hash that you gave",
    "block.checkpoint": "a signed list of checkpoints holds the hash of block {number}",
    "block.node": "one node says the hash of block {number}; no second one was asked",
    "block.nodes": "{count} nodes agree on the hash of block {number}",
    "block.proof": "the history contract, in a linked block, holds the hash of block {number}",
    "block.unlinked": "block {number} is not linked",
    "block.conflict": "two different hashes are known for block {number}",
    # The chain
    "chain.unasked": "no node was asked",
    "chain.unproven": "no proof of it was given",
    "chain.layout": "where the contract keeps it is not known",
    "chain.id": "chain {chain}",
    "chain.other": "the node speaks for chain {found}, the work is on chain {chain}",
    "mint.proven": "minted in block {number}, by receipt {index}, log {log}",
    "mint.node": "a node says: minted in block {number}, log {log}",
    "mint.receipt": "the receipt holds no such Transfer from zero",
    "mint.transaction": "the receipt belongs to another transaction",
    "mint.block": "the certificate names another block hash or time than the header",
    "mint.fork": "block {number} of the node's chain has another hash",
    "mint.unminted": "offered, not minted: when this was issued there was no token",
    "mint.log": "the mint's transaction holds no such Transfer from zero",
    "contract.known": "the code is that of {name}, as of block {number}",
    "contract.clone": "the code is a clone of {name}, as of block {number}",
    "contract.node": "the contract has code",
    "contract.none": "there is no contract at this address",
    "contract.unknown": "the code is proven, but no implementation known here",
    "contract.layout": "the code is not of the layout that is named",
    "contract.presumed": "the layout {layout} is presumed: the code is not known here",
    "contract.unread": "the account or its code is not in the evidence",
    "metadata.proven": "the token carried the digest of exactly this description in block {number}",
    "metadata.frozen": "the token carries the digest of exactly this description, frozen for ever, "
    "as of block {number}",
    "metadata.node": "the token carries the digest of exactly this description",
    "metadata.unread": "the words that say so are not in the evidence",
    "metadata.gone": "the token no longer exists",
    "metadata.other": "the token carries another digest: ask for the newest certificate",
    "metadata.differs": "the token carried another digest in block {number}",
    "royalty.proven": "{bps} bps to {receiver}, as of block {number}",
    "royalty.changed": "{bps} bps to {receiver} as of block {number}: changed since the mint",
    "royalty.differs": "the token had {bps} bps to {receiver} when it was minted",
    "royalty.other": "the token has {bps} bps to {receiver} as of block {number}",
    "royalty.unminted": "{bps} bps to {receiver} as of block {number}; what the mint stated is not "
    "proven",
    "royalty.unread": "the words that say so are not in the evidence",
    "owner.node": "held by {owner} after {count} transfers, royalty {bps} bps, as of block "
    "{number}; not part of the certificate",
    "owner.proven": "held by {owner} after {count} transfers, as of block {number}",
    "owner.uncounted": "held by {owner} as of block {number}, if the contract keeps its owners as "
    "{layout} does: that is presumed",
    "owner.nobody": "held by nobody as of block {number}, if the contract keeps its owners as "
    "{layout} does: that is presumed",
    "owner.burned": "burned, as of block {number}",
    "owner.unborn": "not minted, as of block {number}",
    "owner.differs": "the chain names another owner in block {number}",
    "owner.count": "the chain has another count of transfers, or another freeze, in block {number}",
    "owner.unread": "the words that say so are not in the evidence",
    "owner.attested": "the layout of the contract is unknown: receipts alone speak",
    # Status, anchor, countersignatures
    "status.unset": "not set in the list of {date}",
    "status.set": "set in the list of {date}",
    "status.copied": "not set in the list of {date}; that the key which signed it is the issuer's, "
    "only a copy of the issuer's document says",
    "status.leaked": "not set in the list of {date}; the key that signed it leaked, and what it "
    "signs counts no more",
    "status.none": "no status list was given",
    "status.broken": "the status list is not one that the issuer signed, or cannot be read",
    "anchor.pass": "existed by block {number}, anchored by {anchorer} as {status} on day {day}",
    "anchor.none": "no anchor was given",
    "anchor.contract": "the anchor lies in a contract that is not known here",
    "anchor.broken": "the anchor is not in its one form, or a proof in it does not hold",
    "anchor.other": "the anchor is of another certificate",
    "anchor.root": "the day's root on the chain is another",
    "countersignature.pass": "{who} signed the same certificate",
    "countersignature.copied": "signed as {who}; whether the key is theirs, only their domain "
    "can say",
    "countersignature.withdrawn": "{who} signed the same certificate and withdrew it",
    "countersignature.broken": "the countersignature does not hold",
    "countersignature.other": "the countersignature is of another certificate",
    # Ownership and provenance
    "extract.block": "the extract names another block hash or time than the header",
    "provenance.mint": "minted to {to} in block {number}",
    "provenance.transfer": "moved from {from} to {to} in block {number}",
    "provenance.burn": "burned by {from} in block {number}",
    "provenance.sale": "sold by {from} to {to} for {price} of {currency} in block {number}, "
    "as exchange {exchange} recorded it",
    "provenance.voucher": "sold by {from} to {to} for {price} of {currency} in block {number}, "
    "as the work's own contract recorded it",
    "provenance.auction": "sold at auction by {from} to {to} for {price} of {currency} in block "
    "{number}, as the auctions at {exchange} recorded it",
    "provenance.unpriced": "moved from {from} to {to} in block {number}; the price is not proven",
    "provenance.event": "told by the exchange that drew this, not proven",
    "provenance.differs": "the receipt says something else",
    "provenance.missing": "the receipt is not in the evidence",
    "provenance.complete": "complete: the chain counts exactly these transfers",
    "provenance.continuous": "continuous from the mint to the owner; completeness is not proven",
    "provenance.attested": "continuous by its receipts; neither the owner nor completeness is "
    "proven",
    "provenance.broken": "the chain of owners has a gap",
    "provenance.later": "a move is later than the block of the extract",
    "provenance.claimed": "more is claimed than is proven",
    # Other files of a bundle
    "bundle.unread": "the file cannot be read",
    "bundle.metadata": "the file has the SHA-256 that the token carries",
    "bundle.differs": "the file is not the description that the token carries",
    "bundle.offered": "the file has the SHA-256 that the certificate names",
    "bundle.offered.differs": "the file is not the description that the certificate names",
    "bundle.extract": "the extract is of the same token",
    "bundle.extract.differs": "the extract is of another token",
    "bundle.links": "every proof leads from the root that its header names",
    "bundle.links.broken": "the links are not in their one form, or a proof in them does not hold",
}

VALUES: dict[str, tuple[str, ...]] = {
    "source": (
        "read back from {store} at {time}",
        "read from the store of this exchange just now",
        "read from {file}",
    ),
    "store": ("embedded",),
    "who": ("this exchange",),
    "status": ("valid", "suspended", "revoked"),
    "parts": (
        "title",
        "description",
        "artist",
        "alt_text",
        "date",
        "medium",
        "dimensions",
        "rights",
        "edition",
        "media",
    ),
}
"""
What stands in a sentence's blanks and is words itself, by the blank's name.

A report says it in English as it stands here; pages say it in their reader's language. Names of
files, keys, people and places of others stay as they are.
"""


def say(key: str, **values: str) -> str:
    """The sentence of that key with its blanks filled in."""
    return _BLANK.sub(lambda blank: values[blank[1]], WORDS[key])


def words_json() -> str:
    """The table as JSON, for verifiers in other languages."""
    return json.dumps(WORDS, indent=1, ensure_ascii=False) + "\n"
