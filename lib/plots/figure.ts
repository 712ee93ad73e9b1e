/**
 * The figure type and the house style that every figure shares.
 *
 * A figure is plain plotly JSON: it can be saved, sent to a notebook or drawn without a
 * browser. One style in one place keeps the notebooks and the report alike.
 */

/** A plotly figure as plain JSON: traces and a layout. */
export interface Figure {
  /** Plotly traces, drawn in this order. */
  readonly data: readonly Readonly<Record<string, unknown>>[];
  /** Plotly's layout: axes, title, margins. */
  readonly layout: Readonly<Record<string, unknown>>;
}

/** What every kind of figure takes. */
export interface FigureLabels {
  /** Heading above the drawing. */
  readonly title?: string;
  /** Text under the horizontal axis, with its unit. */
  readonly xLabel?: string;
  /** Text beside the vertical axis, with its unit. */
  readonly yLabel?: string;
}

/**
 * Series colours that stay apart for readers with any colour vision, from Okabe and Ito's
 * palette (2008); its yellow is left out, because it cannot be read on white.
 */
export const seriesColors: readonly string[] = [
  "#0072B2",
  "#D55E00",
  "#009E73",
  "#CC79A7",
  "#E69F00",
  "#56B4E9",
  "#5B5B5B",
];

/**
 * Colours of text, lines and ground. The report maps them to its light and dark scheme.
 */
export const inkColor = "#1F2933";
/** Colour of tick labels and other quiet text. */
export const quietInkColor = "#52606D";
/** Colour of grid lines. */
export const gridColor = "#E4E7EB";
/** Colour of the ground. */
export const groundColor = "#FFFFFF";

/**
 * Fonts by name, the first being the one that the PNG is drawn with. Names with spaces
 * would need quotes, which plotly's SVG export loses.
 */
export const fontFamily = "Inter, system-ui, Helvetica, Arial, sans-serif";

/** The colour of series number `index`; after the last colour it starts again. */
export function seriesColor(index: number): string {
  return seriesColors[index % seriesColors.length] ?? inkColor;
}

/** Plotly's name of the dashes of series number `index`: they tell apart what shares a colour. */
export function seriesDash(index: number): "solid" | "dash" | "dot" | "dashdot" {
  const dashes = ["solid", "dash", "dot", "dashdot"] as const;
  return dashes[Math.floor(index / seriesColors.length) % dashes.length] ?? "solid";
}

/**
 * The same colour, see-through.
 *
 * @param color `#RRGGBB`
 * @param opacity 0 (invisible) to 1
 */
export function withOpacity(color: string, opacity: number): string {
  const [red, green, blue] = rgbOf(color);
  return `rgba(${red}, ${green}, ${blue}, ${opacity})`;
}

/** The three channels, 0 to 255, of `#RRGGBB`. */
export function rgbOf(color: string): [number, number, number] {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!match) throw new Error(`A colour is written #RRGGBB, not "${color}".`);
  const channel = (index: number): number => parseInt(match[index] ?? "", 16);
  return [channel(1), channel(2), channel(3)];
}

/** The house layout; `additions` (an axis type, say) are laid over it, one level deep. */
export function houseLayout(
  labels: FigureLabels,
  additions: Record<string, Record<string, unknown>> = {},
): Record<string, unknown> {
  const axis = (text: string | undefined): Record<string, unknown> => ({
    title: { text: text ?? "", font: { size: 13, color: inkColor }, standoff: 10 },
    automargin: true,
    gridcolor: gridColor,
    zeroline: false,
    linecolor: gridColor,
    tickfont: { size: 12, color: quietInkColor },
    // Percent and counts read better than plotly's metric prefixes ("2k").
    exponentformat: "power",
    separatethousands: true,
  });
  const layout: Record<string, unknown> = {
    font: { family: fontFamily, size: 13, color: inkColor },
    paper_bgcolor: groundColor,
    plot_bgcolor: groundColor,
    colorway: [...seriesColors],
    margin: { l: 56, r: 20, t: labels.title === undefined ? 28 : 64, b: 48 },
    legend: {
      orientation: "h",
      x: 0,
      xanchor: "left",
      y: 1.01,
      yanchor: "bottom",
      font: { size: 12, color: inkColor },
    },
    xaxis: axis(labels.xLabel),
    yaxis: axis(labels.yLabel),
  };
  if (labels.title !== undefined) {
    layout.title = {
      text: labels.title,
      font: { size: 16, color: inkColor, weight: 600 },
      x: 0,
      xref: "paper",
      xanchor: "left",
      y: 1,
      yref: "container",
      yanchor: "top",
      pad: { t: 16 },
    };
  }
  for (const [key, value] of Object.entries(additions)) {
    layout[key] = { ...(layout[key] as Record<string, unknown> | undefined), ...value };
  }
  return layout;
}

/**
 * Numbers as JSON knows them: what is not finite becomes `null`, a gap in the drawing.
 */
export function plainNumbers(values: ArrayLike<number | null>): (number | null)[] {
  return Array.from(
    values,
    (value) => value !== null && Number.isFinite(value) ? value : null,
  );
}

/** Throws unless both lists are equally long. */
export function requireSameLength(
  what: string,
  length: number,
  otherWhat: string,
  otherLength: number,
): void {
  if (length === otherLength) return;
  throw new Error(
    `${what} has ${length} values but ${otherWhat} has ${otherLength}: ` +
      `give as many of one as of the other.`,
  );
}
