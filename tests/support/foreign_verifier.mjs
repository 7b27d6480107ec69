// Checks credentials with an implementation that nobody here wrote (Digital Bazaar's), offline.
//
// Arguments: files. Prints one JSON line for each: {"verified": …, "errors": […]}.

import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';
import {isDeepStrictEqual} from 'node:util';

const require = createRequire(process.env.MODULES + '/');
const load = async name => import(pathToFileURL(require.resolve(name)));

const {DataIntegrityProof} = await load('@digitalbazaar/data-integrity');
const {createVerifyCryptosuite} = await load('@digitalbazaar/eddsa-jcs-2022-cryptosuite');
const {default: jsigs} = await load('jsonld-signatures');

for(const file of process.argv.slice(2)) {
  const credential = JSON.parse(readFileSync(file, 'utf8'));
  const result = await verify(credential);
  const errors = result.error ? (result.error.errors ?? [result.error]) : [];
  console.log(JSON.stringify({verified: result.verified, errors: errors.map(String)}));
}

async function verify(credential) {
  const {proof} = credential;
  // Version 1.0.0 compares the two contexts by `===`, member by member. Ours has an object in it,
  // and two objects that were parsed apart are never the same, however equal they are.
  if(isDeepStrictEqual(proof['@context'], credential['@context'])) {
    proof['@context'] = credential['@context'];
  }
  const id = proof.verificationMethod;
  const [controller, publicKeyMultibase] = id.split('#');
  const method = {
    '@context': 'https://w3id.org/security/multikey/v1',
    id, type: 'Multikey', controller, publicKeyMultibase
  };
  const documents = {
    [id]: method,
    [controller]: {
      '@context': ['https://www.w3.org/ns/did/v1'], id: controller, assertionMethod: [method]
    }
  };
  // The one source of documents: what is not here is not fetched.
  const documentLoader = async url => {
    if(!(url in documents)) {
      throw new Error(`nothing is fetched: ${url}`);
    }
    return {documentUrl: url, document: documents[url]};
  };
  const suite = new DataIntegrityProof({cryptosuite: createVerifyCryptosuite()});
  const purpose = new jsigs.purposes.AssertionProofPurpose();
  return jsigs.verify(credential, {suite, purpose, documentLoader});
}
