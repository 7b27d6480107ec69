"""However history is read, in large pieces or small, with all checks or few, it is the same."""

import pytest

from indexer.digest import digest
from indexer.facts import BREAKS
from indexer.fetch import Checks, NoSuchCheck, Pace
from indexer.mirror import Ways
from indexer.rebuild import side_schema
from indexer.run import catch_up
from nft.types import ZERO_ADDRESS, Digest
from tests.indexer.conftest import Studio
from tests.support.people import ARTIST, COLLECTOR, FOREIGN, GALLERY, HOUSE, WORK, deployed
from tests.support.scripted_logs import minted, transferred

TOKEN = 9


def with_a_past(studio: Studio) -> None:
    """Sixty blocks in which works are minted and go round."""
    studio.node.mine(*minted(HOUSE, ARTIST, WORK))
    studio.node.mine(transferred(FOREIGN, ZERO_ADDRESS, ARTIST, TOKEN))
    for _ in range(10):
        studio.node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK))
        studio.node.mine(transferred(FOREIGN, ARTIST, GALLERY, TOKEN))
        studio.node.mine_empty(2)
        studio.node.mine(transferred(FOREIGN, GALLERY, ARTIST, TOKEN))
        studio.node.mine(transferred(HOUSE, COLLECTOR, ARTIST, WORK))
    studio.node.safe = studio.node.final = 50


def read_by(studio: Studio, ways: Ways) -> Digest:
    """The digest of a mirror that read it so."""
    with side_schema(studio.connection, "other_ways"):
        catch_up(studio.connection, studio.chain, deployed(1), ways)
        return digest(studio.connection, 1).digest


class TestPace:
    @pytest.mark.parametrize(
        "pace", [Pace(1, 1, 1), Pace(1, 4, 3), Pace(7, 7, 1), Pace(7, 64, 4), Pace(512, 512, 2)]
    )
    def test_changes_nothing(self, studio: Studio, pace: Pace) -> None:
        with_a_past(studio)
        studio.followed()

        other = read_by(studio, Ways(pace=pace))

        assert other == studio.digest()


class TestChecks:
    @pytest.mark.parametrize("names", ["", "links", "bloom", "custody", "links,bloom,custody"])
    def test_change_nothing_when_nobody_lies(self, studio: Studio, names: str) -> None:
        with_a_past(studio)
        studio.followed()

        other = read_by(studio, Ways(checks=Checks.named(names.split(","))))

        assert other == studio.digest()

    def test_final_headers_are_spared_without_links(self, studio: Studio) -> None:
        with_a_past(studio)
        studio.node.asked.clear()

        read_by(studio, Ways(checks=Checks.named(["custody"]), pace=Pace(16, 16, 1)))

        assert studio.node.asked.count("eth_getBlockByNumber") < 60

    def test_breaks_are_written_unasked_without_custody(self, studio: Studio) -> None:
        studio.node.mine(transferred(FOREIGN, ZERO_ADDRESS, ARTIST, TOKEN))
        studio.node.mine(transferred(FOREIGN, GALLERY, COLLECTOR, TOKEN))

        catch_up(
            studio.connection,
            studio.chain,
            deployed(1),
            Ways(checks=Checks.named(["links", "bloom"])),
        )

        assert studio.rows(BREAKS, "owner", "sender") == [(ARTIST, GALLERY)]
        assert studio.node.asked.count("eth_getLogs") == 1

    def test_one_that_there_is_not_is_refused(self) -> None:
        with pytest.raises(NoSuchCheck, match=r"no check 'root'; there are links, bloom"):
            Checks.named(["links", "root"])
