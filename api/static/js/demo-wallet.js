// The demo wallet of a local chain: a few invented people, whose keys the local node holds. It
// announces itself as any wallet does (EIP-6963) and asks before it signs; it cannot exist on
// another chain, because the server offers its door only when the node itself answers 31337.

import { make, openDialog } from "./dom.js";
import { _ } from "./i18n.js";
import { seal } from "./seal.js";

const CHAIN = "0x7a69";
const KEPT = "demo-person";
const listeners = { accountsChanged: new Set(), chainChanged: new Set() };
let present = localStorage.getItem(KEPT);

class RpcError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

async function node(method, params = []) {
  const answer = await fetch("/demo/rpc", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const found = await answer.json();
  if (found.error) throw new RpcError(found.error.code ?? -32603, found.error.message);
  if (!answer.ok) throw new RpcError(-32603, found.detail ?? _("The local node did not answer."));
  return found.result;
}

async function choosePerson() {
  const answer = await fetch("/demo/people");
  if (!answer.ok) throw new RpcError(-32603, _("The local node did not answer."));
  const people = await answer.json();
  const roles = { artist: _("artist"), collector: _("collector"), gallery: _("gallery") };
  return openDialog(_("Demo wallet: who are you today?"), (close) =>
    make(
      "div",
      { class: "stack" },
      make("p", { class: "quiet" }, _("These people are invented and their money is worth nothing. Their keys are held by the local node.")),
      make(
        "ul",
        { class: "choices" },
        ...people.map(({ name, role, address }) => {
          const face = seal(address, { relief: role === "artist" });
          return make("li", {}, make("button", { type: "button", onclick: () => close(address) }, face, make("strong", {}, name), make("small", {}, roles[role] ?? role)));
        }),
      ),
    ),
  );
}

async function requestAccounts() {
  const address = await choosePerson();
  if (!address) throw new RpcError(4001, "User rejected the request.");
  const before = present;
  present = address;
  localStorage.setItem(KEPT, address);
  if (before && before !== address) for (const tell of listeners.accountsChanged) tell([address]);
  return [address];
}

function readable(method, params) {
  if (method === "personal_sign") {
    const bytes = params[0].slice(2).match(/../g).map((pair) => parseInt(pair, 16));
    return new TextDecoder().decode(new Uint8Array(bytes));
  }
  if (method === "eth_signTypedData_v4") {
    const typed = JSON.parse(params[1]);
    return `${typed.primaryType}\n${JSON.stringify(typed.message, null, 2)}`;
  }
  const { to, value, gas, data } = params[0];
  return `${_("to")} ${to}\n${_("amount")} ${BigInt(value ?? 0)} wei\n${_("gas, at most")} ${BigInt(gas ?? 0)}\n${_("call")} ${(data ?? "0x").slice(0, 10)}`;
}

async function confirm(method, params) {
  const title = method === "eth_sendTransaction" ? _("Demo wallet: send this?") : _("Demo wallet: sign this?");
  const yes = await openDialog(title, (close) =>
    make(
      "div",
      { class: "stack" },
      make("pre", { class: "hash typed", tabindex: "0" }, readable(method, params)),
      make(
        "p",
        { class: "actions" },
        make("button", { class: "button", type: "button", "data-demo": "confirm", onclick: () => close(true) }, _("Confirm")),
        make("button", { class: "button plain", type: "button", "data-demo": "refuse", onclick: () => close(false) }, _("Refuse")),
      ),
    ),
  );
  if (!yes) throw new RpcError(4001, "User rejected the request.");
  return node(method, params);
}

const provider = {
  async request({ method, params = [] }) {
    if (method === "eth_requestAccounts") return requestAccounts();
    if (method === "eth_accounts") return present ? [present] : [];
    if (method === "eth_chainId") return CHAIN;
    if (method === "wallet_switchEthereumChain" || method === "wallet_addEthereumChain") {
      if (params[0]?.chainId === CHAIN) return null;
      throw new RpcError(4902, "The demo wallet knows the local chain alone.");
    }
    if (["personal_sign", "eth_signTypedData_v4", "eth_sendTransaction"].includes(method)) return confirm(method, params);
    return node(method, params);
  },
  on(name, tell) {
    listeners[name]?.add(tell);
    return provider;
  },
  removeListener(name, tell) {
    listeners[name]?.delete(tell);
    return provider;
  },
};

const ICON = "data:image/svg+xml," + encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" fill="#5f5b52"/><path d="M7 11h18v12H7zM7 15h18" fill="none" stroke="#fffdf8" stroke-width="2"/></svg>');
const info = Object.freeze({
  uuid: crypto.randomUUID(),
  name: _("Demo wallet (local chain only)"),
  icon: ICON,
  rdns: "local.vernissage.demo",
});
const announce = () => window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));

window.addEventListener("eip6963:requestProvider", announce);
announce();
