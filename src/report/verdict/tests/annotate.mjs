// Annotations of standard input (a JSON list) as GitHub's own toolkit (@actions/core) writes them.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { error, warning, notice } = await import(pathToFileURL(`${process.argv[2]}/lib/core.js`));
const kinds = { error, warning, notice };
for (const { kind, message, properties } of JSON.parse(readFileSync(0, "utf8"))) {
  kinds[kind](message, properties);
}
