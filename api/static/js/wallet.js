// Wallets: found by EIP-6963, used by EIP-1193. Every announced wallet is listed by name and
// icon, and none is picked silently.

import { make, openDialog, same, short } from "./dom.js";
import { ask } from "./http.js";
import { _ } from "./i18n.js";

const found = new Map();
const REMEMBERED = "wallet";
const LISTEN_MS = 120;

window.addEventListener("eip6963:announceProvider", (event) => {
  const { info, provider } = event.detail ?? {};
  if (info?.uuid && info?.name && provider?.request) found.set(info.uuid, { info, provider });
});

export class Refused extends Error {}
export class NoWallet extends Error {}
export class WrongChain extends Error {
  constructor(chainId) {
    super(_("The wallet stands on another chain."));
    this.chainId = chainId;
  }
}

// The wallets that announce themselves now.
export async function discover() {
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  await new Promise((resolve) => setTimeout(resolve, LISTEN_MS));
  return [...found.values()];
}

// A request; a refusal in the wallet (EIP-1193 code 4001) is an error of its own.
export async function request(wallet, method, params = []) {
  try {
    return await wallet.provider.request({ method, params });
  } catch (error) {
    if (error?.code === 4001) throw new Refused(_("You refused in the wallet. Nothing was sent."));
    throw new Error(error?.data?.message || error?.message || String(error), { cause: error });
  }
}

function icon(info) {
  const isSafe = typeof info.icon === "string" && /^data:image\/(png|svg\+xml|webp|jpeg|gif)[;,]/.test(info.icon);
  return isSafe ? make("img", { src: info.icon, alt: "", width: 36, height: 36 }) : make("span");
}

async function choose() {
  const wallets = await discover();
  if (!wallets.length) {
    await openDialog(_("No wallet has announced itself"), (close) =>
      make(
        "div",
        { class: "stack" },
        make("p", {}, _("A wallet is a program that keeps a key for you and asks before it signs. Install one that speaks EIP-6963 from its maker’s own site, then reload this page.")),
        make("p", {}, _("On a phone, open this page in the wallet’s own browser.")),
        make("p", { class: "actions" }, make("button", { class: "button", type: "button", onclick: () => close(null) }, _("I see"))),
      ),
    );
    throw new NoWallet(_("No wallet was found."));
  }
  const chosen = await openDialog(_("Which wallet?"), (close) =>
    make(
      "div",
      { class: "stack" },
      make(
        "ul",
        { class: "choices" },
        ...wallets.map((wallet) =>
          make(
            "li",
            {},
            make(
              "button",
              { type: "button", onclick: () => close(wallet) },
              icon(wallet.info),
              make("strong", {}, wallet.info.name),
              make("small", {}, wallet.info.rdns ?? ""),
            ),
          ),
        ),
      ),
      make("p", {}, make("button", { class: "button link", type: "button", onclick: () => close(null) }, _("None of these"))),
    ),
  );
  if (!chosen) throw new Refused(_("No wallet was chosen."));
  return chosen;
}

// A wallet chosen by the reader, with the account it gives us.
export async function connect() {
  const wallet = await choose();
  const [account] = await request(wallet, "eth_requestAccounts");
  if (!account) throw new Refused(_("The wallet gave no account."));
  sessionStorage.setItem(REMEMBERED, wallet.info.rdns ?? "");
  watch(wallet);
  return { wallet, account };
}

// The wallet that the reader chose before in this tab, if it still holds the account.
async function recall(account) {
  const name = sessionStorage.getItem(REMEMBERED);
  if (name === null) return null;
  const wallet = (await discover()).find((each) => (each.info.rdns ?? "") === name);
  if (!wallet) return null;
  const accounts = await request(wallet, "eth_accounts");
  return same(accounts[0], account) ? wallet : null;
}

// A wallet that can act for this very account.
export async function walletFor(account) {
  const before = account ? await recall(account) : null;
  if (before) {
    watch(before);
    return { wallet: before, account };
  }
  const chosen = await connect();
  if (account && !same(chosen.account, account)) {
    throw new Error(
      _("The wallet stands on {theirs}, but this is for {ours}. Choose that account in the wallet and try again.", {
        theirs: short(chosen.account),
        ours: short(account),
      }),
    );
  }
  return chosen;
}

export async function checkChain(wallet, chainId) {
  const present = BigInt(await request(wallet, "eth_chainId"));
  if (present !== BigInt(chainId)) throw new WrongChain(chainId);
}

// Brings the wallet to a chain, adding it first (EIP-3085) where the wallet does not know it.
export async function switchChain(wallet, chainId) {
  const hex = `0x${BigInt(chainId).toString(16)}`;
  try {
    await wallet.provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId: hex }] });
  } catch (error) {
    if (error?.code === 4001) throw new Refused(_("You refused in the wallet. Nothing was sent."));
    const chains = await ask("GET", "/api/chains");
    const chain = chains.items.find((each) => each.chain_id === String(chainId));
    const coin = chain.currencies[0];
    await request(wallet, "wallet_addEthereumChain", [
      {
        chainId: hex,
        chainName: chain.name,
        rpcUrls: chain.rpc_urls,
        nativeCurrency: { name: coin.symbol, symbol: coin.symbol, decimals: coin.decimals },
        ...(chain.explorer ? { blockExplorerUrls: [chain.explorer] } : {}),
      },
    ]);
    await request(wallet, "wallet_switchEthereumChain", [{ chainId: hex }]);
  }
}

const watched = new WeakSet();

// Account and chain changes in the wallet are told to the page at once.
export function watch(wallet) {
  if (watched.has(wallet.provider) || !wallet.provider.on) return;
  watched.add(wallet.provider);
  wallet.provider.on("accountsChanged", (accounts) =>
    document.dispatchEvent(new CustomEvent("wallet:account", { detail: accounts?.[0] ?? null })),
  );
  wallet.provider.on("chainChanged", (chainId) =>
    document.dispatchEvent(new CustomEvent("wallet:chain", { detail: chainId })),
  );
}

// Begins to watch the remembered wallet of a signed-in reader.
export async function resume(account) {
  const wallet = await recall(account).catch(() => null);
  if (wallet) watch(wallet);
}
