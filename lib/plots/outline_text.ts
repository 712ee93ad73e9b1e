/** Replaces the words of an SVG drawing by their outlines, for the PNG. */

import { textOutline, textWidth } from "./font.ts";
import type { PlotlyPage } from "./plotly_page.ts";
import {
  anchorShare,
  fontSizeOf,
  fontWeightOf,
  inEms,
  type PageElement,
} from "./text_box.ts";

const svgNamespace = "http://www.w3.org/2000/svg";

/**
 * The SVG with every text that the font covers as paths; other texts stay as they are.
 */
export function outlineText(page: PlotlyPage, svg: string): string {
  const root = page.parse(svg);
  for (const text of Array.from(root.querySelectorAll("text"))) {
    const group = outlined(page, text);
    if (group !== undefined) text.replaceWith(group);
  }
  return page.serialize(root);
}

/** A piece of a line that has one size and weight. */
interface Piece {
  readonly source: PageElement;
  readonly text: string;
  /** Downward shift in units of its font size, as superscripts have. */
  readonly shift: number;
}

function outlined(page: PlotlyPage, text: PageElement): PageElement | undefined {
  const marked = Array.from(text.querySelectorAll("tspan.line"));
  const lines = marked.length > 0 ? marked : [text];
  const group = text.ownerDocument.createElementNS(svgNamespace, "g");
  for (const name of ["transform", "style", "class", "opacity"]) {
    const value = text.getAttribute(name);
    if (value !== null) group.setAttribute(name, value);
  }
  const share = anchorShare(text.getAttribute("text-anchor"));
  let y = Number(text.getAttribute("y") ?? 0) +
    inEms(text.getAttribute("dy")) * fontSizeOf(text);
  for (const line of lines) {
    if (line !== text) y += inEms(line.getAttribute("dy")) * fontSizeOf(line);
    const pieces = piecesOf(line, line);
    const widths = pieces.map((piece) =>
      textWidth(
        page.font,
        piece.text,
        fontSizeOf(piece.source),
        fontWeightOf(piece.source),
      )
    );
    let x = Number(line.getAttribute("x") ?? text.getAttribute("x") ?? 0) -
      share * widths.reduce((sum, width) => sum + width, 0);
    let foot = y;
    for (const [index, piece] of pieces.entries()) {
      const size = fontSizeOf(piece.source);
      const weight = fontWeightOf(piece.source);
      foot += piece.shift * size;
      const data = textOutline(page.font, piece.text, x, foot, size, weight);
      if (data === undefined) return undefined;
      const path = text.ownerDocument.createElementNS(svgNamespace, "path");
      path.setAttribute("d", data);
      group.appendChild(path);
      x += widths[index] ?? 0;
    }
  }
  return group;
}

const elementNode = 1;
const textNode = 3;

function piecesOf(element: PageElement, line: PageElement): Piece[] {
  return Array.from(element.childNodes).flatMap((child): Piece[] => {
    if (child.nodeType === textNode) {
      const shift = element === line ? 0 : inEms(element.getAttribute("dy"));
      return [{ source: element, text: child.textContent ?? "", shift }];
    }
    return child.nodeType === elementNode ? piecesOf(child, line) : [];
  });
}
