/**
 * Colour scales: from a number between 0 and 1 to a colour.
 *
 * The heat maps and the overlays on images share them, so that the same weight has the
 * same colour in both.
 */

import { rgbOf } from "./figure.ts";

/** `sequential` for amounts; `diverging` for values around a middle. */
export type ColorScale = "sequential" | "diverging";

/**
 * Evenly spaced anchor colours. Sequential: viridis (Smith and van der Walt, matplotlib
 * 2.0), which grows evenly in lightness and is safe for colour-blind readers. Diverging:
 * ColorBrewer's RdBu with 9 classes (Brewer), from blue (low) to red (high).
 */
const anchors: Record<ColorScale, readonly string[]> = {
  sequential: [
    "#440154",
    "#482878",
    "#3E4989",
    "#31688E",
    "#26828E",
    "#1F9E89",
    "#35B779",
    "#6ECE58",
    "#B5DE2B",
    "#FDE725",
  ],
  diverging: [
    "#2166AC",
    "#4393C3",
    "#92C5DE",
    "#D1E5F0",
    "#F7F7F7",
    "#FDDBC7",
    "#F4A582",
    "#D6604D",
    "#B2182B",
  ],
};

/** The scale in plotly's form: `[[0, "#440154"], …, [1, "#FDE725"]]`. */
export function plotlyColorScale(scale: ColorScale): [number, string][] {
  const colors = anchors[scale];
  return colors.map((color, index) => [index / (colors.length - 1), color]);
}

/**
 * The colour of `value`, channels 0 to 255, in straight lines between the anchors.
 *
 * @param value 0 to 1; what lies outside takes the end's colour
 *
 * @example
 * ```ts
 * import { colorAt } from "./color_scale.ts";
 *
 * console.log(colorAt("sequential", 0)); // [68, 1, 84]
 * ```
 */
export function colorAt(scale: ColorScale, value: number): [number, number, number] {
  const colors = anchors[scale];
  const place = Math.min(Math.max(value, 0), 1) * (colors.length - 1);
  const lower = Math.min(Math.floor(place), colors.length - 2);
  const from = rgbOf(colors[lower] ?? "");
  const to = rgbOf(colors[lower + 1] ?? "");
  const mix = (index: 0 | 1 | 2): number =>
    Math.round(from[index] + (to[index] - from[index]) * (place - lower));
  return [mix(0), mix(1), mix(2)];
}
