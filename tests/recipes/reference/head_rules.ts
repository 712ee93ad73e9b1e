/**
 * Where the reference's masks, heads, losses and mixing are in a recipe.
 */
import { type Named, part } from "./backbone_rules.ts";
import type { Entry, Fact, Facts } from "./entry.ts";
import { headDeviation } from "./official_rules.ts";
import { type Rule, translated } from "./rule.ts";

function lossKind(type: Fact, entry: Entry): Facts {
  if (entry.phase === "pretrain") return {}; // each method has its own
  const loss = part(entry, "head")["loss"] as Named;
  const facts: Facts = {
    loss: loss["use_sigmoid"] === true ? "binary-cross-entropy" : "cross-entropy",
  };
  if (type === "CrossEntropyLoss" && loss["label_smooth_val"] === undefined) {
    facts["smoothing"] = 0;
  }
  return facts;
}

/** Where the values of masks, heads, losses and mixing are. */
export const headRules: Rule[] = [
  // Masks of SimMIM and A2MIM
  { from: ["model.masking.generator.input_size"], to: "data.imageSize" },
  { from: ["model.masking.generator.mask_patch_size"], to: "masker.cellPixels" },
  { from: ["model.masking.generator.mask_ratio"], to: "masker.ratio" },
  {
    from: ["model.masking.generator.type"],
    to: (type) => ({
      "masker.kind": translated({ BlockwiseMaskGenerator: "block" }, type),
    }),
  },
  {
    from: ["model.masking.generator.mask_color"],
    to: (color) => ({ "model.fill": translated({ mean: true, zero: false }, color) }),
  },
  {
    from: [
      ...["model.masking.generator.model_patch_size", "model.masking.mask_map_size"],
      ...["model.masking.generator.mask_only", "model.masking.mask_grid"],
      "model.masking.masked_cells",
    ],
    reason: "follows from the cells and the backbone's map",
  },
  // Necks and heads
  {
    from: ["model.neck.decoder_cfg.type"],
    to: (type) => ({
      "model.head": translated({ ConvNeck: "depthwise-convolution" }, type),
    }),
  },
  {
    from: [
      ...["model.neck.decoder_cfg.**", "model.neck.in_channels", "model.neck.in_chans"],
      ...["model.neck.encoder_stride", "model.neck.kernel_size", "model.neck.mlp_ratio"],
      ...["model.neck.num_patches", "model.neck.patch_size", "model.neck.input_features"],
      ...["model.head.in_channels", "model.head.encoder_in_channels"],
      ...["model.head.patch_size", "model.head.cal_acc", "model.head.with_avg_pool"],
      ...["model.head.two_hot", "model.head.backbone", "model.head.in_indices"],
      ...["model.head.norm_cfg.**", "model.head.pool_type"],
      "model.head.with_last_layer_unpool",
    ],
    reason: "follows from the backbone, or is the same everywhere",
  },
  {
    from: ["model.head.num_classes", "model.head.loss.num_classes"],
    to: "model.classes",
  },
  { from: ["model.head.init_cfg"], to: headDeviation },
  { from: ["model.head.norm_pix"], to: "model.normalizePixels" },
  { from: ["model.head.fft_weight"], to: "model.fourier.weight" },
  { from: ["model.head.fft_focal"], to: "model.fourier.focal" },
  { from: ["model.head.fft_reweight"], to: "model.fourier.reweight" },
  { from: ["model.head.fft_unmask_replace"], to: "model.fourier.replacement" },
  { from: ["model.head.fft_unmask_weight"], to: "model.fourier.unmaskWeight" },
  { from: ["model.head.unmask_weight"], to: "model.unmaskWeight" },
  {
    from: ["model.head.loss.mode"],
    to: (mode, { method }): Facts =>
      method !== "A2MIM" ? {} : {
        "model.regression.kind": translated(
          { focal_l1_loss: "focal-l1", l1_loss: "l1" },
          mode,
        ),
      },
  },
  { from: ["model.head.loss.alpha"], to: "model.regression.alpha" },
  { from: ["model.head.loss.gamma"], to: "model.regression.gamma" },
  { from: ["model.head.loss.type"], to: lossKind },
  {
    from: [
      ...["model.head.loss.use_sigmoid", "model.head.loss.use_soft"],
      ...["model.head.loss.loss_weight", "model.head.loss.reduction"],
      ...["model.head.loss.activate", "model.head.loss.residual"],
      ...["model.head.loss.criterion", "model.head.loss.channel"],
      ...["model.head.loss.shift_factor", "model.head.loss.scale_factor"],
      "model.head.multi_label",
    ],
    reason: "said by the kind of the loss",
  },
  {
    from: ["model.head.loss.label_smooth_val", "batch_augment.label_smoothing"],
    to: "smoothing",
  },
  // Mixing
  {
    from: ["batch_augment.alpha"],
    to: (value) => ({
      "mixing.mixupAlpha": (value as number[])[0]!,
      "mixing.cutmixAlpha": (value as number[])[1]!,
    }),
  },
  {
    from: ["batch_augment.modes"],
    to: (value): Facts => {
      const modes = value as (string | Named)[];
      if (modes.join() === "mixup,cutmix") return {};
      const [mixup, cutmix] = modes as [Named, Named];
      return {
        "mixing.mixupAlpha": mixup["alpha"]!,
        "mixing.cutmixAlpha": cutmix["alpha"]!,
      };
    },
  },
  { from: ["batch_augment.prob"], to: "mixing.probability" },
  { from: ["batch_augment.switch_prob"], to: "mixing.switchProbability" },
  {
    from: ["batch_augment.choice"],
    to: (): Facts => ({
      "mixing.probability": 1,
      "mixing.switchProbability": 0.5,
      "mixing.partners": "permutation",
    }),
  },
  {
    from: ["batch_augment.mode", "batch_augment.loss"],
    to: (): Facts => ({ "mixing.partners": "reversed" }),
  },
  { from: ["batch_augment.source"], reason: "where the choice is made" },
];
