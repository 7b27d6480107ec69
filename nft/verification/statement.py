"""
The artist's own signature over the work, held against the certificate's facts.
"""

from __future__ import annotations

from nft.integrity import Document
from nft.verification.claims import Claims
from nft.verification.report import Check, Finding, failed, passed, unchecked


def check_statement(document: Document, claims: Claims) -> Check:
    """The creator signed exactly what the certificate says, before any node or issuer spoke."""
    subject = document["credentialSubject"]
    if "statement" not in subject:
        found = unchecked("statement.none")
    else:
        found = _statement(subject["statement"], subject, claims)
    return found.as_check("artist.statement", required=False)


def _statement(statement: object, subject: Document, claims: Claims) -> Finding:
    # Recovering a key takes libraries that are slow to import: only where a statement is.
    from nft import statements

    try:
        signed = statements.read(statement)
        work = statements.stated(
            subject,
            token_id=signed.token_id,
            copies=signed.copies,
            metadata_digest=claims.metadata_digest,
        )
    except statements.StatementInvalid:
        return failed("statement.malformed")
    signer = str(signed.signer)
    if claims.token.token_id not in work.ids:
        return failed("statement.token", signer)
    if statements.work_hash(work) != signed.works[signed.place]:
        return failed("statement.other", signer)
    if signed.signer != claims.creator:
        return failed("statement.stranger", signer)
    found = statements.check(
        statement,
        subject,
        chain_id=claims.token.chain_id,
        contract=claims.token.contract,
        token_id=claims.token.token_id,
        metadata_digest=claims.metadata_digest,
    )
    if found.needs_node:
        return unchecked("statement.contract", signer)
    if not found.is_proven:
        return failed("statement.stranger", signer)
    return passed("statement.pass", signer, signer=signer)
