// The desk: a certificate given as a file becomes the text of the form.

const input = document.querySelector("#document-file");
const place = document.querySelector("[data-document]");
const form = document.querySelector("#check");
input.disabled = false;

async function take(file) {
  form.elements.document.value = await file.text();
  form.requestSubmit();
}

input.addEventListener("change", () => input.files[0] && take(input.files[0]));
place.addEventListener("dragover", (event) => {
  event.preventDefault();
  place.classList.add("over");
});
place.addEventListener("dragleave", () => place.classList.remove("over"));
place.addEventListener("drop", (event) => {
  event.preventDefault();
  place.classList.remove("over");
  if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
});
document.querySelector("#report")?.focus();
