/**
 * Parameter groups of openmixup, where A2MIM and SimMIM are pretrained and fine-tuned: regular
 * expressions over the names, and layer-wise decay for transformers and ConvNeXt.
 *
 * @module
 */
import { convnextLayer } from "./convnext.ts";
import {
  blocksBefore,
  type Groups,
  groupsOf,
  type LayerPosition,
  layerScale,
  type NameInProject,
  type Specifications,
} from "./groups.ts";

/** What a parameter gets if its name matches; where several match, a later rule overrides. */
export interface NameRule {
  /** Looked for anywhere in the name. */
  pattern: RegExp;
  weightDecay?: number;
  learningRateScale?: number;
}

function undecayed(...patterns: RegExp[]): NameRule[] {
  return patterns.map((pattern) => ({ pattern, weightDecay: 0 }));
}

/** Of norms with a short name, as ResNets and openmixup's ViT have them. */
const shortNorms = /(bn|ln|gn)(\d+)?.(weight|bias)/;

/**
 * Rules of openmixup's recipes, by what they are for. A2MIM's pretraining of CNNs trains the mask
 * token at a tenth of the learning rate; that of ConvNeXt its scale too, which decays and trains at
 * the full rate in a ResNet.
 */
export const openmixupRules: Readonly<
  Record<
    | "a2mim-resnet-pretraining"
    | "a2mim-convnext-pretraining"
    | "vit-pretraining"
    | "resnet-finetuning"
    | "transformer-finetuning"
    | "swin",
    readonly NameRule[]
  >
> = {
  // configs/selfsup/a2mim/imagenet/r50_l3_sz224_init_8xb256_cos_ep300.py
  "a2mim-resnet-pretraining": [
    ...undecayed(shortNorms, /bias/),
    { pattern: /mask_token/, weightDecay: 0, learningRateScale: 0.1 },
  ],
  // configs/selfsup/a2mim/imagenet/convnext_b_l3_sz224_init_8xb256_cos_ep300.py
  "a2mim-convnext-pretraining": [
    ...undecayed(shortNorms, /bias/, /gamma/),
    { pattern: /mask_token/, weightDecay: 0, learningRateScale: 0.1 },
    { pattern: /mask_gamma/, weightDecay: 0, learningRateScale: 0.1 },
  ],
  // configs/selfsup/a2mim/imagenet/vit_base_l0_sz224_8xb128_accu2_step_ep800.py
  "vit-pretraining": undecayed(
    ...[shortNorms, /norm/, /bias/, /mask_token/, /pos_embed/, /cls_token/, /gamma/],
  ),
  // configs/benchmarks/classification/imagenet/r50_rsb_a2_ft_sz224_8xb256_cos_fp16_ep300.py
  "resnet-finetuning": undecayed(/(bn|gn)(\d+)?.(weight|bias)/, /bias/),
  // configs/benchmarks/classification/imagenet/vit_base_p16_swin_ft_simmim_sz224_8xb128_cos_ep100.py
  "transformer-finetuning": undecayed(
    ...[shortNorms, /norm/, /bias/, /cls_token/, /pos_embed/, /gamma/],
  ),
  // configs/selfsup/simmim/imagenet/swin_base_sz192_8xb128_accu2_cos_ep800.py
  swin: undecayed(
    ...[/norm/, /bias/, /mask_token/, /absolute_pos_embed/],
    /relative_position_bias_table/,
  ),
};

/** Options of {@linkcode openmixupGroups}. */
export interface OpenmixupGroupOptions {
  weightDecay: number;
  rules: readonly NameRule[];
}

/** The last of the values that matching rules give. */
function ruled(
  rules: readonly NameRule[],
  name: string,
  value: "weightDecay" | "learningRateScale",
): number | undefined {
  return rules.findLast((rule) => rule[value] !== undefined && rule.pattern.test(name))
    ?.[value];
}

/**
 * Groups by rules over openmixup's names.
 *
 * @returns groups under the kit's names.
 *
 * @example
 * ```ts
 * import { openmixupGroups, openmixupRules } from "./openmixup.ts";
 * import { linear } from "../../nn/linear.ts";
 * import { describeParameters } from "../../nn/scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   linear(scope, input({ shape: [1, 8] }), 3)
 * );
 * const rules = openmixupRules["resnet-finetuning"];
 * const groups = openmixupGroups(specifications, { weightDecay: 0.02, rules });
 * console.log(groups.get("bias")!.weightDecay); // 0
 * ```
 */
export function openmixupGroups(
  specifications: Specifications,
  { weightDecay, rules }: OpenmixupGroupOptions,
  nameOf: NameInProject = (name) => name,
): Groups {
  return groupsOf(specifications, (name) => ({
    learningRateScale: ruled(rules, nameOf(name), "learningRateScale") ?? 1,
    weightDecay: ruled(rules, nameOf(name), "weightDecay") ?? weightDecay,
  }));
}

/** A backbone whose layers openmixup can count. */
export type OpenmixupBackbone =
  | {
    kind: "vit";
    /** Number of blocks. */
    depth: number;
  }
  | {
    kind: "convnext" | "swin";
    /** Blocks in each stage. */
    depths: readonly number[];
  };

function vitPosition(name: string, depth: number): LayerPosition {
  const at = (layer: number): LayerPosition => ({ layer, last: depth + 1 });
  const block = /backbone\.layers\.(\d+)\./.exec(name)?.[1];
  if (block !== undefined) return at(Number(block) + 1);
  return at(/pos_embed|cls_token|patch_embed/.test(name) ? 0 : depth + 1);
}

function swinPosition(name: string, depths: readonly number[]): LayerPosition {
  const blocks = blocksBefore(depths, depths.length);
  const at = (layer: number): LayerPosition => ({ layer, last: blocks + 1 });
  if (/mask_token|patch_embed/.test(name)) return at(0);
  const [, stage, part] = /^backbone\.stages\.(\d+)\.\w+\.(\w+)/.exec(name) ?? [];
  if (stage === undefined) return at(blocks + 1);
  // The other parts of a stage are the downsampling's, which belong to the stage's last block.
  const block = Number(part);
  return at(
    Number.isInteger(block)
      ? blocksBefore(depths, Number(stage)) + block + 1
      : blocksBefore(depths, Number(stage) + 1),
  );
}

/** The layer of a parameter by openmixup's names (TransformerFinetuneConstructor). */
export function openmixupLayer(name: string, backbone: OpenmixupBackbone): LayerPosition {
  switch (backbone.kind) {
    case "vit":
      return vitPosition(name, backbone.depth);
    case "convnext":
      return convnextLayer(/^backbone\.(.*)$/.exec(name)?.[1], backbone.depths);
    case "swin":
      return swinPosition(name, backbone.depths);
  }
}

/** Options of {@linkcode openmixupLayerDecayGroups}. */
export interface OpenmixupLayerDecayOptions {
  backbone: OpenmixupBackbone;
  /** What the learning rate is multiplied by from a layer to the one below it. */
  layerDecay: number;
  weightDecay: number;
  /**
   * For the weight decay, and for the learning rate of what follows a ViT's blocks: elsewhere the
   * layers' rates override the rules'. Default: those of fine-tuning transformers.
   */
  rules?: readonly NameRule[];
}

/**
 * Fine-tuning as openmixup does it. "bias" is looked for anywhere, so that tables of relative
 * position biases do not decay; norms in ConvNeXt's downsampling have numbers for names, and their
 * scales do. (ResNets are fine-tuned without layer-wise decay: {@linkcode openmixupGroups}.)
 *
 * @returns groups under the kit's names.
 */
export function openmixupLayerDecayGroups(
  specifications: Specifications,
  { backbone, layerDecay, weightDecay, rules = openmixupRules["transformer-finetuning"] }:
    OpenmixupLayerDecayOptions,
  nameOf: NameInProject = (name) => name,
): Groups {
  const rate = (name: string): number => {
    const position = openmixupLayer(name, backbone);
    // The other backbones' layers are rules for every single name.
    const free = backbone.kind === "vit" && position.layer === position.last;
    return (free ? ruled(rules, name, "learningRateScale") : undefined) ??
      layerScale(layerDecay, position);
  };
  return groupsOf(specifications, (name) => ({
    learningRateScale: rate(nameOf(name)),
    weightDecay: ruled(rules, nameOf(name), "weightDecay") ?? weightDecay,
  }));
}
