// What can be done with something signed: buy, bid, settle, accept, mint, take back. The same from
// every page that shows it.

import { make, openDialog } from "./dom.js";
import { ask } from "./http.js";
import { _ } from "./i18n.js";
import { parseAmount, showAmount } from "./money.js";
import { button, prepare } from "./perform.js";

const ROUTES = { order: "/api/orders", auction: "/api/auctions", voucher: "/api/vouchers" };

export const buy = (hash, viewer) =>
  prepare(_("Buy this work"), viewer, (taker) => ask("POST", `/api/orders/${hash}/fill`, { taker }));

export const accept = (hash, owner, tokenId) =>
  prepare(_("Accept this offer"), owner, (seller) => ask("POST", `/api/orders/${hash}/accept`, { seller, token_id: tokenId }));

export const redeem = (hash, viewer) =>
  prepare(_("Mint it and buy it"), viewer, (taker) => ask("POST", `/api/vouchers/${hash}/redeem`, { taker }));

export const settle = (hash, viewer) =>
  prepare(_("Settle the auction"), viewer, (account) => ask("POST", `/api/auctions/${hash}/settle`, { account }));

export const unwind = (hash, viewer) =>
  prepare(_("Unwind the auction"), viewer, (account) => ask("POST", `/api/auctions/${hash}/unwind`, { account }));

export const reclaim = (hash, viewer) =>
  prepare(_("Reclaim the work"), viewer, (account) => ask("POST", `/api/auctions/${hash}/reclaim`, { account }));

// Reads the field, holds it to the least next bid, and bids.
export function bid(hash, form, viewer) {
  const field = form.elements.amount;
  const amount = parseAmount(field.value);
  const least = BigInt(field.dataset.least);
  field.setAttribute("aria-invalid", String(!amount || amount < least));
  if (!amount) {
    field.focus();
    throw new Error(_("Write the bid in digits, as 0.5."));
  }
  if (amount < least) {
    field.focus();
    throw new Error(_("The next bid is at least {amount}.", { amount: showAmount(least) }));
  }
  return prepare(_("Bid for this work"), viewer, (bidder) => ask("POST", `/api/auctions/${hash}/bid`, { bidder, amount: String(amount) }));
}

// Hides something signed, or cancels it on the chain, as the reader chooses.
export async function takeBack(hash, kind, viewer) {
  const how = await openDialog(_("Take it back"), (close) =>
    make(
      "div",
      { class: "stack" },
      make("p", {}, _("Hiding is free: we stop handing it out, but a copy of it elsewhere stays valid. Cancelling on the chain costs a fee and binds everybody.")),
      make("p", { class: "actions" }, button(_("Hide it, free"), () => close("hide")), button(_("Cancel on the chain"), () => close("transaction"), "button plain"), button(_("Leave it"), () => close(null), "button link")),
    ),
  );
  if (!how) return null;
  return prepare(_("Take it back"), viewer, (maker) => ask("POST", `${ROUTES[kind]}/${hash}/cancel`, { maker, how }));
}
