// An artist's collection: making an offer on any one of its works.

import { listen } from "./actions.js";
import { ask } from "./http.js";
import { _ } from "./i18n.js";
import { askOffer } from "./offer.js";
import { prepare } from "./perform.js";

const place = document.querySelector("[data-collection]");

async function offer() {
  const wish = await askOffer(document.querySelector("[data-offer-form]"), place.dataset);
  if (!wish) return;
  const viewer = document.body.dataset.viewer;
  const done = await prepare(_("Make an offer"), viewer, (maker) => ask("POST", "/api/orders/prepare", { ...wish, maker }));
  if (done) location.assign("/account/trade");
}

if (place) listen(place, { offer });
