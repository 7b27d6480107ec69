"""What hangs in the demo exhibition, with the labels as a gallery writes them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from api.demo.art import (
    blanket,
    breath,
    garden,
    lamp,
    letter,
    letter_page,
    mountain,
    overprint,
    persimmons,
    rain,
    reeds,
    room,
    table_model,
    tide,
)
from api.demo.people import ILKA_MARROW, TEODOR_BRASK, WEN_LANYIN, Person


@dataclass(frozen=True)
class Companion:
    """A file that is the work itself where the picture only stands for it."""

    filename: str
    mime: str
    render: Callable[[], bytes]


@dataclass(frozen=True)
class DemoWork:
    """One work: its label, its royalty, and the function that draws it."""

    slug: str
    inventory: str
    """The number by which the exchange finds the work again; never given twice."""
    title: str
    maker: Person
    date: str
    medium: str
    dimensions: str
    description: str
    alt_text: str
    attributes: tuple[tuple[str, str], ...]
    royalty_bps: int
    filename: str
    mime: str
    draw: Callable[..., bytes]
    edition: tuple[int, int] = (1, 1)
    moves: Companion | None = None

    @property
    def artist(self) -> str:
        """The artist's name as shown."""
        return self.maker.name

    @property
    def artist_index(self) -> int:
        """Which of the node's accounts is the artist's."""
        return self.maker.index

    def render(self, long_side: int | None = None) -> bytes:
        """The file as it is minted, or smaller; the same bytes whenever it is called."""
        return self.draw() if long_side is None else self.draw(long_side)


LIGHT = (
    DemoWork(
        slug="first-light-low-tide",
        inventory="VD 2026.01",
        title="First Light, Low Tide",
        maker=ILKA_MARROW,
        date="2026",
        medium="Digital painting",
        dimensions="2400 × 1000 px",
        description=(
            "The sea has gone out and left the sky behind in the channels. Marrow paints the "
            "minute in which sand, water and air are still one temperature of grey and only the "
            "sun disagrees."
        ),
        alt_text=(
            "A wide tidal flat at sunrise: dark wet sand in the foreground, pale blue and apricot "
            "water in winding channels, a small white sun just above the horizon."
        ),
        attributes=(("Series", "Slow Weather"), ("Palette", "Apricot, slate")),
        royalty_bps=750,
        filename="first-light-low-tide.jpg",
        mime="image/jpeg",
        draw=tide.render,
    ),
    DemoWork(
        slug="rain-on-the-far-shore",
        inventory="VD 2026.04",
        title="Rain on the Far Shore",
        maker=ILKA_MARROW,
        date="2026",
        medium="Digital painting",
        dimensions="2100 × 1500 px",
        description=(
            "One shower crosses a lake while a white sail stands in the only strip of light. "
            "From the artist's series on weather that happens to somebody else."
        ),
        alt_text=(
            "A grey lake under heavy cloud; slanting threads of rain over low hills on the left, "
            "and a small white sail in a band of light on the right."
        ),
        attributes=(("Series", "Slow Weather"), ("Palette", "Pewter, silver")),
        royalty_bps=750,
        filename="rain-on-the-far-shore.jpg",
        mime="image/jpeg",
        draw=rain.render,
    ),
    DemoWork(
        slug="four-oclock-after-the-move",
        inventory="VD 2026.07",
        title="Four O’Clock, After the Move",
        maker=ILKA_MARROW,
        date="2025",
        medium="Digital painting",
        dimensions="1500 × 2000 px",
        description=(
            "Afternoon sun throws a window and a branch onto a wall that has just been emptied. "
            "The paler rectangle and the nail say what hung there, and that nobody has looked at "
            "this wall so closely before."
        ),
        alt_text=(
            "Warm light through a six-paned window with leaf shadows on a grey wall; the faint "
            "outline of a picture that was taken down, and a single nail with its shadow."
        ),
        attributes=(("Series", "Rooms"), ("Palette", "Straw, stone")),
        royalty_bps=800,
        filename="four-oclock-after-the-move.jpg",
        mime="image/jpeg",
        draw=room.render,
    ),
    DemoWork(
        slug="the-lamp-left-on",
        inventory="VD 2026.10",
        title="The Lamp Left On",
        maker=ILKA_MARROW,
        date="2026",
        medium="Animated painting, silent loop of four seconds",
        dimensions="1600 × 1000 px",
        description=(
            "Everything in this night stands still except the reflection of one window. "
            "The loop has no beginning; somebody is still awake, or forgot."
        ),
        alt_text=(
            "A dark blue lake at night with a low black hill; one lit window in a small house, "
            "and its golden reflection trembling on the water."
        ),
        attributes=(("Series", "Slow Weather"), ("Loop", "4 s"), ("Palette", "Midnight, amber")),
        royalty_bps=1000,
        filename="the-lamp-left-on.webp",
        mime="image/webp",
        draw=lamp.render,
    ),
)

LINE = (
    DemoWork(
        slug="letter-without-words",
        inventory="VD 2026.02",
        title="Letter Without Words",
        maker=TEODOR_BRASK,
        date="2025",
        medium="Plotter drawing, three hundred lines, and the program that writes them",
        dimensions="2400 × 1350 px",
        description=(
            "Three hundred threads run side by side through the movement of a hand that writes. "
            "Where the ribbon turns on edge they close into light; where it opens they are hardly "
            "there."
        ),
        alt_text=(
            "A looping translucent ribbon of fine pale parallel lines, like handwriting, "
            "crossing a dark indigo sheet from left to right."
        ),
        attributes=(("Series", "One Pen"), ("Lines", "300"), ("Palette", "Indigo, ivory")),
        royalty_bps=500,
        filename="letter-without-words.png",
        mime="image/png",
        draw=letter.render,
        moves=Companion("letter-without-words.html", "text/html", letter_page.render),
    ),
    DemoWork(
        slug="blanket-for-a-cold-spring",
        inventory="VD 2026.05",
        title="Blanket for a Cold Spring",
        maker=TEODOR_BRASK,
        date="2026",
        medium="Digital weaving, six wools, 264 picks on 176 ends",
        dimensions="1600 × 2000 px",
        description=(
            "A twill counted thread by thread, with bands whose heights follow Fibonacci as "
            "weavers have always cheated. Brask calls it the only work of his that his mother "
            "understood at once."
        ),
        alt_text=(
            "A handwoven blanket with fringes hanging on a pale wall: cream ground with blocks and "
            "stripes of slate blue, ochre, brick red, grey and charcoal."
        ),
        attributes=(("Series", "Loom"), ("Palette", "Cream, slate, ochre, brick")),
        royalty_bps=500,
        filename="blanket-for-a-cold-spring.jpg",
        mime="image/jpeg",
        draw=blanket.render,
    ),
    DemoWork(
        slug="raked-garden-three-stones",
        inventory="VD 2026.08",
        title="Raked Garden, Three Stones",
        maker=TEODOR_BRASK,
        date="2026",
        medium="Relief drawing, computed light",
        dimensions="1640 × 1640 px",
        description=(
            "Every line was drawn with one tool, a rake of constant pitch, and the light does the "
            "rest. The leaf fell after the drawing was finished and was allowed to stay."
        ),
        alt_text=(
            "Pale gravel seen from above, raked in even lines that circle three dark mossy stones; "
            "one small red maple leaf lies at the upper right."
        ),
        attributes=(("Series", "One Pen"), ("Palette", "Gravel, basalt, one red")),
        royalty_bps=600,
        filename="raked-garden-three-stones.jpg",
        mime="image/jpeg",
        draw=garden.render,
    ),
    DemoWork(
        slug="bowl-moon-table",
        inventory="VD 2026.11",
        title="Bowl, Moon, Table",
        maker=TEODOR_BRASK,
        date="2024",
        medium="Stencil print in three inks, with a model of its table",
        dimensions="1429 × 2000 px",
        description=(
            "A still life reduced to half circles and printed in three inks that never quite "
            "meet. The registration marks were trimmed, the errors kept."
        ),
        alt_text=(
            "A grainy print: a large vermilion moon behind a blue bowl with two fruits, a striped "
            "yellow cup beside it, on a yellow table under a blue sky."
        ),
        attributes=(("Series", "Kitchen Astronomy"), ("Inks", "3"), ("Palette", "Primary")),
        royalty_bps=500,
        filename="bowl-moon-table.jpg",
        mime="image/jpeg",
        draw=overprint.render,
        moves=Companion("bowl-moon-table.glb", "model/gltf-binary", table_model.render),
        edition=(3, 12),
    ),
)

INK = (
    DemoWork(
        slug="empty-mountain-after-new-rain",
        inventory="VD 2026.03",
        title="空山新雨",
        maker=WEN_LANYIN,
        date="2025",
        medium="Ink on paper, hanging scroll",
        dimensions="1080 × 2400 px",
        description=(
            "山已洗过，雾还没有走；题目取自王维，余下的都留白。"
            " Empty mountain after new rain: the peaks are washed, the mist has not left, "
            "and most of the scroll is paper."
        ),
        alt_text=(
            "A tall ink landscape: steep peaks fading into mist, pines on a near ridge at the "
            "lower left, five geese in an empty sky, a small red seal."
        ),
        attributes=(("Series", "留白"), ("Palette", "Ink"), ("Seal", "Relief, red")),
        royalty_bps=1000,
        filename="kong-shan-xin-yu.jpg",
        mime="image/jpeg",
        draw=mountain.render,
    ),
    DemoWork(
        slug="six-persimmons-once-more",
        inventory="VD 2026.06",
        title="Six Persimmons, Once More",
        maker=WEN_LANYIN,
        date="2026",
        medium="Ink and colour on paper",
        dimensions="2200 × 1540 px",
        description=(
            "After Muqi, eight hundred years late. Wen keeps his spacing and his silence and lets "
            "two of the fruits ripen."
        ),
        alt_text=(
            "Five round persimmons in a row on cream paper, from pale grey through black to "
            "orange-red, and a sixth, golden, standing below them."
        ),
        attributes=(("Series", "After"), ("Palette", "Ink, persimmon")),
        royalty_bps=1000,
        filename="six-persimmons-once-more.jpg",
        mime="image/jpeg",
        draw=persimmons.render,
    ),
    DemoWork(
        slug="one-breath",
        inventory="VD 2026.09",
        title="One Breath",
        maker=WEN_LANYIN,
        date="2026",
        medium="Ink on paper, one stroke",
        dimensions="2000 × 2000 px",
        description=(
            "A single stroke, begun full and ended dry, left open by the width of a thumb. "
            "The artist made one a day for a year and kept this one."
        ),
        alt_text=(
            "A black brush circle on cream paper, thick and wet at its start on the lower left, "
            "streaked and dry where it ends, with a few drops of ink and a small red seal."
        ),
        attributes=(("Series", "Daily"), ("Strokes", "1"), ("Palette", "Ink")),
        royalty_bps=1000,
        filename="one-breath.jpg",
        mime="image/jpeg",
        draw=breath.render,
    ),
    DemoWork(
        slug="reeds-wind-from-the-east",
        inventory="VD 2026.12",
        title="Reeds, Wind from the East",
        maker=WEN_LANYIN,
        date="2025",
        medium="Ink on paper",
        dimensions="2400 × 1200 px",
        description=(
            "Reeds lean into two thirds of an empty sheet, the near ones black, the far ones "
            "already weather. What the picture is of cannot be seen in it."
        ),
        alt_text=(
            "Black ink reeds at the right edge bending left in the wind, paler reeds behind "
            "them, a faint grey hill far off on the left, a small red seal."
        ),
        attributes=(("Series", "留白"), ("Palette", "Ink")),
        royalty_bps=1000,
        filename="reeds-wind-from-the-east.jpg",
        mime="image/jpeg",
        draw=reeds.render,
    ),
)


def works() -> Sequence[DemoWork]:
    """The exhibition in the order in which it hangs, the three voices in turn."""
    return [work for group in zip(LIGHT, LINE, INK, strict=True) for work in group]
