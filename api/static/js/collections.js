// An artist's collections: founding one, who may mint, the default royalty, freezing.

import { listen } from "./actions.js";
import { ask } from "./http.js";
import { _ } from "./i18n.js";
import { parsePercent } from "./money.js";
import { prepare } from "./perform.js";

const place = document.querySelector("[data-collections]");
const { account, chainId } = place.dataset;
const MAX_ROYALTY_BPS = 2500;

const of = (contract) => place.querySelector(`[data-collection="${contract}"]`);
const path = (contract) => `/api/collections/${chainId}/${contract}`;

function refuse(field, words) {
  field.setAttribute("aria-invalid", "true");
  field.focus();
  throw new Error(words);
}

const then = (action) => async (...given) => {
  if (await action(...given)) location.reload();
};

async function found() {
  const { name, symbol } = document.querySelector("#founding").elements;
  if (!name.value.trim()) refuse(name, _("A collection needs a name."));
  if (!symbol.value.trim()) refuse(symbol, _("A collection needs a short mark."));
  return prepare(_("Found a collection"), account, (artist) =>
    ask("POST", "/api/collections", {
      artist,
      chain_id: chainId,
      name: name.value.trim(),
      symbol: symbol.value.trim(),
    }),
  );
}

async function royalty({ contract }) {
  const field = of(contract).querySelector("[data-percent]");
  const bps = parsePercent(field.value);
  if (bps === null || bps > MAX_ROYALTY_BPS) refuse(field, _("The royalty is a number from 0 to 25."));
  return prepare(_("Set the default royalty"), account, (mine) => ask("POST", `${path(contract)}/default-royalty`, { account: mine, bps, receiver: mine }));
}

function setMinter(contract, minter, allowed) {
  const title = allowed ? _("Let an address mint for you") : _("Revoke who may mint for you");
  return prepare(title, account, (mine) => ask("POST", `${path(contract)}/minters`, { account: mine, minter, allowed }));
}

async function minter({ contract }) {
  const field = of(contract).querySelector("input[data-minter]");
  const address = field.value.trim();
  if (!/^0x[0-9a-fA-F]{40}$/.test(address)) refuse(field, _("An address is 0x and 40 hexadecimal digits."));
  return setMinter(contract, address, true);
}

listen(place, {
  found: then(found),
  royalty: then(royalty),
  minter: then(minter),
  unminter: then(({ contract, minter: address }) => setMinter(contract, address, false)),
  freeze: then(({ contract }) =>
    prepare(_("Freeze all descriptions for good"), account, (mine) => ask("POST", `${path(contract)}/freeze`, { account: mine })),
  ),
});
