/**
 * What a configuration means by saying nothing: defaults of the projects' own code, and of the kit.
 */
import { isMissing, type Named, part } from "./backbone_rules.ts";
import type { Entry, Fact, Facts } from "./entry.ts";

function isOfficial({ project }: Entry): boolean {
  return project.endsWith("(official)");
}

/** mmselfsup became mmpretrain. */
function isOpenmmlab({ project }: Entry): boolean {
  return project === "mmpretrain" || project === "mmselfsup";
}

function ofEveryRecipe(entry: Entry): Facts {
  const { total: stated, per_gpu } = (entry["batch"] ?? {}) as Named;
  const total = stated ?? per_gpu;
  const { lr_formula } = (entry["optimizer"] ?? {}) as Named;
  return {
    "data.repeats": 1,
    ...(lr_formula === undefined || lr_formula === null) && total
      // The rate is stated for the batch of the same configuration.
      ? { "optimizer.lrForBatch": total }
      : {},
    "optimizer.nesterov": false, // PyTorch's default
    "schedule.warmupEpochs": 0, // no warm-up is stated
    "schedule.warmupRatio": 0,
    "groups.kind": isOfficial(entry)
      ? "mae"
      : isOpenmmlab(entry)
      ? "mmpretrain"
      : "openmixup",
    "groups.undecayed": [],
    "groups.undecayedVectors": false,
    "groups.slowed": [],
  };
}

function ofPretraining(entry: Entry): Facts {
  return {
    "evaluation.neighboursEveryEpochs": 0,
    // SimMIM's own in mmpretrain; A2MIM's are stated.
    "model.token.kind": "replace",
    "model.token.layer": 0,
    "model.fill": false,
    "model.head": "linear",
    "model.decoderKind": "prompting",
    ...isOpenmmlab(entry) && entry.method === "MixMIM"
      ? { "model.decoder.epsilon": 1e-6 } // mixmim_neck.py
      : {},
  };
}

/** Deviations of heads without an `init_cfg`. */
const headDeviations: Record<string, number> = {
  LinearClsHead: 0.01,
  ClsHead: 0.01,
  ClsMixupHead: 0.01,
  MultiClsHead: 0.01,
  VisionTransformerClsHead: 0.02, // openmixup's; mmpretrain's recipes state theirs
};

function poolingOf(entry: Entry): Facts {
  const { type } = part(entry, "backbone");
  // openmixup's ViT gives its head patches and the class token, of which it takes the token.
  const token = type === "VisionTransformer" && !isOpenmmlab(entry);
  return { "model.pooling": token ? "class-token" : "patches" };
}

function ofClassification(entry: Entry): Facts {
  const neck = part(entry, "neck")["type"];
  const head = String(part(entry, "head")["type"]);
  const partners = isOfficial(entry)
    ? "reversed" // timm's flip
    : isOpenmmlab(entry)
    ? "permutation"
    : "derangement"; // openmixup's cutmix draws until nobody is alone
  return {
    "evaluation.everyEpochs": 1,
    "model.normalizeFeatures": neck === "ClsBatchNormNeck",
    ...Object.hasOwn(headDeviations, head)
      ? { "model.headDeviation": headDeviations[head]! }
      : {},
    ...poolingOf(entry),
    loss: "cross-entropy",
    smoothing: 0,
    ...entry["batch_augment"] === null || entry["batch_augment"] === undefined
      ? {}
      : { "mixing.cutmixPartners": partners },
  };
}

function ofBackbone(entry: Entry): Facts {
  if (isMissing(entry)) return {};
  const { type, arch, use_window } = part(entry, "backbone");
  return {
    ...entry.method === "MixMIM" && isOpenmmlab(entry)
      ? { "model.backbone.rewrite": "mmpretrain" }
      : {},
    ...use_window === true ? { "model.backbone.qkvBias": "query-value" } : {},
    // The kit names no Swin-L: it is half as wide again as Swin-B.
    ...arch === "large" && /swin/i.test(String(type))
      ? { "model.backbone.variant": "B", "model.backbone.heads": [6, 12, 24, 48] }
      : {},
  };
}

/** Images that are tested as they are stored. */
function ofUntouchedTests(entry: Entry): Facts {
  const test = (entry["test_transform"] ?? []) as Named[];
  const touched = test.some((step) =>
    /Resize|Crop/.test(String(step["op"] ?? step["type"]))
  );
  if (test.length === 0 || touched) return {};
  const [{ size }] = entry["train_augment"] as [{ size: Fact }];
  return { "data.evaluation.resize": size, "data.evaluation.crop": size };
}

/** What no source states: the kit's choice, and so it is called in the recipe's sources. */
export function chosenByTheKit(imageSize: number): Facts {
  return {
    // SimMIM's, MAE's and A2MIM's way to evaluate at 224, for any size.
    "data.evaluation.crop": imageSize,
    "data.evaluation.resize": Math.round(imageSize * 256 / 224),
    "data.evaluation.interpolation": "bicubic",
    "data.imageSize": 224,
    "data.normalization.mean": [0.485, 0.456, 0.406],
    "data.normalization.std": [0.229, 0.224, 0.225],
    "data.transform.crop.kind": "random-resized",
    "data.transform.crop.scale": [0.08, 1],
    "data.transform.crop.ratio": [3 / 4, 4 / 3],
    "data.transform.crop.rule": "retry",
    "data.transform.crop.interpolation": "bicubic",
    "data.transform.flip": 0.5,
    "optimizer.betas": [0.9, 0.999],
    "optimizer.epsilon": 1e-8,
    "optimizer.trustCoefficient": 0.001,
    "schedule.gamma": 0.1,
    "batch.total": 100, // of the one recipe that says images for each GPU alone
  };
}

/** Values of a recipe where the reference has none. */
export function implied(entry: Entry): Facts {
  return {
    ...ofEveryRecipe(entry),
    ...entry.phase === "pretrain" ? ofPretraining(entry) : ofClassification(entry),
    ...ofBackbone(entry),
    ...ofUntouchedTests(entry),
  };
}
