/**
 * Plotly in a page that is never shown.
 *
 * Plotly lays out with the sizes of its texts, which only a browser knows. jsdom has no
 * layout, so it gets text sizes from the font's own metrics and a canvas that keeps its
 * pixels. Everything lives in jsdom's own global scope: TensorFlow.js looks for `window`
 * and `document` to tell a browser from a server, and must not find these.
 */

import { type Font, loadFont } from "./font.ts";
import { rasterContext, type RasterStore } from "./raster_canvas.ts";
import {
  boxAround,
  boxOnScreen,
  type PageDocument,
  type PageElement,
} from "./text_box.ts";

/** Plotly's functions that are used here. */
interface Plotly {
  toImage(
    figure: unknown,
    options: { format: "svg"; width: number; height: number; imageDataOnly: true },
  ): Promise<string>;
}

interface Page {
  readonly window: Record<string, unknown> & {
    eval(source: string): void;
    readonly DOMParser: new () => {
      parseFromString(text: string, type: string): PageDocument;
    };
    readonly XMLSerializer: new () => { serializeToString(element: PageElement): string };
  };
}

/** A loaded page: plotly, the font it measures with, and what its canvases painted. */
export interface PlotlyPage {
  readonly plotly: Plotly;
  readonly font: Font;
  readonly rasters: RasterStore;
  /** Reads an SVG text into elements. */
  parse(svg: string): PageElement;
  /** Writes elements as SVG text. */
  serialize(element: PageElement): string;
}

let loading: Promise<PlotlyPage> | undefined;

/** The page, loaded at the first call (about half a second) and kept. */
export function loadPlotlyPage(): Promise<PlotlyPage> {
  loading ??= openPage().catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function openPage(): Promise<PlotlyPage> {
  const [{ JSDOM }, font, { default: source }] = await Promise.all([
    import("jsdom") as unknown as Promise<{
      JSDOM: new (html: string, options: Record<string, unknown>) => Page;
    }>,
    loadFont(),
    // As text, to run it in the page. The cartesian build holds lines, bars, heat maps
    // and images at a third of the whole's size.
    import("plotly.js/dist/plotly-cartesian.min.js", {
      with: { type: "text" },
    }) as unknown as Promise<{ default: string }>,
  ]);
  const { window } = new JSDOM("<!doctype html><body></body>", {
    runScripts: "outside-only",
    pretendToBeVisual: true,
  });
  const rasters: RasterStore = new Map();
  addMissingParts(window, font, rasters);
  window.eval(source);
  return {
    plotly: window.Plotly as Plotly,
    font,
    rasters,
    parse: (svg) =>
      new window.DOMParser().parseFromString(svg, "image/svg+xml").documentElement,
    serialize: (element) => new window.XMLSerializer().serializeToString(element),
  };
}

/** What plotly asks of a browser and jsdom lacks. */
function addMissingParts(
  window: Page["window"],
  font: Font,
  rasters: RasterStore,
): void {
  window.TextDecoder = TextDecoder;
  window.TextEncoder = TextEncoder;
  const prototypeOf = (name: string): Record<string, unknown> =>
    (window[name] as { prototype: Record<string, unknown> }).prototype;
  (window.URL as Record<string, unknown>).createObjectURL = () => "";

  const svg = prototypeOf("SVGElement");
  svg.getBBox = function (this: PageElement) {
    return boxAround(font, this);
  };
  svg.getBoundingClientRect = function (this: PageElement) {
    return boxOnScreen(font, this);
  };
  svg.getComputedTextLength = function (this: PageElement) {
    return boxAround(font, this).width;
  };

  interface Canvas {
    readonly width: number;
    readonly height: number;
  }
  const painted = new WeakMap<Canvas, ReturnType<typeof rasterContext>>();
  const canvas = prototypeOf("HTMLCanvasElement");
  canvas.getContext = function (this: Canvas, kind: string) {
    if (kind !== "2d") return null;
    const raster = painted.get(this) ?? rasterContext(this.width, this.height);
    painted.set(this, raster);
    return raster.context;
  };
  canvas.toDataURL = function (this: Canvas) {
    return (painted.get(this) ?? rasterContext(this.width, this.height)).store(rasters);
  };
}
