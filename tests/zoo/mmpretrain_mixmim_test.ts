import { assert, assertEquals } from "@std/assert";
import { mixmimTransformer } from "../../lib/backbones/mixmim.ts";
import type { MixmimTransformerConfiguration } from "../../lib/backbones/mixmim_variants.ts";
import { randomKey, tf } from "../../lib/engine/mod.ts";
import { describeParameters, initializeParameters, scope } from "../../lib/nn/scope.ts";
import { applyKeyMap, reverseKeyMap } from "../../lib/zoo/key_maps/key_map.ts";
import {
  fromMmpretrainMixmim,
  mmpretrainMixmimNames,
  toMmpretrainMixmim,
} from "../../lib/zoo/key_maps/mmpretrain_mixmim.ts";
import { fromKit } from "../../lib/zoo/layout.ts";
import { loadParameters } from "../../lib/zoo/load_parameters.ts";
import type { StoredTensor } from "../../lib/zoo/safetensors.ts";
import { manifest } from "../manifests/manifest.ts";

async function shapes(name: string): Promise<Map<string, StoredTensor>> {
  return new Map(
    [...await manifest(name)].map(([key, shape]) => [
      key,
      { shape, dtype: "U8", data: new Uint8Array(0) },
    ]),
  );
}

function listed(tensors: Map<string, StoredTensor>): [string, string][] {
  return [...tensors].map(([name, { shape }]): [string, string] => [name, shape.join()])
    .sort();
}

for (
  const [from, to] of [
    ["mmpretrain-mixmim-base-pretrain", "mixmim-base-pretrain"],
    ["mmpretrain-mixmim-base_3rdparty_in1k", "mixmim-base-classifier"],
    ["mmpretrain-mixmim-huge-classifier", "mixmim-huge-classifier"],
  ] as const
) {
  Deno.test(`mmpretrainMixmimNames maps ${from} to the authors' names and back`, async () => {
    const [source, target] = [await shapes(from), await shapes(to)];
    const there = applyKeyMap(mmpretrainMixmimNames, source);
    assertEquals(listed(there), listed(target));
    const back = applyKeyMap(reverseKeyMap(mmpretrainMixmimNames), target);
    assertEquals(listed(back), listed(source));
  });
}

const rewritten: MixmimTransformerConfiguration = {
  ...{ imageSize: 16, patchSize: 2, width: 8 },
  ...{ depths: [1, 1], heads: [1, 2], windows: [4, 4], rewrite: "mmpretrain" as const },
};

Deno.test("fromMmpretrainMixmim() makes weights from which the authors' model computes the same", () => {
  tf.tidy(() => {
    const specifications = describeParameters((scope, input) =>
      mixmimTransformer(scope, input({ shape: [1, 16, 16, 3] }), rewritten)
    );
    const parameters = initializeParameters(specifications, randomKey(0));
    const norm = "layers.0.downsample.norm.weight";
    parameters[norm] = tf.randomNormal([32], 1, 1, "float32", 2);
    const stored = new Map(
      Object.entries(parameters).map(([name, tensor]) => {
        const values = Float32Array.from(tensor.dataSync());
        const { layout } = specifications.get(name)!;
        const { values: data, shape } = fromKit(values, tensor.shape, layout);
        return [name, { shape, dtype: "F32" as const, data }];
      }),
    );
    const underTheirNames = applyKeyMap(reverseKeyMap(mmpretrainMixmimNames), stored);
    const official = fromMmpretrainMixmim(underTheirNames);
    const back = toMmpretrainMixmim(official);
    const made = [...back].filter(([name]) => !underTheirNames.has(name));
    made.forEach(([name]) => back.delete(name));
    assertEquals(back, underTheirNames);
    assertEquals(made.map(([name, { shape, dtype }]) => [name, dtype, shape.join()]), [
      ["backbone.layers.0.blocks.0.attn.relative_position_index", "I64", "16,16"],
      ["backbone.layers.1.blocks.0.attn.relative_position_index", "I64", "16,16"],
    ]);
    assert(official.get(norm)!.data.join() !== stored.get(norm)!.data.join());

    const { rewrite: _, ...configuration } = rewritten;
    const loaded = loadParameters(specifications, official).parameters;
    const images = tf.randomNormal([2, 16, 16, 3], 0, 1, "float32", 1);
    const mask = tf.tensor2d([Array.from({ length: 16 }, (_, cell) => cell % 2)]);
    const expected = mixmimTransformer(scope(parameters), images, rewritten, mask);
    const actual = mixmimTransformer(scope(loaded), images, configuration, mask);
    const difference = actual.tokens.sub(expected.tokens).abs().max().dataSync()[0]!;
    assert(difference < 1e-5, `${difference}`);
  });
});
