// Buttons that do something: `data-action` names what. Each is off until its page's script listens.

import { Problem } from "./http.js";
import { NoWallet, Refused } from "./wallet.js";

// What went wrong, in the server's words: each field's, where it named fields.
export function wordsOf(error) {
  const fields = error instanceof Problem ? (error.body.errors ?? []).map((each) => each.detail) : [];
  return fields.length ? fields.join(" ") : error.message;
}

// Runs the action of a clicked button within a place, and says what became of it beside it.
export function listen(place, actions) {
  const said = place.querySelector("[data-said]");
  const problem = place.querySelector("[data-problem]");
  place.addEventListener("click", async (event) => {
    const clicked = event.target.closest("[data-action]");
    const action = actions[clicked?.dataset.action];
    if (!action) return;
    problem.hidden = true;
    said.textContent = "";
    try {
      await action(clicked.dataset, clicked);
    } catch (error) {
      if (error instanceof Refused) said.textContent = error.message;
      else if (!(error instanceof NoWallet)) {
        problem.hidden = false;
        problem.textContent = wordsOf(error);
      }
    }
  });
  // A click before this line would be lost, so the page comes with these buttons off.
  for (const button of place.querySelectorAll("[data-action]")) button.disabled = false;
}
