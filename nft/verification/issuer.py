"""
Who signed a document, and whether anything but the document says whose key that is.
"""

from __future__ import annotations

from typing import Any

from nft.certificates import is_rfc3339
from nft.integrity import CRYPTOSUITE, Document, ProofInvalid, check_proof
from nft.verification.inputs import Evidence
from nft.verification.report import Finding, failed, passed, unchecked


def signature(document: Document) -> tuple[Finding, str]:
    """Whether the one proof of a document holds, and the Multikey that made it."""
    proof, issuer = document.get("proof"), document.get("issuer")
    method = _method(proof)
    if method is None or not isinstance(issuer, str):
        return failed("signature.missing"), ""
    named, mark, key = method.rpartition("#")
    is_own_key = not issuer.startswith("did:key:") or issuer == f"did:key:{key}"
    if not mark or named != issuer or not is_own_key:
        return failed("signature.stranger", method), ""
    try:
        check_proof(document)
    except ProofInvalid:
        return failed("signature.broken", method), ""
    return passed("signature.pass", method), key


def _method(proof: Any) -> str | None:
    """The verification method of a proof that has the form of ours, else None."""
    fixed = {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "proofPurpose": "assertionMethod",
    }
    if not isinstance(proof, dict) or any(proof.get(name) != fixed[name] for name in fixed):
        return None
    method, value = proof.get("verificationMethod"), proof.get("proofValue")
    if not isinstance(method, str) or not isinstance(value, str) or value[:1] != "z":
        return None
    return method


def name_issuer(document: Document, key: str, inputs: Evidence, since: str) -> Finding:
    """
    Whose key signed. Offline a copy of the issuer's document names nobody, it only denies.

    `since` is when the document existed at the latest, if that is proven: what a key signed
    before it leaked goes on to count.
    """
    issuer, copy = str(document.get("issuer")), inputs.issuer_document
    listed = {} if copy is None else keys_of(copy)
    if copy is not None and copy.get("id") != issuer:
        return failed("identity.other", issuer)
    if copy is not None and key not in listed:
        return failed("identity.unlisted", key)
    revoked = listed.get(key)
    # A date in another form cannot be compared: then no anchor is known to be from before.
    if revoked is not None and not (since and is_rfc3339(revoked) and since < revoked):
        return failed("identity.revoked", key, date=revoked)
    if key in inputs.known_issuers:
        return passed("identity.known", key, who=inputs.known_issuers[key])
    return unchecked("identity.unknown" if copy is None else "identity.copied", key)


def keys_beside(key: str, inputs: Evidence) -> frozenset[str]:
    """
    The key, and those that the reader knows by the same name: one issuer's, as keys change.

    Without a key (no signature holds) every known one: that the document fails is said already.
    """
    known = inputs.known_issuers
    if not key:
        return frozenset(known)
    same = (one for one, name in known.items() if name == known.get(key))
    return frozenset({key, *same})


def keys_of(document: Document) -> dict[str, str | None]:
    """The Multikeys that a DID document lists, past ones too, and when each leaked."""
    methods = document.get("verificationMethod")
    found: dict[str, str | None] = {}
    for method in methods if isinstance(methods, list) else []:
        if not isinstance(method, dict):
            continue
        key, revoked = method.get("publicKeyMultibase"), method.get("revoked")
        if isinstance(key, str):
            found[key] = revoked if isinstance(revoked, str) else None
    return found
