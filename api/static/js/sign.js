// The page of an intent: it listens to the server, redraws what changed, and hands the steps to
// the wallet. The words come from the server's own page, so that they are the same everywhere.

import { Problem, ask } from "./http.js";
import { _ } from "./i18n.js";
import { carryOut } from "./steps.js";
import { NoWallet, Refused, WrongChain, switchChain, walletFor } from "./wallet.js";

const root = document.querySelector("#intent");
const { intent: id, account, chainId, draft } = root.dataset;
let busy = false;
let shown = "";
let waiting = null;

const part = (name, where = root) => where.querySelector(`[data-${name}]`);

function say(text) {
  part("said").textContent = text;
}

function complain(text) {
  const place = part("problem");
  place.textContent = text;
  place.hidden = !text;
}

// Takes over what the server's page of now says, region by region.
async function redraw() {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("#intent");
  for (const name of ["review", "steps-region", "costs", "journey"]) {
    const [here, there] = [part(name), part(name, fresh)];
    if (here && there) here.innerHTML = there.innerHTML;
  }
  const words = part("state-words", fresh).textContent;
  if (part("state-words").textContent !== words) part("state-words").textContent = words;
  complain(part("problem", fresh).textContent);
  root.dataset.state = fresh.dataset.state;
  for (const name of ["sign", "without", "abandon", "result", "certificate"]) {
    const [here, there] = [part(name), part(name, fresh)];
    here.hidden = there.hidden || busy; // what is left to sign comes before where to go next
    if (there.href) here.href = there.getAttribute("href");
  }
}

function listen() {
  const source = new EventSource(`/api/intents/${id}/events`);
  source.addEventListener("intent", (event) => {
    const intent = JSON.parse(event.data);
    const now = `${intent.state} ${intent.steps.map((step) => step.state).join()} ${Boolean(intent.result)}`;
    if (now !== shown) redraw();
    shown = now;
    if (["final", "abandoned"].includes(intent.state)) source.close();
  });
}

function offerSwitch(wallet) {
  waiting = wallet;
  part("switch").hidden = false;
  part("switch").focus();
}

function stop(error) {
  if (error instanceof Refused && draft && root.dataset.kind === "mint") {
    location.assign(`/mint/${draft}?refused=1`);
  } else if (error instanceof Refused) {
    say(error.message);
  } else if (!(error instanceof NoWallet)) {
    complain(error.message);
    if (!(error instanceof Problem)) console.warn(error);
  }
}

async function sign(without = []) {
  busy = true;
  complain("");
  part("sign").disabled = true;
  let wallet = null;
  try {
    ({ wallet } = await walletFor(account));
    say(_("Look at your wallet: it asks you now."));
    await carryOut(await ask("GET", `/api/intents/${id}`), wallet, () => redraw(), without);
    say("");
  } catch (error) {
    say("");
    if (error instanceof WrongChain) offerSwitch(wallet);
    else stop(error);
  } finally {
    busy = false;
    part("sign").disabled = false;
  }
  await redraw();
}

part("sign").addEventListener("click", () => sign());
part("without").addEventListener("click", () => sign(["sign-statement"]));
part("switch").addEventListener("click", async () => {
  try {
    await switchChain(waiting, chainId);
    part("switch").hidden = true;
    await sign();
  } catch (error) {
    stop(error);
  }
});
part("abandon").addEventListener("click", async () => {
  try {
    await ask("DELETE", `/api/intents/${id}`);
    if (draft && root.dataset.kind === "mint") location.assign(`/mint/${draft}`);
    else await redraw();
  } catch (error) {
    stop(error);
  }
});
// Nobody presses what does not listen yet.
for (const name of ["sign", "without", "abandon"]) part(name).disabled = false;

listen();
