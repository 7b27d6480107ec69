// A second wallet that announces itself and notes whatever it is asked.
window.asked = [];
const provider = {
  request: async ({ method }) => {
    window.asked.push(method);
    throw Object.assign(new Error("no"), { code: 4001 });
  },
  on: () => provider,
};
const info = { uuid: "350670db-19fa-4704-a166-e52e178b59d2", name: "Other Wallet", icon: "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==", rdns: "org.example.other" };
const announce = () => window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: { info, provider } }));
window.addEventListener("eip6963:requestProvider", announce);
