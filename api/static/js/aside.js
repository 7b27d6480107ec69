// Works set aside to be bought together: kept in this browser, by the hash of their order.

import { make } from "./dom.js";
import { _ } from "./i18n.js";

const KEPT = "set-aside";
const MOST = 50;

export function aside() {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(found) ? found.filter((each) => /^0x[0-9a-f]{64}$/.test(each)) : [];
  } catch {
    return [];
  }
}

export const keep = (hashes) => localStorage.setItem(KEPT, JSON.stringify([...new Set(hashes)].slice(-MOST)));

export const cartUrl = (hashes = aside()) => `/cart${hashes.length ? `?orders=${hashes.join(",")}` : ""}`;

// The link in the bar, there while something is set aside.
export function showLink() {
  const count = aside().length;
  let link = document.querySelector("[data-cart-link]");
  if (!link) {
    link = make("a", { "data-cart-link": "", class: "enter" });
    document.querySelector("header.bar .enter").before(link);
  }
  link.hidden = count === 0;
  link.href = cartUrl();
  link.textContent = _("Set aside ({count})", { count });
}

const label = (button) => {
  const isThere = aside().includes(button.dataset.aside);
  button.textContent = isThere ? _("Put back") : _("Set aside");
  button.setAttribute("aria-pressed", String(isThere));
};

export function listenAside(root = document) {
  for (const button of root.querySelectorAll("[data-aside]")) {
    button.disabled = false;
    label(button);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-aside]");
  if (!button) return;
  const { aside: hash } = button.dataset;
  const kept = aside();
  keep(kept.includes(hash) ? kept.filter((each) => each !== hash) : [...kept, hash]);
  label(button);
  showLink();
});
