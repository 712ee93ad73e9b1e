/**
 * The fields of a recipe as its schema has them: what a command line can set, and how it is read.
 *
 * @module
 */
import { z } from "zod";

/** A value that a command line can set. */
export interface RecipeField {
  /** Dotted, such as "masker.ratio". */
  path: string;
  type: "number" | "whole number" | "true or false" | "choice" | "text" | "list";
  /** Of a choice. */
  choices?: readonly string[];
  /** Of a list: what its entries are, and how many there must be. */
  entries?: { type: "number" | "whole number" | "text"; count?: number };
  /** Whether "none" takes the value away. */
  optional: boolean;
  description: string;
  /** What it is now; undefined where it is not set. */
  value: unknown;
}

/** A part of a recipe that "none" takes away as a whole, such as "ema". */
export interface RecipeSection {
  path: string;
}

/** What a command line can set in a recipe, and take away. */
export interface RecipeFields {
  fields: RecipeField[];
  sections: RecipeSection[];
}

type Values = Record<string, unknown>;

/** The schema inside optional and default ones. */
function unwrapped(schema: z.core.$ZodType): [z.core.$ZodType, boolean] {
  let optional = false;
  while (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    optional ||= schema instanceof z.ZodOptional;
    schema = schema.unwrap();
  }
  return [schema, optional];
}

function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The names that a literal or an enumeration allows. */
function choicesOf(schema: z.core.$ZodType): string[] {
  if (schema instanceof z.ZodEnum) return schema.options.map(String);
  if (schema instanceof z.ZodLiteral) return [...schema.values].map(String);
  return [];
}

function optionsOf(union: z.ZodDiscriminatedUnion): z.ZodObject[] {
  return union.options as z.ZodObject[];
}

/** The names of a union's kinds. */
function kindsOf(union: z.ZodDiscriminatedUnion): string[] {
  const { discriminator } = union.def;
  return optionsOf(union).flatMap((option) => choicesOf(option.shape[discriminator]!));
}

/** The option that a value, or a kind alone, belongs to. */
export function optionOf(
  union: z.ZodDiscriminatedUnion,
  kind: unknown,
): z.ZodObject | undefined {
  const { discriminator } = union.def;
  return optionsOf(union).find((option) =>
    choicesOf(option.shape[discriminator]!).includes(String(kind))
  );
}

function numberType(schema: z.core.$ZodType): "number" | "whole number" | "text" {
  if (!(schema instanceof z.ZodNumber)) return "text";
  return schema.isInt ? "whole number" : "number";
}

/** How a single value is read. */
function readAs(
  schema: z.core.$ZodType,
): Pick<RecipeField, "type" | "choices" | "entries"> {
  if (schema instanceof z.ZodNumber) return { type: numberType(schema) };
  if (schema instanceof z.ZodBoolean) return { type: "true or false" };
  if (schema instanceof z.ZodArray) {
    return { type: "list", entries: { type: numberType(schema.element) } };
  }
  if (schema instanceof z.ZodTuple) {
    const { items } = schema.def;
    return {
      type: "list",
      entries: { type: numberType(items[0]!), count: items.length },
    };
  }
  const choices = choicesOf(schema);
  return choices.length > 0 ? { type: "choice", choices } : { type: "text" };
}

function nested(found: RecipeFields[]): RecipeFields {
  return {
    fields: found.flatMap(({ fields }) => fields),
    sections: found.flatMap(({ sections }) => sections),
  };
}

function fieldsAt(
  path: string,
  given: z.core.$ZodType,
  value: unknown,
): RecipeFields {
  const [schema, optional] = unwrapped(given);
  const section = optional ? [{ path }] : [];
  const values = isValues(value) ? value : {};
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = schema.def;
    const option = optionOf(schema, values[discriminator]);
    const kind: RecipeField = {
      path: `${path}.${discriminator}`,
      type: "choice",
      // Nobody chooses what cannot be built.
      choices: kindsOf(schema).filter((kind) =>
        kind !== "missing" || values[discriminator] === kind
      ),
      optional: false,
      description: "",
      value: values[discriminator],
    };
    const inside = option === undefined
      ? { fields: [], sections: [] }
      : fieldsOf(option, values, path, [discriminator]);
    return {
      fields: [kind, ...inside.fields],
      sections: [...section, ...inside.sections],
    };
  }
  if (schema instanceof z.ZodObject) {
    const inside = fieldsOf(schema, values, path);
    return { fields: inside.fields, sections: [...section, ...inside.sections] };
  }
  const description = z.globalRegistry.get(given)?.description ??
    z.globalRegistry.get(schema)?.description ?? "";
  return {
    fields: [{ path, ...readAs(schema), optional, description, value }],
    sections: [],
  };
}

/** The fields of an object, but for some. */
export function fieldsOf(
  schema: z.ZodObject,
  values: Record<string, unknown>,
  prefix = "",
  without: readonly string[] = [],
): RecipeFields {
  return nested(
    Object.entries(schema.shape)
      .filter(([name]) => !without.includes(name))
      .map(([name, inner]) =>
        fieldsAt(prefix === "" ? name : `${prefix}.${name}`, inner, values[name])
      ),
  );
}
