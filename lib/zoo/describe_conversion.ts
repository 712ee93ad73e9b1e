/**
 * What a conversion did, in words.
 *
 * @module
 */
import type { Conversion } from "./convert.ts";
import { familyNames } from "./key_maps/naming.ts";

const owners: Record<Conversion["from"], string> = {
  mimkit: "the kit's",
  official: "its authors'",
  mmpretrain: "mmpretrain's",
  openmixup: "openmixup's",
  timm: "timm's",
  hf: "Hugging Face's",
  openai: "OpenAI's",
  detectron2: "detectron2's",
};

/** A few of many names. */
function listed(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
  return names.slice(0, 3).join(", ") + more;
}

/**
 * A conversion in two lines: what was read, and what was written.
 *
 * @example
 * ```ts
 * import { describeConversion } from "./describe_conversion.ts";
 * console.log(describeConversion({
 *   ...{ family: "vit", from: "official", to: "timm", input: "a.pth", output: "b.pth" },
 *   ...{ read: 2, written: 1, leftOut: ["mask_token"], made: [], lostFacts: [], bytes: 2e6 },
 * }));
 * // a.pth: 2 tensors of a ViT under its authors' names
 * // b.pth: 1 tensor under timm's names, 2.0 MB; left out: mask_token
 * ```
 */
export function describeConversion(conversion: Conversion): string {
  const { family, from, to, input, output, read, written } = conversion;
  const { leftOut, made, lostFacts, bytes } = conversion;
  const tensors = (count: number) => `${count} tensor${count === 1 ? "" : "s"}`;
  const network = familyNames[family].replace("A ", "a ");
  const rest = [
    ...leftOut.length > 0 ? [`left out: ${listed(leftOut)}`] : [],
    ...made.length > 0 ? [`made: ${listed(made)}`] : [],
    ...lostFacts.length > 0
      ? [`lost: ${listed(lostFacts)}, which .safetensors has a place for`]
      : [],
  ];
  return [
    `${input}: ${tensors(read)} of ${network} under ${owners[from]} names`,
    [
      `${output}: ${tensors(written)} under ${owners[to]} names, ` +
      (bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`),
      ...rest,
    ].join("; "),
  ].join("\n");
}
