// The account page: ending sessions.

import { signOut } from "./session.js";

for (const button of document.querySelectorAll("[data-sign-out]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    await signOut(button.dataset.signOut === "all");
    location.assign("/");
  });
}
