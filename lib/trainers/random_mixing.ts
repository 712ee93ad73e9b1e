/**
 * Mixup and cutmix drawn from keys, as the fine-tuning recipes use them.
 *
 * @module
 */
import { foldIn, type Key, random, type Tensor, tf } from "../engine/mod.ts";
import { drawBeta } from "./beta_distribution.ts";
import {
  cutBox,
  cutmix,
  type LabelledImages,
  type MixedImages,
  mixup,
  nextInCircle,
  type Partners,
} from "./mixing.ts";

/**
 * How partners are found: `reversed` pairs the batch with its reverse (timm), `permutation` draws
 * an order (mmpretrain, openmixup's mixup), `derangement` one in which no image is its own partner
 * (openmixup's cutmix, which tries ten times; here it always holds).
 */
export type PartnerChoice = "reversed" | "permutation" | "derangement";

/** Options of {@linkcode mixRandomly}. */
export interface MixingOptions {
  /** Of mixup's Beta(α, α); 0 for no mixup. */
  mixupAlpha: number;
  /** Of cutmix's Beta(α, α); 0 for no cutmix. */
  cutmixAlpha: number;
  /** How often anything is mixed. Default: 1. */
  probability?: number;
  /** How often it is cutmix, where both are wanted. Default: 0.5. */
  switchProbability?: number;
  /** Default: reversed. */
  partners?: PartnerChoice;
  /** Partners in cutmix. Default: those of mixup. */
  cutmixPartners?: PartnerChoice;
  /** Whether to draw once for the batch, or for each image (timm's elem). Default: batch. */
  per?: "batch" | "image";
}

function requireMixing(options: MixingOptions, batch: number): void {
  const { mixupAlpha, cutmixAlpha, probability = 1, switchProbability = 0.5 } = options;
  if (!(mixupAlpha >= 0 && cutmixAlpha >= 0 && mixupAlpha + cutmixAlpha > 0)) {
    throw new Error(
      "Mixing needs mixupAlpha or cutmixAlpha above 0 and neither below, got " +
        `${mixupAlpha} and ${cutmixAlpha}: leave mixing out for none`,
    );
  }
  for (const [name, value] of Object.entries({ probability, switchProbability })) {
    if (!(value >= 0 && value <= 1)) {
      throw new Error(`Mixing's ${name} must be from 0 to 1, got ${value}`);
    }
  }
  const { partners = "reversed", cutmixPartners = partners } = options;
  const choices = [partners, cutmixPartners];
  if (choices.includes("reversed") && batch % 2 !== 0) {
    throw new Error(
      `A batch is mixed with its reverse in pairs: its size must be even, got ${batch}; ` +
        'partners "permutation" takes any',
    );
  }
  if (choices.includes("derangement") && batch < 2) {
    throw new Error("A batch of one image has no other partner: take two or more");
  }
}

/** Rows of the partners, `(B)` int32. */
function drawPartners(key: Key, choice: PartnerChoice, batch: number): Tensor {
  switch (choice) {
    case "reversed":
      return tf.range(0, batch, 1, "int32").reverse();
    case "permutation":
      return random.permutation(key, 1, batch).reshape([batch]);
    case "derangement":
      return nextInCircle(random.permutation(key, 1, batch));
  }
}

/** A whole number below `count`, as float32. */
function drawPlace(key: Key, shape: number[], count: number): Tensor {
  return random.uniform(key, shape).mul(count).floor().minimum(count - 1);
}

/**
 * Mixes a batch at random. Recipes: MAE's, MILAN's and MixMIM's fine-tuning `mixupAlpha` 0.8 and
 * `cutmixAlpha` 1 (timm); A2MIM's "ResNet strikes back" fine-tuning 0.1 and 1 with `partners`
 * permutation and `cutmixPartners` derangement (openmixup).
 *
 * @param key differs at every step.
 * @throws {Error} when an option makes no sense for the batch.
 *
 * @example
 * ```ts
 * import { mixRandomly } from "./random_mixing.ts";
 * import { randomKey, tf } from "../engine/mod.ts";
 * const batch = { images: tf.zeros([4, 8, 8, 3]), labels: tf.tensor1d([0, 1, 2, 3], "int32") };
 * const mixed = mixRandomly(randomKey(0), batch, { mixupAlpha: 0.8, cutmixAlpha: 1 });
 * console.log(mixed.otherLabels.dataSync()); // Int32Array(4) [ 3, 2, 1, 0 ]
 * ```
 */
export function mixRandomly(
  key: Key,
  batch: LabelledImages,
  options: MixingOptions,
): MixedImages {
  const [count, height, width] = batch.images.shape as [number, number, number, number];
  requireMixing(options, count);
  const { mixupAlpha, cutmixAlpha, probability = 1 } = options;
  const { partners: choice = "reversed", cutmixPartners = choice } = options;
  const shape = options.per === "image" ? [count] : [];
  const at = (purpose: string): Key => foldIn(key, purpose);
  const applied = random.bernoulli(at("apply"), probability, shape);
  /** 1 where nothing is mixed. */
  const lambdaOf = (purpose: string, alpha: number): Tensor =>
    tf.where(applied, drawBeta(at(purpose), shape, alpha), tf.ones(shape));
  const mixedUp = (partners: Partners): MixedImages =>
    mixup(batch, lambdaOf("mixup", mixupAlpha), partners);
  const cut = (partners: Partners): MixedImages => {
    const lambda = lambdaOf("cutmix", cutmixAlpha);
    const row = drawPlace(at("row"), shape, height);
    const column = drawPlace(at("column"), shape, width);
    return cutmix(batch, cutBox({ height, width, lambda, row, column }), partners);
  };
  const forMixup = drawPartners(at("mixup partners"), choice, count);
  if (cutmixAlpha === 0) return mixedUp(forMixup);
  const forCutmix = drawPartners(at("cutmix partners"), cutmixPartners, count);
  if (mixupAlpha === 0) return cut(forCutmix);
  const switched = random.bernoulli(
    at("switch"),
    options.switchProbability ?? 0.5,
    shape,
  );
  const partners = tf.where(switched, forCutmix, forMixup);
  const [first, second] = [mixedUp(partners), cut(partners)];
  const perImage = switched.reshape([-1, 1, 1, 1]);
  return {
    ...first,
    images: tf.where(perImage, second.images, first.images),
    lambda: tf.where(switched, second.lambda, first.lambda),
  };
}
