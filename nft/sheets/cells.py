"""
One cell to one value, exactly or not at all.

No floating-point number stands between a price and its wei. A comma may be the decimal sign, as
European spreadsheets write it; where it could part thousands as well, nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from nft.errors import NotAnAddress
from nft.orders import MAX_PRICE
from nft.sheets.problems import CellWrong
from nft.tokens import MAX_ROYALTY_BPS
from nft.types import ZERO_ADDRESS, Address

MAX_RECEIVERS = 32
_DECIMAL = re.compile(r"(\d{1,60})(?:([.,])(\d{1,60}))?")
_ERRORS = re.compile(r"#(REF|NAME|VALUE|N/A|DIV/0|NULL|NUM|SPILL|CALC|####)[!?]?|#{2,}")


@dataclass(frozen=True, slots=True)
class Money:
    """A currency that prices may be named in."""

    symbol: str
    address: Address
    decimals: int


def check_no_error(text: str) -> None:
    """Refuse what a spreadsheet writes where it could not compute."""
    if _ERRORS.fullmatch(text):
        raise CellWrong(
            "CellIsAnError", f"{text} is what a spreadsheet writes for a failed formula"
        )


def scaled(text: str, decimals: int, what: str) -> int:
    """A decimal text times a power of ten, exactly. Raises `CellWrong`."""
    found = _DECIMAL.fullmatch(text.strip())
    if found is None or not text.isascii():
        if re.fullmatch(r"[\d.,]+[eE][+-]?\d+", text):
            why = f"{text} is shortened by a spreadsheet; write {what} with all its digits"
            raise CellWrong("NumberShortened", why)
        raise CellWrong("NotANumber", f"{what} is written in digits, as 0.5; not {text[:60]!r}")
    whole, sign, part = found[1], found[2], found[3] or ""
    if sign == "," and len(part) == 3 and whole.lstrip("0"):
        why = f"{text} can be read in two ways: write {whole}{part} or {whole}.{part}"
        raise CellWrong("NumberAmbiguous", why)
    part = part.rstrip("0")
    if len(part) > decimals:
        raise CellWrong("TooManyDecimals", f"{what} has at most {decimals} digits after the point")
    return int(whole + part.ljust(decimals, "0"))


def percent_bps(text: str) -> int:
    """Basis points of a percentage, `7.5` or `7.5 %`. Raises `CellWrong`."""
    bps = scaled(re.sub(r"\s*%$", "", text.strip()), 2, "a per cent")
    if bps > MAX_ROYALTY_BPS:
        most = MAX_ROYALTY_BPS // 100
        raise CellWrong("RoyaltyTooHigh", f"a royalty is at most {most} per cent, not {text}")
    return bps


def receivers(text: str) -> tuple[tuple[Address, int], ...]:
    """`0x… 5; 0x… 2.5` as addresses with basis points. Raises `CellWrong`."""
    found: list[tuple[Address, int]] = []
    for one in filter(None, (part.strip() for part in re.split(r"[;\n]", text))):
        words = one.split(None, 1)
        if len(words) != 2:
            raise CellWrong("ReceiverIncomplete", f"{one[:80]!r} is not an address and a per cent")
        try:
            address = Address.parse(words[0])
        except NotAnAddress as error:
            raise CellWrong("NotAnAddress", str(error)) from error
        if address == ZERO_ADDRESS:
            raise CellWrong("ReceiverMissing", "a royalty to the zero address would be nobody's")
        if address in dict(found):
            raise CellWrong("ReceiverTwice", f"{address} is named twice; add the shares up")
        bps = percent_bps(words[1])
        if not bps:
            raise CellWrong("ReceiverWithoutShare", f"{address} is named with a share of nothing")
        found.append((address, bps))
    if len(found) > MAX_RECEIVERS:
        raise CellWrong("TooManyReceivers", f"{len(found)} receivers, above {MAX_RECEIVERS}")
    if sum(bps for _, bps in found) > MAX_ROYALTY_BPS:
        most = MAX_ROYALTY_BPS // 100
        raise CellWrong("RoyaltyTooHigh", f"all shares together are above {most} per cent")
    return tuple(found)


def count(text: str, *, least: int, most: int, what: str) -> int:
    """A whole number within its bounds; `3.0` of a spreadsheet is 3. Raises `CellWrong`."""
    found = re.fullmatch(r"(\d{1,12})(?:[.,]0+)?", text) if text.isascii() else None
    if found is None or not least <= int(found[1]) <= most:
        why = f"{what} is a whole number from {least} to {most}, not {text[:60]!r}"
        raise CellWrong("NotACount", why)
    return int(found[1])


def currency(text: str, known: Mapping[str, Money]) -> Money:
    """A currency by symbol or address; the first known one when empty. Raises `CellWrong`."""
    if not text:
        return next(iter(known.values()))
    found = known.get(text.lower())
    if found is None:
        taken = ", ".join(dict.fromkeys(money.symbol for money in known.values()))
        raise CellWrong("CurrencyUnknown", f"{text[:60]!r} is not taken here; {taken} are")
    return found


def price(text: str, money: Money) -> int:
    """The smallest units of a price. Raises `CellWrong`."""
    amount = scaled(text, money.decimals, "a price")
    if not 0 < amount <= MAX_PRICE:
        raise CellWrong("PriceImpossible", "a price is above zero; leave it empty to keep the work")
    return amount


def file_name(text: str) -> str:
    """A plain name in the folder, in composed form. Raises `CellWrong`."""
    if "/" in text or "\\" in text:
        why = f"{text[:80]!r} is a path; files lie in the folder itself and are named without one"
        raise CellWrong("FileNameHasPath", why)
    if text in (".", "..") or any(ord(sign) < 32 or sign == "\x7f" for sign in text):
        raise CellWrong("FileNameImpossible", f"{text[:80]!r} cannot be the name of a file")
    return composed(text)


def composed(name: str) -> str:
    """One form for names that look the same: some systems write an é as two characters."""
    return unicodedata.normalize("NFC", name)
