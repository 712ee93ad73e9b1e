/**
 * `deno task test:tfjs`: runs tfjs-core's own test suite on the engine: every spec that tfjs-node
 * runs, the specs that need no backend, and those on tfjs-node's ignore list that pass here.
 *
 * `--grep TEXT` runs the specs with that text in their name, `--list-ignored` lists the specs left
 * out with the reason, `--left-out` runs just those, to see which could be taken off the list.
 *
 * @module
 */
import { parseArgs } from "node:util";
import jasmineCore from "jasmine-core";
import { executedOperations } from "../lib/engine/binding.ts";
import { tensorflowVersion } from "../lib/engine/native.ts";
import { tf } from "../lib/engine/tensorflow.ts";
import { type LeftOut, leftOut, leftOutGroups } from "./tfjs_suite/left_out.ts";
import {
  environmentName,
  findPackages,
  loadSpecs,
  readIgnoreList,
} from "./tfjs_suite/load.ts";

interface SpecResult {
  fullName: string;
  status: "passed" | "failed" | "pending" | "excluded";
  failedExpectations: { message: string }[];
}

/** A node of jasmine's tree: a suite with children, or a spec without. */
interface Node {
  children?: Node[];
  getFullName(): string;
}

/** The part of jasmine that the runner uses; the package has no types of its own. */
interface Jasmine {
  getEnv(): {
    configure(options: Record<string, unknown>): void;
    topSuite(): Node;
    afterEach(body: () => void): void;
    addReporter(reporter: Record<string, (result: SpecResult) => void>): void;
    execute(): Promise<{ overallStatus: string }>;
  };
}

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    grep: { type: "string", default: "" },
    "list-ignored": { type: "boolean", default: false },
    "left-out": { type: "boolean", default: false },
  },
});

const jasmine = (jasmineCore as unknown as { boot(fresh: boolean): Jasmine }).boot(true);
const environment = jasmine.getEnv();
const packages = findPackages();
loadSpecs(packages.core, jasmine);
const ignoreList = readIgnoreList(packages.nodeRunner);

function names(node: Node): string[] {
  return node.children === undefined
    ? [node.getFullName()]
    : node.children.flatMap(names);
}

const needsBackend = (name: string): boolean => name.includes(environmentName);
const isIgnoredByNode = (name: string): boolean =>
  needsBackend(name) && ignoreList.some((part) => name.includes(part));

/** Why this task leaves a spec out; never one that tfjs-node runs. */
const reasonFor = (name: string): LeftOut | undefined =>
  isIgnoredByNode(name) ? leftOut(name) : undefined;

function listIgnored(all: readonly string[]): void {
  for (const { reason } of leftOutGroups) {
    const group = all.filter((name) => reasonFor(name)?.reason === reason);
    console.log(`\n${reason} (${group.length})`);
    for (const name of group) {
      console.log(`  ${name.replace(` ${environmentName} {}`, ":")}`);
    }
  }
  const ignored = all.filter(isIgnoredByNode);
  const left = all.filter((name) => reasonFor(name) !== undefined);
  console.log(
    `\ntfjs-node's ignore list holds ${ignored.length} specs: ${
      ignored.length - left.length
    } ` +
      `pass here, ${left.length} are left out`,
  );
}

// The backends that npm:@tensorflow/tfjs brings along.
const fallbacks = ["cpu", "webgl"];

async function runSpecs(): Promise<number> {
  const results: SpecResult[] = [];
  let current = "";
  environment.configure({
    random: false,
    specFilter: (spec: Node) => {
      const name = spec.getFullName();
      if (!name.includes(options.grep)) return false;
      return (reasonFor(name) !== undefined) === options["left-out"];
    },
  });
  environment.afterEach(() => {
    // tfjs falls back to another backend in silence when one cannot start: that would prove nothing.
    if (needsBackend(current) && fallbacks.includes(tf.getBackend())) {
      throw new Error(`This spec ran on ${tf.getBackend()} instead of TensorFlow`);
    }
  });
  environment.addReporter({
    specStarted: ({ fullName }) => current = fullName,
    specDone: (result) => {
      if (result.status !== "excluded") results.push(result);
    },
  });
  const { log, warn, info } = console;
  Object.assign(console, { log() {}, warn() {}, info() {} });
  const { overallStatus } = await environment.execute();
  Object.assign(console, { log, warn, info });

  const failed = results.filter(({ status }) => status === "failed");
  for (const { fullName, failedExpectations } of failed) {
    console.log(`FAILED ${fullName}\n  ${failedExpectations[0]?.message.split("\n")[0]}`);
  }
  const passed = results.filter(({ status }) => status === "passed");
  const count = (some: (name: string) => boolean): number =>
    passed.filter(({ fullName }) => some(fullName)).length;
  console.log(
    [
      `TensorFlow ${tensorflowVersion()}, ${executedOperations()} operations executed; passed:`,
      `${
        count((name) => needsBackend(name) && !isIgnoredByNode(name))
      } specs that tfjs-node runs`,
      `${count(isIgnoredByNode)} specs that tfjs-node leaves out`,
      `${count((name) => !needsBackend(name))} specs that need no backend`,
      `(${
        results.length - passed.length - failed.length
      } that tfjs-core itself has pending)`,
    ].join("\n  "),
  );
  console.log(`${passed.length} passed, ${failed.length} failed`);
  const complete = overallStatus === "passed" ||
    (overallStatus === "incomplete" && failed.length === 0);
  return complete && passed.length > 0 ? 0 : 1;
}

const all = names(environment.topSuite());
if (options["list-ignored"]) listIgnored(all);
else Deno.exit(await runSpecs());
