import { assertEquals, assertLess } from "@std/assert";
import { resnetVariant } from "../../lib/backbones/resnet.ts";
import { vitVariant } from "../../lib/backbones/vit.ts";
import { openSavedModel, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { type ClassifierBackbone, classify } from "../../lib/methods/classification.ts";
import {
  describeParameters,
  initializeParameters,
  type Scope,
  scope,
} from "../../lib/nn/scope.ts";
import { imagenetPreprocessing } from "../../lib/zoo/preprocessing.ts";
import { exportSavedModel, type ModelToExport } from "../../lib/zoo/saved_model.ts";
import { temporaryFolder } from "./temporary_folder.ts";

const imageSize = 32;

function classifier(backbone: ClassifierBackbone): ModelToExport {
  const encode = (scope: Scope, images: Tensor) => {
    const { feature, logits } = classify(scope, images, { backbone, classes: 5 });
    return { features: feature, logits };
  };
  const specifications = describeParameters((scope, input) =>
    encode(scope, input({ shape: [1, imageSize, imageSize, 3] }))
  );
  const drawn = initializeParameters(specifications, randomKey(1));
  // A fresh network is too even: heads of zeros, norms of ones.
  const parameters = Object.fromEntries(
    Object.entries(drawn).map(([name, value]) => {
      if (/running_var|num_batches/.test(name)) return [name, value];
      return [name, value.add(tf.randomNormal(value.shape, 0, 0.05, "float32", 7))];
    }),
  );
  return { encode, parameters, preprocessing: imagenetPreprocessing({ imageSize }) };
}

/** Over the largest value. */
function distance(actual: Tensor, expected: Tensor): number {
  const most = (values: Tensor) => values.abs().max().dataSync()[0]!;
  return most(actual.sub(expected)) / most(expected);
}

const stages = { depths: [1, 2], heads: [2, 4], width: 16 };
const backbones: Record<string, ClassifierBackbone> = {
  "a ViT": { kind: "vit", ...vitVariant("tiny/16", imageSize), depth: 2 },
  "a ResNet": { kind: "resnet", ...resnetVariant(18), depths: [1, 1, 1, 1] },
  "a Swin": { kind: "swin", ...stages, window: 4 },
  "a MixMIM": { kind: "mixmim", ...stages, imageSize, windows: [4, 4] },
};

Deno.test("exportSavedModel() writes what gives the model's logits and features", async (t) => {
  for (const [name, backbone] of Object.entries(backbones)) {
    await t.step(name, async () => {
      using folder = temporaryFolder();
      const model = classifier(backbone);
      await exportSavedModel(model, `${folder.path}/1`);
      const saved = openSavedModel(`${folder.path}/1`);
      const { mean, std } = model.preprocessing;
      for (const batch of [1, 3]) {
        const shape: [number, number, number, number] = [batch, imageSize, imageSize, 3];
        const pixels = tf.randomUniform(shape, 0, 256, "int32", 2);
        const images = pixels.toFloat().div(255).sub([...mean]).div([...std]);
        const expected = model.encode(scope(model.parameters), images);
        for (
          const given of [
            await saved.run({ images }),
            await saved.run({ images: pixels }, "pixels"),
          ]
        ) {
          assertEquals(given.logits!.shape, [batch, 5]);
          assertLess(distance(given.logits!, expected.logits!), 1e-5);
          assertLess(distance(given.features!, expected.features), 1e-5);
        }
      }
      saved.dispose();
    });
  }
});
