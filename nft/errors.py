"""
Everything that can go wrong in the exchange, as one tree.

* ExchangeError
  + Missing                 the thing named does not exist
  + Refused                 the caller may not do this
  + Conflict                allowed in general, not in the present state
  + Unacceptable            the input itself breaks a rule
  + Unreachable             the chain, IPFS or the database did not answer

Leaves name the fact and carry the values that broke it. This module knows nothing of HTTP:
`api/errors.py` gives each branch its status.
"""

from collections.abc import Sequence


class ExchangeError(Exception):
    """Root of the tree; the message is a sentence for people."""

    field: str | None = None
    """JSON pointer of the input field at fault, when there is one."""


class Missing(ExchangeError):
    """The thing named does not exist."""


class Refused(ExchangeError):
    """The caller may not do this."""


class NotSignedIn(Refused):
    """The action needs a session (answered 401)."""

    def __init__(self, why: str = "sign in with your wallet first") -> None:
        super().__init__(why)


class Conflict(ExchangeError):
    """Allowed in general, not in the present state."""


class Unacceptable(ExchangeError):
    """The input itself breaks a rule."""


class Unreachable(ExchangeError):
    """The chain, IPFS or the database did not answer; worth trying again."""

    retry_after_seconds = 5


# Values


class NotAnAddress(Unacceptable):
    """Not 20 bytes of hex, or the EIP-55 checksum does not match."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"{text[:60]!r} is not an address (0x, 40 hex digits, EIP-55 checksum)")


class NotADigest(Unacceptable):
    """Not 32 bytes of hex."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"{text[:80]!r} is not a digest (0x and 64 hex digits)")


class NotAnAmount(Unacceptable):
    """Not a whole number in plain decimal digits within its range."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"{text[:90]!r} is not a whole number in plain decimal digits in range")


class NotASignature(Unacceptable):
    """Not a 64- or 65-byte signature in its one canonical form."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the signature is not acceptable: {why}")


# Deployments


class DeploymentIncomplete(Unacceptable):
    """A chain's deployment document lacks contracts that every deployment has."""

    def __init__(self, chain_id: int, missing: Sequence[str]) -> None:
        self.chain_id = chain_id
        self.missing = tuple(missing)
        super().__init__(
            f"the deployment of chain {chain_id} names no {', no '.join(missing)}: it was made by "
            "an earlier version, whose contracts are others; deploy anew with "
            "`vernissage contracts deploy`"
        )


# Tokens and metadata


class RoyaltyTooHigh(Unacceptable):
    """The royalty is above what the rule allows."""

    def __init__(self, claimed_bps: int, maximum_bps: int = 10_000) -> None:
        self.claimed_bps = claimed_bps
        self.maximum_bps = maximum_bps
        super().__init__(
            f"a royalty of {claimed_bps} bps is above the maximum of {maximum_bps} bps"
        )


class MetadataInvalid(Unacceptable):
    """A field of the work's description breaks a rule."""

    def __init__(self, field: str, why: str) -> None:
        self.field = field
        super().__init__(f"{field}: {why}")


class MetadataTooLarge(Unacceptable):
    """The metadata document does not fit in one raw block."""

    def __init__(self, size: int, maximum: int) -> None:
        self.size = size
        self.maximum = maximum
        super().__init__(f"the metadata is {size} bytes, above the maximum of {maximum} bytes")


class NoSuchToken(Missing):
    """The mirror knows no such token."""

    def __init__(self, token: str) -> None:
        super().__init__(f"no token {token} is known here")


# Orders


class OrderInvalid(Unacceptable):
    """A field of an order breaks a rule."""

    def __init__(self, field: str, why: str) -> None:
        self.field = field
        super().__init__(f"{field}: {why}")


class SignatureNotMakers(Refused):
    """The signature on an order is not its maker's."""

    def __init__(self, order_hash: str, maker: str) -> None:
        self.order_hash = order_hash
        self.maker = maker
        super().__init__(f"the signature on order {order_hash} is not that of its maker {maker}")


class NoSuchOrder(Missing):
    """The book holds no such order."""

    def __init__(self, order_hash: str) -> None:
        super().__init__(f"no order {order_hash} is on the book")


class OrderExpired(Conflict):
    """The order's end time has passed."""

    def __init__(self, order_hash: str) -> None:
        self.order_hash = order_hash
        super().__init__(f"order {order_hash} has expired")


class OrderNotFillable(Conflict):
    """The order cannot be filled now; `reasons` are (code, detail) pairs."""

    def __init__(self, order_hash: str, reasons: list[tuple[str, str]]) -> None:
        self.order_hash = order_hash
        self.reasons = reasons
        said = "; ".join(detail for _, detail in reasons)
        super().__init__(f"order {order_hash} cannot be filled: {said}")


class TokenLocked(Conflict):
    """
    The work's contract says that it is locked (ERC-5192): nobody can move it, or sell it.

    The lock ends when the contract says `Unlocked`, which some contracts never do.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        super().__init__(f"the contract of {token} says that it is locked: it cannot be moved")


class SellerNotOwner(Conflict):
    """The maker of a listing does not hold the work."""

    def __init__(self, maker: str, token: str, owner: str) -> None:
        self.maker = maker
        self.token = token
        self.owner = owner
        super().__init__(f"{maker} does not own {token}; it belongs to {owner}")


# The chain


class ChainUnreachable(Unreachable):
    """No node answered in time."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"the chain did not answer: {detail}")


class NoSuchChain(Missing):
    """This exchange has no contracts on that chain."""

    def __init__(self, chain_id: int) -> None:
        self.chain_id = chain_id
        super().__init__(f"this exchange does not work on chain {chain_id}")


class ChainMismatch(Conflict):
    """A node speaks for another chain than the one it was given for."""

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(f"the node answers for chain {found}, not for chain {expected}")


# Content: CIDs, blocks, CARs


class NotACid(Unacceptable):
    """Not a CID that is understood here, or not in its one canonical spelling."""

    def __init__(self, text: str, why: str) -> None:
        self.text = text
        super().__init__(f"{text[:100]!r} is not an acceptable CID: {why}")


class NoSuchProfile(Unacceptable):
    """No way of making CIDs has that name."""

    def __init__(self, name: str, known: list[str]) -> None:
        self.name = name
        super().__init__(f"no profile is called {name[:60]!r}; known are {', '.join(known)}")


class BlockInvalid(Unacceptable):
    """A block or CAR breaks its own format, its hash, or a bound."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the content is not valid: {why}")


class BlockMissing(Missing):
    """A block that the content needs is not here."""

    def __init__(self, cid: str) -> None:
        self.cid = cid
        super().__init__(f"no content {cid} is kept here")


class PathInvalid(Unacceptable):
    """A path below a CID that is never looked up: empty parts, dots, escapes, too long."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        super().__init__(f"the path {path[:100]!r} is not acceptable: {why}")


class NoSuchPath(Missing):
    """The content has nothing of that name."""

    def __init__(self, cid: str, path: str) -> None:
        self.cid = cid
        self.path = path
        super().__init__(f"{cid} has nothing at {path[:200]!r}")


# Media


class StoreUnavailable(Unreachable):
    """The media store cannot be read or written: full, read-only, gone, or a damaged file."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"the media store did not answer: {detail}")


class NoSuchUpload(Missing):
    """There is no such upload, or no longer."""

    def __init__(self, upload_id: str) -> None:
        super().__init__(f"there is no upload {upload_id[:64]!r}")


class UploadExpired(Missing):
    """The upload was not finished or used in time (answered 410)."""

    def __init__(self, upload_id: str) -> None:
        super().__init__(f"upload {upload_id} has expired; start it again")


class NotYourUpload(Refused):
    """Somebody else began the upload."""

    def __init__(self, upload_id: str) -> None:
        super().__init__(f"upload {upload_id} belongs to another account")


class FileEmpty(Unacceptable):
    """A file without a byte."""

    def __init__(self) -> None:
        super().__init__("the file is empty")


class FileTooLarge(Unacceptable):
    """More bytes than are taken, declared or sent (answered 413)."""

    def __init__(self, size: int, maximum: int) -> None:
        self.size = size
        self.maximum = maximum
        super().__init__(f"{size} bytes are more than the {maximum} that are accepted")


class TooManyUploads(Refused):
    """One account has too many unfinished uploads."""

    def __init__(self, maximum: int) -> None:
        super().__init__(f"you have {maximum} unfinished uploads; finish or remove one first")


class OffsetMismatch(Conflict):
    """Bytes were sent for another place than where the upload stands."""

    def __init__(self, sent: int, stands_at: int) -> None:
        self.stands_at = stands_at
        super().__init__(f"bytes were sent for offset {sent}, the upload stands at {stands_at}")


class UploadBusy(Conflict):
    """Another request is sending bytes for the same upload."""

    def __init__(self, upload_id: str) -> None:
        super().__init__(f"another request is sending bytes for upload {upload_id}")


class ChecksumMismatch(Unacceptable):
    """The bytes received are not those that the client hashed (answered 460)."""

    def __init__(self, algorithm: str) -> None:
        super().__init__(f"the bytes received do not have the {algorithm} that was sent with them")


class ChecksumNotKnown(Unacceptable):
    """The checksum header cannot be read, or names an algorithm not offered (answered 400)."""

    def __init__(self, header: str, known: list[str]) -> None:
        super().__init__(f"checksum {header[:60]!r} cannot be used; offered are {', '.join(known)}")


class UploadNotReady(Conflict):
    """The upload is not finished, or its file was refused."""

    def __init__(self, upload_id: str, state: str) -> None:
        self.state = state
        super().__init__(f"upload {upload_id} is not ready: its state is {state}")


class RangeNotSatisfiable(Unacceptable):
    """The bytes asked for lie outside the content (answered 416)."""

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"the range lies outside the {size} bytes of the content")

    @property
    def headers(self) -> dict[str, str]:
        """What HTTP wants said beside it (RFC 9110, section 14.4)."""
        return {"Content-Range": f"bytes */{self.size}"}


class PinFailed(Unreachable):
    """A store did not keep content as it said, or gave back other bytes."""

    def __init__(self, store: str, cid: str, why: str) -> None:
        self.store = store
        self.cid = cid
        super().__init__(f"{store} does not keep {cid}: {why}")
