"""
A work on a toy chain, and every paper about it: certificate, extract, links, anchor, status.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from typing import Any

from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nft import anchors, status_lists
from nft.certificates import Issuer, Mint, Statement, described, issue, rfc3339
from nft.chain.clones import collection_clone
from nft.chain.runtime import DOMAINS, domain_words
from nft.integrity import parse_multikey
from nft.layouts.collection import LAYOUT
from nft.layouts.registry import Implementation, implementations
from nft.layouts.slots import mapping_slot
from nft.metadata import Asset, Work, canonical_bytes, document, metadata_digest
from nft.proofs.keccak import keccak
from nft.statements import Signed, signing_digest, stated, work_hash
from nft.tokens import OwnershipWord, ownership_slot, token_id
from nft.types import ZERO_ADDRESS, Address, Digest, TokenRef
from nft.verification.chain import TRANSFER
from nft.verification.sales import ORDER_FILLED, VOUCHER_FILLED
from nft.verification.state import MINTED
from tests.support.toy_chain import Account, Block, Log, ToyChain, evidence

ISSUER = Issuer.local(Ed25519PrivateKey.from_private_bytes(b"\x05" * 32))
HOUSE, EXCHANGE = Address(b"\x07" * 20), Address(b"\xec" * 20)
ANCHORS = next(iter(anchors.KNOWN_CONTRACTS))
ANCHORER = Address(b"\xaa" * 20)
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
TITLES = ("Low Water, Evening", "夜泊 · No. 3", "Étude “bleue” 🎨", 'A "quoted" \\ title')


@lru_cache(maxsize=8)
def house_code(at: Address, chain_id: int) -> bytes:
    """The code of our collection, with what its constructor writes into it."""
    return code_of(implementations()[LAYOUT], at, chain_id)


def code_of(one: Implementation, at: Address, chain_id: int) -> bytes:
    """The code of a contract of ours at an address."""
    folder = resources.files("nft.chain.artifacts")
    artifact = json.loads((folder / f"{one.contract}.json").read_text())
    code = bytearray.fromhex(artifact["deployedBytecode"].removeprefix("0x"))
    words = {
        name.removeprefix("_"): word
        for name, word in domain_words(DOMAINS[one.contract], at, chain_id).items()
    }
    words |= {"exchange": bytes(12) + EXCHANGE, "house": bytes(12) + at}
    for name, places in one.immutables.items():
        for place in places:
            code[place : place + 32] = words.get(name, bytes(32))
    return bytes(code)


def told_by(
    contract: bytes, event: bytes, named: str, parties: Iterable[Address], words: Iterable[int]
) -> Log:
    """What a contract logs of a sale: of order, auction or voucher, its two parties, and data."""
    topics = (event, Digest.parse(named), *(bytes(12) + one for one in parties))
    return Log(contract, topics, b"".join(word.to_bytes(32, "big") for word in words))


def key_of(seed: bytes) -> tuple[PrivateKey, Address]:
    """A wallet's key and its address."""
    key = PrivateKey(hashlib.sha256(seed).digest())
    return key, Address(keccak(key.public_key.format(compressed=False)[1:])[12:])


def sign(key: PrivateKey, digest: bytes) -> bytes:
    """A wallet's signature over a digest."""
    found = key.sign_recoverable(digest, hasher=None)
    return found[:64] + bytes([27 + found[64]])


BUYER = Address(b"\xb1" * 20)
VOUCHER = {
    "price": "90000000000000000",
    "currency": str(ZERO_ADDRESS),
    "royalty_paid": "0",
    "royalty_receiver": str(ZERO_ADDRESS),
    "platform_fee": "2250000000000000",
    "order_hash": str(Digest(b"\x70" * 32)),
}
"""What a sale by voucher says that was paid."""


@dataclass(kw_only=True)
class Options:
    """What kind of work it is; every one is a pass."""

    seed: int = 0
    is_clone: bool = False
    has_payee: bool = False
    is_frozen: bool = False
    has_statement: bool = True
    has_status: bool = True
    is_lazy: bool = False
    is_burned: bool = False
    is_by_voucher: bool = False
    """Sold by one in the transaction of its mint; a stranger's contract says another price."""
    copies: int = 1
    moves: int = 2
    files: int = 1
    chain_id: int = 31337
    state_later: bool = False
    has_block_before: bool = False
    anchors_at: Address = ANCHORS
    issuer: Issuer = field(default_factory=lambda: ISSUER)


class Papers:
    """Everything about one work; `trusted` names the one hash that links all of it."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.chain = ToyChain(options.seed, options.chain_id)
        self.random = self.chain.random
        self.artist_key, self.artist = key_of(b"artist %d" % options.seed)
        self.contract = Address(self.random.randbytes(20)) if options.is_clone else HOUSE
        first = token_id(self.artist, self.random.randint(0, 2**40))
        self.first_id = first
        place = self.random.randrange(options.copies)
        self.token = TokenRef(options.chain_id, self.contract, first + place)
        self.work = self._work()
        self.metadata = document(self.work)
        self.metadata_bytes = canonical_bytes(self.metadata)
        self.digest = metadata_digest(self.metadata_bytes)
        self.bps = self.random.choice((0, 500, 750, 2500))
        self.receiver = Address(b"\x9a" * 20) if options.has_payee else self.artist
        self.hands: list[Address] = [self.artist]
        self._deploy()
        if options.has_block_before:
            self.extract_block, _ = self.chain.mine(1)
            self.unborn = self._unborn()
        self.mint_block, self.mint_index = self._mint(self.random.randint(2, 2**20))
        self.items = [self._item("mint", self.mint_block, self.mint_index, 1, ZERO_ADDRESS)]
        if options.is_by_voucher:
            self.hands.append(BUYER)
            sale = self._item("sale", self.mint_block, self.mint_index, 2, self.artist)
            self.items.append(sale | VOUCHER)
        self.state_block = self.mint_block
        if options.state_later:
            self.state_block, _ = self.chain.mine(self.mint_block.number + 1)
        self.certificate = self._certificate()
        for _ in range(options.moves):
            self._move()
        number = max(self.chain.blocks) + self.random.randint(1, 50)
        self.extract_block, _ = self.chain.mine(number)
        self._anchor()
        self.top, _ = self.chain.mine(number + self.random.randint(1, 50))

    # The work and its contract

    def _work(self) -> Work:
        roles = ("image", "animation", "document")
        assets = tuple(
            Asset(
                roles[at % 3],
                f"bafkreiabc{at}",
                "unixfs-v1-2025",
                Digest(self.random.randbytes(32)),
                "image/png",
                self.random.randint(1, 2**33),
                1600,
                900,
            )
            for at in range(self.options.files)
        )
        title = TITLES[self.options.seed % len(TITLES)]
        return Work(title=title, artist="I. Marlowe", description="Oil, then light.", assets=assets)

    def _deploy(self) -> None:
        chain_id = self.options.chain_id
        house = house_code(HOUSE, chain_id)
        self.code = [house]
        self.chain.accounts[HOUSE] = Account(house, {0: 5})
        if self.options.is_clone:
            clone = collection_clone(HOUSE, self.artist, bytes(32), "Own works", "OWN")
            self.code.append(clone.code)
            self.chain.accounts[self.contract] = Account(clone.code)
        self.account = self.chain.accounts[self.contract]

    @property
    def word_slot(self) -> int:
        return ownership_slot(self.token.token_id)

    @property
    def slots(self) -> list[int]:
        known = implementations()[LAYOUT].slots
        found = [self.word_slot, mapping_slot(self.token.token_id, known["digests"])]
        if self.options.has_payee:
            found.append(mapping_slot(3, known["payees"]))
        return found

    def store(self, owner: Address, count: int) -> None:
        word = OwnershipWord(
            owner=owner,
            royalty_bps=self.bps,
            is_frozen=self.options.is_frozen,
            payee=3 if self.options.has_payee else 0,
            transfer_count=count,
        )
        values = [word.pack(), int.from_bytes(self.digest, "big")]
        values.append(int.from_bytes(self.receiver, "big"))
        self.account.storage |= dict(zip(self.slots, values, strict=False))

    # What happens to it

    def transfer(self, sender: Address, receiver: Address) -> Log:
        topics = (bytes(12) + sender, bytes(12) + receiver, self.token.token_id.to_bytes(32, "big"))
        return Log(self.contract, (TRANSFER, *topics))

    def _mint(self, number: int) -> tuple[Block, int]:
        stranger = Log(self.random.randbytes(20), (self.random.randbytes(32),), b"\1")
        data = self.digest + self.bps.to_bytes(32, "big") + bytes(12) + self.receiver
        minted = Log(self.contract, (MINTED, self.token.token_id.to_bytes(32, "big")), data)
        logs = [stranger, self.transfer(ZERO_ADDRESS, self.artist), minted]
        self.store(self.artist, 0)
        if self.options.is_by_voucher:
            self.store(BUYER, 1)
            logs.insert(2, self.transfer(self.artist, BUYER))
            logs += [self._voucher(self.contract, 0), self._voucher(stranger.address, 1)]
        return self.chain.mine(number, logs)

    def _voucher(self, contract: bytes, more: int) -> Log:
        price, fee = int(VOUCHER["price"]) + more, int(VOUCHER["platform_fee"])
        words = (self.token.token_id, 0, price, int.from_bytes(EXCHANGE, "big"), fee)
        parties = (self.artist, BUYER)
        return told_by(contract, VOUCHER_FILLED, VOUCHER["order_hash"], parties, words)

    def _move(self) -> None:
        is_sale = len(self.items) % 2 == 0
        is_last = len(self.items) == self.options.moves
        receiver = Address(self.random.randbytes(20))
        if is_last and self.options.is_burned:
            receiver, is_sale = ZERO_ADDRESS, False
        sender = self.hands[-1]
        event = "burn" if receiver == ZERO_ADDRESS else "sale" if is_sale else "transfer"
        price = self.price() if is_sale else {}
        self.hand_over(
            event, receiver, [self.fill(sender, receiver, price)] if price else [], price
        )

    def hand_over(
        self, event: str, receiver: Address, logs: list[Log], more: dict[str, str]
    ) -> None:
        """Give the work to another; `logs` follow that of its transfer."""
        sender = self.hands[-1]
        self.hands.append(receiver)
        self.store(receiver, len(self.hands) - 1)
        number = max(self.chain.blocks) + self.random.randint(1, 60)
        block, index = self.chain.mine(number, [self.transfer(sender, receiver), *logs])
        self.items.append(self._item(event, block, index, 0, sender) | more)

    def price(self) -> dict[str, str]:
        return {
            "price": str(self.random.randint(10**15, 10**20)),
            "currency": str(ZERO_ADDRESS),
            "royalty_paid": "750",
            "royalty_receiver": str(self.receiver),
            "platform_fee": "200",
            "order_hash": str(Digest(self.random.randbytes(32))),
        }

    def fill(
        self, sender: Address, receiver: Address, price: dict[str, str], by: Address = EXCHANGE
    ) -> Log:
        """What an exchange says of a sale."""
        words = (
            int.from_bytes(self.contract, "big"),
            self.token.token_id,
            0,
            int(price["price"]),
            int.from_bytes(self.receiver, "big"),
            int(price["royalty_paid"]),
            int(price["platform_fee"]),
            0,
        )
        return told_by(by, ORDER_FILLED, price["order_hash"], (sender, receiver), words)

    def _item(
        self, event: str, block: Block, index: int, log: int, sender: Address
    ) -> dict[str, Any]:
        return {
            "event": event,
            "from": str(sender),
            "to": str(self.hands[-1]),
            "price": None,
            "transaction_hash": str(block.transaction_hash(index)),
            "log_index": 7,
            "block_number": str(block.number),
            "block_hash": str(block.hash),
            "timestamp": rfc3339(block.timestamp),
            "finality": "final",
            "receipt": {"block": str(block.number), "index": str(index), "log": log},
        }

    # Papers

    def state_pieces(self, block: Block) -> Any:
        states = [block.state(self.contract, self.slots)]
        if self.options.is_clone:
            states.append(block.state(HOUSE))
        return self.chain.pieces(states=states, code=self.code)

    def evidence_entry(self) -> dict[str, Any]:
        receipt = self.mint_block.receipt(self.mint_index)
        proofs = evidence(
            self.state_pieces(self.state_block), self.chain.pieces(receipts=[receipt])
        )
        mint = {"block": str(self.mint_block.number), "index": str(self.mint_index), "log": 1}
        return {
            "type": "ChainEvidence",
            "layout": LAYOUT,
            "mint": mint,
            "state": {"block": str(self.state_block.number)},
            "proofs": proofs,
        }

    def artist_statement(self) -> dict[str, Any]:
        mine = stated(
            described(self.metadata),
            token_id=self.first_id,
            copies=self.options.copies,
            metadata_digest=self.digest,
        )
        works = (Digest(b"\x31" * 32), work_hash(mine))
        digest = signing_digest(works, chain_id=self.options.chain_id, contract=self.contract)
        signed = Signed(
            signer=self.artist,
            signature=sign(self.artist_key, digest),
            copies=self.options.copies,
            token_id=self.first_id,
            place=1,
            works=works,
        )
        return signed.as_json()

    def statement(self) -> Statement:
        """What the certificate says."""
        block = self.mint_block
        status = tuple(
            status_lists.entry(list_id(purpose), purpose, 94_567)
            for purpose in status_lists.PURPOSES
        )
        return Statement(
            token=self.token,
            metadata_digest=self.digest,
            metadata=self.metadata,
            mint=Mint(
                transaction_hash=block.transaction_hash(self.mint_index),
                block_number=block.number,
                block_hash=block.hash,
                timestamp=block.timestamp,
                log_index=7,
                royalty_bps=self.bps,
                royalty_receiver=self.receiver,
            ),
            is_test=True,
            is_provisional=False,
            artist_statement=self.artist_statement() if self.options.has_statement else None,
            evidence=self.evidence_entry(),
            status=status if self.options.has_status else (),
        )

    def _certificate(self) -> dict[str, Any]:
        return issue(self.statement(), self.options.issuer)

    @property
    def body(self) -> bytes:
        """The certificate's bytes."""
        return dumped(self.certificate)

    def extract(self, **change: Any) -> dict[str, Any]:
        """The ownership extract at `extract_block`."""
        block, owner = self.extract_block, self.hands[-1]
        receipts = [
            self.chain.blocks[int(item["receipt"]["block"])].receipt(int(item["receipt"]["index"]))
            for item in self.items
        ]
        return {
            "type": "OwnershipExtract",
            "format": "vernissage-extract-v1",
            "layout": LAYOUT,
            "asset": self.token.caip19,
            "chain_id": str(self.token.chain_id),
            "contract": str(self.contract),
            "token_id": str(self.token.token_id),
            "test": True,
            "owner": None if owner == ZERO_ADDRESS else str(owner),
            "transfer_count": len(self.items) - 1,
            "frozen": self.options.is_frozen,
            "royalty": {"receiver": str(self.receiver), "bps": self.bps},
            "metadata_digest": str(self.digest),
            "provenance": self.items,
            "completeness": "complete",
            "as_of": {
                "block_number": str(block.number),
                "block_hash": str(block.hash),
                "timestamp": rfc3339(block.timestamp),
                "finality": "final",
            },
            "evidence": change.pop("evidence", None)
            or evidence(self.state_pieces(block), self.chain.pieces(receipts=receipts)),
            "links": None,
        } | change

    def _unborn(self) -> dict[str, Any]:
        """An extract from before the mint."""
        self.items: list[dict[str, Any]] = []
        said = {"owner": None, "transfer_count": 0, "frozen": False, "metadata_digest": None}
        royalty = {"receiver": str(self.artist), "bps": 0}
        return self.extract(**said, royalty=royalty)

    def links(self, *without: int) -> dict[str, Any]:
        """From the newest block down to all others."""
        numbers = set(self.chain.blocks) - {self.top.number, *without}
        return evidence(self.chain.links(self.top.number, *sorted(numbers)))

    def _anchor(self) -> None:
        """The day's root of this certificate and another, in the contract's storage."""
        sha256 = Digest(hashlib.sha256(self.body).digest())
        leaves = [(sha256, anchors.Status.VALID), (Digest(b"\x55" * 32), anchors.Status.REVOKED)]
        self.day_tree = anchors.DayTree(leaves)
        self.day = anchors.day_of(self.mint_block.timestamp)
        slot = anchors.root_slot(ANCHORER, self.day)
        when = self.extract_block.timestamp << 64 | self.extract_block.number
        of_key = anchors.key_slot(ANCHORER, 0)
        raw = self.options.issuer.key.public_key().public_bytes_raw()
        storage = {
            slot: int.from_bytes(self.day_tree.root, "big"),
            slot + 1: when,
            of_key: int.from_bytes(raw, "big"),
            of_key + 1: when,
        }
        self.chain.accounts[self.options.anchors_at] = Account(b"\x44", storage)

    def anchor(self) -> dict[str, Any]:
        """The anchor, proven in the newest block."""
        sha256 = Digest(hashlib.sha256(self.body).digest())
        raw = self.options.issuer.key.public_key().public_bytes_raw()
        claim = anchors.Anchor(
            chain_id=self.token.chain_id,
            contract=self.options.anchors_at,
            anchorer=ANCHORER,
            day=self.day,
            certificate=sha256,
            status=anchors.Status.VALID,
            proof=self.day_tree.proof(sha256),
            state_block=self.top.number,
            issuer_key=anchors.IssuerKey(0, raw),
            evidence=None,
        )
        pieces = self.chain.pieces(states=[self.top.state(claim.contract, claim.slots)])
        return replace(claim, evidence=evidence(pieces)).as_json()

    def status(self, *revoked: int) -> dict[str, Any]:
        """Both lists; the places named are set in that of revocations."""
        later = NOON.replace(day=27)
        lists = [
            status_lists.issue_list(
                list_id(purpose),
                purpose,
                revoked if purpose == "revocation" else (),
                self.options.issuer,
                valid_from=NOON,
                valid_until=later,
            )
            for purpose in status_lists.PURPOSES
        ]
        return {"as_of": "2026-11-26T12:00:00Z", "lists": lists}

    def bundle(self) -> dict[str, bytes]:
        """Every part that bears on a check."""
        issuer = self.options.issuer
        key = issuer.method.rpartition("#")[2]
        assert parse_multikey(key)
        listed = {"id": issuer.method, "type": "Multikey", "publicKeyMultibase": key}
        return {
            "certificate.json": self.body,
            "extract.json": dumped(self.extract()),
            "links.json": dumped(self.links()),
            "anchor.json": dumped(self.anchor()),
            "status.json": dumped(self.status()),
            "issuer.json": dumped({"id": issuer.did, "verificationMethod": [listed]}),
            "metadata.json": self.metadata_bytes,
        }

    @property
    def trusted(self) -> dict[int, Digest]:
        """The newest block, which links lead down from."""
        return {self.top.number: self.top.hash}


def list_id(purpose: str) -> str:
    """The name of a status list on a local stack."""
    return f"urn:vernissage:status-list:{purpose}:0"


def dumped(value: Any) -> bytes:
    """A document as it is served."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def papers(**options: Any) -> Papers:
    """The papers of a work of that kind."""
    return Papers(Options(**options))
