import { assert, assertEquals, assertThrows } from "@std/assert";
import { describeClip } from "../../lib/backbones/clip.ts";
import { tinyClip } from "../../lib/backbones/clip_variants.ts";
import { randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { mae, milan, type MilanTarget, patchValues } from "../../lib/methods/mod.ts";
import { clipTeacher } from "../../lib/methods/mod.ts";
import { randomMask } from "../../lib/maskers/mod.ts";
import { describeParameters, initializeParameters, scope } from "../../lib/nn/scope.ts";
import { toyModel, toyVit } from "../trainers/toy.ts";

const sizes = { batch: 3, length: 16, maskRatio: 0.75 };

function images(): Tensor {
  return tf.randomNormal([3, 8, 8, 1], 0, 1, "float32", 1);
}

function target(kind: MilanTarget["kind"]): MilanTarget {
  return kind === "pixels"
    ? { kind, normalize: true }
    : { kind, features: tf.randomNormal([3, 17, 10], 0, 1, "float32", 2) };
}

Deno.test("mae() predicts the pixels of every patch, and names its intermediates", () => {
  tf.tidy(() => {
    const mask = randomMask(randomKey(0), sizes);
    const specifications = describeParameters((scope, input) =>
      mae(scope, input({ shape: [3, 8, 8, 1] }), mask, toyModel)
    );
    const parameters = initializeParameters(specifications, randomKey(1));
    const output = mae(scope(parameters), images(), mask, toyModel);
    assertEquals(patchValues(toyVit), 4);
    assertEquals(output.loss.shape, []);
    assertEquals(output.prediction.shape, [3, 16, 4]);
    assertEquals(output.target.shape, [3, 16, 4]);
    assertEquals(output.latent.shape, [3, 5, 16]);
    assertEquals([output.encoderBlocks.length, output.decoderBlocks.length], [2, 1]);
    // Normalised pixels have variance 1, a fresh decoder's outputs not much more.
    const [loss] = output.loss.dataSync();
    assert(loss! > 0.4 && loss! < 4, `${loss}`);
  });
});

for (const decoderKind of ["prompting", "plain"] as const) {
  for (const kind of ["features", "pixels"] as const) {
    Deno.test(`milan() runs with the ${decoderKind} decoder on ${kind}`, () => {
      tf.tidy(() => {
        const mask = randomMask(randomKey(0), sizes);
        const configuration = { ...toyModel, decoderKind };
        const run = (at: Parameters<typeof milan>[0], from: Tensor) =>
          milan(at, from, mask, target(kind), configuration);
        const specifications = describeParameters((scope, input) =>
          run(scope, input({ shape: [3, 8, 8, 1] }))
        );
        const output = run(
          scope(initializeParameters(specifications, randomKey(1))),
          images(),
        );
        const shape = kind === "features" ? [3, 17, 10] : [3, 16, 4];
        assertEquals([output.prediction.shape, output.target.shape], [shape, shape]);
        const [loss] = output.loss.dataSync();
        // 2 - 2 cos lies between 0 and 4.
        assert(loss! > 0.3 && loss! < 4, `${loss}`);
      });
    });
  }
}

Deno.test("methods say which parameter is missing or has another shape", () => {
  tf.tidy(() => {
    const mask = randomMask(randomKey(0), sizes);
    const specifications = describeParameters((scope, input) =>
      mae(scope, input({ shape: [3, 8, 8, 1] }), mask, toyModel)
    );
    const { mask_token: token, ...rest } = initializeParameters(
      specifications,
      randomKey(1),
    );
    const run = (parameters: typeof rest) => () =>
      mae(scope(parameters), images(), mask, toyModel);
    assertThrows(run(rest), Error, '"mask_token" [1,1,8] is missing');
    const wrong = { ...rest, mask_token: token!.reshape([1, 8, 1]) };
    assertThrows(run(wrong), Error, '"mask_token" is [1,8,1], the model needs [1,1,8]');
  });
});

const towers = tinyClip({
  ...{ imageSize: 8, patchSize: 2, vocabularySize: 9, contextLength: 5 },
  ...{ width: 16, layers: 1, heads: 2 },
});

Deno.test("clipTeacher() gives features of every token, and importance that is no less than 0", () => {
  tf.tidy(() => {
    const parameters = initializeParameters(describeClip(towers, 1), randomKey(0));
    const { features, importance } = clipTeacher(parameters, towers.vision)(images());
    assertEquals([features.shape, importance.shape], [[3, 17, 16], [3, 16]]);
    assert(importance.dataSync().every((value) => value > 0 && value < 1));
  });
});

Deno.test("clipTeacher() sees the same image whatever the student's normalisation", () => {
  tf.tidy(() => {
    const parameters = initializeParameters(describeClip(towers, 1), randomKey(0));
    const pixels = images();
    const teacher = { mean: [0.5], std: [0.25] };
    const student = { mean: [0.2], std: [2] };
    const normalized = ({ mean, std }: typeof teacher) =>
      pixels.sub(mean[0]!).div(std[0]!);
    const own = clipTeacher(parameters, towers.vision)(normalized(teacher));
    const other = clipTeacher(parameters, towers.vision, {
      statistics: { student, teacher },
    })(normalized(student));
    const difference = own.features.sub(other.features).abs().max().dataSync()[0]!;
    assert(difference < 1e-4, `${difference}`);
  });
});
