/** Losses of classification, each with its gradient for the logits. */
import { z } from "zod";
import { type Tensor, tf } from "../../../lib/engine/mod.ts";
import { binaryCrossEntropy } from "../../../lib/losses/binary_cross_entropy.ts";
import {
  classySmoothing,
  crossEntropy,
  mixedTargets,
  softTargets,
} from "../../../lib/losses/cross_entropy.ts";
import { configOf, type GoldenCase, input } from "../golden_case.ts";
import { type Computation, computation, type Kinds } from "../kind.ts";

const size = z.int().positive();
const lossesConfig = z.object({ classes: size, lam: z.number() });

/** What the case's variants fix and its config leaves out. */
const smoothing = 0.1;

interface Given {
  logits: Tensor;
  label: Tensor;
  label_b: Tensor;
  soft: Tensor;
}

type Loss = (logits: Tensor, given: Given) => Tensor;

/** The number at the end of a variant's name, such as `timm_label_smoothing_0.1`. */
function numberIn(name: string): number | undefined {
  const digits = /_(\d+(?:\.\d+)?)$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function lossOf(name: string, { classes, lam }: z.infer<typeof lossesConfig>): Loss {
  const mixed = ({ label: labels, label_b: otherLabels }: Given, smoothing: number) =>
    mixedTargets({ labels, otherLabels, lambda: tf.scalar(lam) }, classes, smoothing);
  const number = numberIn(name);
  switch (number === undefined ? name : name.replace(/_[\d.]+$/, "")) {
    case "timm_soft_target_ce":
    case "openmixup_soft_ce":
      return (logits, { soft }) => crossEntropy(logits, soft);
    case "timm_label_smoothing":
      return (logits, { label }) =>
        crossEntropy(logits, softTargets(label, classes, number));
    case "timm_bce_smoothing":
      return (logits, { label }) =>
        binaryCrossEntropy(logits, softTargets(label, classes, number));
    case "timm_bce_soft":
      return (logits, { soft }) => binaryCrossEntropy(logits, soft);
    case "timm_bce_threshold":
      return (logits, { soft }) =>
        binaryCrossEntropy(logits, soft, { threshold: number! });
    case "timm_bce_sum_classes":
      return (logits, { soft }) =>
        binaryCrossEntropy(logits, soft, { reduction: "sum-classes" });
    case "openmixup_mixup_bce_rsb":
      return (logits, given) =>
        binaryCrossEntropy(logits, mixed(given, 0), { reduction: "sum-classes" });
    case "openmixup_bce_one_hot":
      return (logits, { label }) =>
        binaryCrossEntropy(logits, softTargets(label, classes), {
          reduction: "sum-classes",
        });
    case "openmixup_mixup_label_smooth":
      return (logits, given) => crossEntropy(logits, mixed(given, smoothing));
    case "openmixup_label_smooth_original":
      return (logits, { label }) =>
        crossEntropy(logits, softTargets(label, classes, smoothing));
    case "openmixup_label_smooth_classy":
      return (logits, { label }) =>
        crossEntropy(logits, softTargets(label, classes, classySmoothing(smoothing)));
    default:
      throw new Error(`No loss is known by the name "${name}"`);
  }
}

function classificationLosses(golden: GoldenCase): Computation {
  const config = configOf(golden, lossesConfig);
  const names = [...golden.tensors.keys()].flatMap((key) =>
    key.startsWith("out/loss/") ? [key.slice("out/loss/".length)] : []
  );
  const given = {
    logits: input(golden, "logits"),
    label: input(golden, "label"),
    label_b: input(golden, "label_b"),
    soft: input(golden, "soft"),
  };
  return computation(given, (given) => {
    const outputs: Record<string, Tensor> = {};
    for (const name of names) {
      const loss = lossOf(name, config);
      const { value, grad } = tf.valueAndGrad((logits: Tensor) => loss(logits, given))(
        given.logits,
      );
      outputs[`out/loss/${name}`] = value;
      outputs[`out/grad/${name}`] = grad;
    }
    return outputs;
  });
}

/** The kind of cases about losses of classification. */
export const classificationLossKinds: Kinds = {
  "classification-losses": classificationLosses,
};
