"""Variants made again under a new recipe: the old ones stay, the new ones are shown at the end."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import col

from media import checking, deriving, keeping, ledger
from media.deriving import Failure, derive_missing
from media.recipes import RECIPE, is_current
from media.store import BlockStore
from media.tables import ContentRow, VariantRow
from nft.content.cid import Cid
from nft.content.profiles import DEFAULT
from tests.media import pictures
from tests.media.conftest import NOON

PICTURE = pictures.encoded(pictures.canvas(700, 500), "JPEG", quality=95)
OLD = b"what an older version made"


@pytest.fixture
def aged(artist, parts):
    """The CID of a content that came in under the first recipe, with one variant."""
    upload_id = artist.send(PICTURE)
    checking.check_upload(parts, upload_id, now=NOON)
    old = parts.private.add_bytes(OLD)
    with parts.sessions.begin() as session:
        row = session.execute(select(VariantRow).limit(1)).scalar_one()
        facts = {"sha256": row.sha256, "type": "image/webp", "width": 480, "height": 343}
        session.execute(delete(VariantRow))
        session.execute(update(ContentRow).values(recipe=1))
        session.add(
            VariantRow(
                recipe=1,
                name="w480.webp",
                variant_sha256=row.sha256.__class__(old.sha256),
                cid=old.cids[DEFAULT.name],
                size=len(OLD),
                **facts,
            )
        )
    return artist.facts(upload_id)["media"]["cids"][DEFAULT.name]


class Interrupted(BlockStore):
    """The store, where something happens just before a file is added."""

    def __init__(self, folder, meanwhile):
        super().__init__(folder)
        self.meanwhile = meanwhile

    def add_file(self, source, **more):
        self.meanwhile()
        return super().add_file(source, **more)


def shown(parts):
    with parts.sessions() as session:
        query = select(col(VariantRow.name)).where(is_current()).order_by(col(VariantRow.name))
        return list(session.execute(query).scalars())


def old_cid(parts):
    with parts.sessions() as session:
        query = select(col(VariantRow.cid)).where(col(VariantRow.recipe) == 1)
        return Cid.parse(session.execute(query).scalar_one())


def publish(parts, cid):
    with parts.sessions.begin() as session:
        jobs = ledger.want(session, [cid], stores=("embedded",), holder="intent:1", now=NOON)
    for job in jobs:
        keeping.pin(parts, **job.args, now=NOON)


def killed(*_):
    raise KeyboardInterrupt


class TestDeriveMissing:
    def test_shows_todays_variants_and_keeps_the_old_ones(self, parts, aged):
        assert shown(parts) == ["w480.webp"]

        assert list(derive_missing(parts)) == [None]

        assert "w480.avif" in shown(parts)
        assert parts.private.has(old_cid(parts))

    def test_has_nothing_to_do_afterwards(self, parts, aged):
        list(derive_missing(parts))
        before = shown(parts)

        assert list(derive_missing(parts)) == []
        assert shown(parts) == before

    def test_publishes_them_beside_a_public_original(self, parts, aged):
        publish(parts, aged)

        list(derive_missing(parts))

        with parts.sessions() as session:
            cids = list(session.execute(select(col(VariantRow.cid))).scalars())
        assert [cid for cid in cids if not parts.public.has(Cid.parse(cid))] == []

    def test_publishes_nothing_of_a_private_one(self, parts, aged):
        list(derive_missing(parts))

        assert list((parts.public.folder / "files").glob("*/*")) == []

    @pytest.mark.parametrize("step", ["_keep", "_publish", "_settle"])
    def test_shows_the_old_ones_until_it_is_done(self, parts, aged, monkeypatch, step):
        publish(parts, aged)
        with monkeypatch.context() as patch:
            patch.setattr(deriving, step, killed)
            with pytest.raises(KeyboardInterrupt):
                list(derive_missing(parts))
        assert shown(parts) == ["w480.webp"]
        assert parts.public.has(old_cid(parts))

        assert list(derive_missing(parts)) == [None]

        assert "w480.avif" in shown(parts)

    def test_takes_all_back_with_the_original(self, parts, aged):
        publish(parts, aged)
        list(derive_missing(parts))
        with parts.sessions.begin() as session:
            jobs = ledger.let_go(session, holder="intent:1")

        for job in jobs:
            keeping.unpin(parts, **job.args, now=NOON)

        assert list((parts.public.folder / "files").glob("*/*")) == []

    def test_says_what_cannot_be_derived_and_goes_on(self, parts, aged, artist):
        upload_id = artist.send(pictures.png(64, 48))
        checking.check_upload(parts, upload_id, now=NOON)
        with parts.sessions.begin() as session:
            session.execute(update(ContentRow).values(recipe=1))
        parts.private.remove(Cid.parse(aged))

        done = list(derive_missing(parts))

        assert [one for one in done if one] == [Failure(aged, "its file is not in the store")]
        assert len(done) == 2

    def test_new_contents_are_of_today(self, parts, artist):
        checking.check_upload(parts, artist.send(PICTURE), now=NOON)

        with parts.sessions() as session:
            recipes = set(session.execute(select(col(VariantRow.recipe))).scalars())
        assert recipes == {RECIPE}
        assert list(derive_missing(parts)) == []

    def test_leaves_nothing_of_a_content_that_went_meanwhile(self, parts, aged):
        def gone_meanwhile():
            with parts.sessions.begin() as session:
                session.execute(delete(VariantRow))
                session.execute(delete(ContentRow))

        parts = replace(parts, private=Interrupted(parts.private.folder, gone_meanwhile))
        before = set((parts.private.folder / "files").glob("*/*"))

        list(derive_missing(parts))

        assert set((parts.private.folder / "files").glob("*/*")) <= before
        assert shown(parts) == []
