// The last part of an import: what it costs, the consent, and one group after the other.

import { make } from "./dom.js";
import { Problem, ask } from "./http.js";
import { _, locale } from "./i18n.js";
import { stateWords } from "./import-table.js";
import { COIN, showAmount } from "./money.js";
import { perform } from "./perform.js";
import { until } from "./steps.js";
import { walletFor } from "./wallet.js";

const QUOTE_MS = 60_000;

export class Minting {
  constructor({ root, account, onChange }) {
    Object.assign(this, { root, account, onChange });
    this.id = null;
    this.quotedAt = 0;
    this.busy = false;
    this.part("mint").addEventListener("click", () => this.next());
    setInterval(() => this.#requote(), QUOTE_MS / 4);
  }

  part(name) {
    return this.root.querySelector(`[data-${name}]`);
  }

  show(detail) {
    const isReady = detail.counts.ready > 0;
    const changed = this.id !== detail.id || this.ready !== detail.counts.ready;
    this.id = detail.id;
    this.ready = detail.counts.ready ?? 0;
    this.part("mint").disabled = this.busy || !isReady;
    this.part("groups").replaceChildren(...detail.groups.map((group) => this.#group(group)));
    if (changed) this.quote();
  }

  #group(group) {
    const isOpen = group.state !== "minted" || group.unlisted;
    const words = group.state === "minted" && group.unlisted ? _("minted; its prices wait for a signature") : stateWords(group.state);
    const what = _("{count} works from row {row} on", { count: group.works, row: group.first_row });
    const sign = isOpen && group.state !== "preparing" ? make("button", { class: "button link", type: "button", onclick: () => this.#resume(group) }, _("Sign it")) : null;
    return make("li", {}, make("a", { href: group.sign_url }, what), " ", make("span", { class: "quiet" }, words), " ", sign);
  }

  // What the node's fee of this moment makes of it.
  async quote() {
    if (!this.ready) {
      this.part("cost").textContent = _("Nothing waits to be minted.");
      this.part("quote").textContent = "";
      return;
    }
    try {
      const cost = await ask("GET", `/api/imports/${this.id}/cost`);
      this.quotedAt = Date.now();
      const values = { works: cost.works, groups: cost.groups, sum: showAmount(cost.network_max, COIN), each: showAmount(round(cost.each), COIN) };
      this.part("cost").textContent = cost.groups === 1 ? _("{works} works in one transaction, at most {sum}: {each} a work.", values) : _("{works} works in {groups} transactions, at most {sum}: {each} a work.", values);
      const at = new Date(cost.quoted_at).toLocaleTimeString(locale);
      this.part("quote").textContent = _("By the network’s fee at {at}. Your wallet asks {count} times in all.", { at, count: cost.prompts });
    } catch (error) {
      this.part("cost").textContent = error.message;
    }
  }

  #requote() {
    if (this.ready && !document.hidden && Date.now() - this.quotedAt > QUOTE_MS) this.quote();
  }

  async next() {
    const consent = this.root.querySelector("#consent");
    if (!consent.checked) {
      this.tell(_("Say that the files may become public."));
      consent.focus();
      return;
    }
    await this.#doing(async () => {
      this.tell(_("The files are being pinned and read back."));
      await this.#sign(await ask("POST", `/api/imports/${this.id}/mints`, {}));
    });
  }

  #resume(group) {
    return this.#doing(async () => this.#sign(await ask("GET", `/api/intents/${group.intent_id}`)));
  }

  async #sign(intent) {
    const prepared = await until(intent.id, (now) => now.state !== "preparing");
    const { wallet } = await walletFor(this.account);
    this.tell("");
    const after = await perform(_("Mint this group"), prepared, wallet);
    this.tell(after === null ? _("Put off. The group waits below.") : "");
  }

  async #doing(work) {
    if (this.busy) return;
    this.busy = true;
    this.part("mint").disabled = true;
    try {
      await work();
    } catch (error) {
      const row = error instanceof Problem && error.body.row ? `${_("Row {row}", { row: error.body.row })}: ` : "";
      this.tell(row + error.message);
    } finally {
      this.busy = false;
      await this.onChange();
    }
  }

  tell(words) {
    this.part("minted").textContent = words;
  }
}

// Six digits say enough of an average.
function round(wei) {
  const digits = String(wei);
  return digits.length > 6 ? digits.slice(0, 6) + "0".repeat(digits.length - 6) : digits;
}
