// What a reader brings to a check besides the document; whatever is missing is not checked.

export const inputsOf = (brought = {}) => ({
  chain: null,
  blockHashes: new Map(),
  checkpoints: new Map(),
  nodes: [],
  links: [],
  media: [],
  knownIssuers: new Map(),
  issuerDocument: null,
  statusLists: [],
  anchor: null,
  countersignatures: [],
  certificateSha256: null,
  ...brought,
});
