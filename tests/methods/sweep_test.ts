/**
 * Every combination of method, masker, backbone and head that makes sense, at tiny size: it gives a
 * finite loss and gradients, every trained parameter gets one, and a small step downhill lowers the
 * loss.
 */
import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { type MapBackbone, strideAtLayer } from "../../lib/backbones/mod.ts";
import {
  random,
  randomKey,
  type Tensor,
  tf,
  valueAndGradients,
} from "../../lib/engine/mod.ts";
import type { Masker } from "../../lib/maskers/mod.ts";
import type { A2mimLossOptions, Teacher } from "../../lib/methods/mod.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters,
  scope,
} from "../../lib/nn/mod.ts";
import {
  a2mimPretext,
  maePretext,
  milanPretext,
  mixmimPretext,
  type Pretext,
  simmimPretext,
} from "../../lib/trainers/pretext.ts";

const size = 64;
const batch = 2;
const images = random.normal(randomKey(7), [batch, size, size, 3]);

/** A teacher whose features and importance are are noise. */
function teacherOf(patchSize: number): Teacher {
  const length = (size / patchSize) ** 2;
  return (images) => ({
    features: random.normal(randomKey(1), [images.shape[0]!, 1 + length, 12]),
    importance: random.uniform(randomKey(2), [images.shape[0]!, length], {
      minimum: 0.1,
      maximum: 1,
    }),
  });
}

const vit = { imageSize: size, patchSize: 16, width: 16, depth: 2, heads: 2 };
// And the layer at which the mask token enters.
const backbones: Record<string, { backbone: MapBackbone; layer: number }> = {
  "a ViT": { backbone: { kind: "vit", ...vit, finalNorm: true }, layer: 0 },
  "SimMIM's ViT": {
    backbone: {
      ...{ kind: "vit", ...vit, finalNorm: true, relativePositions: true },
      ...{ qkvBias: "query-value", layerScale: 0.1 },
    },
    layer: 1,
  },
  "a ResNet": {
    backbone: {
      ...{ kind: "resnet", depths: [1, 1, 1, 1], stemChannels: 8, baseChannels: 4 },
      zeroInitialResidual: false, // or the blocks' convolutions have no gradient yet
    },
    layer: 3,
  },
  "a ConvNeXt": {
    backbone: {
      ...{ kind: "convnext", depths: [1, 1, 1, 1], widths: [8, 8, 12, 16] },
      layerScale: 0.5, // with 1e-6 the blocks do nothing yet
    },
    layer: 2,
  },
  "a Swin Transformer": {
    backbone: {
      ...{ kind: "swin", width: 4, depths: [1, 2, 1, 1], heads: [1, 1, 2, 2], window: 2 },
    },
    layer: 0,
  },
};

const losses = {
  "with pixels alone": {},
  "with a focal Fourier loss": {
    fourier: { weight: 0.5, focal: true, replacement: "mixed" },
  },
  "with a plain Fourier loss": {
    fourier: { weight: 0.1, focal: false, replacement: "mixed" },
  },
} as const satisfies Record<string, A2mimLossOptions>;

const maskers = {
  random: { kind: "random", maskRatio: 0.5 },
  semantic: { kind: "semantic", maskRatio: 0.5 },
  block: { kind: "block", maskRatio: 0.5, cell: 2 },
  mix: { kind: "mix", maskRatio: 0.5 },
} as const satisfies Record<string, Masker>;

function describe(pretext: Pretext) {
  return describeParameters((scope, input) =>
    pretext(scope, input({ shape: images.shape }), randomKey(0))
  );
}

/**
 * One step down the gradient, and the loss on the same images and mask before and after.
 *
 * @param downhill false where the loss holds some of itself fixed: its gradient is another one's.
 */
function check(pretext: Pretext, downhill = true): void {
  const specifications = describe(pretext);
  tf.tidy(() => {
    const all = initializeParameters(specifications, randomKey(3));
    const names = [...specifications.keys()]
      .filter((name) => specifications.get(name)!.trainable);
    const start = Object.fromEntries(names.map((name) => [name, all[name]!]));
    // With a key the scope trains: batch norm by the batch, drop path drawn.
    const loss = (parameters: Parameters): Tensor =>
      pretext(scope({ ...all, ...parameters }, randomKey(4)), images, randomKey(5)).loss;
    const { value, gradients } = valueAndGradients(start, loss);
    const squares = names.map((name) => gradients[name]!.square().sum());
    const without = names.filter((_, index) => !(squares[index]!.dataSync()[0]! > 0));
    assertEquals(without, [], "parameters without a gradient");
    if (!downhill) return;

    // So far down the gradient that to first order the loss falls by a ten-thousandth of itself.
    const rate = value.mul(1e-4).div(tf.addN(squares));
    const moved = names.map((name) =>
      [name, start[name]!.sub(gradients[name]!.mul(rate))] as const
    );
    const [before, after] = [value, loss(Object.fromEntries(moved))]
      .map((loss) => loss.dataSync()[0]!) as [number, number];
    assert(Number.isFinite(before) && before > 0, `the loss is ${before}`);
    assertLess(after, before, "a small step downhill lowers the loss");
  });
}

for (const [maskedAs, masker] of Object.entries(maskers)) {
  Deno.test(`MAE learns with ${maskedAs} masks`, () => {
    const decoder = { width: 8, depth: 1, heads: 2 };
    check(maePretext({ backbone: vit, decoder }, masker, teacherOf(16)));
  });

  for (const decoderKind of ["prompting", "plain"] as const) {
    Deno.test(`MILAN learns with ${maskedAs} masks and the ${decoderKind} decoder`, () => {
      const decoder = { width: 8, depth: 1, heads: 2 };
      const configuration = { backbone: vit, decoder, decoderKind };
      check(milanPretext(configuration, teacherOf(16), masker));
    });
  }

  for (const [name, { backbone, layer }] of Object.entries(backbones)) {
    const teacher = teacherOf(strideAtLayer(backbone, layer));
    Deno.test(`SimMIM learns with ${maskedAs} masks on ${name}`, () => {
      check(simmimPretext({ backbone, layer }, masker, teacher));
    });

    for (const [loss, options] of Object.entries(losses)) {
      Deno.test(`A2MIM learns with ${maskedAs} masks on ${name}, ${loss}`, () => {
        const token = { kind: "add", layer, scale: 0.5 } as const;
        // The weights of the focal loss are detached.
        const downhill = !("fourier" in options && options.fourier.focal);
        const configuration = { backbone, token, ...options };
        check(a2mimPretext(configuration, masker, teacher), downhill);
      });
    }
  }
}

for (const masker of [maskers.random, { ...maskers.block, cell: 1 }, maskers.mix]) {
  for (const rewrite of [{}, { rewrite: "mmpretrain" }] as const) {
    const whose = rewrite.rewrite ?? "the original";
    Deno.test(`MixMIM learns with ${masker.kind} masks, as ${whose}`, () => {
      const backbone = {
        ...{ imageSize: size, width: 8, depths: [1, 1, 1, 1], heads: [1, 1, 2, 2] },
        ...{ windows: [4, 4, 4, 2], ...rewrite },
      };
      const decoder = { width: 8, depth: 1, heads: 2 };
      check(mixmimPretext({ backbone, decoder }, masker));
    });
  }
}

Deno.test("a semantic masker without a teacher says who could tell", () => {
  const decoder = { width: 8, depth: 1, heads: 2 };
  const pretext = maePretext({ backbone: vit, decoder }, maskers.semantic);
  assertThrows(() => describe(pretext), Error, "needs a teacher");
});

Deno.test("a semantic masker refuses a teacher with other patches", () => {
  const decoder = { width: 8, depth: 1, heads: 2 };
  const pretext = maePretext({ backbone: vit, decoder }, maskers.semantic, teacherOf(8));
  assertThrows(() => describe(pretext), Error, "the same grid of patches");
});
