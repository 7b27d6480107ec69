// What is set aside: bought all or none, or those that can be had.

import { listen } from "./actions.js";
import { aside, cartUrl, keep } from "./aside.js";
import { ask } from "./http.js";
import { _ } from "./i18n.js";
import { prepare } from "./perform.js";

const place = document.querySelector("[data-cart]");
const orders = place?.dataset.orders.split(" ") ?? [];

async function buy(mode) {
  const title = mode === "all" ? _("Buy all of them, or none") : _("Buy what can be had");
  const done = await prepare(title, document.body.dataset.viewer, (taker) => ask("POST", "/api/orders/fill", { taker, orders, mode }));
  if (!done) return;
  keep(aside().filter((each) => !orders.includes(each)));
  location.assign(`/cart?bought=${done.id}`);
}

if (place) {
  listen(place, {
    all: () => buy("all"),
    available: () => buy("available"),
    empty: () => {
      keep([]);
      location.assign("/cart");
    },
  });
  for (const link of place.querySelectorAll("[data-unaside]")) {
    link.addEventListener("click", () => keep(aside().filter((each) => each !== link.dataset.unaside)));
  }
} else if (!location.search && aside().length) location.replace(cartUrl());
