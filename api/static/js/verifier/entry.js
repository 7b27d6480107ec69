// The one script of the pages that check: it opens the desk that the page has.

import { openDesk } from "./desk.js";

const BLANK = /\{(\w+)\}/g;
const TAGS = { en: "en", zh: "zh-Hans" };

// Words by language, from the page.
const WORDS = { en: {}, ...JSON.parse(document.querySelector("#desk-words")?.textContent ?? "{}") };

const speech = {
  language: document.documentElement.lang.startsWith("zh") ? "zh" : "en",
  issuers: JSON.parse(document.querySelector("#desk-issuers")?.textContent ?? "{}"),
  say: (message, values = {}) => (WORDS[speech.language][message] ?? message).replace(BLANK, (whole, name) => values[name] ?? whole),
};

const root = document.querySelector("[data-desk]");
if (root) {
  const desk = openDesk(root, speech);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      speech.language = button.dataset.language;
      document.documentElement.lang = TAGS[speech.language];
      desk.show();
    });
  }
  const preferred = navigator.languages?.find((tag) => /^(en|zh)/.test(tag)) ?? "en";
  const chooser = document.querySelector(`[data-language="${preferred.slice(0, 2)}"]`);
  if (chooser) chooser.click();
}
