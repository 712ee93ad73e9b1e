/**
 * Figures and pictures in a notebook's cell.
 *
 * One bundle carries several forms, and each viewer takes the best that it knows: VS Code
 * and JupyterLab with plotly's extension the live figure, GitHub and nbviewer the PNG, a
 * terminal the text.
 */

import type { Figure } from "./figure.ts";
import { renderPng, type RenderSize } from "./render.ts";

/** What can be shown: a figure, or PNG bytes (of {@linkcode imageGrid}, say). */
export type Displayable = Figure | Uint8Array;

/** Forms of one output, by MIME type. */
export type DisplayBundle = Record<string, unknown>;

/** The part of `Deno.jupyter` that is used here. */
export interface Notebook {
  /** Sends a message of the Jupyter protocol to every viewer. */
  broadcast(
    kind: "display_data" | "update_display_data",
    content: Record<string, unknown>,
  ): Promise<void>;
}

/** Settings of {@linkcode show}. */
export interface ShowOptions extends RenderSize {
  /** Where to show; `Deno.jupyter` when left out. */
  readonly notebook?: Notebook;
  /** Prints the text where there is no notebook; `console.log` when left out. */
  readonly print?: (text: string) => void;
}

/**
 * A bundle of a figure or of PNG bytes: plotly JSON (for figures), PNG and text.
 *
 * @example
 * ```ts
 * import { displayBundle, lineFigure } from "./mod.ts";
 *
 * const figure = lineFigure({ series: [{ name: "loss", y: [2, 1] }] });
 * const bundle = await displayBundle(figure);
 * console.log(Object.keys(bundle));
 * // ["application/vnd.plotly.v1+json", "image/png", "text/plain"]
 * ```
 */
export async function displayBundle(
  shown: Displayable,
  size: RenderSize = {},
): Promise<DisplayBundle> {
  if (shown instanceof Uint8Array) {
    const { width, height } = pngSize(shown);
    return {
      "image/png": shown.toBase64(),
      "text/plain": `picture, ${width} × ${height} pixels`,
    };
  }
  const { width = 720, height = 420 } = size;
  const png = await renderPng(shown, { width, height, scale: 2 });
  return {
    "application/vnd.plotly.v1+json": {
      data: shown.data,
      layout: { ...shown.layout, width, height },
    },
    "image/png": png.toBase64(),
    "text/plain": figureText(shown),
  };
}

/**
 * Shows a figure or PNG bytes: in a notebook as the cell's output, elsewhere as a line of
 * text.
 */
export async function show(shown: Displayable, options: ShowOptions = {}): Promise<void> {
  const notebook = options.notebook ?? currentNotebook();
  if (notebook === undefined) {
    const text = shown instanceof Uint8Array
      ? `picture, ${pngSize(shown).width} × ${pngSize(shown).height} pixels`
      : figureText(shown);
    (options.print ?? console.log)(text);
    return;
  }
  await sendBundle(notebook, "display_data", await displayBundle(shown, options));
}

/** The notebook that this code runs in, if it does. */
export function currentNotebook(): Notebook | undefined {
  try {
    // Outside of a notebook Deno has no `jupyter`, or throws at the sight of it.
    return (Deno as unknown as { readonly jupyter?: Notebook }).jupyter;
  } catch {
    return undefined;
  }
}

/**
 * How long to wait after an output, in milliseconds. Measured: without it, programs that
 * run notebooks (nbclient, nbconvert) lose outputs that come after the cell's end; with
 * it, none of 120.
 */
const drainMilliseconds = 30;

/**
 * Sends one output and waits until it has left; `displayId` allows to replace it later.
 */
export async function sendBundle(
  notebook: Notebook,
  kind: "display_data" | "update_display_data",
  bundle: DisplayBundle,
  displayId?: string,
): Promise<void> {
  const png = bundle["image/png"];
  // Figures are drawn with two pixels to one, for sharp screens: shown at half their
  // size.
  const size = typeof png === "string" && "application/vnd.plotly.v1+json" in bundle
    ? pngSize(Uint8Array.fromBase64(png))
    : undefined;
  await notebook.broadcast(kind, {
    data: bundle,
    metadata: size === undefined
      ? {}
      : { "image/png": { width: size.width / 2, height: size.height / 2 } },
    transient: displayId === undefined ? {} : { display_id: displayId },
  });
  await new Promise((resolve) => setTimeout(resolve, drainMilliseconds));
}

/** One line about a figure. */
function figureText(figure: Figure): string {
  const title = figure.layout.title as { readonly text?: unknown } | undefined;
  const names = figure.data
    .filter((trace) => trace.showlegend !== false && typeof trace.name === "string")
    .map((trace) => trace.name);
  const kind = figure.data[0]?.type ?? "empty";
  return [
    typeof title?.text === "string" ? `figure "${title.text}"` : "figure",
    String(kind === "scatter" ? figure.data[0]?.mode : kind),
    ...(names.length > 0 ? [names.join(", ")] : []),
  ].join(" · ");
}

/** Width and height out of a PNG's header (PNG specification, 11.2.2). */
function pngSize(png: Uint8Array): { width: number; height: number } {
  if (png.length < 24 || png[0] !== 0x89 || png[1] !== 0x50) {
    throw new Error(
      "These bytes are no PNG: give what imageGrid() or renderPng() return, or a figure.",
    );
  }
  const view = new DataView(png.buffer, png.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
