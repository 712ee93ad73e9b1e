/**
 * Boxes around the words of an SVG drawing.
 *
 * A browser knows them from its layout; jsdom has none. Plotly places legends, titles,
 * tick labels and margins by them, so they are worked out here from the font's metrics,
 * through the transforms of the elements around the words.
 */

import { ascent, type Font, type FontWeight, textWidth } from "./font.ts";

/** The parts of jsdom's elements that are used here. */
export interface PageElement {
  readonly nodeType: number;
  readonly tagName: string;
  readonly textContent: string | null;
  readonly childNodes: ArrayLike<PageElement>;
  readonly style?: {
    display: string;
    fontSize: string;
    fontWeight: string;
    fontStyle: string;
  };
  readonly parentNode: PageElement | null;
  readonly ownerDocument: PageDocument;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  querySelectorAll(selector: string): ArrayLike<PageElement>;
  closest(selector: string): PageElement | null;
  replaceWith(...elements: PageElement[]): void;
  appendChild(element: PageElement): void;
}

/** A document of such elements. */
export interface PageDocument {
  readonly documentElement: PageElement;
  createElementNS(namespace: string, name: string): PageElement;
}

/** A box in pixels, in the form of the browser's `DOMRect`. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

/** The matrix of SVG: `x' = a x + c y + e`, `y' = b x + d y + f`. */
type Transform = readonly [number, number, number, number, number, number];

const unmoved: Transform = [1, 0, 0, 1, 0, 0];

/** The box around all words inside an element, in the element's own coordinates. */
export function boxAround(font: Font, element: PageElement): Box {
  return boxOfTexts(font, element, (text) => transformUpTo(text, element));
}

/** The box around all words inside an element, in the drawing's coordinates. */
export function boxOnScreen(font: Font, element: PageElement): Box {
  return boxOfTexts(font, element, (text) => transformUpTo(text, null));
}

/** Room between the feet of two lines, per unit of font size; plotly's own number. */
const lineSpacing = 1.3;
/**
 * Height of a single line's box, per unit of font size, as browsers have it for Inter.
 */
const lineHeight = 1.21;

function boxOfTexts(
  font: Font,
  element: PageElement,
  transformOf: (text: PageElement) => Transform,
): Box {
  const texts = element.tagName === "text" || element.tagName === "tspan"
    ? [element]
    : Array.from(element.querySelectorAll("text"));
  const corners = texts
    .filter((text) => text.style?.display !== "none")
    .flatMap((text) => {
      const [left, top, right, bottom] = textEdges(font, text);
      const [a, b, c, d, e, f] = transformOf(text);
      return [[left, top], [right, top], [left, bottom], [right, bottom]]
        .map(([x = 0, y = 0]) => [a * x + c * y + e, b * x + d * y + f] as const);
    });
  if (corners.length === 0) corners.push([0, 0]);
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const [width, height] = [right - left, bottom - top];
  return { x: left, y: top, left, top, right, bottom, width, height };
}

/** Left, top, right and bottom of a text, before its own transform. */
function textEdges(font: Font, text: PageElement): [number, number, number, number] {
  const size = fontSizeOf(text);
  const marked = Array.from(text.querySelectorAll("tspan.line"));
  const lines = marked.length > 0 ? marked : [text];
  const width = Math.max(
    ...lines.map((line) =>
      textWidth(font, line.textContent ?? "", fontSizeOf(line), fontWeightOf(line))
    ),
  );
  const left = Number(text.getAttribute("x") ?? 0) -
    anchorShare(text.getAttribute("text-anchor")) * width;
  const top = Number(text.getAttribute("y") ?? 0) +
    (inEms(text.getAttribute("dy")) - ascent) * size;
  const height = (lineHeight + lineSpacing * (lines.length - 1)) * size;
  return [left, top, left + width, top + height];
}

/** The transform from a text's coordinates to those inside `outer`, or the drawing's. */
function transformUpTo(text: PageElement, outer: PageElement | null): Transform {
  let transform = unmoved;
  for (
    let element: PageElement | null = text;
    element !== null && element !== outer && element.nodeType === 1;
    element = element.parentNode
  ) {
    const own = element.getAttribute("transform");
    if (own !== null) transform = compose(parseTransform(own), transform);
  }
  return transform;
}

/**
 * `translate(…) rotate(…) scale(…) matrix(…)`, the ones that plotly writes, as a
 * matrix.
 */
function parseTransform(text: string): Transform {
  let transform = unmoved;
  for (const match of text.matchAll(/(\w+)\s*\(([^)]*)\)/g)) {
    const numbers = (match[2] ?? "").trim().split(/[\s,]+/).map(Number);
    transform = compose(transform, oneTransform(match[1] ?? "", numbers));
  }
  return transform;
}

function oneTransform(kind: string, numbers: readonly number[]): Transform {
  const [first = 0, second] = numbers;
  switch (kind) {
    case "translate":
      return [1, 0, 0, 1, first, second ?? 0];
    case "scale":
      return [first, 0, 0, second ?? first, 0, 0];
    case "rotate": {
      const angle = first * Math.PI / 180;
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
      const [x, y] = [second ?? 0, numbers[2] ?? 0];
      const turned: Transform = [cosine, sine, -sine, cosine, 0, 0];
      return compose(compose([1, 0, 0, 1, x, y], turned), [1, 0, 0, 1, -x, -y]);
    }
    case "matrix": {
      const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = numbers;
      return [a, b, c, d, e, f];
    }
    default:
      return unmoved;
  }
}

/** First `inner`, then `outer`. */
function compose(outer: Transform, inner: Transform): Transform {
  const [a, b, c, d, e, f] = outer;
  const [g, h, i, j, k, l] = inner;
  return [
    a * g + c * h,
    b * g + d * h,
    a * i + c * j,
    b * i + d * j,
    a * k + c * l + e,
    b * k + d * l + f,
  ];
}

/** The share of a text's width that lies left of its `x`. */
export function anchorShare(anchor: string | null): number {
  return anchor === "middle" ? 0.5 : anchor === "end" ? 1 : 0;
}

/** Font size in pixels, the element's own or the nearest outer one. */
export function fontSizeOf(element: PageElement): number {
  const own = element.style?.fontSize ?? "";
  const outer = (): number => {
    const parent = element.tagName === "text" ? null : element.closest("text");
    return parent === null || parent === element ? 12 : fontSizeOf(parent);
  };
  if (own.endsWith("%")) return outer() * parseFloat(own) / 100;
  return own === "" ? outer() : parseFloat(own);
}

/** The weight, the element's own or the nearest outer one, as one of the font's two. */
export function fontWeightOf(element: PageElement): FontWeight {
  const own = element.style?.fontWeight ?? "";
  if (own === "bold" || Number(own) >= 600) return 600;
  if (own !== "" || element.tagName === "text") return 400;
  const parent = element.closest("text");
  return parent === null || parent === element ? 400 : fontWeightOf(parent);
}

/** `"1.3em"` as 1.3. */
export function inEms(length: string | null): number {
  return length === null ? 0 : parseFloat(length);
}
