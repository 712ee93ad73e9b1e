import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { Between } from "../../lib/backbones/between.ts";
import {
  patchMap,
  simmimVitVariant,
  vit,
  type VitConfiguration,
  type VitVariant,
  vitVariant,
} from "../../lib/backbones/vit.ts";
import { random, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters,
  scope,
} from "../../lib/nn/scope.ts";
import { renameBy } from "../../lib/zoo/key_maps/key_map.ts";
import { openmixupVit } from "../../lib/zoo/key_maps/openmixup_vit.ts";

Deno.test("simmimVitVariant() is the BEiT-like ViT, and names the known sizes", () => {
  const { qkvBias, relativePositions, layerScale, finalNorm, mlpRatio } =
    simmimVitVariant("S768/16", 224);
  assertEquals([qkvBias, relativePositions, layerScale, finalNorm, mlpRatio], [
    "query-value",
    true,
    0.1,
    true,
    3,
  ]);
  const unknown = () => simmimVitVariant("small/16" as VitVariant, 224);
  assertThrows(unknown, Error, "tiny, S, S768, B, L, H");
  assertThrows(() => vitVariant("constructor/16" as VitVariant, 224), Error, "Unknown");
});

const tiny: VitConfiguration = {
  ...{ imageSize: 16, patchSize: 4, width: 8, depth: 3, heads: 2, layerScale: 0.5 },
  ...{ qkvBias: "query-value", relativePositions: true, finalNorm: true },
};

function tinyParameters(configuration = tiny): Parameters {
  const specifications = describeParameters((scope, input) =>
    vit(scope, input({ shape: [1, 16, 16, 3] }), configuration)
  );
  return initializeParameters(specifications, randomKey(0));
}

function worstDifference(a: Tensor, b: Tensor): number {
  return a.sub(b).abs().max().dataSync()[0]!;
}

Deno.test("vit() with a final norm gives the normalised tokens, without one the tokens", () => {
  tf.tidy(() => {
    const images = random.normal(randomKey(1), [2, 16, 16, 3]);
    const parameters = tinyParameters();
    const normed = vit(scope(parameters), images, tiny);
    assertEquals(normed.latent.shape, [2, 17, 8]);
    assert(worstDifference(normed.latent.mean(-1), tf.zeros([2, 17])) < 1e-5);
    const bare = vit(scope(parameters), images, { ...tiny, finalNorm: false });
    assertEquals(worstDifference(bare.latent, bare.tokens), 0);
    assertEquals(worstDifference(bare.tokens, normed.tokens), 0);
  });
});

Deno.test("vit() shows the patches at every layer: before positions, then before each block", () => {
  tf.tidy(() => {
    const images = random.normal(randomKey(1), [2, 16, 16, 3]);
    const parameters = tinyParameters();
    const seen: Tensor[] = [];
    const between: Between = (map, layer) => {
      assertEquals(layer, seen.length);
      seen.push(map);
      return map;
    };
    const watched = vit(scope(parameters), images, { ...tiny, between });
    assertEquals(seen.map(({ shape }) => shape), Array(4).fill([2, 4, 4, 8]));
    const plain = vit(scope(parameters), images, tiny);
    assertEquals(worstDifference(watched.latent, plain.latent), 0);
    const positions = patchMap(parameters["pos_embed"]!, [4, 4]);
    assert(worstDifference(seen[0]!.add(positions), seen[1]!) < 1e-6);
    assertEquals(worstDifference(seen[2]!, patchMap(plain.blocks[0]!, [4, 4])), 0);
  });
});

Deno.test("vit() goes on with the patches that between returns, and leaves the class token", () => {
  tf.tidy(() => {
    const images = random.normal(randomKey(1), [2, 16, 16, 3]);
    const parameters = scope(tinyParameters());
    for (const changed of [0, 2]) {
      const seen: Tensor[] = [];
      const between: Between = (map, layer) => {
        seen.push(map);
        return layer === changed ? tf.zerosLike(map) : map;
      };
      const { latent } = vit(parameters, images, { ...tiny, between });
      assert(worstDifference(latent, vit(parameters, images, tiny).latent) > 1e-3);
      // Without patches, only positions are left: all images are alike from here on.
      if (changed > 0) continue;
      assert(worstDifference(seen[1]!.slice([0], [1]), seen[1]!.slice([1], [1])) < 1e-6);
    }
  });
});

Deno.test("vit() with relative positions adds the table's number to every pair's logit", () => {
  tf.tidy(() => {
    const configuration = { ...tiny, depth: 1, layerScale: 1, finalNorm: false };
    const parameters = tinyParameters(configuration);
    const name = "blocks.0.attn.relative_position_bias_table";
    assertEquals(parameters[name]!.shape, [7 * 7 + 3, 2]);
    // A large number for the offset (0, 0) makes each patch look at itself alone.
    const table = tf.buffer([52, 2]);
    table.set(50, 3 * 7 + 3, 0);
    const images = random.normal(randomKey(1), [1, 16, 16, 3]);
    const changed = scope({ ...parameters, [name]: table.toTensor() });
    const { attention } = vit(changed, images, configuration);
    const weights = attention.arraySync() as number[][][][];
    for (let patch = 1; patch < 17; patch++) {
      assertAlmostEquals(weights[0]![0]![patch]![patch]!, 1, 1e-6);
      assert(weights[0]![1]![patch]![patch]! < 0.9); // the other head
    }
  });
});

Deno.test("vit() says what does not fit before it computes anything", () => {
  const parameters = scope({});
  const images = tf.zeros([2, 16, 16, 3]);
  const plain = { ...tiny, relativePositions: false };
  const visible = (shape: [number, number]) => tf.zeros(shape, "int32");
  const refused = (message: string, body: () => unknown): void => {
    assertThrows(body, Error, message);
  };
  refused("18×16", () => vit(parameters, tf.zeros([2, 18, 16, 3]), plain));
  refused(
    "multiple of 5",
    () => vit(parameters, tf.zeros([2, 15, 15, 3]), { ...plain, patchSize: 5 }),
  );
  refused(
    "8 is not a multiple of the 3 heads",
    () => vit(parameters, images, { ...plain, heads: 3 }),
  );
  refused("a depth of 0", () => vit(parameters, images, { ...plain, depth: 0 }));
  refused("got [16,16,3]", () => vit(parameters, tf.zeros([16, 16, 3]), plain));
  refused(
    "[2,17], but there are 2 images of 16 patches",
    () => vit(parameters, images, plain, visible([2, 17])),
  );
  refused("[1,4]", () => vit(parameters, images, plain, visible([1, 4])));
  refused("K from 1 to 16", () => vit(parameters, images, plain, visible([2, 0])));
  refused("got 24×24", () => vit(parameters, tf.zeros([2, 24, 24, 3]), tiny));
  refused(
    "A ViT with relativePositions sees all patches, got 4 visible ones",
    () => vit(parameters, images, tiny, visible([2, 4])),
  );
  const between: Between = (map) => map;
  refused(
    "A ViT with between",
    () => vit(parameters, images, { ...plain, between }, visible([2, 4])),
  );
});

Deno.test("openmixupVit() keeps a pretrained ViT under backbone where the method has it so", () => {
  const rename = renameBy(openmixupVit({ under: "backbone" }));
  assertEquals(
    [
      "backbone.layers.0.attn.q_bias",
      "backbone.layers.0.attn.relative_position_bias_table",
      "backbone.layers.0.attn.relative_position_index",
      "backbone.layers.11.gamma_2",
      "backbone.ln1.bias",
      "backbone.mask_token",
      "neck.decoder_pred.0.weight",
    ].map(rename),
    [
      "backbone.blocks.0.attn.q_bias",
      "backbone.blocks.0.attn.relative_position_bias_table",
      undefined,
      "backbone.blocks.11.ls2.gamma",
      "backbone.norm.bias",
      "backbone.mask_token",
      "neck.decoder_pred.0.weight",
    ],
  );
});
