"""The rules that a model's document is held to, list by list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from media.formats.base import Unfit

MAX_TEXT_BYTES = 32 * 1024**2
MAX_TRIANGLES = 5_000_000
MAX_NODES = 50_000
MAX_LIST = 200_000
MAX_CHANNELS = 100_000

_OF_MATERIALS = (
    "anisotropy clearcoat dispersion emissive_strength ior iridescence pbrSpecularGlossiness sheen"
    " specular transmission unlit variants volume"
)
_ACCEPTED = frozenset(
    (
        *(f"KHR_materials_{name}" for name in _OF_MATERIALS.split()),
        "KHR_animation_pointer",
        "KHR_lights_punctual",
        "KHR_mesh_quantization",
        "KHR_texture_transform",
        "KHR_xmp_json_ld",
        "EXT_mesh_gpu_instancing",
        "EXT_texture_avif",
        "EXT_texture_webp",
    )
)
_NEEDS_DECODERS = {
    "KHR_draco_mesh_compression": "Draco compression",
    "EXT_meshopt_compression": "Meshopt compression",
    "KHR_meshopt_compression": "Meshopt compression",
    "KHR_texture_basisu": "Basis (KTX2) textures",
}
_COMPONENT_BYTES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
_COMPONENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
_TRIANGLES, _STRIP, _FAN = 4, 5, 6


def entries(document: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """A list of objects in the document; absent is empty."""
    found = document.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unfit("FileDamaged", f"the model's {name} are no list of objects")
    if len(found) > MAX_LIST:
        raise Unfit("ModelTooLarge", f"the model has {len(found)} {name}; at most {MAX_LIST}")
    return found


def whole(
    of: Mapping[str, Any], name: str, default: int | None = None, *, below: int | None = None
) -> int:
    """A whole number in an object, not negative; `below` makes it an index."""
    found = of.get(name, default)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < 2**53:
        raise Unfit("FileDamaged", f"{name} of the model is {str(found)[:40]!r}")
    if below is not None and found >= below:
        raise Unfit("FileDamaged", f"{name} of the model is {found}, of {below}")
    return found


def check_extensions(document: Mapping[str, Any]) -> None:
    """Refuse what the viewer would fetch a decoder for, and what it must know and does not."""
    used, needed = (
        {str(one) for one in document.get(name, [])}
        for name in ("extensionsUsed", "extensionsRequired")
    )
    for name in sorted(used | needed):
        if name in _NEEDS_DECODERS:
            raise Unfit(
                "ExtensionNotAccepted",
                f"the model uses {_NEEDS_DECODERS[name]} ({name}), whose decoder would be loaded "
                "from elsewhere; export it without compression",
            )
    unknown = sorted(needed - _ACCEPTED)
    if unknown:
        raise Unfit(
            "ExtensionNotAccepted", f"the model cannot be shown without {', '.join(unknown)[:200]}"
        )


def check_views(document: Mapping[str, Any], sizes: Sequence[int]) -> None:
    """Every view lies within its buffer."""
    for number, view in enumerate(entries(document, "bufferViews")):
        size = sizes[whole(view, "buffer", below=len(sizes))]
        end = whole(view, "byteOffset", 0) + whole(view, "byteLength")
        if end > size:
            raise Unfit("FileDamaged", f"view {number} of the model ends at {end}, of {size}")


def check_accessors(document: Mapping[str, Any]) -> None:
    """Every accessor lies within its view, and so do the parts of a sparse one."""
    views = entries(document, "bufferViews")
    for number, accessor in enumerate(entries(document, "accessors")):
        count = whole(accessor, "count")
        size = _item_bytes(accessor, number)
        if "bufferView" in accessor:
            _check_span(accessor, views, count=count, size=size, number=number)
        elif count * size > 2**28:
            raise Unfit("ModelTooLarge", f"accessor {number} of the model has {count} items")
        sparse = accessor.get("sparse")
        if isinstance(sparse, dict):
            changed = whole(sparse, "count", below=count + 1)
            indices = {**sparse.get("indices", {}), "type": "SCALAR"}
            item = _item_bytes(indices, number)
            _check_span(indices, views, count=changed, size=item, number=number)
            values = sparse.get("values", {})
            _check_span(values, views, count=changed, size=size, number=number)


def _item_bytes(accessor: Mapping[str, Any], number: int) -> int:
    component = _COMPONENT_BYTES.get(accessor.get("componentType", 0))
    parts = _COMPONENTS.get(str(accessor.get("type")))
    if component is None or parts is None:
        raise Unfit("FileDamaged", f"accessor {number} of the model has no known type")
    return component * parts


def _check_span(
    of: Mapping[str, Any],
    views: Sequence[Mapping[str, Any]],
    *,
    count: int,
    size: int,
    number: int,
) -> None:
    view = views[whole(of, "bufferView", below=len(views))]
    stride = whole(view, "byteStride", size)
    length = whole(view, "byteLength")
    end = whole(of, "byteOffset", 0) + (stride * (count - 1) + size if count else 0)
    if end > length:
        raise Unfit("FileDamaged", f"accessor {number} of the model ends at {end}, of {length}")


def check_nodes(document: Mapping[str, Any]) -> None:
    """Nodes are trees: known children, one parent each, no circle; animations can be counted."""
    nodes = entries(document, "nodes")
    if len(nodes) > MAX_NODES:
        raise Unfit("ModelTooLarge", f"the model has {len(nodes)} nodes; at most {MAX_NODES}")
    parents: dict[int, int] = {}
    for number, node in enumerate(nodes):
        for child in _indices(node, "children", len(nodes)):
            if child in parents:
                raise Unfit("FileDamaged", f"node {child} of the model has two parents")
            parents[child] = number
    _check_circles(parents)
    for scene in entries(document, "scenes"):
        _indices(scene, "nodes", len(nodes))
    channels = sum(len(entries(one, "channels")) for one in entries(document, "animations"))
    if channels > MAX_CHANNELS:
        raise Unfit("ModelTooLarge", f"the model's animations have {channels} channels")


def _check_circles(parents: Mapping[int, int]) -> None:
    ends_well: set[int] = set()
    for start in parents:
        way: list[int] = []
        at: int | None = start
        seen: set[int] = set()
        while at is not None and at not in ends_well:
            if at in seen:
                raise Unfit("FileDamaged", f"node {at} of the model lies within itself")
            seen.add(at)
            way.append(at)
            at = parents.get(at)
        ends_well.update(way)


def _indices(of: Mapping[str, Any], name: str, below: int) -> list[int]:
    found = of.get(name, [])
    if not isinstance(found, list):
        raise Unfit("FileDamaged", f"{name} of the model are no list")
    return [whole({name: one}, name, below=below) for one in found]


def count_triangles(document: Mapping[str, Any]) -> int:
    """How many are drawn, a mesh once for every node that shows it. Raises `Unfit`."""
    accessors = entries(document, "accessors")
    meshes = [_mesh_triangles(mesh, accessors) for mesh in entries(document, "meshes")]
    total = 0
    for node in entries(document, "nodes"):
        if "mesh" in node:
            shown = meshes[whole(node, "mesh", below=len(meshes))]
            total += shown * _instances(node, accessors)
    total = max(total, sum(meshes))
    if total > MAX_TRIANGLES:
        raise Unfit(
            "ModelTooLarge", f"the model has {total} triangles; at most {MAX_TRIANGLES} are taken"
        )
    return total


def _mesh_triangles(mesh: Mapping[str, Any], accessors: Sequence[Mapping[str, Any]]) -> int:
    total = 0
    for primitive in entries(mesh, "primitives"):
        attributes = primitive.get("attributes", {})
        of = primitive if "indices" in primitive else attributes
        name = "indices" if "indices" in primitive else "POSITION"
        if not isinstance(of, dict) or name not in of:
            continue
        count = whole(accessors[whole(of, name, below=len(accessors))], "count")
        mode = primitive.get("mode", _TRIANGLES)
        total += count // 3 if mode == _TRIANGLES else max(count - 2, 0)
    return total


def _instances(node: Mapping[str, Any], accessors: Sequence[Mapping[str, Any]]) -> int:
    extensions = node.get("extensions")
    spread = extensions.get("EXT_mesh_gpu_instancing") if isinstance(extensions, dict) else None
    if not isinstance(spread, dict) or not isinstance(spread.get("attributes"), dict):
        return 1
    attributes = spread["attributes"]
    counts = [
        whole(accessors[whole(attributes, name, below=len(accessors))], "count")
        for name in attributes
    ]
    return max(counts, default=1)
