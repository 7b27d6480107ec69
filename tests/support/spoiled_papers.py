"""
Documents that somebody spoiled: one small change each, anywhere, of every kind.
"""

from __future__ import annotations

import json
from copy import deepcopy
from random import Random
from typing import Any

STRANGE: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2**53 - 1,
    "",
    "0",
    "01",
    "0x",
    "0x00",
    "é😀\x7f",
    [],
    {},
    [[]],
    {"__proto__": {}},
    str(2**256),
    "0x" + "00" * 32,
    "0x" + "ab" * 20,
]

RAW = ['"a": 1, "a": 2', '"a": 1.0', '"a": 1e2', '"a": 9007199254740993', '"a": "\\ud800"']
"""Members that give a text more than one meaning."""


def spoiled(whole: Any, random: Random) -> bytes:
    """The document with one thing changed; once in a while the text itself is."""
    if random.random() < 0.06:
        text = json.dumps(whole, ensure_ascii=False)
        return ("{" + random.choice(RAW) + ", " + text[1:]).encode()
    document = deepcopy(whole)
    places = list(_places(document))
    # Most of a document is proofs: half of the changes are made elsewhere.
    shallow = [place for place in places if len(place) < 5]
    place = random.choice(shallow if random.random() < 0.5 else places)
    _change(document, place, random)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _places(value: Any, at: tuple[Any, ...] = ()) -> Any:
    if at:
        yield at
    if isinstance(value, dict | list):
        names = value if isinstance(value, dict) else range(len(value))
        for name in names:
            yield from _places(value[name], (*at, name))


def _change(document: Any, place: tuple[Any, ...], random: Random) -> None:
    inside = document
    for name in place[:-1]:
        inside = inside[name]
    name, value = place[-1], inside[place[-1]]
    kind = random.randrange(6)
    if kind == 0:
        del inside[name]
    elif kind == 1:
        inside[name] = deepcopy(random.choice(STRANGE))
    elif kind == 2 and isinstance(inside, list):
        inside.append(deepcopy(value))
    elif kind == 2:
        inside[f"{name}_"] = deepcopy(value)
    elif kind == 3 and isinstance(inside, list):
        random.shuffle(inside)
    elif isinstance(value, str) and value:
        inside[name] = _bent(value, random)
    elif isinstance(value, bool):
        inside[name] = not value
    elif isinstance(value, int):
        inside[name] = value + random.choice((-1, 1))
    else:
        inside[name] = deepcopy(random.choice(STRANGE))


def _bent(text: str, random: Random) -> str:
    at = random.randrange(len(text))
    sign = random.choice("0123456789abcdefABCDEF xXzé")
    ways = [text[:at] + sign + text[at + 1 :], text[:at] + text[at + 1 :], text + sign]
    return random.choice([*ways, text.upper(), text.lower(), text[:at] + sign + text[at:]])
