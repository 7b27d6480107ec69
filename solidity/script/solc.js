// Speaks the two commands of the native compiler that forge uses, with the JavaScript build of it.
const solc = require("solc");

if (process.argv.includes("--version")) {
  process.stdout.write(
    `solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`,
  );
} else if (process.argv.includes("--standard-json")) {
  const input = require("fs").readFileSync(0, "utf8");
  process.stdout.write(solc.compile(input));
} else {
  process.stderr.write("only --version and --standard-json are spoken here\n");
  process.exitCode = 1;
}
