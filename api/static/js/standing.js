// Saying something of a work in public, or binding a domain: forms that end in a signature at
// /sign/{id}, or in a word that the signed-in account answers for.

import { ask } from "./http.js";
import { _ } from "./i18n.js";

const work = document.querySelector("[data-standing]");
const wrong = document.querySelector("[data-wrong]");
const said = document.querySelector("[data-said]");
const path = work && `${work.dataset.chainId}/${work.dataset.contract}/${work.dataset.tokenId}`;

// The CAIP-19 name of the work whose page this is, or the text itself.
function assetOf(text) {
  const found = /\/(?:works|c)\/(\d+)\/(0x[0-9a-fA-F]{40})\/(\d+)/.exec(text);
  return found ? `eip155:${found[1]}/erc721:${found[2]}/${found[3]}` : text;
}

const toSign = (intent) => location.assign(`/sign/${intent.id}`);

const ACTS = {
  async mark(form) {
    const { kind, reason } = form.elements;
    const body = { owner: work.dataset.holder, kind: kind.value, reason: reason.value };
    toSign(await ask("POST", `/api/certificates/${path}/marks/prepare`, body));
  },
  async "take-back"(form) {
    const at = `/api/certificates/${path}/marks/${form.dataset.id}/take-back/prepare`;
    toSign(await ask("POST", at, { reason: form.elements.reason.value }));
  },
  async claim(form) {
    const { earlier, binding, reason } = form.elements;
    const evidence = binding?.value ? { binding: binding.value } : { asset: assetOf(earlier.value.trim()) };
    const { chainId, contract, tokenId } = work.dataset;
    const body = { chain_id: chainId, contract, token_id: tokenId, evidence, reason: reason.value };
    await ask("POST", "/api/claims", body);
    location.reload();
  },
  async answer(form, act) {
    const words = form.elements.words.value;
    const at = `/api/claims/${form.dataset.id}`;
    if (act === "withdraw") await ask("POST", `${at}/withdraw`, { reason: words });
    else await ask("POST", `${at}/answers`, { words });
    location.reload();
  },
  async bind(form) {
    const { domain, chain } = form.elements;
    const name = domain.value.trim();
    const asked = name.startsWith("did:") ? { did: name } : { domain: name };
    const found = await ask("POST", "/api/bindings/prepare", { chain_id: chain.value, ...asked });
    const shown = document.querySelector("[data-publish]");
    shown.querySelector("[data-url]").textContent = found.publish.url;
    shown.querySelector("[data-document]").textContent = JSON.stringify(found.publish.document, null, 2);
    shown.querySelector("[data-sign]").href = `/sign/${found.intent.id}`;
    shown.hidden = false;
    said.textContent = "";
    shown.scrollIntoView({ block: "nearest" });
  },
  async unbind(form) {
    await ask("POST", `/api/bindings/${form.dataset.id}/withdraw`);
    location.reload();
  },
};

for (const form of document.querySelectorAll("[data-form]")) {
  const buttons = form.querySelectorAll("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    wrong.hidden = true;
    said.textContent = _("One moment …");
    for (const each of buttons) each.disabled = true;
    try {
      await ACTS[form.dataset.form](form, event.submitter?.value);
    } catch (error) {
      said.textContent = "";
      wrong.textContent = error.message;
      wrong.hidden = false;
    } finally {
      for (const each of buttons) each.disabled = false;
    }
  });
  for (const each of buttons) each.disabled = false;
}
