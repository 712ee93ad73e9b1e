import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  patchCount,
  vit,
  type VitConfiguration,
  vitVariant,
} from "../../lib/backbones/vit.ts";
import { randomKey, tf } from "../../lib/engine/mod.ts";
import { pool } from "../../lib/heads/classifier.ts";
import { linearProbe } from "../../lib/heads/linear_probe.ts";
import { mae } from "../../lib/methods/mae.ts";
import { milan } from "../../lib/methods/milan.ts";
import { maskFromOrder } from "../../lib/maskers/mask.ts";
import {
  describeParameters,
  initializeParameters,
  type ParameterSpecification,
  scope,
} from "../../lib/nn/scope.ts";
import { classify } from "../../lib/trainers/finetune.ts";
import { referenceShape } from "../../lib/zoo/layout.ts";
import { manifest } from "../manifests/manifest.ts";

type Specifications = Map<string, ParameterSpecification>;

function count(
  specifications: Specifications,
  which = (_: ParameterSpecification) => true,
) {
  return [...specifications.values()].filter(which)
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** Same names and shapes, in whatever order. */
async function assertManifest(
  specifications: Specifications,
  name: string,
  not?: string,
) {
  const expected = await manifest(name);
  if (not !== undefined) expected.delete(not);
  const described = [...specifications].map(([name, { shape, layout }]) =>
    [name, referenceShape(shape, layout)] as const
  );
  const sorted = (entries: Iterable<readonly [string, readonly number[]]>) =>
    [...entries].sort(([a], [b]) => a < b ? -1 : 1);
  assertEquals(sorted(described), sorted(expected));
}

const base = vitVariant("B/16", 224);
const large = vitVariant("L/16", 224);

function describeMae(backbone: VitConfiguration): Specifications {
  return describeParameters((scope, input) => {
    const mask = maskFromOrder(input({ shape: [1, 196], dtype: "int32" }), 0.75);
    mae(scope, input({ shape: [1, 224, 224, 3] }), mask, { backbone, decoder: {} });
  });
}

function describeMilan(
  backbone: VitConfiguration,
  decoderKind: "prompting" | "plain" = "prompting",
  targetWidth = 512,
): Specifications {
  return describeParameters((scope, input) => {
    const mask = maskFromOrder(input({ shape: [1, 196], dtype: "int32" }), 0.75);
    const features = input({ shape: [1, 197, targetWidth] });
    const configuration = { backbone, decoder: {}, decoderKind };
    const images = input({ shape: [1, 224, 224, 3] });
    milan(scope, images, mask, { kind: "features", features }, configuration);
  });
}

function describeFinetuning(backbone: VitConfiguration): Specifications {
  return describeParameters((scope, input) =>
    classify(scope, input({ shape: [1, 224, 224, 3] }), { backbone, classes: 1000 })
  );
}

function describeProbe(backbone: VitConfiguration): Specifications {
  return describeParameters((scope, input) => {
    const { tokens } = vit(scope, input({ shape: [2, 224, 224, 3] }), backbone);
    const features = pool(scope, tokens, "class-token");
    linearProbe(scope.at("head"), features, { classes: 1000 });
  });
}

Deno.test("mae() has the parameters of the original ViT-B/16, in name, shape and number", async () => {
  const specifications = describeMae(base);
  await assertManifest(specifications, "mae-official-pretrain-vit-base-p16");
  assertEquals(count(specifications), 111_907_840);
  assertEquals(count(specifications, ({ trainable }) => trainable), 111_655_680);
});

Deno.test("milan() has the parameters of the original ViT-B/16 and ViT-L/16", async () => {
  const specifications = describeMilan(base);
  await assertManifest(specifications, "milan-official-pretrain-vit-base-p16");
  assertEquals(count(specifications), 111_776_512);
  assertEquals(count(specifications, ({ trainable }) => trainable), 111_524_352);

  const larger = describeMilan(large);
  await assertManifest(larger, "milan-official-pretrain-vit-large-p16");
  assertEquals(count(larger), 329_410_560);
});

Deno.test("milan() with the plain decoder has the parameters of the original ablation", async () => {
  const name = "milan-official-pretrain-plain-decoder-vit-base-p16";
  await assertManifest(describeMilan(base, "plain", 768), name);
});

Deno.test("classify() has the parameters of the original fine-tuning", async () => {
  const specifications = describeFinetuning(base);
  await assertManifest(specifications, "milan-official-finetune-vit-base-p16");
  assertEquals(count(specifications), 86_567_656);
  assertEquals(count(specifications, ({ trainable }) => trainable), 86_567_656);
  await assertManifest(
    describeFinetuning(large),
    "milan-official-finetune-vit-large-p16",
  );
});

Deno.test("linearProbe() on a ViT has the parameters of the original linear probing", async () => {
  for (
    const [backbone, name] of [
      [base, "milan-official-linprobe-vit-base-p16"],
      [large, "milan-official-linprobe-vit-large-p16"],
    ] as const
  ) {
    // PyTorch's counter of batches decides nothing.
    await assertManifest(describeProbe(backbone), name, "head.0.num_batches_tracked");
  }
});

const tiny: VitConfiguration = {
  ...{ imageSize: 16, patchSize: 4, channels: 3, width: 8, depth: 2, heads: 2 },
};

function tinyParameters() {
  const specifications = describeParameters((scope, input) =>
    vit(scope, input({ shape: [1, 16, 16, 3] }), tiny)
  );
  return initializeParameters(specifications, randomKey(0));
}

Deno.test("vit() names its tokens, blocks and attention", () => {
  tf.tidy(() => {
    const images = tf.randomNormal([2, 16, 16, 3]);
    const { tokens, blocks, attention } = vit(scope(tinyParameters()), images, tiny);
    assertEquals(tokens.shape, [2, 17, 8]);
    assertEquals(blocks.map(({ shape }) => shape), [[2, 17, 8], [2, 17, 8]]);
    assertEquals(attention.shape, [2, 2, 17, 17]);
    assertEquals(blocks[1]!.dataSync(), tokens.dataSync());
  });
});

Deno.test("vit() on visible patches alone knows where they are", () => {
  tf.tidy(() => {
    const images = tf.randomNormal([1, 16, 16, 3]);
    const parameters = scope(tinyParameters());
    const patches = (...order: number[]) =>
      vit(parameters, images, tiny, tf.tensor2d([order], [1, order.length], "int32"))
        .tokens;
    const all = [...Array(16).keys()];
    const complete = vit(parameters, images, tiny).tokens.dataSync();
    patches(...all).dataSync().forEach((value, place) =>
      assertAlmostEquals(value, complete[place]!, 1e-5)
    );
    // Attention does not care for the order: the class token is the same, the patches move.
    const [one, other] = [
      patches(3, 9, 12).arraySync(),
      patches(12, 3, 9).arraySync(),
    ] as [
      number[][][],
      number[][][],
    ];
    for (const [a, b] of [[0, 0], [1, 2], [2, 3], [3, 1]] as const) {
      one[0]![a]!.forEach((value, place) =>
        assertAlmostEquals(value, other[0]![b]![place]!, 1e-5)
      );
    }
  });
});

Deno.test("vit() takes images of another size, and refuses parts of patches", () => {
  tf.tidy(() => {
    const parameters = scope(tinyParameters());
    assertEquals(vit(parameters, tf.zeros([1, 24, 16, 3]), tiny).tokens.shape, [
      1,
      25,
      8,
    ]);
    assertThrows(() => vit(parameters, tf.zeros([1, 18, 16, 3]), tiny), Error, "18");
  });
});

Deno.test("vitVariant() reads a size and a patch, and names the known ones", () => {
  assertEquals(patchCount(vitVariant("B/16", 224)), 196);
  assertEquals(vitVariant("tiny/4", 28).width, 128);
  const wrong = (name: string) => () => vitVariant(name as "B/16", 224);
  assertThrows(wrong("XL/16"), Error, 'Unknown ViT "XL/16"');
  assertThrows(wrong("B/x"), Error, "tiny, S, B, L, H");
  assertThrows(wrong("B/15"), Error, "224");
});
