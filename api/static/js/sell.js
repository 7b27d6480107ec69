// The page where a work is put up for sale: at a price, at one that falls, or by auction.

import { listen } from "./actions.js";
import { make, rows } from "./dom.js";
import { ask } from "./http.js";
import { _ } from "./i18n.js";
import { COIN, currencyOf, parseAmount, showAmount, split } from "./money.js";
import { prepare } from "./perform.js";
import { after, present, rfc } from "./time.js";

const form = document.querySelector("#sale");
const shares = document.querySelector("[data-shares]");
const hint = shares.firstElementChild;
const { chainId, contract, tokenId, owner, royaltyBps, feeBps, work } = form.dataset;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const field = (name) => form.elements[name];
const way = () => field("way").value;
const currency = () => (way() === "auction" ? COIN : currencyOf(field("currency")));
const amountIn = (name) => parseAmount(field(name).value, currency());

class Wrong extends Error {
  constructor(name, words) {
    super(words);
    field(name).setAttribute("aria-invalid", "true");
    field(name).focus();
  }
}

function amount(name) {
  const found = amountIn(name);
  if (!found) throw new Wrong(name, _("Write the price in digits, as 0.5."));
  return found;
}

// A moment that was typed in the reader's own time, in UTC; null where none was.
function moment(name) {
  const typed = field(name).value;
  return typed ? new Date(typed) : null;
}

const later = (start, ms) => (start ? rfc(new Date(start.getTime() + ms)) : after(ms));

function fixed() {
  const taker = field("taker").value.trim();
  if (taker && !/^0x[0-9a-fA-F]{40}$/.test(taker)) throw new Wrong("taker", _("An address is 0x and 40 hexadecimal digits."));
  return {
    kind: "listing",
    price: String(amount("price")),
    currency: currency().address,
    expires_at: after(Number(field("days").value) * DAY_MS),
    ...(taker ? { taker } : {}),
  };
}

function falling() {
  const [first, last] = [amount("price"), amount("last")];
  if (last >= first) throw new Wrong("last", _("The last price is lower than the first."));
  const start = moment("start");
  return {
    kind: "listing",
    price: String(first),
    end_price: String(last),
    currency: currency().address,
    ...(start ? { starts_at: rfc(start) } : {}),
    expires_at: later(start, Number(field("hours").value) * HOUR_MS),
  };
}

function auction() {
  const reserve = amount("price");
  const start = moment("start");
  const common = {
    kind: "auction",
    reserve: String(reserve),
    min_step_bps: Number(field("step").value),
    ...(start ? { start: rfc(start) } : {}),
  };
  if (field("ends").value !== "fixed") {
    return { ...common, duration: Number(field("ends").value) * 3600, open_until: later(start, Number(field("open_days").value) * DAY_MS) };
  }
  const end = moment("end");
  if (!end || end <= (start ?? present())) throw new Wrong("end", _("Name a moment that is still to come."));
  return { ...common, end: rfc(end), open_until: rfc(end) };
}

const WAYS = { fixed, falling, auction };

async function offer() {
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  const agreed = field("accept_royalty");
  if (agreed && !agreed.checked) throw new Wrong("accept_royalty", _("Agree to the royalty, or keep the work."));
  const body = { maker: owner, chain_id: chainId, contract, token_id: tokenId, ...WAYS[way()]() };
  if (agreed) body.accept_royalty = true;
  const done = await prepare(_("Look at it once more"), owner, () => ask("POST", "/api/orders/prepare", body));
  if (done) location.assign(work);
}

// What a price becomes, as it is typed.
function show() {
  const price = amountIn("price");
  if (!price) {
    shares.replaceChildren(hint);
    return;
  }
  const money = currency();
  const said = (sum, words) => {
    const parts = split(sum, Number(royaltyBps), Number(feeBps));
    return [
      make("h2", {}, words, " ", showAmount(sum, money)),
      rows([[_("to you"), showAmount(parts.seller, money)], [_("to the artist, as royalty"), showAmount(parts.royalty, money)], [_("to the house"), showAmount(parts.fee, money)]]),
    ];
  };
  const last = way() === "falling" ? amountIn("last") : null;
  const first = { fixed: _("Of"), falling: _("Of the first price,"), auction: _("Of the reserve,") }[way()];
  shares.replaceChildren(...said(price, first), ...(last ? said(last, _("Of the last price,")) : []));
}

form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
listen(form, { prepare: offer });
show();
