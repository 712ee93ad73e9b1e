import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { mixmimStage } from "../../lib/backbones/mixmim_stage.ts";
import { resnet } from "../../lib/backbones/resnet.ts";
import { vit } from "../../lib/backbones/vit.ts";
import {
  disposeTree,
  jit,
  random,
  randomKey,
  type Tensor,
  tf,
  valueAndGradients,
} from "../../lib/engine/mod.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters,
  type Scope,
  scope,
} from "../../lib/nn/scope.ts";

const stage = {
  ...{ heads: 2, window: 4, mlpRatio: 2, qkvBias: true, epsilon: 1e-5 },
  ...{ dropPathRates: [0, 0.3], merging: "official" as const },
};

/** Which of two images each of 4 windows' cells comes from. */
function mixMask(): Tensor {
  return tf.tensor2d([[1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1]], [1, 16]);
}

const models: Record<string, [number[], (scope: Scope, x: Tensor) => Tensor]> = {
  vit: [[2, 8, 8, 1], (scope, x) =>
    vit(scope, x, {
      ...{ imageSize: 8, patchSize: 4, channels: 1, width: 8, depth: 3, heads: 2 },
      dropPathRate: 0.3,
    }).tokens],
  mixmim: [
    [2, 8, 8, 8],
    (scope, x) => mixmimStage(scope.at("layers"), x, stage, mixMask()),
  ],
  resnet: [
    [2, 32, 32, 3],
    (scope, x) =>
      resnet(scope, x, { depths: [2, 1], baseChannels: 8, stemChannels: 8 }).stages.at(
        -1,
      )!,
  ],
};

/** Loss, gradients and running statistics of a model. */
function differentiate(
  model: (scope: Scope, x: Tensor) => Tensor,
  parameters: Parameters,
  trained: readonly string[],
  rematerialize: boolean,
) {
  return (x: Tensor) => {
    const some = Object.fromEntries(trained.map((name) => [name, parameters[name]!]));
    return valueAndGradients(some, (some) => {
      const auxiliary: Parameters = {};
      const options = rematerialize ? { rematerialize: new Set(trained) } : {};
      const all = { ...parameters, ...some };
      const scoped = scope(all, randomKey(1), auxiliary, options);
      return { loss: model(scoped, x).square().mean(), auxiliary };
    });
  };
}

for (const [name, [shape, model]] of Object.entries(models)) {
  Deno.test(`rematerializedBlock() changes no gradient of ${name}, eager and compiled`, async () => {
    const specifications = describeParameters((scope, input) =>
      model(scope, input({ shape }))
    );
    const parameters = initializeParameters(specifications, randomKey(0));
    const trained = [...specifications].flatMap(([name, { trainable }]) =>
      trainable ? [name] : []
    );
    const x = random.normal(randomKey(2), shape);
    const [plain, again] = [false, true].map((on) =>
      differentiate(model, parameters, trained, on)
    ) as [ReturnType<typeof differentiate>, ReturnType<typeof differentiate>];
    const wanted = plain(x);
    const compiled = jit(again, { name: "rematerialized" });
    for (const got of [again(x), await compiled(x)]) {
      assertEquals(Object.keys(got.auxiliary), Object.keys(wanted.auxiliary));
      for (const part of ["gradients", "auxiliary"] as const) {
        for (const [key, tensor] of Object.entries(wanted[part])) {
          const other = (got[part][key] as Tensor).dataSync();
          const scale = Math.max(1e-3, ...(tensor as Tensor).dataSync().map(Math.abs));
          (tensor as Tensor).dataSync().forEach((value: number, index: number) =>
            assertAlmostEquals(value / scale, other[index]! / scale, 1e-4, key)
          );
        }
      }
      disposeTree(got);
    }
    assert(Object.keys(wanted.gradients).length === trained.length);
    compiled.dispose();
    disposeTree([wanted, parameters, x]);
  });
}
