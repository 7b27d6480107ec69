// What a check of a report asks, in the reader's words: api/certificates/wording.py says the same.

export function checkNames(say) {
  const known = {
    document: say("It is a document of ours"),
    "issuer.signature": say("The signature under it holds"),
    "issuer.identity": say("The key that signed is known"),
    creator: say("The token’s number names the address that minted it"),
    description: say("Words and files are those of the work’s own description"),
    "artist.statement": say("The artist signed exactly this"),
    voucher: say("The artist signed the voucher that mints it"),
    "media.other": say("Every file given belongs to it"),
    evidence: say("Every proof in it leads where it should"),
    "chain.id": say("The chain is the one it speaks of"),
    "chain.contract": say("The contract is the one that it should be"),
    "chain.mint": say("The mint is on the chain"),
    "chain.metadata": say("The token carries exactly this description"),
    "chain.royalty": say("The chain says what a sale owes the artist"),
    "chain.owner": say("The chain names an owner"),
    "status.revocation": say("It was not revoked"),
    "status.suspension": say("It is not suspended"),
    anchor: say("It existed by a certain day"),
    "provenance.chain": say("The provenance has no gap"),
  };
  const groups = {
    media: { image: say("The picture equals its stated hash"), animation: say("The moving work equals its stated hash"), document: say("The document file equals its stated hash") },
    block: say("Block {number} is believed"),
    provenance: say("Entry {number} of the provenance"),
    countersignature: say("A gallery signed it, too"),
  };
  return (id) => nameOf(id, known, groups);
}

function nameOf(id, known, groups) {
  if (Object.hasOwn(known, id)) return known[id];
  const [kind, ...rest] = id.split(".");
  const tail = rest.join(".");
  if (kind === "media") return groups.media[tail.replace(/^\d+\./, "")] ?? id;
  if (kind === "block" || kind === "provenance") return groups[kind].replace("{number}", kind === "block" ? tail : String(Number(tail) + 1));
  if (kind === "countersignature") return groups.countersignature;
  if (kind === "extract") return nameOf(tail, known, groups);
  return kind === "bundle" ? tail : id;
}
