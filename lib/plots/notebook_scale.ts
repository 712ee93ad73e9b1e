/** How much work a notebook does: a glimpse for tests, a lesson, or the whole. */

/** What `MIMKIT_NOTEBOOK_SCALE` may say; without it, `default`. */
export type NotebookScale = "smoke" | "default" | "full";

/**
 * The value for this run's scale, which `MIMKIT_NOTEBOOK_SCALE` names.
 *
 * @throws if the variable names no scale
 *
 * @example
 * ```ts
 * import { byScale } from "./notebook_scale.ts";
 *
 * const steps = byScale({ smoke: 5, default: 300, full: 20_000 });
 * console.log(steps); // 300
 * ```
 */
export function byScale<Value>(values: Readonly<Record<NotebookScale, Value>>): Value {
  const scale = Deno.env.get("MIMKIT_NOTEBOOK_SCALE") || "default";
  if (!isScale(scale)) {
    throw new Error(
      `MIMKIT_NOTEBOOK_SCALE is "${scale}": use smoke, default or full, or unset it.`,
    );
  }
  return values[scale];
}

function isScale(name: string): name is NotebookScale {
  return name === "smoke" || name === "default" || name === "full";
}
