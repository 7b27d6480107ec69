"""
A binding of a key to a domain, stated from both sides.

The domain lists the account, in `/.well-known/vernissage.json` or in its DID document; the
account's key signs that it speaks for the domain (EIP-712). One side alone binds nothing: anybody
can list another's account, and anybody can sign another's domain. What a binding shows is that
whoever holds the key also holds the domain, at the time when both were read; nothing more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from nft.domains import did_url, well_known_url
from nft.errors import Conflict
from nft.signing import TypedData, fields
from nft.types import Address, caip10

Method = Literal["well-known", "did:web"]

FORMAT = "vernissage-binding-v1"
MAX_BYTES = 65_536
"""What a domain may answer."""
MAX_ACCOUNTS = 1_000

FRESH_SECONDS = 86_400
"""A signature for a binding is taken for a day."""

_STATEMENT = "This account and this domain belong to the same person or house."
_BINDING = "string statement,string domain,string method,address account,uint64 issuedAt"
_DOMAIN_TYPE = fields("string name,string version,uint256 chainId")


class DomainSaysOtherwise(Conflict):
    """What the domain publishes does not list the account."""

    def __init__(self, url: str, why: str) -> None:
        self.why = why
        super().__init__(f"{url}: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What an account's key states about a domain."""

    chain_id: int
    account: Address
    domain: str
    method: Method
    issued_at: int

    @property
    def url(self) -> str:
        """Where the domain states the same."""
        return well_known_url(self.domain) if self.method == "well-known" else did_url(self.domain)

    @property
    def name(self) -> str:
        """The domain, or the DID that is read there."""
        return self.domain if self.method == "well-known" else f"did:web:{self.domain}"

    def typed_data(self) -> TypedData:
        """What the account's wallet is asked to sign."""
        return {
            "domain": {"name": "Vernissage Binding", "version": "1", "chainId": self.chain_id},
            "types": {"EIP712Domain": _DOMAIN_TYPE, "DomainBinding": fields(_BINDING)},
            "primaryType": "DomainBinding",
            "message": {
                "statement": _STATEMENT,
                "domain": self.domain,
                "method": self.method,
                "account": str(self.account),
                "issuedAt": str(self.issued_at),
            },
        }

    def to_publish(self) -> dict[str, Any]:
        """A document that would do, for a domain that has none yet."""
        account = caip10(self.chain_id, self.account)
        if self.method == "well-known":
            return {"format": FORMAT, "accounts": [account]}
        did = self.name
        method = {
            "id": f"{did}#{self.account}",
            "type": "EcdsaSecp256k1RecoveryMethod2020",
            "controller": did,
            "blockchainAccountId": account,
        }
        return {
            "@context": [
                "https://www.w3.org/ns/did/v1",
                "https://w3id.org/security/suites/secp256k1recovery-2020/v2",
            ],
            "id": did,
            "verificationMethod": [method],
            "assertionMethod": [method["id"]],
        }


def check_published(binding: Binding, body: bytes) -> None:
    """Whether what a domain answers lists the account. Raises `DomainSaysOtherwise`."""
    document = read_document(binding.url, body)
    if binding.method == "well-known":
        listed = _of_well_known(binding.url, document)
    else:
        listed = _of_did_document(binding.url, document, binding.name)
    wanted = caip10(binding.chain_id, binding.account).lower()
    if wanted not in listed:
        account = caip10(binding.chain_id, binding.account)
        raise DomainSaysOtherwise(binding.url, f"it does not list {account}")


def read_document(url: str, body: bytes) -> dict[str, Any]:
    """A JSON object, and no more of it than we take. Raises `DomainSaysOtherwise`."""
    if len(body) > MAX_BYTES:
        raise DomainSaysOtherwise(url, f"it is larger than {MAX_BYTES} bytes")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DomainSaysOtherwise(url, "it is not JSON") from error
    if not isinstance(found, dict):
        raise DomainSaysOtherwise(url, "it is JSON, but not an object")
    return found


def _of_well_known(url: str, document: dict[str, Any]) -> set[str]:
    if document.get("format") != FORMAT:
        raise DomainSaysOtherwise(url, f"its format is not {FORMAT}")
    accounts = document.get("accounts")
    if not isinstance(accounts, list) or len(accounts) > MAX_ACCOUNTS:
        raise DomainSaysOtherwise(url, f"it has no list of at most {MAX_ACCOUNTS} accounts")
    return {one.lower() for one in accounts if isinstance(one, str)}


def _of_did_document(url: str, document: dict[str, Any], did: str) -> set[str]:
    """Accounts that the DID's own methods name, as far as the DID asserts by them."""
    return {
        method["blockchainAccountId"].lower()
        for method in methods_of(url, document, did)
        if isinstance(method.get("blockchainAccountId"), str)
    }


def methods_of(url: str, document: dict[str, Any], did: str) -> list[dict[str, Any]]:
    """
    The verification methods by which a DID asserts: its own, and listed for that purpose.

    Raises `DomainSaysOtherwise`.
    """
    if document.get("id") != did:
        raise DomainSaysOtherwise(url, f"it is the document of another than {did}")
    listed, purpose = document.get("verificationMethod"), document.get("assertionMethod")
    if not isinstance(purpose, list):
        raise DomainSaysOtherwise(url, "it has no assertionMethod")
    known = listed if isinstance(listed, list) else []
    if len(known) + len(purpose) > MAX_ACCOUNTS:
        raise DomainSaysOtherwise(url, f"it lists more than {MAX_ACCOUNTS} methods")
    named = {_full_id(one, did) for one in purpose if isinstance(one, str)}
    methods = [one for one in purpose if isinstance(one, dict)]
    methods += [
        one for one in known if isinstance(one, dict) and _full_id(one.get("id"), did) in named
    ]
    return [one for one in methods if one.get("controller") == did]


def _full_id(found: Any, did: str) -> str:
    """Ids may be written relative to the document: `#key-1`."""
    text = found if isinstance(found, str) else ""
    return did + text if text.startswith("#") else text
