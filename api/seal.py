"""
The seal of an address: a face for an account, as collectors leave theirs on a handscroll.

A pure function of the twenty bytes, equal here and in `static/js/seal.js` (a test compares the
two): four characters on a 2 by 2 field, each of bars that the mixed bits switch on and off. Every
byte moves every part of the drawing, so that an address made to look like another at both ends
still has another seal.
"""

from __future__ import annotations

from markupsafe import Markup

from nft.types import Address


def mixed(address: bytes) -> list[int]:
    """The address's bytes, stirred so that each one depends on all."""
    state = list(address)
    for i in range(60):
        state[i % 20] = (state[i % 20] ^ (state[(i + 7) % 20] * 167 + i * 59 + 11)) & 255
        state[(i + 1) % 20] = (state[(i + 1) % 20] + (state[i % 20] >> 3) + state[i % 20]) & 255
    return state


def bars(address: bytes) -> list[tuple[int, int, int, int]]:
    """The strokes from point to point, in whole numbers on a field of 1000 by 1000."""
    state = mixed(address)
    place = 0

    def bit() -> int:
        nonlocal place
        found = state[(place >> 3) % 20] >> (place & 7) & 1
        place += 1
        return found

    found: list[tuple[int, int, int, int]] = []
    for quarter in range(4):
        place = quarter * 40
        left, top = 140 + quarter % 2 * 390, 172 + quarter // 2 * 380
        for row in range(4):  # horizontals: whole, left part, right part, or none
            kind, y = bit() * 2 + bit(), top + row * 93
            if kind:
                found.append((left + (140 if kind == 2 else 0), y, left + _END[kind], y))
        for column in range(3):  # verticals tie neighbouring bars
            start, end, x = bit() + bit(), 2 + bit(), left + 20 + column * 145
            found.append((x, top + start * 93, x, top + end * 93))
    return found


def path(address: bytes) -> str:
    """The bars as SVG path data."""
    return "".join(
        f"M{x1} {y1}" + (f"H{x2}" if y1 == y2 and x1 != x2 else f"V{y2}")
        for x1, y1, x2, y2 in bars(address)
    )


_END = {1: 200, 2: 330, 3: 330}


def seal_svg(address: str | bytes, *, is_relief: bool = False, label: str = "") -> Markup:
    """
    The seal as inline SVG; colour and ground come from the style sheet.

    In relief (white in red) it is an artist's, in line (red) a collector's. Without a label it is
    decoration beside a name, and hidden from readers.
    """
    raw = address if isinstance(address, bytes) else bytes(Address.parse(str(address)))
    kind = "relief" if is_relief else "line"
    ground = (
        '<rect class="ground" x="20" y="20" width="960" height="960" rx="60"/>'
        if is_relief
        else '<rect class="frame" x="42" y="42" width="916" height="916" rx="80"/>'
    )
    name = Markup('role="img" aria-label="{}"').format(label) if label else 'aria-hidden="true"'
    return Markup('<svg class="seal {}" viewBox="0 0 1000 1000" {}>{}<path d="{}"/></svg>').format(
        kind, Markup(name), Markup(ground), path(raw)
    )
