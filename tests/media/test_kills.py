"""Kill -9 in every stage of an upload: nothing half visible, nothing acknowledged lost (R35)."""

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from media import checking, keeping, ledger, sweeping
from nft.content.cid import Cid
from nft.content.exporter import read_file
from nft.content.profiles import DEFAULT
from tests.media import pictures
from tests.media.conftest import NOON

ROOT = Path(__file__).resolve().parents[2]
PICTURE = pictures.png(1000, 700)
SEED = 35


@pytest.fixture(params=[4, pytest.param(70, marks=pytest.mark.long)], ids=["few", "many"])
def delays(request):
    """Seconds after which a process is killed; three stages of seventy make 210 kills."""
    seeded = random.Random(SEED)
    return [seeded.random() ** 2 for _ in range(request.param)]


def files_of(parts):
    """The names of all files in the private store."""
    return {path.name for path in (parts.private.folder / "files").glob("*/*")}


def run_killed(parts, stage, argument, *, after):
    """Run a stage and kill it `after` seconds of work; returns the words it said."""
    url = parts.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.media.killed", stage, url]
    child = subprocess.Popen(
        [*command, str(parts.rules.folder.parent), argument],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdout.readline() == "go\n"
    timer = threading.Timer(after, os.killpg, (child.pid, signal.SIGKILL))
    timer.start()
    words = child.communicate()[0].split()
    timer.cancel()
    return words


def test_loses_no_acknowledged_byte(parts, artist, delays):
    data = os.urandom(2_000_000)
    (parts.rules.folder.parent / "data").write_bytes(data)
    upload_id = artist.create(len(data))

    acknowledged = 0
    for after in delays:
        words = run_killed(parts, "send", upload_id, after=after / 20)
        acknowledged = max([acknowledged, *(int(word) for word in words if word != "done")])
        assert artist.offset(upload_id) >= acknowledged
    run_killed(parts, "send", upload_id, after=60)

    assert artist.offset(upload_id) == len(data)
    assert parts.rules.part(upload_id).read_bytes() == data


def test_checks_a_file_whole_or_not_at_all(parts, artist, delays):
    for after in delays:
        upload_id = artist.send(PICTURE)

        run_killed(parts, "check", upload_id, after=after)

        assert artist.facts(upload_id)["state"] in ("checking", "ready")
        checking.check_upload(parts, upload_id, now=NOON)
        facts = artist.facts(upload_id)
        assert facts["state"] == "ready"
        assert not parts.rules.part(upload_id).exists() or facts["media"]
        root = Cid.parse(facts["media"]["cids"][DEFAULT.name])
        assert b"".join(read_file(parts.private.open(root), root)) == PICTURE


def test_shows_content_whole_or_not_at_all(parts, artist, delays):
    upload_id = artist.send(PICTURE)
    checking.check_upload(parts, upload_id, now=NOON)
    cid = artist.facts(upload_id)["media"]["cids"][DEFAULT.name]
    root = Cid.parse(cid)
    for after in delays:
        with parts.sessions.begin() as session:
            ledger.want(session, [cid], stores=["embedded"], holder="intent:1", now=NOON)

        run_killed(parts, "pin", cid, after=after / 10)

        is_visible = parts.public.has(root)
        assert not is_visible or b"".join(read_file(parts.public.open(root), root)) == PICTURE
        assert keeping.pin(parts, cid, "embedded", now=NOON) == "read_back"
        with parts.sessions.begin() as session:
            ledger.let_go(session, holder="intent:1")
        keeping.unpin(parts, cid, "embedded", now=NOON)
        assert not parts.public.has(root)


def test_sweeps_away_what_nobody_uses_and_nothing_else(parts, artist, delays):
    kept = artist.send(pictures.png(90, 60))
    artist.check(kept)
    cid = artist.facts(kept)["media"]["cids"][DEFAULT.name]
    with parts.sessions.begin() as session:
        ledger.want(session, [cid], stores=["embedded"], holder="token:1", now=NOON)
    late, before = artist.later(days=31), files_of(parts)
    for after in delays:
        artist.check(artist.send(PICTURE))
        artist.create(100)

        run_killed(parts, "sweep", "", after=after / 10)

        sweeping.sweep(parts, now=late.now)
        root = Cid.parse(cid)
        assert b"".join(read_file(parts.private.open(root), root)) == pictures.png(90, 60)
        assert files_of(parts) == before
        assert list(parts.rules.folder.glob("*.part")) == []
