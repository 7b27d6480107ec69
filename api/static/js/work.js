// A work's page: buying, bidding, offering, accepting, taking back, giving away. Each is an intent,
// read out before the wallet is asked.

import { listen } from "./actions.js";
import "./closely.js";
import { accept, bid, buy, reclaim, settle, takeBack, unwind } from "./deal.js";
import { make, openDialog } from "./dom.js";
import { ask } from "./http.js";
import { _ } from "./i18n.js";
import { askOffer } from "./offer.js";
import { button, prepare } from "./perform.js";
import "./viewer.js";

const place = document.querySelector("[data-work]");
const { chainId, contract, tokenId, owner } = place.dataset;
const path = `/api/tokens/${chainId}/${contract}/${tokenId}`;
const viewer = document.body.dataset.viewer;

// The page says what is so now: read it anew when something has happened.
const then = (action) => async (...given) => {
  if (await action(...given)) location.reload();
};

async function transfer() {
  const to = await openDialog(_("Give it away"), (close) => {
    const address = make("input", { id: "give-to", required: true, autocomplete: "off", spellcheck: "false" });
    const wrong = make("p", { class: "wrong", role: "alert", hidden: true }, _("An address is 0x and 40 hexadecimal digits."));
    const form = make(
      "form",
      { novalidate: true },
      make("div", { class: "field" }, make("label", { for: "give-to" }, _("To which address?")), address, wrong),
      make("p", { class: "consequence" }, _("This cannot be taken back. An offer that you made for the work dies with it.")),
      make("p", { class: "actions" }, make("button", { class: "button" }, _("Prepare the gift")), button(_("Keep it"), () => close(null), "button link")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const isOne = /^0x[0-9a-fA-F]{40}$/.test(address.value.trim());
      wrong.hidden = isOne;
      if (isOne) close(address.value.trim());
      else address.focus();
    });
    return form;
  });
  return to && prepare(_("Give it away"), owner, (mine) => ask("POST", `${path}/transfer`, { owner: mine, to }));
}

async function offer() {
  const wish = await askOffer(document.querySelector("[data-offer-form]"), place.dataset);
  if (!wish) return null;
  return prepare(_("Make an offer"), viewer, (maker) => ask("POST", "/api/orders/prepare", { ...wish, maker }));
}

const freeze = () =>
  prepare(_("Freeze its description for good"), viewer, (creator) => ask("POST", `${path}/freeze`, { creator }));

const state = () =>
  prepare(_("Sign that the work is yours"), viewer, (creator) => ask("POST", `${path}/statement`, { creator }));

const actions = {
  buy: then(({ hash }) => buy(hash, viewer)),
  bid: then(({ hash }) => bid(hash, place.querySelector("[data-bid-form]"), viewer)),
  settle: then(({ hash }) => settle(hash, viewer)),
  unwind: then(({ hash }) => unwind(hash, viewer)),
  reclaim: then(({ hash }) => reclaim(hash, viewer)),
  accept: then(({ hash }) => accept(hash, owner, tokenId)),
  cancel: then(({ hash, kind }) => takeBack(hash, kind, viewer)),
  offer: then(offer),
  transfer: then(transfer),
  freeze: then(freeze),
  state: then(state),
};

listen(document.querySelector("main"), actions);

// Enter in the field bids, as the button beside it does.
place.querySelector("[data-bid-form]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  event.target.querySelector("[data-action]").click();
});
