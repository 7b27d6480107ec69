"""
Who signed a document, and whether anything but the document says whose key that is.
"""

from __future__ import annotations

from typing import Any

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


def name_issuer(document: Document, key: str, inputs: Evidence) -> Finding:
    """Whose key signed. Offline a copy of the issuer's document names nobody, it only denies."""
    issuer, copy = str(document.get("issuer")), inputs.issuer_document
    if copy is not None and copy.get("id") != issuer:
        return failed("identity.other", issuer)
    if copy is not None and key not in keys_of(copy):
        return failed("identity.unlisted", key)
    if key in inputs.known_issuers:
        return passed("identity.known", key, who=inputs.known_issuers[key])
    return unchecked("identity.unknown" if copy is None else "identity.copied", key)


def keys_of(document: Document) -> set[str]:
    """The Multikeys that a DID document lists for assertions, past ones too."""
    methods = document.get("verificationMethod")
    found = set()
    for method in methods if isinstance(methods, list) else []:
        key = method.get("publicKeyMultibase") if isinstance(method, dict) else None
        if isinstance(key, str):
            found.add(key)
    return found
