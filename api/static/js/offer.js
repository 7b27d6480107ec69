// Making an offer: for this work, for any by its artist, or for any of its collection.

import { openDialog } from "./dom.js";
import { _ } from "./i18n.js";
import { currencyOf, parseAmount } from "./money.js";
import { after } from "./time.js";

const DAY_MS = 86_400_000;


// What the form says as the body of a request, or null where there is no amount in it.
function read(form, { chainId, contract, tokenId, creator }) {
  const { scope, amount, currency, days, as_described: described } = form.elements;
  const price = parseAmount(amount.value, currencyOf(currency));
  if (!price) return null;
  return {
    kind: "offer",
    chain_id: chainId,
    contract,
    price: String(price),
    currency: currency.value,
    expires_at: after(Number(days.value) * DAY_MS),
    ...(scope.value === "token" ? { token_id: tokenId, as_described: described.checked } : {}),
    ...(scope.value === "creator" ? { creator } : {}),
  };
}

// Settles with the body of the offer, null when it was put off.
export function askOffer(template, work) {
  return openDialog(_("Make an offer"), (close) => {
    const form = template.content.firstElementChild.cloneNode(true);
    const wrong = form.querySelector("[data-wrong]");
    form.querySelector("[data-close]").addEventListener("click", () => close(null));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const wish = read(form, work);
      wrong.hidden = Boolean(wish);
      form.elements.amount.setAttribute("aria-invalid", String(!wish));
      if (wish) close(wish);
      else {
        wrong.textContent = _("Write the amount in digits, as 0.5.");
        form.elements.amount.focus();
      }
    });
    return form;
  });
}
