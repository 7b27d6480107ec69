"""Models (GLB): the container, its document's rules, and its textures."""

import base64
import struct

import pytest

from media.checks import Inspection, Problem, inspect
from media.formats import Unfit, read_structure
from tests.media import pictures
from tests.support.models import glb, points, triangle


def refusal(data: bytes) -> Unfit:
    with pytest.raises(Unfit) as caught:
        read_structure(memoryview(data))
    return caught.value


def textured(held: bytes, kind: str = "image/png", **more):
    """A model whose buffer holds a picture behind the corners."""
    document = triangle(
        bufferViews=[
            {"buffer": 0, "byteLength": 36},
            {"buffer": 0, "byteOffset": 36, "byteLength": len(held)},
        ],
        buffers=[{"byteLength": 36 + len(held)}],
        images=[{"bufferView": 1, "mimeType": kind}],
        textures=[{"source": 0}],
        **more,
    )
    return glb(document, points() + held)


class TestContainer:
    def test_tells_what_the_model_is(self):
        found = read_structure(memoryview(glb()))

        assert found.type == "model/gltf-binary"
        assert found.details["triangles"] == 1
        assert found.details["materials"] == 1
        assert found.details["generator"] == "made by code"

    def test_refuses_what_follows_it(self):
        assert refusal(glb() + b"<script>").code == "TrailingData"

    def test_refuses_a_further_part(self):
        data = glb()
        longer = data + struct.pack("<II", 4, 0x58585858) + b"abcd"
        longer = longer[:8] + struct.pack("<I", len(longer)) + longer[12:]

        assert refusal(longer).code == "TrailingData"

    @pytest.mark.parametrize("cut", [4, 8, 13, 19, 30, -1])
    def test_refuses_one_cut_short(self, cut):
        assert refusal(glb()[:cut]).code in ("FileDamaged", "TypeNotAccepted")

    def test_refuses_another_version(self):
        assert refusal(b"glTF" + struct.pack("<II", 1, 12)).code == "TypeNotAccepted"

    @pytest.mark.parametrize("text", [b"[]  ", b"{}  ", b'{"a"', b"[" * 40_000, b'{"a":NaN}   '])
    def test_refuses_a_document_that_is_none(self, text):
        text += b" " * (-len(text) % 4)
        chunk = struct.pack("<II", len(text), 0x4E4F534A) + text
        data = b"glTF" + struct.pack("<II", 2, 12 + len(chunk)) + chunk

        assert refusal(data).code == "FileDamaged"


class TestDocument:
    @pytest.mark.parametrize(
        "name",
        ["KHR_draco_mesh_compression", "EXT_meshopt_compression", "KHR_texture_basisu"],
    )
    def test_refuses_by_name_what_needs_a_decoder_from_elsewhere(self, name):
        error = refusal(glb(triangle(extensionsUsed=[name])))

        assert error.code == "ExtensionNotAccepted"
        assert name in error.detail

    def test_refuses_an_unknown_extension_only_if_it_is_needed(self):
        read_structure(memoryview(glb(triangle(extensionsUsed=["ACME_shine"]))))

        assert refusal(glb(triangle(extensionsRequired=["ACME_shine"]))).code == (
            "ExtensionNotAccepted"
        )

    @pytest.mark.parametrize(
        "uri", ["buffer.bin", "https://example.org/b.bin", "file:///etc/passwd", 7]
    )
    def test_refuses_files_beside_it(self, uri):
        error = refusal(glb(triangle(buffers=[{"byteLength": 36, "uri": uri}])))

        assert error.code == "ExternalFiles"

    def test_takes_a_buffer_in_its_text(self):
        uri = "data:application/octet-stream;base64," + base64.b64encode(points()).decode()

        found = read_structure(
            memoryview(glb(triangle(buffers=[{"byteLength": 36, "uri": uri}]), b""))
        )

        assert found.details["triangles"] == 1

    @pytest.mark.parametrize(
        "more",
        [
            {"bufferViews": [{"buffer": 0, "byteLength": 40}]},
            {"bufferViews": [{"buffer": 0, "byteOffset": 8, "byteLength": 36}]},
            {"bufferViews": [{"buffer": 1, "byteLength": 36}]},
            {"bufferViews": [{"buffer": 0, "byteLength": -1}]},
            {"bufferViews": [{"buffer": True, "byteLength": 36}]},
            {"bufferViews": "none"},
            {"buffers": [{"byteLength": 37_000}]},
            {"buffers": [{"byteLength": 4}], "bufferViews": []},
            {"accessors": [{"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"}]},
            {"accessors": [{"bufferView": 0, "componentType": 1, "count": 1, "type": "VEC3"}]},
            {"accessors": [{"bufferView": 9, "componentType": 5126, "count": 1, "type": "VEC3"}]},
            {"nodes": [{"children": [0]}]},
            {"nodes": [{"children": [1]}, {"children": [2]}, {"children": [1]}]},
            {"nodes": [{"children": [1]}, {"children": [0]}]},
            {"nodes": [{"children": [5]}]},
            {"nodes": [{"mesh": 3}]},
            {"scenes": [{"nodes": [4]}]},
        ],
    )
    def test_refuses_what_points_outside_or_in_circles(self, more):
        assert refusal(glb(triangle(**more))).code in ("FileDamaged", "TrailingData")

    def test_counts_a_mesh_once_for_every_node_that_shows_it(self):
        many = triangle(nodes=[{"mesh": 0}] * 5)

        assert read_structure(memoryview(glb(many))).details["triangles"] == 5

    def test_refuses_more_triangles_than_can_be_drawn(self):
        empty = {"componentType": 5126, "count": 6_000_003, "type": "SCALAR"}
        nodes = [{"mesh": 0}] * 3

        error = refusal(glb(triangle(accessors=[empty], nodes=nodes)))

        assert error.code == "ModelTooLarge"

    def test_refuses_more_nodes_than_can_be_walked(self):
        assert refusal(glb(triangle(nodes=[{}] * 50_001))).code == "ModelTooLarge"


class TestTextures:
    def test_decodes_every_one(self, tmp_path):
        (tmp_path / "in").write_bytes(textured(pictures.png()))
        (tmp_path / "out").mkdir()

        found = inspect(tmp_path / "in", tmp_path / "out")

        assert isinstance(found, Inspection), found
        assert found.details["textures"] == 1
        assert found.variants == ()

    @pytest.mark.parametrize(
        ("held", "code"),
        [
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "TypeNotAccepted"),
            (pictures.png()[:-30], "FileDamaged"),
            (pictures.png() + b"more", "TrailingData"),
        ],
    )
    def test_refuses_a_bad_one(self, tmp_path, held, code):
        (tmp_path / "in").write_bytes(textured(held))
        (tmp_path / "out").mkdir()

        found = inspect(tmp_path / "in", tmp_path / "out")

        assert isinstance(found, Problem)
        assert found.code == code
        assert "picture 0" in found.detail
