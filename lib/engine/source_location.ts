/**
 * Where in the user's own code an error began, for messages that name the line to change.
 *
 * @module
 */

const inside = [new URL(".", import.meta.url).href, "node_modules", "ext:", "node:"];

/**
 * " at file.ts:12:3" for the innermost stack frame outside the engine and npm packages, or "".
 *
 * @example
 * ```ts
 * import { sourceLocation } from "./source_location.ts";
 * console.log(typeof sourceLocation()); // string
 * ```
 */
export function sourceLocation(): string {
  const frames = (new Error().stack ?? "").split("\n").slice(1);
  for (const frame of frames) {
    const place = frame.match(/\(?((?:file|https?):\/\/[^\s)]+|<anonymous>:\d+:\d+)\)?$/)
      ?.[1];
    if (place !== undefined && !inside.some((folder) => place.includes(folder))) {
      return ` at ${place}`;
    }
  }
  return "";
}
