/** Mixup and cutmix as timm and as openmixup do them, with what is random passed in. */
import { z } from "zod";
import { type Tensor, tf } from "../../../lib/engine/mod.ts";
import { mixedTargets } from "../../../lib/losses/cross_entropy.ts";
import { cutBox, cutmix, type MixedImages, mixup } from "../../../lib/trainers/mixing.ts";
import { configOf, type GoldenCase, images, input } from "../golden_case.ts";
import { type Computation, computation, type Kinds } from "../kind.ts";

const place = z.int().nonnegative();
const mixingConfig = z.object({
  size: z.int().positive(),
  classes: z.int().positive(),
  lam_mixup: z.number(),
  lam_cutmix: z.number(),
  center: z.tuple([place, place]),
  smoothing: z.number(),
});

function mixing(golden: GoldenCase): Computation {
  const { size, classes, smoothing, ...config } = configOf(golden, mixingConfig);
  const given = {
    images: images(golden),
    labels: input(golden, "label"),
    permutation: input(golden, "permutation"),
    lambdas: input(golden, "elem_lam"),
  };
  const [row, column] = config.center;
  const lambda = config.lam_cutmix;
  return computation(given, ({ permutation, lambdas, ...batch }) => {
    const box = cutBox({ height: size, width: size, lambda, row, column });
    const share = tf.scalar(config.lam_mixup);
    const picture = ({ images }: MixedImages): Tensor =>
      tf.transpose(images, [0, 3, 1, 2]);
    const timm = (name: string, mixed: MixedImages) => ({
      [`out/timm_${name}/image`]: picture(mixed),
      [`out/timm_${name}/target`]: mixedTargets(mixed, classes, smoothing),
    });
    const openmixup = (name: string, mixed: MixedImages) => ({
      [`out/openmixup_${name}/image`]: picture(mixed),
      [`out/openmixup_${name}/label_b`]: mixed.otherLabels,
      [`out/openmixup_${name}/lam`]: mixed.lambda,
    });
    return {
      ...timm("mixup", mixup(batch, share)),
      ...timm("cutmix", cutmix(batch, box)),
      ...timm("elem", mixup(batch, lambdas)),
      ...openmixup("mixup", mixup(batch, share, permutation)),
      ...openmixup("cutmix", cutmix(batch, box, permutation)),
    };
  });
}

/** The kind of cases about mixup and cutmix. */
export const mixingKinds: Kinds = { "mixup-cutmix": mixing };
