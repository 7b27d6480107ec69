"""
Why something said of a work is not taken.
"""

from __future__ import annotations

from nft.errors import Conflict, Missing, Refused, Unacceptable, Unreachable


class TooMuchSaid(Refused):
    """An account, or a host, has been heard as often as it may for now."""

    status = 429

    def __init__(self, what: str, retry_after_seconds: int) -> None:
        self.headers = {"Retry-After": str(max(1, retry_after_seconds))}
        super().__init__(what)


class SignatureTooOld(Conflict):
    """The signature was made too long ago, or bears a time to come."""

    field = "issued_at"

    def __init__(self, why: str) -> None:
        super().__init__(f"issued_at: {why}")


class SignatureNotTheAccounts(Refused):
    """Somebody else signed, or something else was signed."""

    field = "signature"

    def __init__(self, account: str) -> None:
        super().__init__(f"the signature is not {account}'s under exactly this")


class DomainDoesNotSaySo(Conflict):
    """What the domain publishes was read, and it does not list the account or key."""

    field = "domain"

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"{url}: {why}"[:500])


class DomainSilent(Unreachable):
    """The domain did not answer; worth trying again."""

    retry_after_seconds = 300

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"{url}: {why}"[:500])


class NoSuchBinding(Missing):
    """No binding has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no binding {name[:80]!r}")


class NoSuchMark(Missing):
    """No mark of this work has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"this work has no mark {name[:80]!r}")


class NoSuchClaim(Missing):
    """No claim has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no claim {name[:80]!r}")


class NoSuchCountersignature(Missing):
    """The work has no such countersignature."""

    def __init__(self, name: str) -> None:
        super().__init__(f"this work has no countersignature {name[:80]!r}")


class CertificateUnknown(Missing):
    """No certificate of this work that was issued for good has this SHA-256."""

    def __init__(self, digest: str) -> None:
        super().__init__(
            f"no issued certificate of this work has the SHA-256 {digest[:80]}; a provisional one "
            "is not countersigned"
        )


class AlreadyCountersigned(Conflict):
    """The gallery's word for this certificate stands already."""

    def __init__(self, gallery: str) -> None:
        super().__init__(f"{gallery} has countersigned this certificate; withdraw that one first")


class AlreadyMarked(Conflict):
    """The work bears this mark of this account."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the work is marked as {kind} by you already")


class AlreadyTakenBack(Conflict):
    """What was said has been taken back before."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the {what} was taken back before; it stays, with its dates")


class NotYours(Refused):
    """Only who said it may take it back."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the {what} is another's; only who made it may take it back")


class NotAParty(Refused):
    """Only the artist, the owner, the claimant and the issuer are heard on a claim."""

    def __init__(self) -> None:
        super().__init__(
            "a claim is answered by the work's artist, its owner, the claimant and the issuer"
        )


class ClaimTwice(Conflict):
    """The account has a claim against this work that is not decided."""

    def __init__(self, claim_id: str) -> None:
        super().__init__(f"your claim {claim_id} against this work is not decided yet; add to it")


class EvidenceLacking(Unacceptable):
    """What is shown does not carry a claim: whose, when, or what it resembles."""

    field = "evidence"

    def __init__(self, why: str) -> None:
        super().__init__(f"evidence: {why}")


class OwnWork(Unacceptable):
    """Nobody claims against a work that they made."""

    def __init__(self) -> None:
        super().__init__("the work is by your own key; there is nothing to claim")
