/**
 * Where the reference's transforms are in a recipe.
 */
import type { Entry, Fact, Facts } from "./entry.ts";
import { type Rule, translated } from "./rule.ts";

type Step = Record<string, Fact>;

const interpolations = { 2: "bilinear", 3: "bicubic" };

function interpolationOf(value: Fact): string {
  return typeof value === "number" ? translated(interpolations, value) : String(value);
}

/** The values of a step, all of which somebody must ask for. */
class Taken {
  readonly #left: Step;
  constructor(step: Step) {
    this.#left = { ...step };
  }
  take(...names: string[]): Fact {
    for (const name of names) {
      const value = this.#left[name];
      delete this.#left[name];
      if (value !== undefined) return value;
    }
    return null;
  }
  ignore(...names: string[]): void {
    for (const name of names) delete this.#left[name];
  }
  end(): void {
    const names = Object.keys(this.#left);
    if (names.length > 0) throw new Error(`Nobody reads ${names} of a transform`);
  }
}

function pair(value: Fact): Fact {
  return (value as number[]).map((number) =>
    Math.abs(number - 4 / 3) < 1e-6 ? 4 / 3 : number
  );
}

function normalization(step: Taken): Facts {
  return {
    "data.normalization.mean": step.take("mean"),
    "data.normalization.std": step.take("std"),
  };
}

function crop(step: Taken, rule: "retry" | "clamp"): Facts {
  const size = step.take("size") ?? step.take("input_size");
  step.ignore("ratio_note", "interpolation_name", "interpolation_note", "backend");
  return {
    "data.imageSize": size,
    "data.transform.crop.kind": "random-resized",
    "data.transform.crop.rule": rule,
    "data.transform.crop.scale": pair(step.take("scale")),
    "data.transform.crop.ratio": pair(step.take("ratio")),
    "data.transform.crop.interpolation": interpolationOf(step.take("interpolation")),
  };
}

const randAugment = (
  values: { variant: string; magnitude: number },
): Facts => ({
  "data.transform.randAugment.variant": values.variant,
  "data.transform.randAugment.magnitude": values.magnitude,
  "data.transform.randAugment.deviation": 0.5,
  "data.transform.randAugment.operations": 2,
});

const erasing = (variant: string, probability: Fact, areas: Fact[]): Facts => ({
  "data.transform.erasing.variant": variant,
  "data.transform.erasing.probability": probability,
  "data.transform.erasing.minimumArea": areas[0]!,
  "data.transform.erasing.maximumArea": areas[1]!,
});

function training(step: Taken, kind: string): Facts {
  switch (kind) {
    case "RandomResizedCrop":
    case "RandomResizedCropAndInterpolation (timm)":
      return crop(step, "retry");
    case "RandomResizedCrop (single draw, no retry loop; w,h clamped to the image)":
      return crop(step, "clamp");
    case "RandomCrop":
      return {
        "data.imageSize": step.take("size"),
        "data.transform.crop.kind": "random-padded",
        "data.transform.crop.padding": step.take("padding"),
        "data.transform.crop.mode": step.take("padding_mode"),
      };
    case "RandomHorizontalFlip":
    case "RandomFlip":
      step.ignore("direction");
      return { "data.transform.flip": step.take("p", "prob") ?? 0.5 };
    case "Normalize":
    case "(on GPU) ToTensor+Normalize":
      step.ignore("note");
      return normalization(step);
    case "ToTensor":
    case "LoadImageFromFile":
    case "PackInputs":
      return {};
    case "ColorJitter":
      return Object.fromEntries(
        ["brightness", "contrast", "saturation", "hue"].map((name) => [
          `data.transform.colorJitter.${name}`,
          step.take(name),
        ]),
      );
    case "Lighting":
      return { "data.transform.lighting": 0.1 };
    case "RandAugment": {
      const config = step.take("config");
      if (config === "rand-m9-mstd0.5-inc1") {
        return randAugment({ variant: "timm", magnitude: 9 });
      }
      const variant = translated({
        timm_increasing: "mmpretrain",
        "rand_increasing (15 operations)": "openmixup",
      }, step.take("policies"));
      step.ignore("hparams"); // grey fill and bicubic, as the variants have them
      const shared = [2, 10, 0.5];
      const given = ["num_policies", "total_level", "magnitude_std"].map((name) =>
        step.take(name)
      );
      if (given.join() !== shared.join()) throw new Error(`RandAugment of ${given}`);
      return randAugment({ variant, magnitude: Number(step.take("magnitude_level")) });
    }
    case "RandomErasing": {
      step.ignore("mode", "count", "min_aspect", "fill_color", "fill_std");
      const timm = step.take("prob");
      if (timm !== null) {
        return erasing("timm", timm, [step.take("min_area"), step.take("max_area")]);
      }
      const areas = [step.take("min_area_ratio"), step.take("max_area_ratio")];
      return erasing("mmpretrain", step.take("erase_prob"), areas);
    }
    case "RandomErasing_numpy": {
      step.ignore("mode", "fill_color", "fill_std");
      const areas = [step.take("min_area_ratio"), step.take("max_area_ratio")];
      return erasing("mmpretrain", step.take("erase_prob"), areas);
    }
    case "RandAugment_timm": // timm's create_transform, with its defaults
      step.ignore("color_jitter"); // timm does not look at it beside auto_augment
      if (
        step.take("auto_augment") !== "rand-m9-mstd0.5-inc1" ||
        step.take("re_mode") !== "pixel" || step.take("re_count") !== 1
      ) throw new Error("Unknown augmentation of timm");
      return {
        ...normalization(step),
        "data.imageSize": step.take("input_size"),
        "data.transform.crop.kind": "random-resized",
        "data.transform.crop.rule": "retry",
        "data.transform.crop.scale": [0.08, 1],
        "data.transform.crop.ratio": [3 / 4, 4 / 3],
        "data.transform.crop.interpolation": step.take("interpolation"),
        "data.transform.flip": 0.5,
        ...randAugment({ variant: "timm", magnitude: 9 }),
        ...erasing("timm", step.take("re_prob"), [0.02, 1 / 3]),
      };
    case "SimMIMMaskGenerator":
      return {
        "data.imageSize": step.take("input_size"),
        "masker.kind": "block",
        "masker.cellPixels": step.take("mask_patch_size"),
        "masker.ratio": step.take("mask_ratio"),
        ...(step.ignore("model_patch_size"), {}),
      };
    default:
      throw new Error(`Unknown transform "${kind}"`);
  }
}

function evaluation(step: Taken, kind: string): Facts {
  switch (kind) {
    case "Resize":
    case "ResizeEdge":
      step.ignore("edge", "backend", "rule", "interpolation_note");
      return {
        "data.evaluation.resize": step.take("size", "scale"),
        "data.evaluation.interpolation": interpolationOf(step.take("interpolation")),
      };
    case "CenterCrop":
      return { "data.evaluation.crop": step.take("size", "crop_size") };
    default:
      return training(step, kind);
  }
}

function steps(
  read: (step: Taken, kind: string) => Facts,
): (value: Fact, entry: Entry) => Facts {
  return (value) =>
    Object.assign(
      {},
      ...(value as Step[]).map((given) => {
        // mmpretrain's crop calls its size scale.
        const { crop_ratio_range, aspect_ratio_range, ...rest } = given;
        const plain: Step = crop_ratio_range === undefined ? rest : {
          ...rest,
          size: rest["scale"]!,
          scale: crop_ratio_range,
          ratio: aspect_ratio_range!,
        };
        const step = new Taken(plain);
        const facts = read(step, String(step.take("op", "type")));
        step.end();
        return facts;
      }),
    );
}

/** Where the values of data and transforms are. */
export const dataRules: Rule[] = [
  { from: ["dataset"], to: "data.dataset" },
  { from: ["train_augment"], to: steps(training) },
  { from: ["test_transform"], to: steps(evaluation) },
  {
    from: ["normalisation.mean_0_255"],
    to: (value) => ({
      "data.normalization.mean": (value as number[]).map((mean) => mean / 255),
    }),
  },
  {
    from: ["normalisation.std_0_255"],
    to: (value) => ({
      "data.normalization.std": (value as number[]).map((std) => std / 255),
    }),
  },
  { from: ["normalisation.to_rgb"], reason: "images are RGB throughout" },
];
