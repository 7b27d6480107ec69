// A work's page: buying, offering, taking back, giving away. Each is an intent; the dialog shows
// what it costs and what the wallet will ask, before the wallet asks.

import { make, openDialog, rows } from "./dom.js";
import { ask } from "./http.js";
import { _ } from "./i18n.js";
import { parseEther, showEther, split } from "./money.js";
import { carryOut, hasHappened, until } from "./steps.js";
import { NoWallet, Refused, WrongChain, switchChain, walletFor } from "./wallet.js";

const place = document.querySelector("[data-work]");
const { chainId, contract, tokenId, owner, order, price, royaltyBps, feeBps } = place.dataset;
const path = `/api/tokens/${chainId}/${contract}/${tokenId}`;
const DAY_MS = 86_400_000;

const said = place.querySelector("[data-said]");
const problem = place.querySelector("[data-problem]");

function complain(error) {
  said.textContent = "";
  problem.hidden = false;
  problem.textContent = error.message;
}

const button = (words, onclick, kind = "button") => make("button", { class: kind, type: "button", onclick }, words);

// Shows what an intent asks for and carries it out; settles with the intent as it ended.
function perform(title, intent, wallet, facts) {
  const status = make("p", { role: "status", class: "quiet" });
  const wrong = make("p", { role: "alert", class: "wrong", hidden: true });
  return openDialog(title, (close) => {
    const go = button(_("Continue in the wallet"), async () => {
      go.disabled = true;
      wrong.hidden = true;
      status.textContent = _("Look at your wallet: it asks you now.");
      try {
        const after = await carryOut(intent, wallet);
        status.textContent = _("Sent. It waits for a block.");
        close(await until(after.id, (now) => hasHappened(now) || now.state === "failed"));
      } catch (error) {
        status.textContent = "";
        wrong.hidden = false;
        wrong.textContent = error.message;
        go.disabled = false;
        if (error instanceof WrongChain) offer(error.chainId);
      }
    });
    const change = button(_("Switch the wallet to the right chain"), async () => {
      await switchChain(wallet, intent.chain_id);
      change.hidden = true;
      go.click();
    }, "button plain");
    change.hidden = true;
    const offer = () => { change.hidden = false; };
    const steps = intent.steps.filter((step) => step.state !== "complete");
    return make(
      "div",
      { class: "stack" },
      rows([...facts, [_("Network, at most"), showEther(intent.cost.network_max)], [_("Your wallet will ask"), _("{count} times", { count: steps.length })]]),
      wrong,
      make("p", { class: "actions" }, go, change, button(_("Not now"), () => close(null), "button link")),
      status,
      make("p", { class: "small quiet" }, make("a", { href: `/sign/${intent.id}` }, _("Review and sign on another device"))),
    );
  });
}

async function prepare(title, account, method, facts) {
  const { wallet, account: mine } = await walletFor(account);
  const intent = await method(mine);
  const after = await perform(title, intent, wallet, facts);
  if (!after) return;
  if (after.state === "failed") complain(new Error(after.problem?.detail || _("The transaction did not go through.")));
  else location.reload();
}

const buy = () =>
  prepare(_("Buy this work"), document.body.dataset.viewer, (taker) => ask("POST", `/api/orders/${order}/fill`, { taker }), [
    [_("Price"), showEther(price)],
  ]);

async function askPrice() {
  return openDialog(_("Offer it for sale"), (close) => {
    const amount = make("input", { id: "ask-price", inputmode: "decimal", required: true, autocomplete: "off" });
    const days = make("select", { id: "ask-days" }, ...[7, 30, 60].map((each) => make("option", { value: each, selected: each === 30 }, _("{days} days", { days: each }))));
    const parts = make("div", { "aria-live": "polite" });
    const wrong = make("p", { class: "wrong", role: "alert", hidden: true }, _("Write the price in digits, as 0.5."));
    amount.addEventListener("input", () => {
      const wei = parseEther(amount.value);
      parts.replaceChildren();
      if (!wei) return;
      const shares = split(wei, Number(royaltyBps), Number(feeBps));
      parts.append(rows([[_("to you"), showEther(shares.seller)], [_("to the artist, as royalty"), showEther(shares.royalty)], [_("to the house"), showEther(shares.fee)]]));
    });
    const form = make(
      "form",
      { novalidate: true },
      make("div", { class: "field" }, make("label", { for: "ask-price" }, _("Price in ETH")), amount, wrong),
      make("div", { class: "field" }, make("label", { for: "ask-days" }, _("For how long")), days),
      parts,
      make("p", { class: "consequence" }, _("The first time, your wallet also lets the exchange hand over works of this collection. The offer itself is a signature and free.")),
      make("p", { class: "actions" }, make("button", { class: "button" }, _("Prepare the offer")), button(_("Not now"), () => close(null), "button link")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const wei = parseEther(amount.value);
      wrong.hidden = Boolean(wei);
      amount.setAttribute("aria-invalid", String(!wei));
      if (wei) close({ wei, until: new Date(Date.now() + Number(days.value) * DAY_MS) });
      else amount.focus();
    });
    return form;
  });
}

async function list() {
  const asked = await askPrice();
  if (!asked) return;
  const body = { kind: "listing", maker: owner, chain_id: chainId, contract, token_id: tokenId, price: String(asked.wei) };
  body.expires_at = asked.until.toISOString().replace(/\.\d+Z$/, "Z");
  await prepare(_("Offer it for sale"), owner, () => ask("POST", "/api/orders/prepare", body), [[_("Price"), showEther(asked.wei)]]);
}

async function cancel() {
  const how = await openDialog(_("Take it off the market"), (close) =>
    make(
      "div",
      { class: "stack" },
      make("p", {}, _("Hiding is free: we stop handing the offer out, but a copy of it elsewhere stays valid. Cancelling on the chain costs a fee and binds everybody.")),
      make("p", { class: "actions" }, button(_("Hide it, free"), () => close("hide")), button(_("Cancel on the chain"), () => close("transaction"), "button plain"), button(_("Leave it"), () => close(null), "button link")),
    ),
  );
  if (!how) return;
  await prepare(_("Take it off the market"), owner, (maker) => ask("POST", `/api/orders/${order}/cancel`, { maker, how }), []);
}

async function transfer() {
  const to = await openDialog(_("Give it away"), (close) => {
    const address = make("input", { id: "give-to", required: true, autocomplete: "off", spellcheck: "false" });
    const wrong = make("p", { class: "wrong", role: "alert", hidden: true }, _("An address is 0x and 40 hexadecimal digits."));
    const form = make(
      "form",
      { novalidate: true },
      make("div", { class: "field" }, make("label", { for: "give-to" }, _("To which address?")), address, wrong),
      make("p", { class: "consequence" }, _("This cannot be taken back. An offer that you made for the work dies with it.")),
      make("p", { class: "actions" }, make("button", { class: "button" }, _("Prepare the gift")), button(_("Keep it"), () => close(null), "button link")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const isOne = /^0x[0-9a-fA-F]{40}$/.test(address.value.trim());
      wrong.hidden = isOne;
      if (isOne) close(address.value.trim());
      else address.focus();
    });
    return form;
  });
  if (!to) return;
  await prepare(_("Give it away"), owner, (mine) => ask("POST", `${path}/transfer`, { owner: mine, to }), [[_("To"), to]]);
}

const freeze = () =>
  prepare(_("Freeze its description for good"), document.body.dataset.viewer, (creator) => ask("POST", `${path}/freeze`, { creator }), []);

const actions = { buy, list, cancel, transfer, freeze };

place.addEventListener("click", async (event) => {
  const action = actions[event.target.closest("[data-action]")?.dataset.action];
  if (!action) return;
  problem.hidden = true;
  try {
    await action();
  } catch (error) {
    if (error instanceof Refused) said.textContent = error.message;
    else if (!(error instanceof NoWallet)) complain(error);
  }
});

// A click before this line would be lost, so the page comes with these buttons off.
for (const button of place.querySelectorAll("[data-action]")) button.disabled = false;
