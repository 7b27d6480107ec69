// Writes Seaport 1.6 and its conduit controller as the tests place them, from its authors' package:
// `npm install --ignore-scripts solc@0.8.24 seaport-core@1.6.6 seaport-types@1.6.3` in an empty folder, then
// `node --stack-size=20000 seaport.js FOLDER`. Compiler and settings are those of the deployed one.
const { createHash } = require("crypto");
const { readFileSync, writeFileSync } = require("fs");
const { join } = require("path");

const modules = join(process.argv[2], "node_modules");
const solc = require(join(modules, "solc"));
const contracts = {
  Seaport: "seaport-core/src/Seaport.sol",
  ConduitController: "seaport-core/src/conduit/ConduitController.sol",
};
const sources = {};
const read = (path) => (sources[path] ??= readFileSync(join(modules, path), "utf8"));
const input = {
  language: "Solidity",
  sources: Object.fromEntries(
    Object.values(contracts).map((path) => [path, { content: read(path) }]),
  ),
  settings: {
    optimizer: { enabled: true, runs: 4294967295 },
    viaIR: true,
    evmVersion: "cancun",
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
  },
};
const found = JSON.parse(
  solc.compile(JSON.stringify(input), { import: (path) => ({ contents: read(path) }) }),
);
const failed = (found.errors ?? []).filter((one) => one.severity === "error");
if (failed.length) throw new Error(failed[0].formattedMessage);
const hash = createHash("sha256");
for (const path of Object.keys(sources).sort()) hash.update(`${path}\n${sources[path]}\n`);
const sourceHash = `0x${hash.digest("hex")}`;
for (const [name, path] of Object.entries(contracts)) {
  const { abi, evm } = found.contracts[path][name];
  const written = {
    contractName: name,
    license: "MIT, see seaport.LICENSE",
    packages: { solc: "0.8.24", "seaport-core": "1.6.6", "seaport-types": "1.6.3" },
    sourceHash,
    abi,
    bytecode: `0x${evm.bytecode.object}`,
    deployedBytecode: `0x${evm.deployedBytecode.object}`,
  };
  const target = join(__dirname, "../../tests/support/artifacts", `${name}.json`);
  writeFileSync(target, `${JSON.stringify(written, null, 1)}\n`);
}
