// How far the history of a contract is read: the page asks every few seconds until it is complete.

import { ask } from "./http.js";
import { _, locale } from "./i18n.js";

const place = document.querySelector("[data-reading]");
const bar = place.querySelector("progress");
const words = place.querySelector("[data-words]");
const PAUSE = 3000;

const number = (text) => Number(text).toLocaleString(locale);

async function look() {
  if (!document.hidden) {
    const { mirror } = await ask("GET", place.dataset.reading);
    if (["complete", "refused", "left"].includes(mirror.state)) {
      location.reload();
      return;
    }
    if (mirror.state === "backfilling") {
      bar.value = mirror.progress;
      words.textContent = _("Reading its history: block {block} of {last}.", {
        block: number(mirror.read_to ?? mirror.first_block),
        last: number(mirror.target_block),
      });
    }
  }
  setTimeout(again, PAUSE);
}

// An answer that does not come is no reason to stop: the next one may.
const again = () => look().catch(() => setTimeout(again, PAUSE));

setTimeout(again, PAUSE);
