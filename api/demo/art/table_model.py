"""The table of `Bowl, Moon, Table` as a model: bodies in three inks, turned by whoever looks."""

import json
import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Mesh = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.uint32]]
"""Corners, normals, and triangles."""

VERMILION, BLUE, YELLOW = (0.79, 0.16, 0.07), (0.04, 0.13, 0.42), (0.85, 0.55, 0.06)


def render() -> bytes:
    """The GLB; the same bytes whenever it is called."""
    parts = [
        ("Table", _lathe(lambda t: (1.7 * t, -0.02), 96, 2), YELLOW),
        ("Rim", _lathe(lambda t: (1.7, -0.14 * t - 0.02), 96, 2), YELLOW),
        ("Bowl", _lathe(_bowl, 72, 24, at=(-0.25, 0.0, 0.25)), BLUE),
        ("Cup", _lathe(lambda t: (0.24 + 0.05 * t, 0.6 * t), 48, 12, at=(0.85, 0.0, 0.45)), YELLOW),
        ("Moon", _lathe(_ball(0.62), 96, 48, at=(0.35, 1.35, -0.75)), VERMILION),
        ("Fruit", _lathe(_ball(0.2), 48, 24, at=(-0.42, 0.5, 0.2)), VERMILION),
        ("Fruit", _lathe(_ball(0.19), 48, 24, at=(-0.05, 0.48, 0.32)), YELLOW),
    ]
    binary = bytearray()
    document: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("nodes", "meshes", "materials", "accessors", "bufferViews")
    }
    for number, (name, mesh, ink) in enumerate(parts):
        document["nodes"].append({"mesh": number, "name": name})
        first = 3 * number
        attributes: dict[str, object] = {"POSITION": first, "NORMAL": first + 1}
        one = {"attributes": attributes, "indices": first + 2, "material": number}
        document["meshes"].append({"primitives": [one]})
        paint = {"baseColorFactor": [*ink, 1], "metallicFactor": 0, "roughnessFactor": 0.85}
        document["materials"].append({"pbrMetallicRoughness": paint, "doubleSided": True})
        for held, item in zip(mesh, ("VEC3", "VEC3", "SCALAR"), strict=True):
            accessor: dict[str, object] = {
                "bufferView": len(document["bufferViews"]),
                "componentType": 5125 if item == "SCALAR" else 5126,
                "count": held.size if item == "SCALAR" else len(held),
                "type": item,
            }
            if held is mesh[0]:
                accessor |= {"min": held.min(axis=0).tolist(), "max": held.max(axis=0).tolist()}
            document["accessors"].append(accessor)
            view: dict[str, object] = {
                "buffer": 0,
                "byteOffset": len(binary),
                "byteLength": held.nbytes,
            }
            document["bufferViews"].append(view)
            binary += held.tobytes()
    return _glb(
        {
            "asset": {"version": "2.0"},
            "scene": 0,
            "scenes": [{"nodes": list(range(len(parts)))}],
            **document,
            "buffers": [{"byteLength": len(binary)}],
        },
        bytes(binary),
    )


def _bowl(t: float) -> tuple[float, float]:
    """Out along the foot and up the wall, then over the edge and down inside."""
    angle = np.pi / 2 * min(1.0, 2 * t) if t <= 0.5 else np.pi / 2 * (2 - 2 * t)
    size = 0.62 if t <= 0.5 else 0.57
    return float(size * np.sin(angle)), float(0.62 - size * np.cos(angle))


def _ball(size: float) -> Callable[[float], tuple[float, float]]:
    return lambda t: (float(size * np.sin(np.pi * t)), float(-size * np.cos(np.pi * t)))


def _lathe(
    profile: Callable[[float], tuple[float, float]],
    around: int,
    along: int,
    *,
    at: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Mesh:
    """A body turned about its axis: (distance, height) for every part of the way along it."""
    line = np.array([profile(step / along) for step in range(along + 1)])
    turn = np.linspace(0, 2 * np.pi, around + 1)
    slope = np.gradient(line, axis=0)
    out = np.stack([slope[:, 1], -slope[:, 0]], axis=1)
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)

    def swept(pairs: NDArray[np.float64]) -> NDArray[np.float32]:
        across, up = pairs[:, :1], pairs[:, 1:]
        x, z = across * np.cos(turn), across * np.sin(turn)
        y = np.broadcast_to(up, x.shape)
        return np.stack([x, y, z], axis=2).reshape(-1, 3).astype(np.float32)

    corners = swept(line) + np.array(at, dtype=np.float32)
    triangles = np.array(list(_triangles(around, along)), dtype=np.uint32)
    return corners, swept(out), triangles


def _triangles(around: int, along: int) -> Iterator[tuple[int, int, int]]:
    for row in range(along):
        for column in range(around):
            a = row * (around + 1) + column
            b = a + around + 1
            yield a, b, a + 1
            yield b, b + 1, a + 1


def _glb(document: dict[str, object], binary: bytes) -> bytes:
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    chunks += struct.pack("<II", len(binary), 0x004E4942) + binary
    return b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks
