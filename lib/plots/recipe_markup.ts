/** A recipe as an HTML table: one setting a line, with where it comes from. */

import { type Markup, markup } from "./html.ts";

/** A setting of a recipe. */
export interface Setting {
  /** Dotted path, such as `masker.ratio`. */
  readonly path: string;
  readonly value: string;
  readonly source: string;
}

/**
 * The settings of a nested recipe, one for each innermost value.
 *
 * @param recipe nested plain objects; `{value, source}` is a value with its source
 * @param sources more sources by dotted path
 */
export function settingsOf(
  recipe: Readonly<Record<string, unknown>>,
  sources: Readonly<Record<string, string>> = {},
  prefix = "",
): Setting[] {
  return Object.entries(recipe).flatMap(([key, value]): Setting[] => {
    const path = prefix + key;
    if (isSourced(value)) {
      return [{ path, value: valueText(value.value), source: value.source }];
    }
    if (isPlainObject(value) && Object.keys(value).length > 0) {
      return settingsOf(value, sources, `${path}.`);
    }
    return [{ path, value: valueText(value), source: sources[path] ?? "" }];
  });
}

/** The recipe's table. */
export function recipeMarkup(settings: readonly Setting[]): Markup {
  const rows = settings.map(({ path, value, source }) =>
    markup`<tr>
<th scope="row"><code>${path}</code></th>
<td><code>${value}</code></td>
<td class="source">${source}</td>
</tr>`
  );
  return markup`<div class="scroll"><table class="settings">
<thead><tr>
<th scope="col">setting</th><th scope="col">value</th><th scope="col">source</th>
</tr></thead>
<tbody>${rows}</tbody>
</table></div>`;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSourced(value: unknown): value is { value: unknown; source: string } {
  return isPlainObject(value) && typeof value.source === "string" && "value" in value &&
    Object.keys(value).length === 2;
}

function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? String(value);
}
