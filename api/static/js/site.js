// On every page: theme by choice, copy buttons, placeholders, signing in, changes in the wallet.

import { listenAside, showLink } from "./aside.js";
import { make, same, short } from "./dom.js";
import { _ } from "./i18n.js";
import { Problem } from "./http.js";
import { signIn } from "./session.js";
import { Refused, NoWallet, resume } from "./wallet.js";

const YEAR = 31_536_000;

for (const link of document.querySelectorAll("[data-theme-choice]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const choice = link.dataset.themeChoice;
    document.cookie = `theme=${choice}; max-age=${YEAR}; path=/; samesite=lax`;
    if (choice === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    for (const other of document.querySelectorAll("[data-theme-choice]")) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const words = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = _("copied");
    setTimeout(() => { button.textContent = words; }, 1500);
  });
}

for (const picture of document.querySelectorAll(".hang img:not(.blur)")) {
  const blur = picture.closest("a").querySelector("img.blur");
  const gone = () => blur?.classList.add("gone");
  if (picture.complete) gone();
  else picture.addEventListener("load", gone, { once: true });
}

showLink();
listenAside();
document.addEventListener("htmx:afterSwap", () => listenAside());

function say(text, ...more) {
  let notice = document.querySelector("#site-notice");
  if (!notice) {
    notice = make("div", { id: "site-notice", class: "test-chain", role: "status" });
    document.querySelector("header.bar").after(notice);
  }
  notice.replaceChildren(text, " ", ...more);
}

let entering = false;

async function enter(next) {
  if (entering) return; // a second Enter while the wallets are still announcing themselves
  entering = true;
  try {
    await signIn();
    location.assign(next);
  } catch (error) {
    if (error instanceof NoWallet) return;
    if (error instanceof Refused || error instanceof Problem) say(error.message);
    else {
      say(error.message);
      throw error;
    }
  } finally {
    entering = false;
  }
}

document.addEventListener("click", (event) => {
  const door = event.target.closest("[data-sign-in]");
  if (!door || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  enter(location.href);
});

const viewer = document.body.dataset.viewer;
if (viewer) resume(viewer);

document.addEventListener("wallet:account", (event) => {
  const account = event.detail;
  if (!viewer || !account || same(account, viewer)) {
    document.querySelector("#site-notice")?.remove();
    return;
  }
  const again = make("button", { class: "button link", type: "button", onclick: () => enter(location.href) }, _("Sign in as that account"));
  say(_("Your wallet now stands on {theirs}; this page is signed in as {ours}.", { theirs: short(account), ours: short(viewer) }), again);
});
