// Carrying out an intent from any page: a dialog reads out what is signed and who is paid what, in
// the words of the intent's own page, before the wallet is asked.

import { make, openDialog } from "./dom.js";
import { _ } from "./i18n.js";
import { carryOut, hasHappened, until } from "./steps.js";
import { WrongChain, switchChain, walletFor } from "./wallet.js";

const READ_OUT = ["problem", "warnings", "sentences", "costs", "steps-region"];

export const button = (words, onclick, kind = "button") => make("button", { class: kind, type: "button", onclick }, words);

// What the page of the intent says of it: sentences, money, steps.
async function readOut(id) {
  const answer = await fetch(`/sign/${id}`, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(_("The server did not answer. Try again."));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const parts = READ_OUT.map((name) => page.querySelector(`#intent [data-${name}]`));
  return parts.filter((part) => part && !part.hidden).map((part) => document.adoptNode(part));
}

// Everything is signed and nothing waits for a block: an order on the book, say.
const isDone = (intent) => hasHappened(intent) || intent.state === "failed";

// Shows an intent and carries it out; settles with the intent as it ended, null when dismissed.
export async function perform(title, intent, wallet) {
  const said = await readOut(intent.id);
  const status = make("p", { role: "status", class: "quiet" });
  const wrong = make("p", { role: "alert", class: "wrong", hidden: true });
  return openDialog(title, (close) => {
    const change = button(_("Switch the wallet to the right chain"), async () => {
      await switchChain(wallet, intent.chain_id);
      change.hidden = true;
      go.click();
    }, "button plain");
    change.hidden = true;
    const go = button(_("Continue in the wallet"), async () => {
      go.disabled = true;
      wrong.hidden = true;
      status.textContent = _("Look at your wallet: it asks you now.");
      try {
        const after = await carryOut(intent, wallet);
        status.textContent = _("Sent. It waits for a block.");
        close(await until(after.id, isDone));
      } catch (error) {
        status.textContent = "";
        wrong.hidden = false;
        wrong.textContent = error.message;
        go.disabled = false;
        change.hidden = !(error instanceof WrongChain);
      }
    });
    const elsewhere = make("a", { href: `/sign/${intent.id}` }, _("Review and sign on another device"));
    return make(
      "div",
      { class: "stack review" },
      ...said,
      wrong,
      make("p", { class: "actions" }, go, change, button(_("Not now"), () => close(null), "button link")),
      status,
      make("p", { class: "small quiet" }, elsewhere),
    );
  });
}

// Asks the server for an intent in the reader's name and carries it out. Settles with the intent
// when it has happened, null when it was put off; throws when it failed.
export async function prepare(title, account, method) {
  const { wallet, account: mine } = await walletFor(account);
  const after = await perform(title, await method(mine), wallet);
  if (after?.state === "failed") throw new Error(after.problem?.detail || _("The transaction did not go through."));
  return after;
}
