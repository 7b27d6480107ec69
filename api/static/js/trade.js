// What an account has signed and what is owed to it: taking back, withdrawing, revoking.

import { listen } from "./actions.js";
import { takeBack } from "./deal.js";
import { ask } from "./http.js";
import { _ } from "./i18n.js";
import { prepare } from "./perform.js";
import { checkChain, request, walletFor } from "./wallet.js";

const place = document.querySelector("[data-dealings]");
const { account } = place.dataset;

const then = (action) => async (...given) => {
  if (await action(...given)) location.reload();
};

const SET_APPROVAL_FOR_ALL = "0xa22cb465";
const PAUSE_MS = 500;
const ROUNDS = 60;

// Sent by the wallet itself: the contract is any collection, and the exchange is none of ours any more.
async function revoke({ chainId, contract, operator }) {
  const { wallet } = await walletFor(account);
  await checkChain(wallet, chainId);
  const data = `${SET_APPROVAL_FOR_ALL}${operator.slice(2).toLowerCase().padStart(64, "0")}${"0".repeat(64)}`;
  const hash = await request(wallet, "eth_sendTransaction", [{ from: account, to: contract, data, value: "0x0" }]);
  for (let round = 0; round < ROUNDS; round += 1) {
    if (await request(wallet, "eth_getTransactionReceipt", [hash])) break;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return hash;
}

listen(place, {
  cancel: then(({ hash, kind }) => takeBack(hash, kind, account)),
  "cancel-all": then(({ chainId }) =>
    prepare(_("Take everything back"), account, (maker) => ask("POST", "/api/orders/cancel-all", { maker, chain_id: chainId })),
  ),
  withdraw: then(({ chainId, contract, currency }) =>
    prepare(_("Withdraw what is owed to you"), account, (mine) =>
      ask("POST", `/api/accounts/${mine}/credits/withdraw`, { chain_id: chainId, contract, currency }),
    ),
  ),
  release: then(({ chainId, contract, currency }) =>
    prepare(_("Withdraw what is owed to you"), account, (mine) =>
      ask("POST", `/api/splitters/${chainId}/${contract}/release`, { account: mine, receiver: mine, currency }),
    ),
  ),
  revoke: then(revoke),
});
