/**
 * Entries of the reference: facts about the original configurations, as nested plain values.
 */

/** A value of the reference. */
export type Fact = null | boolean | number | string | Fact[] | { [name: string]: Fact };

/** Values by dotted path. */
export type Facts = Record<string, Fact>;

/** One configuration of a paper or a project. */
export interface Entry {
  id: string;
  name: string;
  method: string;
  phase: string;
  project: string;
  dataset: string;
  [section: string]: Fact;
}

// Their own keys are names of parameters, which contain dots.
const whole = ["optimizer.paramwise_regex", "optimizer.paramwise.custom_keys"];

/** All values that are not null, by dotted path; lists are values. */
export function factsOf(value: Fact, prefix = ""): Facts {
  const nested = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!nested || whole.includes(prefix)) {
    return value === null ? {} : { [prefix]: value };
  }
  return Object.assign(
    {},
    ...Object.entries(value).map(([name, inner]) =>
      factsOf(inner, prefix === "" ? name : `${prefix}.${name}`)
    ),
  );
}
