"""The Pinning Services API against a service that acts as real ones do, with a real Kubo behind."""

import json
import logging
import os
from dataclasses import replace

import httpx
import pytest

from media.ipfs import KuboPinner
from media.pinning import PlaceSilent, Source
from media.pinning_services import (
    Gateway,
    PinningService,
    ServicePinner,
    retry_after,
)
from nft.errors import BlockInvalid, BlockMissing, PinFailed
from tests.media.test_ipfs import source_of
from tests.support.pinning_service import TOKEN

pytestmark = pytest.mark.kubo


@pytest.fixture
def node(ours):
    return KuboPinner(ours.api)


@pytest.fixture
def client(service):
    return PinningService("vault", service.url, TOKEN)


@pytest.fixture
def pinner(client, theirs, node):
    return ServicePinner(client, gateway=Gateway("vault", theirs.gateway), node=node)


@pytest.fixture
def work(node):
    """A content that our Kubo has."""
    source = source_of(os.urandom(3_000_000))
    node.pin(source)
    return source


def bytes_of(source: Source) -> bytes:
    from nft.content.exporter import read_file

    return b"".join(read_file(source.get, source.cid))


class TestPin:
    def test_is_fetched_from_our_node_and_read_back_from_their_own(self, pinner, service, work):
        is_there_at_once = pinner.pin(work)
        service.finish()

        assert is_there_at_once in (True, False)
        assert pinner.pin(work) is True
        assert b"".join(pinner.read(work)) == bytes_of(work)
        assert pinner.says(work.cid)

    def test_tells_where_our_node_is_and_what_the_content_is(self, pinner, service, work, node):
        pinner.pin(work)

        asked = next(iter(service.requests.values()))["pin"]
        assert asked["origins"] == node.addresses()
        assert asked["name"] == f"vernissage {work.cid}"
        assert asked["meta"] == {
            "app": "vernissage",
            "profile": work.profile,
            "sha256": work.sha256.hex(),
        }

    def test_asks_once_however_often_it_runs(self, pinner, service, work):
        pinner.pin(work)
        service.finish()
        pinner.pin(work)
        pinner.pin(work)

        assert len(service.requests) == 1
        assert [call for call, _ in service.asked].count("POST") == 1

    def test_makes_one_of_several_requests(self, pinner, client, service, work):
        for _ in range(3):
            client.add(work.cid, origins=[], meta={"app": "vernissage"})
        service.finish()

        pinner.pin(work)

        assert len(service.requests) == 1

    def test_leaves_requests_of_others_alone(self, pinner, service, work):
        service.add({"cid": str(work.cid), "name": "somebody else's", "meta": {"app": "shop"}})
        pinner.pin(work)
        service.finish()

        pinner.unpin(work.cid)
        pinner.unpin(work.cid)

        assert [one["pin"]["name"] for one in service.requests.values()] == ["somebody else's"]
        assert not pinner.says(work.cid)

    def test_waits_for_one_that_queues(self, pinner, service, work):
        service.faults.queues_for_ever = True

        assert pinner.pin(work) is False
        assert pinner.pin(work) is False
        assert len(service.requests) == 1

    def test_begins_a_failed_request_anew(self, pinner, service, work):
        service.faults.fails = True
        with pytest.raises(PinFailed, match="no peer has it"):
            pinner.pin(work)
        service.faults.fails = False

        pinner.pin(work)
        service.finish()

        assert pinner.pin(work) is True
        assert len(service.requests) == 1

    def test_asks_again_one_that_forgot(self, pinner, service, work):
        service.faults.forgets = True
        pinner.pin(work)
        service.faults.forgets = False

        pinner.pin(work)
        service.finish()

        assert pinner.pin(work) is True

    def test_refuses_that_it_pins_another_content(self, pinner, service, work):
        service.faults.wrong_cid = str(source_of(b"another").cid)

        with pytest.raises(PinFailed, match="it was asked for this and pins"):
            pinner.pin(work)

    def test_has_nothing_to_read_where_the_service_lies(self, pinner, service, work):
        service.faults.lies = True

        assert pinner.pin(work) is True
        with pytest.raises((BlockMissing, PinFailed)):
            list(pinner.read(work))

    def test_has_nothing_to_read_where_it_collected_the_garbage(self, pinner, service, work):
        pinner.pin(work)
        service.finish()
        assert pinner.pin(work) is True

        service.collect(str(work.cid))

        assert pinner.says(work.cid), "it goes on saying so"
        with pytest.raises((BlockMissing, PinFailed)):
            list(pinner.read(work))

    def test_cannot_be_read_without_a_gateway(self, client, work):
        blind = ServicePinner(client)

        assert not blind.can_be_read
        with pytest.raises(PinFailed, match="no gateway"):
            list(blind.read(work))


class TestTrouble:
    def test_waits_as_long_as_it_is_told(self, client, service, work):
        service.faults.busy = 1

        with pytest.raises(PlaceSilent, match="429") as caught:
            client.list()

        assert caught.value.retry_after_seconds == 7
        assert client.list() == []

    def test_is_silent_when_down_and_never_shows_the_token(self, client, service, caplog):
        service.faults.is_down = True
        service.faults.echoes_token = True

        with caplog.at_level(logging.DEBUG), pytest.raises(PlaceSilent, match="503") as caught:
            client.list()

        assert TOKEN not in str(caught.value)
        assert TOKEN not in caplog.text
        assert TOKEN not in repr(client)

    def test_says_that_the_token_is_refused(self, client, work):
        with pytest.raises(PinFailed, match="refuses the token") as caught:
            replace(client, token="wrong").list()

        assert not isinstance(caught.value, PlaceSilent)

    def test_is_silent_when_nobody_listens(self, work):
        client = PinningService("vault", "http://127.0.0.1:1", TOKEN)

        with pytest.raises(PlaceSilent):
            client.add(work.cid, origins=[], meta={})

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"not json",
            b"[]",
            b"null",
            b'{"results": 1}',
            b'{"results": [1]}',
            b'{"results": [{"requestid": "x"}]}',
            b'{"results": [{"requestid": "", "status": "pinned", "pin": {"cid": "bafkqaaa"}}]}',
            b"[" * 200_000,
            b"x" * 2_000_000,
        ],
        ids=range(10),
    )
    def test_believes_no_other_shape(self, client, service, answer):
        service.faults.answer = answer

        with pytest.raises(PinFailed):
            client.list()

    @pytest.mark.parametrize("status", ["", "PINNED", "done", 1, None])
    def test_believes_no_other_status(self, client, service, work, status):
        told = {"requestid": "1", "status": status, "pin": {"cid": str(work.cid)}, "delegates": []}
        service.faults.answer = json.dumps(told).encode()

        with pytest.raises(PinFailed, match="another shape"):
            client.add(work.cid, origins=[], meta={})

    def test_gives_up_on_an_answer_that_drips(self, client):
        seconds = iter(range(0, 10_000, 40))

        def drip():
            while True:
                yield b" "

        slow = replace(
            client,
            transport=httpx.MockTransport(lambda _: httpx.Response(200, content=drip())),
            monotonic=lambda: next(seconds),
        )
        with pytest.raises(PlaceSilent, match="drips"):
            slow.list()

    def test_keeps_within_its_paths(self, client, service):
        assert client.get("../../admin") is None
        assert client.get("..") is None

        assert [path for _, path in service.asked] == [
            "/pins/%2E%2E%2F%2E%2E%2Fadmin",
            "/pins/%2E%2E",
        ]

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [(None, 0), ("", 0), ("12", 12), ("-1", 0), ("1e9", 0), ("999999", 3600), ("Wed, 1", 0)],
    )
    def test_reads_how_long_to_wait(self, header, seconds):
        assert retry_after(header) == seconds


class TestGateway:
    def gateway(self, status=200, content=b"", headers=None):
        def answer(_):
            return httpx.Response(status, content=content, headers=headers)

        return Gateway("vault", "https://gateway.example", transport=httpx.MockTransport(answer))

    def test_believes_no_other_bytes(self, work):
        with pytest.raises(BlockInvalid):
            list(self.gateway(content=b"other bytes").read(work))

    def test_takes_no_more_than_a_block(self, work):
        with pytest.raises(PinFailed, match="more than a block"):
            list(self.gateway(content=b"x" * 3_000_000).read(work))

    @pytest.mark.parametrize("status", [404, 410, 412])
    def test_knows_what_is_not_there(self, work, status):
        with pytest.raises(BlockMissing):
            list(self.gateway(status).read(work))

    @pytest.mark.parametrize("status", [429, 500, 502, 504])
    def test_knows_what_is_not_sure(self, work, status):
        with pytest.raises(PlaceSilent) as caught:
            list(self.gateway(status, headers={"Retry-After": "3"}).read(work))

        assert caught.value.retry_after_seconds == 3

    def test_follows_nobody_elsewhere(self, work):
        elsewhere = {"Location": "https://127.0.0.1/"}
        with pytest.raises(PinFailed, match="301"):
            list(self.gateway(301, headers=elsewhere).read(work))
