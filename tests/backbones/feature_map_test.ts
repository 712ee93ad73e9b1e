import { assertEquals, assertThrows } from "@std/assert";
import {
  featureMap,
  type MapBackbone,
  strideAtLayer,
  strideOf,
  widthOf,
} from "../../lib/backbones/mod.ts";
import { randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { describeParameters, initializeParameters, scope } from "../../lib/nn/scope.ts";
import { imageSize, tinyBackbones } from "../methods/map_backbones.ts";

for (const backbone of Object.values<MapBackbone>(tinyBackbones)) {
  Deno.test(`featureMap() of a ${backbone.kind} has the stride and width that it says`, () => {
    const layers: Tensor[] = [];
    describeParameters((scope, input) => {
      const images = input({ shape: [2, imageSize, 2 * imageSize, 3] });
      // Relative positions are for one size.
      const wide = backbone.kind === "vit"
        ? { ...backbone, relativePositions: false }
        : backbone;
      const { map, stages } = featureMap(scope, images, wide, (map, layer) => {
        assertEquals(layer, layers.length);
        layers.push(map);
        return map;
      });
      const rows = imageSize / strideOf(backbone);
      assertEquals(map.shape, [2, rows, 2 * rows, widthOf(backbone)]);
      assertEquals(stages.length, backbone.kind === "vit" ? backbone.depth : 4);
    });
    assertEquals(
      layers.map(({ shape }) => imageSize / shape[1]!),
      layers.map((_, layer) => strideAtLayer(backbone, layer)),
    );
    assertThrows(
      () => strideAtLayer(backbone, layers.length),
      Error,
      `has the layers 0 to ${layers.length - 1}, not ${layers.length}`,
    );
  });
}

for (const backbone of Object.values<MapBackbone>(tinyBackbones)) {
  Deno.test(`featureMap() of a ${backbone.kind} goes on with what its hook returns`, () => {
    tf.tidy(() => {
      const shape = [1, imageSize, imageSize, 3];
      const specifications = describeParameters((scope, input) =>
        featureMap(scope, input({ shape }), backbone)
      );
      const model = scope(initializeParameters(specifications, randomKey(0)));
      for (const layer of [0, 1]) {
        const blind = (seed: number): Tensor => {
          const images = tf.randomNormal(shape, 0, 1, "float32", seed);
          const between = (map: Tensor, at: number): Tensor =>
            at === layer ? tf.onesLike(map) : map;
          return featureMap(model, images, backbone, between).map;
        };
        assertEquals(blind(1).dataSync(), blind(2).dataSync());
      }
    });
  });
}
