// Carrying out an intent: each step in order, sent or signed by the wallet, then told to the server.

import { ask } from "./http.js";
import { _ } from "./i18n.js";
import { checkChain, request } from "./wallet.js";

const PAUSE_MS = 400;
const PATIENCE_MS = 120_000;
const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

export const read = (id) => ask("GET", `/api/intents/${id}`);

// The intent once `is` holds, or its last state when patience ends.
export async function until(id, is) {
  const end = Date.now() + PATIENCE_MS;
  let intent = await read(id);
  while (!is(intent) && Date.now() < end) {
    await pause();
    intent = await read(id);
  }
  return intent;
}

const ENDED = ["failed", "abandoned", "dropped", "replaced"];

export const hasHappened = (intent) => ["in_block", "confirmed", "final"].includes(intent.state);

// Waits until the server has seen a step; what it does not see is not asked for a second time.
async function seen(intent, step) {
  const isSeen = (now) => now.steps.find((each) => each.id === step.id)?.state !== "incomplete";
  const after = await until(intent.id, (now) => ENDED.includes(now.state) || isSeen(now));
  if (ENDED.includes(after.state)) throw new Error(after.problem?.detail || _("The transaction did not go through."));
  if (!isSeen(after)) throw new Error(_("It was sent, but is not to be seen yet. Reload the page in a while."));
  return after;
}

async function send(wallet, intent, step) {
  const hash = await request(wallet, step.request.method, step.request.params);
  await ask("POST", `/api/intents/${intent.id}/transactions`, { step: step.id, hash });
}

async function sign(wallet, intent, step) {
  const typed = JSON.stringify(step.typed_data);
  const signature = await request(wallet, "eth_signTypedData_v4", [intent.account, typed]);
  const { method, href, body } = step.submit;
  await ask(method, href, { ...body, signature });
}

// Does what is left of an intent, one step after the other; one step may bring forth the next (a
// permit its payment). Throws `Refused` when the reader says no, `WrongChain` when the wallet stands
// elsewhere; what was done before that stays done. Steps named in `without` are passed over.
export async function carryOut(intent, wallet, onStep = () => {}, without = []) {
  let now = intent;
  for (;;) {
    const step = now.steps.find((each) => each.state === "incomplete" && !without.includes(each.id));
    if (!step) return now;
    await checkChain(wallet, now.chain_id);
    onStep(step);
    if (step.kind === "transaction") await send(wallet, now, step);
    else await sign(wallet, now, step);
    now = await seen(now, step);
  }
}
