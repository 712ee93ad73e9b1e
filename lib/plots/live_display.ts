/**
 * An output that changes in place while a cell runs: a line of progress and a picture.
 */

import {
  currentNotebook,
  type Displayable,
  displayBundle,
  type Notebook,
  sendBundle,
} from "./display.ts";
import { escapeHtml } from "./html.ts";
import type { RenderSize } from "./render.ts";

/** What {@linkcode liveDisplay} returns. */
export interface LiveDisplay {
  /** Replaces the line, the picture, or both; what is left out stays. */
  update(next: { readonly line?: string; readonly picture?: Displayable }): Promise<void>;
}

/** Settings of {@linkcode liveDisplay}. */
export interface LiveDisplayOptions extends RenderSize {
  /** Where to show; `Deno.jupyter` when left out. */
  readonly notebook?: Notebook;
  /** Prints each line where there is no notebook; `console.log` when left out. */
  readonly print?: (text: string) => void;
}

/**
 * A display that is updated in place. In a notebook the line stands above the picture;
 * elsewhere each new line is printed and pictures are left out.
 *
 * @example
 * ```ts
 * import { liveDisplay } from "./live_display.ts";
 *
 * const live = liveDisplay();
 * await live.update({ line: "step 1 of 2" });
 * await live.update({ line: "step 2 of 2" });
 * ```
 */
export function liveDisplay(options: LiveDisplayOptions = {}): LiveDisplay {
  const notebook = options.notebook ?? currentNotebook();
  const print = options.print ?? console.log;
  const id = crypto.randomUUID();
  const shown = new Set<string>();

  async function send(part: string, bundle: Record<string, unknown>): Promise<void> {
    if (notebook === undefined) return;
    const displayId = `${id}-${part}`;
    const kind = shown.has(part) ? "update_display_data" : "display_data";
    shown.add(part);
    await sendBundle(notebook, kind, bundle, displayId);
  }

  return {
    async update({ line, picture }) {
      if (notebook === undefined) {
        if (line !== undefined) print(line);
        return;
      }
      // Outputs stand in the order of their first sending: the line keeps its place.
      if (line !== undefined || !shown.has("line")) {
        await send("line", lineBundle(line ?? ""));
      }
      if (picture !== undefined) {
        await send("picture", await displayBundle(picture, options));
      }
    },
  };
}

function lineBundle(line: string): Record<string, unknown> {
  return {
    "text/html": `<pre style="margin:0">${escapeHtml(line)}</pre>`,
    "text/plain": line,
  };
}
