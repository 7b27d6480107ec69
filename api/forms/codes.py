"""
QR codes that are read from paper: as few and as large modules as the address allows.

Scheme and host know no difference of case, and `/V/{code}` is an address of ours, so the short
address is written in capitals: a QR code packs those in eleven bits for two signs where small
letters take sixteen, and the code shrinks by one or two versions. Of the errors that can be
corrected it takes the highest level that makes it no larger.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import segno

SIDE_MM = 20.0
"""Of the code on paper, without its margin."""
QUIET_MODULES = 4
"""White around the code, as ISO/IEC 18004 asks."""
LEAST_MODULE_MM = 0.42
"""What a telephone reads at arm's length from a laser print; held by a test."""


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code as SVG, with its quiet zone, and what it came to."""

    svg: bytes
    text: str
    modules: int
    level: str

    @property
    def module_mm(self) -> float:
        """The side of one module when the code is as large as on paper."""
        return SIDE_MM / self.modules

    @property
    def margin_mm(self) -> float:
        """The quiet zone on one side."""
        return QUIET_MODULES * self.module_mm

    @property
    def whole_mm(self) -> float:
        """The side of the drawing, quiet zone included."""
        return SIDE_MM + 2 * self.margin_mm


def short_url(public_url: str, code: str) -> str:
    """The short address of a certificate, as people read it."""
    return f"{public_url}/v/{code}"


@lru_cache(maxsize=512)
def code_of(public_url: str, code: str) -> Code:
    """The code that leads to a certificate. Weighing eight masks takes a tenth of a print."""
    text = short_url(public_url, code)
    if not urlsplit(public_url).path:
        text = text.upper()
    made = segno.make(text, error="m", micro=False, boost_error=True)
    held = io.BytesIO()
    made.save(held, kind="svg", xmldecl=False, border=QUIET_MODULES, scale=1, omitsize=True)
    return Code(
        svg=held.getvalue(),
        text=text,
        modules=int(made.symbol_size(border=0)[0]),
        level=made.error,
    )
