"""
What a signature permits, in plain sentences in the reader's language.

Said from the very message that the wallet signs, so that the page can never promise another thing
than the signature does. `nft.explain` says the same in English for programs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from api import display
from nft.auctions import EXTENSION_SECONDS, MAX_EXTENSION_SECONDS
from nft.orders import UNBOUND, Kind
from nft.tokens import CONFIRM_ROYALTY_BPS, creator_of
from nft.types import ZERO_ADDRESS, ZERO_DIGEST
from nft.vouchers import DEFAULT_ROYALTY

Message = Mapping[str, Any]
Said = list[Markup]

HOUR_SECONDS = 3_600
DAY_SECONDS = 86_400
BULK_SHOWN = 12
"""Of many orders or works under one signature, so many are read out; the others are counted."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Says things to one reader."""

    say: Callable[[str], str]
    locale: str
    language: str = "en"
    currencies: display.Currencies = field(default_factory=dict)
    title: str = ""
    """Of the (first) work."""

    def line(self, text: str, **values: Any) -> Markup:
        """A translated sentence with its values, which are text and not markup."""
        return Markup(text) % values

    def money(self, amount: Any, currency: Any) -> str:
        """An amount in full."""
        return display.money(int(amount), self.locale, str(currency), self.currencies)

    def when(self, seconds: Any) -> Markup:
        """A moment in UTC."""
        return display.instant(min(int(seconds), display.LAST_SECOND), self.locale)

    def part(self, bps: Any) -> str:
        """Basis points."""
        return display.percent(int(bps), self.locale)

    def person(self, address: Any) -> Markup:
        """An address, shortened, whole on demand."""
        return Markup('<bdi title="{}">{}</bdi>').format(address, display.short(str(address)))

    def work(self, token_id: Any) -> Markup:
        """The work by its title, else by its number."""
        if self.title:
            return display.titled(self.title, self.language)
        say = self.say
        return self.line(say("work %(number)s"), number=display.short_number(str(token_id)))

    def length(self, seconds: int) -> str:
        """A length of time in hours or days."""
        say = self.say
        if seconds % DAY_SECONDS == 0 and seconds > DAY_SECONDS:
            return say("%(count)s days") % {"count": seconds // DAY_SECONDS}
        return say("%(count)s hours") % {"count": f"{seconds / HOUR_SECONDS:g}"}


def sentences_of(typed_data: Mapping[str, Any], teller: Teller) -> Said:
    """All that a signature under this typed data permits; nothing for types that are not known."""
    kinds: dict[str, Callable[[Message, Teller], Said]] = {
        "Order": order,
        "BulkOrder": bulk,
        "Auction": auction,
        "Voucher": voucher,
        "WorkStatements": statement,
        "DomainBinding": binding,
        "Mark": mark,
        "MarkTakenBack": mark_back,
    }
    tell = kinds.get(str(typed_data.get("primaryType")))
    return tell(typed_data["message"], teller) if tell else []


def order(message: Message, teller: Teller) -> Said:
    """A listing or an offer."""
    say = teller.say
    head = _listing if int(message["kind"]) == Kind.LISTING else _offer
    said = head(message, teller)
    if message["price"] == message["endPrice"]:
        window = say("Good from %(start)s to %(end)s.")
        ends = {"start": teller.when(message["start"]), "end": teller.when(message["end"])}
        said.append(teller.line(window, **ends))
    return [*said, *_limits(message, teller), _way_back(teller)]


def _buyer(address: str, teller: Teller) -> Markup:
    say = teller.say
    return Markup(say("anybody")) if _is_nobody(address) else teller.person(address)


def _is_nobody(address: Any) -> bool:
    return str(address).lower() == str(ZERO_ADDRESS).lower()


def _listing(message: Message, teller: Teller) -> Said:
    say, line = teller.say, teller.line
    facts = {
        "work": teller.work(message["tokenId"]),
        "buyer": _buyer(message["taker"], teller),
        "price": teller.money(message["price"], message["currency"]),
        "last": teller.money(message["endPrice"], message["currency"]),
        "start": teller.when(message["start"]),
        "end": teller.when(message["end"]),
        "count": len(message["more"]) + 1,
    }
    if message["more"]:
        said = [
            line(say("You offer %(count)s works together to %(buyer)s for %(price)s."), **facts),
            line(say("Each counts as sold at an equal part of the price.")),
        ]
    elif message["price"] != message["endPrice"]:
        falling = say(
            "You offer %(work)s to %(buyer)s at a price that falls evenly from %(price)s "
            "on %(start)s to %(last)s on %(end)s, when the offer ends."
        )
        said = [line(falling, **facts)]
    else:
        said = [line(say("You offer %(work)s to %(buyer)s for %(price)s."), **facts)]
    if int(message["transferCount"]) == UNBOUND:
        unbound = say(
            "Mind: the offer stays good when the work leaves you and comes back before its end."
        )
        return [*said, line(unbound)]
    return [*said, line(say("It ends by itself when the work changes hands."))]


def _offer(message: Message, teller: Teller) -> Said:
    say, line = teller.say, teller.line
    token_id = int(message["tokenId"])
    texts = {
        Kind.TOKEN_OFFER: say("You offer %(price)s for %(work)s."),
        Kind.SET_OFFER: say("You offer %(price)s for any one work of the set that you chose."),
        Kind.COLLECTION_OFFER: say(
            "You offer %(price)s for any one work by %(artist)s in this collection; "
            "the seller picks which."
        )
        if token_id
        else say(
            "You offer %(price)s for any one work of this collection; the seller picks which, "
            "and anybody may mint one for it where the collection is open."
        ),
    }
    facts = {
        "price": teller.money(message["price"], message["currency"]),
        "work": teller.work(token_id),
        "artist": teller.person(creator_of(token_id)) if token_id else "",
    }
    said = [line(texts[Kind(int(message["kind"]))], **facts)]
    said.append(
        line(say("Whoever owns it can sell it to you at that price without asking you again."))
        if _is_nobody(message["taker"])
        else line(
            say("%(seller)s alone can sell it to you, without asking you again."),
            seller=teller.person(message["taker"]),
        )
    )
    if message["metadataDigest"] != str(ZERO_DIGEST):
        said.append(line(say("Only while the work carries the description that it has now.")))
    return [*said, line(say("The money stays with you until then."))]


def _limits(message: Message, teller: Teller) -> Said:
    say, line = teller.say, teller.line
    facts = {
        "royalty": teller.part(message["maxRoyaltyBps"]),
        "fee": teller.part(message["maxFeeBps"]),
    }
    limits = say(
        "Of the price at most %(royalty)s goes to the artist as royalty and at most %(fee)s "
        "to the house; the seller gets all the rest."
    )
    said = [line(limits, **facts)]
    if int(message["maxRoyaltyBps"]) > CONFIRM_ROYALTY_BPS:
        said.append(line(say("Mind the royalty: it may be more than a tenth of the price.")))
    return said


def _way_back(teller: Teller) -> Markup:
    say = teller.say
    return teller.line(
        say("Signing costs nothing. Until then you can take it back by a transaction of yours.")
    )


def bulk(message: Message, teller: Teller) -> Said:
    """Several orders under one signature: each by itself."""
    say = teller.say
    orders = [one for one in _leaves(message["tree"]) if not _is_nobody(one["maker"])]
    covers = say("This one signature covers %(count)s offers; each can be taken by itself.")
    said = [teller.line(covers, count=len(orders))]
    plain = Teller(say, teller.locale, teller.language, teller.currencies)
    for number, one in enumerate(orders[:BULK_SHOWN], start=1):
        said.append(Markup("{}. {}").format(number, order(one, plain)[0]))
    if len(orders) > BULK_SHOWN:
        more = say("And %(count)s more, at the prices that you named.")
        said.append(teller.line(more, count=len(orders) - BULK_SHOWN))
    return [*said, *_limits(orders[0], teller), _way_back(teller)]


def _leaves(tree: Any) -> list[Message]:
    if isinstance(tree, list):
        return [leaf for branch in tree for leaf in _leaves(branch)]
    return [tree]


def auction(message: Message, teller: Teller) -> Said:
    """An auction that the first bid opens."""
    say, line = teller.say, teller.line
    facts = {
        "work": teller.work(message["tokenId"]),
        "reserve": teller.money(message["reserve"], ZERO_ADDRESS),
        "start": teller.when(message["start"]),
        "until": teller.when(message["openUntil"]),
        "end": teller.when(message["end"]),
        "length": teller.length(int(message["duration"])),
        "step": teller.part(message["minStepBps"]),
        "minutes": EXTENSION_SECONDS // 60,
        "hours": MAX_EXTENSION_SECONDS // HOUR_SECONDS,
    }
    opens = say("You put %(work)s up for auction: whoever first bids %(reserve)s or more opens it.")
    ends = (
        say("It ends on %(end)s.")
        if int(message["end"])
        else say("It runs %(length)s from the first bid.")
    )
    extends = say(
        "A bid in the last %(minutes)s minutes moves the end to %(minutes)s minutes after that "
        "bid, %(hours)s hours later in all at most."
    )
    keeps = say(
        "With the first bid the work goes into the custody of the auction, and nothing you do "
        "can call it back: the highest bidder gets it."
    )
    said = [
        line(opens, **facts),
        line(say("A first bid can come from %(start)s to %(until)s."), **facts),
        line(ends, **facts),
        line(extends, **facts),
        line(say("Every further bid is at least %(step)s higher than the one before."), **facts),
        line(keeps),
        *_limits(message, teller),
    ]
    free = say(
        "Signing costs nothing. Until the first bid you can take it back by a transaction of yours."
    )
    return [*said, line(free)]


def voucher(message: Message, teller: Teller) -> Said:
    """A work that its first collector mints."""
    say, line = teller.say, teller.line
    size, most = int(message["editionSize"]), int(message["maxPerRecipient"])
    facts = {
        "work": teller.work(message["tokenId"]),
        "buyer": _buyer(message["recipient"], teller),
        "price": teller.money(message["price"], message["currency"]),
        "count": size,
        "most": most,
        "fee": teller.part(message["maxFeeBps"]),
        "start": teller.when(message["start"]),
        "end": teller.when(message["end"]),
    }
    one = say("You let %(buyer)s mint %(work)s as a work of yours and buy it for %(price)s.")
    many = say(
        "You let %(buyer)s mint the %(count)s works of the edition %(work)s as works of yours "
        "and buy them for %(price)s each."
    )
    said = [line(many if size > 1 else one, **facts)]
    if most:
        said.append(line(say("One account can take at most %(most)s of them."), **facts))
    paid = (
        say("You are paid all of it in the same transaction.")
        if _is_nobody(message["feeReceiver"]) or not int(message["maxFeeBps"])
        else say("In the same transaction the house is paid %(fee)s of it, and you the rest.")
    )
    first = say("The provenance begins with you: the work is minted to you and then moves on.")
    said += [line(paid, **facts), line(first), _later_royalty(message, teller)]
    window = line(say("Good from %(start)s to %(end)s."), **facts)
    return [*said, window, _way_back(teller)]


def _later_royalty(message: Message, teller: Teller) -> Markup:
    say = teller.say
    if int(message["royaltyBps"]) == DEFAULT_ROYALTY:
        return teller.line(say("Later sales owe the royalty that is your default at the mint."))
    if _is_nobody(message["royaltyReceiver"]):
        return teller.line(
            say("Every later sale owes %(part)s of its price to you."),
            part=teller.part(message["royaltyBps"]),
        )
    return teller.line(
        say("Every later sale owes %(part)s of its price to %(receiver)s."),
        part=teller.part(message["royaltyBps"]),
        receiver=teller.person(message["royaltyReceiver"]),
    )


def statement(message: Message, teller: Teller) -> Said:
    """What an artist says of works: whose they are, in which words, with which files."""
    say, line, works = teller.say, teller.line, message["works"]
    one = say("You state that %(work)s is by your hand, with these words and these files.")
    many = say("You state that %(count)s works are by your hand, with their words and files:")
    titles = [display.titled(work["title"], teller.language) for work in works]
    if len(works) == 1:
        said = [line(one, work=titles[0])]
    else:
        said = [line(many, count=len(works))]
        said += [Markup("{}. {}").format(at, title) for at, title in enumerate(titles, start=1)]
        if len(works) > BULK_SHOWN:
            more = line(say("And %(count)s more."), count=len(works) - BULK_SHOWN)
            said = [*said[: BULK_SHOWN + 1], more]
    if len(works) == 1 and int(works[0]["copies"]) > 1:
        said.append(line(say("It is of all %(count)s copies."), count=works[0]["copies"]))
    stands = say("It stands in the certificate, and anybody can check it there without us.")
    keeps = say("Signing costs nothing and moves nothing. It cannot be taken back.")
    return [*said, line(stands), line(keeps)]


def binding(message: Message, teller: Teller) -> Said:
    """A key and a domain."""
    say, line = teller.say, teller.line
    says = say("You say that %(account)s and %(domain)s belong to the same person or house.")
    counts = say("It counts once the domain itself says the same, and as long as it does.")
    public = say(
        "It is public: whoever looks at your certificates sees it. You can withdraw it; that it "
        "was said stays to be read."
    )
    facts = {"account": teller.person(message["account"]), "domain": message["domain"]}
    return [line(says, **facts), line(counts), line(public)]


def mark(message: Message, teller: Teller) -> Said:
    """Lost or stolen."""
    say, line = teller.say, teller.line
    lost = say("You say, as the owner of %(work)s, that it is lost.")
    stolen = say("You say, as the owner of %(work)s, that it was stolen.")
    says = stolen if message["mark"] == "stolen" else lost
    stays = say(
        "It is shown on its page and wherever it is offered. You can take it back; that it was "
        "said, and why, stays to be read for ever."
    )
    return [
        line(says, work=teller.work(message["tokenId"])),
        line(say("Your reason: %(reason)s"), reason=message["reason"]),
        line(stays),
    ]


def mark_back(message: Message, teller: Teller) -> Said:
    """A mark that no longer holds."""
    say, line = teller.say, teller.line
    says = say("You say that your mark on %(work)s no longer holds.")
    return [
        line(says, work=teller.work(message["tokenId"])),
        line(say("Your reason: %(reason)s"), reason=message["reason"]),
    ]
