/**
 * Answers to fields that a recipe does not have.
 *
 * @module
 */
import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { optionOf } from "./fields.ts";

function tailOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1).toLowerCase();
}

/**
 * The known paths that a wrong one may be meant for: those that end in it (`lr` and `--no-lr` for
 * `optimizer.lr`), else the nearest, as a whole or by its last name.
 *
 * @example
 * ```ts
 * import { nearestPaths } from "./unknown_field.ts";
 * console.log(nearestPaths("lr", ["epochs", "optimizer.lr"])); // [ "optimizer.lr" ]
 * ```
 */
export function nearestPaths(wrong: string, known: readonly string[]): string[] {
  const plain = wrong.replace(/^no-/, "");
  const wanted = plain.replaceAll("-", "").toLowerCase();
  const tails = known.filter((path) => tailOf(path) === tailOf(wanted));
  const inside = plain.includes(".") ? [] : tails;
  if (inside.length > 0) return inside;
  const nearest = closest(plain, [...known]);
  const byTail = known.toSorted((a, b) =>
    distance(wanted, tailOf(a)) - distance(wanted, tailOf(b))
  )[0]!;
  const better = !plain.includes(".") &&
    distance(wanted, tailOf(byTail)) < distance(plain, nearest);
  return [better ? byTail : nearest];
}

/** `--a`, `--a or --b`, `--a, --b or --c`. */
export function orList(paths: readonly string[]): string {
  const flags = paths.map((path) => `--${path}`);
  const last = flags.pop()!;
  return flags.length === 0 ? last : `${flags.join(", ")} or ${last}`;
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  while (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    schema = schema.unwrap();
  }
  return schema;
}

/** A field that a section would have, were it of another kind. */
export interface FieldOfAnotherKind {
  /** The path of the kind. */
  kind: string;
  now: string;
  /** The kinds that have the field. */
  others: string[];
}

function kindsWith(union: z.ZodDiscriminatedUnion, field: string): string[] {
  const { discriminator } = union.def;
  return (union.options as z.ZodObject[])
    .filter(({ shape }) => Object.hasOwn(shape, field))
    .flatMap(({ shape }) => {
      const kinds = unwrapped(shape[discriminator]!);
      if (kinds instanceof z.ZodEnum) return kinds.options.map(String);
      return kinds instanceof z.ZodLiteral ? [...kinds.values].map(String) : [];
    });
}

/** Whether a section on the way to a path has the next name in another of its kinds. */
export function fieldOfAnotherKind(
  schema: z.ZodObject,
  values: Record<string, unknown>,
  path: string,
): FieldOfAnotherKind | undefined {
  let section: z.core.$ZodType = schema;
  let value: Record<string, unknown> | undefined = values;
  const passed: string[] = [];
  for (const name of path.split(".")) {
    section = unwrapped(section);
    if (section instanceof z.ZodDiscriminatedUnion) {
      const { discriminator } = section.def;
      const now = String(value?.[discriminator]);
      const option = optionOf(section, now);
      if (option === undefined) return undefined;
      if (!Object.hasOwn(option.shape, name)) {
        const others = kindsWith(section, name);
        const kind = [...passed, discriminator].join(".");
        return others.length === 0 ? undefined : { kind, now, others };
      }
      section = option;
    }
    if (!(section instanceof z.ZodObject) || !Object.hasOwn(section.shape, name)) {
      return undefined;
    }
    section = section.shape[name]!;
    value = value?.[name] as Record<string, unknown> | undefined;
    passed.push(name);
  }
  return undefined;
}
