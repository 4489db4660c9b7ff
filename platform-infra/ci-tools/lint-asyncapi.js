// Parses an AsyncAPI document with the specification's own parser; any diagnostic of severity error or warning fails.
import { readFileSync } from "node:fs";
import { Parser, DiagnosticSeverity, fromFile } from "@asyncapi/parser";

// Advice that does not hold here, by rule.
const IGNORED = new Set([
  "asyncapi-latest-version", // the version is a decision of the contracts, not of the newest parser
]);

const path = process.argv[2];
readFileSync(path); // a missing file is an error of its own, not an empty document
const { document, diagnostics } = await fromFile(new Parser(), path).parse();
const findings = diagnostics.filter(({ code, severity }) => severity <= DiagnosticSeverity.Warning && !IGNORED.has(code));
for (const { code, message, path: where, range } of findings) {
  console.error(`${path}:${range.start.line + 1}: ${code}: ${message} (${where.join("/")})`);
}
if (document === undefined || findings.length > 0) {
  console.error(`${path}: ${findings.length} findings`);
  process.exit(1);
}
console.log(`${path}: valid, ${document.channels().length} channels, ${document.messages().length} messages`);
