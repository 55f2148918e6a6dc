// Judges recorded traffic by OpenAPI files, with the validator that Microsoft runs on its own live
// traffic. Started by `cargo xtask judge`: judge.mjs SPECS TRAFFIC...
//
// Exit code 0 if everything judged is as described or a known difference, 1 if not.

import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { LiveValidator } from "oav/dist/lib/liveValidation/liveValidator.js";

const here = import.meta.dirname;
const { differences: known } = JSON.parse(readFileSync(join(here, "known-differences.json")));
const [specs, ...files] = process.argv.slice(2);

const traffic = files.flatMap((file) =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ file: basename(file), ...JSON.parse(line) }))
    .filter((exchange) => exchange.door === "arm"),
);
const validator = await validatorOf(traffic.map((exchange) => exchange.request.target));
const operations = new Map();
const unexplained = new Map();
const counts = { exchanges: 0, unanswered: 0, found: 0 };
for (const exchange of traffic) {
  const { operation, issues } = await judge(exchange);
  counts.exchanges += 1;
  counts.unanswered += exchange.response === null ? 1 : 0;
  const tally = operations.get(operation) ?? { exchanges: 0, differences: 0 };
  operations.set(operation, tally);
  tally.exchanges += 1;
  for (const issue of issues) {
    counts.found += 1;
    tally.differences += 1;
    const entry = known.find((it) => explains(it, issue));
    if (entry) {
      entry.seen = (entry.seen ?? 0) + 1;
      continue;
    }
    const text = JSON.stringify({ ...issue, message: undefined });
    const first = unexplained.get(text) ?? { times: 0, ...issue, exchange };
    first.times += 1;
    unexplained.set(text, first);
  }
}
report();
process.exitCode = unexplained.size > 0 || traffic.length === 0 ? 1 : 0;

/** Loads the descriptions of the providers and versions that are asked for, and no others. */
async function validatorOf(targets) {
  const wanted = new Set();
  for (const target of targets) {
    const { pathname, searchParams } = new URL(target, "https://management.azure.com");
    const provider = [...pathname.matchAll(/\/providers\/([^/]+)/gi)].at(-1)?.[1];
    if (provider) {
      wanted.add(`/${provider}/|/${searchParams.get("api-version")}/`.toLowerCase());
    }
  }
  const swaggerPaths = readdirSync(specs, { recursive: true })
    .filter((path) => path.endsWith(".json") && !path.includes("/examples/"))
    .filter((path) => [...wanted].some((it) => it.split("|").every((part) => path.toLowerCase().includes(part))))
    .map((path) => join(specs, path));
  const options = { swaggerPaths, directory: specs, loadValidatorInBackground: false };
  let loading = true;
  const validator = new LiveValidator(options, (message, level) => {
    // A description that cannot be loaded would turn all its traffic into unknown operations. What
    // is logged later is in the results.
    if (loading && level === "error") console.error(`oav: ${message}`);
  });
  await validator.initialize();
  loading = false;
  return validator;
}

async function judge({ request, response }) {
  const { pathname, searchParams } = new URL(request.target, "https://management.azure.com");
  const liveRequest = {
    method: request.method,
    url: request.target,
    headers: request.headers,
    query: Object.fromEntries(searchParams),
    body: withoutNulls(request.body ?? undefined),
  };
  const asked = await validator.validateLiveRequest(liveRequest);
  if (asked.runtimeException) {
    const { code, message } = asked.runtimeException;
    const at = `${request.method} ${shape(pathname)}`;
    return { operation: "(not described)", issues: [{ operation: at, side: "request", code, message }] };
  }
  const operation = asked.operationInfo.operationId;
  const issues = asked.errors.map((error) => issue(operation, "request", error));
  if (response !== null) {
    const liveResponse = {
      statusCode: String(response.status),
      headers: response.headers,
      body: withoutNulls(response.body ?? undefined),
    };
    const spec = { url: request.target, method: request.method };
    const answered = await validator.validateLiveResponse(liveResponse, spec);
    issues.push(...answered.errors.map((error) => issue(operation, "response", error)));
    if (answered.runtimeException) {
      const { code, message } = answered.runtimeException;
      issues.push({ operation, side: "response", code, message });
    }
    for (const it of issues) it.status = response.status;
  }
  return { operation, issues };
}

function issue(operation, side, { code, message, pathsInPayload }) {
  // Where in a list something is wrong says nothing about what is wrong.
  const at = (pathsInPayload?.[0] ?? "").replace(/\[\d+\]|\/\d+(?=\/|$)|\.\d+(?=\.|$)/g, "[]");
  return { operation, side, code, at, message };
}

function explains(entry, issue) {
  return ["operation", "side", "code", "at", "status", "message"].every(
    (field) => entry[field] === undefined || new RegExp(`^(?:${entry[field]})$`, "s").test(String(issue[field])),
  );
}

/** The validator takes an explicit null for a wrong type; Azure writes them everywhere. */
function withoutNulls(value) {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutNulls(inner)]));
}

/** A path with its GUIDs as dots, so that the same thing is listed once. */
function shape(path) {
  return path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, "…");
}

function report() {
  console.log("exchanges  differences  operation");
  for (const [name, it] of [...operations].sort()) {
    console.log(`${String(it.exchanges).padStart(9)}  ${String(it.differences).padStart(11)}  ${name}`);
  }
  console.log("\nknown differences seen:");
  for (const it of known.filter((entry) => entry.seen)) {
    console.log(`${String(it.seen).padStart(9)}  ${it.why} (${it.source})`);
  }
  for (const it of unexplained.values()) {
    const where = `${it.exchange.file}, ${it.exchange.at}, ${it.exchange.request.method} ${it.exchange.request.target.slice(0, 300)}`;
    console.log(`\nUNEXPLAINED, ${it.times} times: ${it.operation} ${it.side} ${it.status ?? ""} ${it.code} at ${it.at}\n  ${it.message}\n  first: ${where}`);
  }
  console.log(
    `\n${counts.exchanges} exchanges judged (${counts.unanswered} without an answer): ` +
      `${counts.found} differences, ${unexplained.size} of them of a kind that is not explained`,
  );
  if (traffic.length === 0) console.log("there is nothing to judge");
}
