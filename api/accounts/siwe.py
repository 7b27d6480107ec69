"""
The text of Sign-In with Ethereum (ERC-4361), written and read strictly.

What is read must come out again byte for byte when written: an extra line, a look-alike letter or
a second spelling of a value is refused, because a wallet shows the text and not our reading of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from nft.errors import Unacceptable
from nft.types import Address, parse_uint

STATEMENT = "Sign in to Vernissage. This costs nothing and sends nothing to the chain."

_PATTERN = re.compile(
    r"(?P<domain>[A-Za-z0-9.\-:\[\]]{1,255}) wants you to sign in with your Ethereum account:\n"
    r"(?P<address>0x[0-9a-fA-F]{40})\n"
    r"\n"
    r"(?P<statement>[\x20-\x7e]{1,500})\n"
    r"\n"
    r"URI: (?P<uri>[\x21-\x7e]{1,500})\n"
    r"Version: 1\n"
    r"Chain ID: (?P<chain_id>[0-9]{1,16})\n"
    r"Nonce: (?P<nonce>[A-Za-z0-9]{8,64})\n"
    r"Issued At: (?P<issued_at>[0-9TZ:.\-]{20,24})\n"
    r"Expiration Time: (?P<expires_at>[0-9TZ:.\-]{20,24})",
    re.ASCII,
)


class SignInMessageInvalid(Unacceptable):
    """Not an ERC-4361 text in the one form that is accepted here."""

    field = "message"

    def __init__(self, why: str) -> None:
        super().__init__(f"the sign-in message is not acceptable: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What the wallet's holder agrees to."""

    domain: str
    address: Address
    uri: str
    chain_id: int
    nonce: str
    issued_at: datetime
    expires_at: datetime
    statement: str = STATEMENT

    def text(self) -> str:
        """The message that is signed."""
        return (
            f"{self.domain} wants you to sign in with your Ethereum account:\n"
            f"{self.address}\n"
            "\n"
            f"{self.statement}\n"
            "\n"
            f"URI: {self.uri}\n"
            "Version: 1\n"
            f"Chain ID: {self.chain_id}\n"
            f"Nonce: {self.nonce}\n"
            f"Issued At: {_time(self.issued_at)}\n"
            f"Expiration Time: {_time(self.expires_at)}"
        )


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_time(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise SignInMessageInvalid(f"{text!r} is not a time in UTC, to the second") from error


def parse(text: str) -> SignIn:
    """Read a message. Raises `SignInMessageInvalid`, `NotAnAddress` or `NotAnAmount`."""
    found = _PATTERN.fullmatch(text)
    if found is None:
        raise SignInMessageInvalid("it is not the ERC-4361 text that was handed out")
    message = SignIn(
        domain=found["domain"],
        address=Address.parse(found["address"]),
        statement=found["statement"],
        uri=found["uri"],
        chain_id=parse_uint(found["chain_id"]),
        nonce=found["nonce"],
        issued_at=_read_time(found["issued_at"]),
        expires_at=_read_time(found["expires_at"]),
    )
    if message.text() != text:
        raise SignInMessageInvalid("a value in it has another spelling than the one accepted here")
    return message
