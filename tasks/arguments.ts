/**
 * Command-line flags with types, defaults and help; a wrong one is answered with the nearest right
 * one.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { closest } from "fastest-levenshtein";

/** A flag: what it is, and what it is when left out. */
export type Flag =
  | {
    kind: "number";
    default: number;
    help: string;
    minimum?: number;
    maximum?: number;
    whole?: boolean;
  }
  | { kind: "text"; default: string; help: string; choices?: readonly string[] }
  | { kind: "switch"; help: string };

/** The value of each flag. */
export type FlagValues<Flags extends Record<string, Flag>> = {
  [Name in keyof Flags]: Flags[Name]["kind"] extends "number" ? number
    : Flags[Name]["kind"] extends "switch" ? boolean
    : string;
};

/** Arguments that cannot be used, in one sentence. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

function numberOf(name: string, text: string, flag: Flag & { kind: "number" }): number {
  const value = Number(text);
  const wanted = flag.whole ? "a whole number" : "a number";
  if (
    text.trim() === "" || !Number.isFinite(value) ||
    (flag.whole && !Number.isInteger(value))
  ) {
    throw new UsageError(`--${name} takes ${wanted}, got "${text}"`);
  }
  if (flag.minimum !== undefined && value < flag.minimum) {
    throw new UsageError(`--${name} must be at least ${flag.minimum}, got ${text}`);
  }
  if (flag.maximum !== undefined && value > flag.maximum) {
    throw new UsageError(`--${name} must be at most ${flag.maximum}, got ${text}`);
  }
  return value;
}

function textOf(
  name: string,
  text: string,
  { choices }: Flag & { kind: "text" },
): string {
  if (choices !== undefined && !choices.includes(text)) {
    throw new UsageError(
      `--${name} is one of ${choices.join(", ")}: got "${text}", did you mean "${
        closest(text, [...choices])
      }"?`,
    );
  }
  return text;
}

/** The help text of a task. */
export function helpText(usage: string, flags: Record<string, Flag>): string {
  const rows = Object.entries({
    ...flags,
    help: { kind: "switch", help: "Shows this." } as Flag,
  })
    .map(([name, flag]) => {
      const value = flag.kind === "number" ? " N" : flag.kind === "text" ? " TEXT" : "";
      const preset = flag.kind === "switch" || flag.default === ""
        ? ""
        : ` [${flag.default}]`;
      return [`  --${name}${value}`, `${flag.help}${preset}`] as const;
    });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [usage, "", ...rows.map(([left, right]) => left.padEnd(width) + right)].join(
    "\n",
  );
}

/** `--seed -1` as `--seed=-1`: else the parser takes the number for a flag. */
function joinNegative(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const last = joined.at(-1);
    const isValue = /^-[\d.]/.test(arg) && last !== undefined && /^--[^=]+$/.test(last);
    if (isValue) joined[joined.length - 1] = `${last}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

/**
 * Reads a task's arguments.
 *
 * @throws {UsageError} on an unknown flag (with the nearest known one) or a value of a wrong type.
 */
export function readArguments<Flags extends Record<string, Flag>>(
  args: readonly string[],
  flags: Flags,
): { values: FlagValues<Flags>; positionals: string[]; help: boolean } {
  const known = ["help", ...Object.keys(flags)];
  for (const arg of args) {
    const name = /^--([^=]+)/.exec(arg)?.[1];
    if (name !== undefined && !known.includes(name)) {
      throw new UsageError(
        `There is no --${name}: did you mean --${closest(name, known)}?`,
      );
    }
  }
  const options = Object.fromEntries(known.map((name) => [
    name,
    {
      type: name === "help" || flags[name]!.kind === "switch" ? "boolean" : "string",
    } as const,
  ]));
  let parsed;
  try {
    parsed = parseArgs({ args: joinNegative(args), options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split(/\.\s/)[0]!);
  }
  const values = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => {
      const given = parsed.values[name];
      if (flag.kind === "switch") return [name, given === true];
      if (given === undefined) return [name, flag.default];
      return flag.kind === "number"
        ? [name, numberOf(name, String(given), flag)]
        : [name, textOf(name, String(given), flag)];
    }),
  );
  return {
    values: values as FlagValues<Flags>,
    positionals: parsed.positionals,
    help: parsed.values.help === true,
  };
}

/**
 * For tasks that take flags alone.
 *
 * @throws {UsageError} that names the first argument that is no flag.
 */
export function refuseRest(positionals: readonly string[]): void {
  const [first] = positionals;
  if (first === undefined) return;
  throw new UsageError(`There is no argument "${first}": this task takes flags alone`);
}

/** Whether somebody looks for the place of an error; no task must have the permission to ask. */
function wantsTrace(): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "MIMKIT_TRACE" });
  return state === "granted" && Deno.env.get("MIMKIT_TRACE") !== undefined;
}

/** Runs a task's main function: an error becomes one sentence and exit status 1. */
export async function runTask(main: () => Promise<number>): Promise<never> {
  try {
    Deno.exit(await main());
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message} (--help lists all flags)`);
      Deno.exit(2);
    }
    if (wantsTrace()) console.error(error);
    else console.error(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}
