// Signing in with a wallet (ERC-4361): the server writes the sentence, the wallet signs it.

import { ask } from "./http.js";
import { connect, request } from "./wallet.js";

const hexOf = (text) =>
  `0x${[...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;

export async function signIn() {
  const { wallet, account } = await connect();
  const chains = await ask("GET", "/api/chains");
  const { message } = await ask("POST", "/api/session/nonce", {
    address: account,
    chain_id: chains.items[0].chain_id,
  });
  const signature = await request(wallet, "personal_sign", [hexOf(message), account]);
  return ask("POST", "/api/session", { message, signature });
}

export const signOut = (everywhere) => ask("DELETE", everywhere ? "/api/sessions" : "/api/session");
