/** HTML text in which nothing that comes from a file can become markup. */

/** Text that is markup already. */
export interface Markup {
  readonly html: string;
}

/** The text with the signs that mean something in HTML written out. */
export function escapeHtml(text: string): string {
  const names: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (sign) => names[sign] ?? sign);
}

/**
 * Markup from a template: what is put in is escaped, unless it is markup itself.
 *
 * @example
 * ```ts
 * import { markup } from "./html.ts";
 *
 * console.log(markup`<b>${"R & D"}</b>`.html); // <b>R &amp; D</b>
 * ```
 */
export function markup(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | Markup | readonly Markup[])[]
): Markup {
  const written = values.map((value) => {
    if (typeof value === "string" || typeof value === "number") {
      return escapeHtml(String(value));
    }
    return "html" in value ? value.html : value.map((one) => one.html).join("");
  });
  return { html: parts.map((part, index) => part + (written[index] ?? "")).join("") };
}

/** Takes text as markup, as it is: only for text that this project wrote itself. */
export function trustedMarkup(html: string): Markup {
  return { html };
}
