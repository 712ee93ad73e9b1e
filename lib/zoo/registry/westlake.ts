/**
 * What the rows of A2MIM's tables have in common: the files of A2MIM and SimMIM that Westlake's two
 * projects released.
 *
 * @module
 */
import { westlake } from "../download/weights_source.ts";
import { imagenetPreprocessing } from "../preprocessing.ts";
import { papers, type ReleasedModel } from "./released_model.ts";

/** A row of a table of A2MIM's README. */
export interface WestlakeRow {
  /** Without ".pth". */
  readonly file: string;
  /** Whose release has it. Default: A2MIM's. */
  readonly project?: "A2MIM" | "openmixup";
  readonly architecture: string;
  readonly recipe?: string;
  /** A line of A2MIM/README.md, or another project's file and line. */
  readonly source: number | string;
  readonly note?: string;
}

/** A row with a classifier. */
export interface WestlakeClassifierRow extends WestlakeRow {
  readonly top1?: number;
  /** The short side in evaluation. Default: 256. */
  readonly resize?: number;
}

/** The short side of RSB's evaluations: ⌊224 / 0.95⌋. */
export const rsbResize = 236;

/** Files are called "full_x" or "x_full". */
function nameOf(file: string): string {
  return file.startsWith("full_") ? `${file.slice("full_".length)}_full` : file;
}

function common(method: "A2MIM" | "SimMIM", row: WestlakeRow) {
  const { file, project = "A2MIM", architecture, recipe, source, note } = row;
  return {
    name: nameOf(file),
    method,
    architecture,
    ...(recipe === undefined ? {} : { recipe }),
    weights: westlake(project, `${file}.pth`),
    preprocessing: imagenetPreprocessing(),
    licence: "Apache-2.0", // A2MIM/LICENSE and openmixup/LICENSE
    paper: papers[method],
    source: typeof source === "number" ? `A2MIM/README.md:${source}` : source,
    ...(note === undefined ? {} : { note }),
  } as const;
}

/** A pretrained model; it also goes by the name of its configuration. */
export function pretrained(
  method: "A2MIM" | "SimMIM",
  row: WestlakeRow,
): ReleasedModel {
  const aliases = [row.recipe, row.file].filter((alias) => alias !== undefined)
    .filter((alias) => alias !== nameOf(row.file));
  return { ...common(method, row), aliases, use: "pretrain" };
}

/** A classifier. */
export function finetuned(
  method: "A2MIM" | "SimMIM",
  row: WestlakeClassifierRow,
): ReleasedModel {
  const model = common(method, row);
  const { top1, resize = 256 } = row;
  return {
    ...model,
    use: "finetune",
    preprocessing: imagenetPreprocessing({ resize }),
    ...(top1 === undefined ? {} : { accuracy: { top1, source: model.source } }),
    classes: "imagenet-1k",
  };
}
