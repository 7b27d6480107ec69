// Having somebody else's contract mirrored: an address, a chain, and an account that asks for it.

import { ask } from "./http.js";
import { _ } from "./i18n.js";

const form = document.querySelector("#registering");
const button = form.querySelector("button");
const wrong = form.querySelector("[data-wrong]");
const said = form.querySelector("[data-said]");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { contract, chain } = form.elements;
  const address = contract.value.trim();
  wrong.hidden = true;
  contract.removeAttribute("aria-invalid");
  if (!/^0x[0-9a-fA-F]{40}$/.test(address)) {
    refuse(_("An address is 0x and 40 hexadecimal digits."), contract);
    return;
  }
  button.disabled = true;
  said.textContent = _("Looking at the contract …");
  try {
    const found = await ask("POST", `/api/collections/${chain.value}/${address}`);
    location.assign(`/collections/${found.chain_id}/${found.contract}`);
  } catch (error) {
    said.textContent = "";
    refuse(error.message, contract);
    button.disabled = false;
  }
});

function refuse(words, field) {
  wrong.textContent = words;
  wrong.hidden = false;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

button.disabled = false;
