"""
What the pages call each kind of intent, each state, each station and each step.
"""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str], str]


def kind_words(say: Say) -> dict[str, str]:
    """What each kind of intent is called."""
    return {
        "mint": say("Mint a work"),
        "listing": say("Offer a work for sale"),
        "bulk": say("Offer several works for sale"),
        "offer": say("Make an offer"),
        "auction": say("Put a work up for auction"),
        "voucher": say("Sign a work for its first collector to mint"),
        "fill": say("Buy a work"),
        "cart": say("Buy several works"),
        "accept": say("Accept an offer"),
        "accept_many": say("Accept several offers"),
        "bid": say("Bid for a work"),
        "settle": say("Settle an auction"),
        "unwind": say("Unwind an auction"),
        "reclaim": say("Reclaim a work from an auction"),
        "redeem": say("Mint a work and buy it"),
        "cancel": say("Take it back"),
        "cancel_all": say("Take everything back"),
        "withdraw": say("Withdraw a credit"),
        "collection": say("Found a collection"),
        "minter": say("Change who may mint in your name"),
        "default_royalty": say("Set your default royalty"),
        "royalty": say("Lower a royalty"),
        "lazy_mint": say("Let a work be minted by its first collector"),
        "contract_metadata": say("Describe a collection"),
        "release": say("Draw your part of royalties"),
        "freeze_all": say("Freeze all your descriptions"),
        "transfer": say("Give a work away"),
        "burn": say("Burn a work"),
        "freeze": say("Freeze a description"),
        "metadata": say("Correct a description"),
        "statement": say("Sign what a work of yours is"),
        "binding": say("Bind a domain to your key"),
        "mark": say("Mark a work as lost or stolen"),
        "mark_back": say("Take a mark back"),
    }


def state_words(say: Say) -> dict[str, str]:
    """What each state means, in a sentence."""
    return {
        "preparing": say("The files are being pinned and read back. There is nothing to sign yet."),
        "prepared": say("Everything is ready. Read it once more, then continue in the wallet."),
        "submitted": say("Sent. It waits for a block."),
        "in_block": say("It stands in a block, which could still be withdrawn."),
        "confirmed": say("It is confirmed; the block is safe."),
        "final": say("Done, and final."),
        "replaced": say("The wallet replaced this transaction with another one."),
        "dropped": say(
            "The network dropped the transaction. Nothing happened; you can sign again."
        ),
        "failed": say("The transaction failed on the chain. Nothing moved but the network’s fee."),
        "unknown": say("We cannot see the transaction at the moment. It may still go through."),
        "abandoned": say("Given up. Nothing was sent."),
    }


def stage_words(say: Say) -> dict[str, str]:
    """The stations, in a word or two."""
    return {
        "preparing": say("pinned"),
        "prepared": say("prepared"),
        "submitted": say("sent"),
        "in_block": say("in a block"),
        "confirmed": say("confirmed"),
        "final": say("final"),
    }


def warning_words(say: Say) -> dict[str, str]:
    """What we warn of, by its code; other warnings keep the words they came with."""
    return {
        "OrderLeftOut": say("One of them cannot be had any more: it is left out and not paid for."),
        "RoyaltyAboveTenPercent": say("The royalty may be more than a tenth of the price."),
        "WorkIsMarked": say(
            "Mind: the work is marked as lost or stolen. Read on its page who says so, and why."
        ),
        "WorkIsClaimed": say(
            "Mind: somebody claims against this work. Read on its page what, and what is answered."
        ),
        "UnboundOrder": say(
            "Mind: the offer stays good when the work leaves you and comes back before its end."
        ),
    }


def step_words(say: Say) -> dict[str, tuple[str, str]]:
    """Title and purpose of the steps that we know; others keep the words they came with."""
    groups = (_works, _signatures, _preparations, _sales, _contracts, _standing)
    return {name: words for group in groups for name, words in group(say).items()}


def _works(say: Say) -> dict[str, tuple[str, str]]:
    """Of what happens to a work itself."""
    return {
        "mint": (
            say("Mint the work"),
            say("Writes the hash of its description and your royalty into the collection."),
        ),
        "splitter": (
            say("Found the splitter of the royalty"),
            say("It divides every royalty by shares that nobody can change afterwards."),
        ),
        "transfer": (
            say("Hand the work over"),
            say("The work goes to the address you named. It cannot be taken back."),
        ),
        "freeze": (
            say("Freeze the description"),
            say("From then on nobody can change it, you included."),
        ),
        "burn": (say("Burn the work"), say("The token is destroyed for good.")),
    }


def _signatures(say: Say) -> dict[str, tuple[str, str]]:
    """Of what is signed."""
    return {
        "sign-statement": (
            say("Sign that the work is yours"),
            say(
                "Your signature under words and files. It stands in the certificate, and anybody "
                "can check it without us. Free."
            ),
        ),
        "sign-listing": (
            say("Sign the offer"),
            say("Says at which price and until when you would sell. Free, and cancellable."),
        ),
        "sign-bulk": (
            say("Sign all the offers at once"),
            say("One signature for all of them; each can be taken or cancelled by itself."),
        ),
        "sign-offer": (
            say("Sign the offer"),
            say("Says what you would pay and until when. Free, and cancellable."),
        ),
        "sign-auction": (
            say("Sign the auction"),
            say("Says from which price and until when. Free, and cancellable until the first bid."),
        ),
        "sign-voucher": (
            say("Sign the voucher"),
            say("Lets a collector mint the work at your price. Free, and cancellable."),
        ),
        "hide": (
            say("Sign that we shall hide the offer"),
            say("Free. We stop handing the offer out; copies elsewhere stay valid."),
        ),
        "permit": (
            say("Permit the payment"),
            say("A signature in place of a transaction: this much, for this purchase."),
        ),
    }


def _preparations(say: Say) -> dict[str, tuple[str, str]]:
    """Of what is needed first, and of what is taken back."""
    return {
        "approve": (
            say("Let the exchange hand over works of yours"),
            say("Needed once. It may move a work only when somebody pays what you signed."),
        ),
        "wrap": (
            say("Wrap coin into a token"),
            say("One for one, because a signature cannot draw coin. It can be undone."),
        ),
        "allow": (
            say("Allow the payment"),
            say("This much and no more, and only for what you signed or buy yourself."),
        ),
        "cancel": (
            say("Cancel the offer on the chain"),
            say("Nobody can use the signature again, wherever a copy of it lies."),
        ),
        "cancel-all": (
            say("Cancel everything you signed"),
            say("Offers, auctions without a bid and vouchers, wherever copies of them lie."),
        ),
        "withdraw": (
            say("Withdraw the credit"),
            say("Money that could not be paid to you when it was due."),
        ),
        "release": (
            say("Draw your part"),
            say("The splitter sends what it holds for you, to the last digit."),
        ),
    }


def _sales(say: Say) -> dict[str, tuple[str, str]]:
    """Of what is paid."""
    return {
        "fill": (
            say("Pay and receive the work"),
            say("One transaction: the work to you, the money to seller, artist and house."),
        ),
        "cart": (
            say("Pay and receive the works"),
            say("One transaction for all of them; what comes back comes back in it."),
        ),
        "accept": (
            say("Hand the work over and be paid"),
            say("One transaction: the work to the buyer, the money to you, artist and house."),
        ),
        "redeem": (
            say("Pay, mint and receive the work"),
            say("One transaction: minted to its artist, on to you, and everybody paid."),
        ),
        "bid": (
            say("Place the bid"),
            say("The money goes into custody; it comes back at once when somebody bids more."),
        ),
        "settle": (
            say("Settle the auction"),
            say("The work goes to the highest bidder, the money to seller, artist and house."),
        ),
        "unwind": (
            say("Unwind the auction"),
            say("It tries to deliver once more; failing that, the bid goes back as a credit."),
        ),
        "reclaim": (say("Reclaim the work"), say("The work goes back to its seller.")),
    }


def _contracts(say: Say) -> dict[str, tuple[str, str]]:
    """Of an artist's collections."""
    return {
        "collection": (
            say("Found the collection"),
            say("A contract of your own, over which nobody else has power, us included."),
        ),
        "minter": (
            say("Change who may mint"),
            say("It takes effect at once, for vouchers that were signed before as well."),
        ),
        "default_royalty": (
            say("Set the royalty of new works"),
            say("Works that are minted already keep theirs."),
        ),
        "freeze_all": (
            say("Freeze all descriptions"),
            say("From then on nobody can change them, you included."),
        ),
    }


def _standing(say: Say) -> dict[str, tuple[str, str]]:
    """Of what is said in public about a work or an account."""
    return {
        "bind": (
            say("Say that the domain is yours"),
            say("It counts once the domain itself lists your account. Nothing is sent or paid."),
        ),
        "mark": (
            say("Mark the work"),
            say("It is shown wherever the work is offered, and stays to be read for ever."),
        ),
        "mark-back": (
            say("Take the mark back"),
            say("It no longer holds from today; that it was set, and why, stays to be read."),
        ),
    }
