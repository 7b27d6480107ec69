// The certificate: a file is hashed here and compared; it is never sent.

import { _ } from "./i18n.js";

const place = document.querySelector("[data-compare]");
const input = place.querySelector("input");
const output = place.querySelector("output");
const known = place.dataset.compare.trim().split(/\s+/);
input.disabled = false;

async function compare(file) {
  output.className = "";
  output.textContent = _("Reading the file…");
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  const hash = `0x${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  const isIt = known.includes(hash);
  output.className = isIt ? "pass" : "fail";
  output.textContent = isIt
    ? _("Yes. This file is the one that the certificate names, bit for bit.")
    : _("No. This file has another hash ({hash}); it may look alike, but it is not the file that the certificate names.", { hash });
}

input.addEventListener("change", () => input.files[0] && compare(input.files[0]));
for (const name of ["dragenter", "dragover"]) {
  place.addEventListener(name, (event) => {
    event.preventDefault();
    place.classList.add("over");
  });
}
for (const name of ["dragleave", "drop"]) place.addEventListener(name, () => place.classList.remove("over"));
place.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files[0]) compare(event.dataTransfer.files[0]);
});

document.querySelector("[data-print]").addEventListener("click", () => window.print());
