"""Three places that are real: our store, our Kubo, a service with a Kubo of its own (R33, R34)."""

import itertools
import os
import random
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from media import auditing, keeping, ledger
from media.auditing import EVERYTHING
from media.ipfs import KuboPinner
from media.pinning import StillFetching
from media.pinning_services import Gateway, PinningService, ServicePinner
from nft.errors import PinFailed
from tests.media.conftest import NOON
from tests.media.test_auditing import health, history, keep, rot, same, states, told
from tests.support.pinning_service import TOKEN
from tests.support.tcp_proxy import wired

pytestmark = pytest.mark.kubo
ROOT = Path(__file__).resolve().parents[2]
LATER = NOON + timedelta(days=4)
ALL = {"embedded": "read_back", "kubo": "read_back", "vault": "read_back"}


@pytest.fixture
def wire(ours):
    _, _, host, _, port, _ = ours.api.split("/")
    with wired(f"http://{host}:{port}") as proxy:
        yield proxy


@pytest.fixture
def house(parts, wire, service, theirs):
    node = KuboPinner(wire.url, read_seconds=5)
    client = PinningService("vault", service.url, TOKEN)
    vault = ServicePinner(client, gateway=Gateway("vault", theirs.gateway), node=node)
    return replace(parts, pinners={**parts.pinners, "kubo": node, "vault": vault})


@pytest.fixture
def data():
    return os.urandom(1_500_000)


def settle(parts, service, cid, *, now=NOON):
    """Do what the queue would: try again until every place has answered for good."""
    for _ in range(5):
        for store in parts.pinners:
            try:
                keeping.pin(parts, cid, store, now=now)
            except StillFetching:
                service.finish()
            except PinFailed:
                continue


def bring(parts, service, data):
    """A work that is wanted in all places, brought as far as they let it."""
    made = parts.private.add_bytes(data)
    cid = made.cids["unixfs-v1-2025"]
    with parts.sessions.begin() as session:
        ledger.want(session, [cid], stores=list(parts.pinners), holder="token:1", now=NOON)
    settle(parts, service, cid)
    return cid


def audit(parts, store, **more):
    return auditing.audit(parts, store, EVERYTHING, now=LATER, **more)


def drips_a_kilobyte_a_second(client, part):
    pause = threading.Event()
    for start in range(0, len(part), 100):
        client.sendall(part[start : start + 100])
        pause.wait(0.1)
    return True


class TestThreePlaces:
    def test_keep_a_work_and_each_is_read_by_itself(self, house, service, data):
        cid = bring(house, service, data)

        assert states(house, cid) == ALL
        assert health(house, cid) == ("kept", 3, 3)
        assert history(house, cid, "vault")[-2:] == ["pinned", "read_back"]
        assert [audit(house, store).problems for store in house.pinners] == [[], [], []]

    def test_keep_it_where_they_can_while_kubo_is_down(self, house, wire, service, data):
        wire.refuse()

        cid = bring(house, service, data)

        assert states(house, cid)["embedded"] == "read_back"
        assert states(house, cid)["kubo"] == "wanted"
        assert same(house.public, cid, data)

        wire.listen()
        settle(house, service, cid)
        assert states(house, cid)["kubo"] == "read_back"

    def test_notice_that_kubo_collected_the_garbage(self, house, ours, service, data):
        cid = bring(house, service, data)
        ours.run("pin", "rm", cid)
        ours.run("repo", "gc", "--quiet")

        found = audit(house, "kubo")

        assert (found.repaired, found.problems) == (1, [])
        assert ours.run("cat", "--offline", cid) == data
        assert told(house) == ["media.at_risk", "media.restored"]

    def test_notice_that_the_service_collected_the_garbage(self, house, service, data):
        cid = bring(house, service, data)
        service.collect(cid)

        found = audit(house, "vault")

        assert found.problems[0]["state"] == "at_risk"
        assert told(house) == ["media.at_risk"]

    def test_notice_bytes_that_were_changed_on_the_way(self, house, wire, service, data):
        cid = bring(house, service, data)

        def spoils(client, part):
            client.sendall(part.replace(data[700_000:700_016], b"x" * 16))
            return True

        wire.break_with(spoils)
        found = audit(house, "kubo", repair=False)
        wire.mend()

        assert "other bytes" in found.problems[0]["problem"]
        assert states(house, cid)["kubo"] == "at_risk"

    def test_give_up_on_a_kubo_that_drips(self, house, wire, service, data):
        cid = bring(house, service, data)
        seconds = iter(range(0, 1_000_000, 30))
        hurried = replace(house, monotonic=lambda: next(seconds))

        wire.break_with(drips_a_kilobyte_a_second)
        found = audit(hurried, "kubo", repair=False)
        wire.mend()

        assert states(house, cid)["kubo"] == "read_back", "silence is forgiven at first"
        assert found.problems

    def test_mend_our_own_store_from_the_service_when_kubo_is_gone(
        self, house, wire, service, data
    ):
        cid = bring(house, service, data)
        rot(house.public, data)
        wire.refuse()

        found = audit(house, "embedded")

        assert (found.repaired, found.problems) == (1, [])
        assert same(house.public, cid, data)
        assert same(house.private, cid, data)


@pytest.mark.parametrize("kills", [6, pytest.param(40, marks=pytest.mark.long)])
def test_a_worker_killed_anywhere_loses_and_doubles_nothing(house, service, wire, theirs, kills):
    seeded = random.Random(34)
    url = house.engine.url.render_as_string(hide_password=False)
    folder = str(house.rules.folder.parent)
    places = f"{wire.url} {service.url} {theirs.gateway}"
    for number in range(kills):
        data = seeded.randbytes(400_000)
        made = house.private.add_bytes(data)
        cid = made.cids["unixfs-v1-2025"]
        holder = f"token:{number}"
        with house.sessions.begin() as session:
            ledger.want(session, [cid], stores=list(house.pinners), holder=holder, now=NOON)

        command = [sys.executable, "-m", "tests.media.killed", "places", url, folder]
        child = subprocess.Popen(
            [*command, f"{cid} {places}"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert child.stdout.readline() == "go\n"
        timer = threading.Timer(seeded.random() ** 2, os.killpg, (child.pid, signal.SIGKILL))
        timer.start()
        child.communicate()
        timer.cancel()
        service.finish()
        settle(house, service, cid)

        assert states(house, cid) == ALL
        for store in house.pinners:
            moves = history(house, cid, store)
            assert moves[0] == "wanted"
            assert moves[-1] == "read_back"
            assert all(a != b for a, b in itertools.pairwise(moves))
        asked = [one for one in service.requests.values() if one["pin"]["cid"] == cid]
        assert len(asked) == 1
    assert told(house) == []


def test_a_work_kept_before_is_kept_after(house, service, data):
    cid = keep(replace(house, pinners={"embedded": house.pinners["embedded"]}), data)

    with house.sessions.begin() as session:
        ledger.extend(session, stores=list(house.pinners), replicas=3, now=NOON)
    settle(house, service, cid)

    assert health(house, cid) == ("kept", 3, 3)
    assert told(house) == []
