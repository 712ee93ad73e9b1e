/**
 * The state that the group `checkpoint` saves: a ViT-B/16's parameters and AdamW's moments.
 *
 * @module
 */
import { vit } from "../../../lib/backbones/vit.ts";
import { vitVariant } from "../../../lib/backbones/vit.ts";
import { disposeTree, foldIn, random, randomKey, tf } from "../../../lib/engine/mod.ts";
import { describeParameters, initializeParameters } from "../../../lib/nn/scope.ts";
import { type TensorTree, walkTree } from "../../../lib/trainers/checkpoint.ts";
import { adamW } from "../../../lib/trainers/optimizers/adamw.ts";

/** Nothing of it is zero: pages of zeros would be quicker to read and to write. */
export function largeState(): TensorTree {
  const configuration = vitVariant("B/16", 224);
  const specifications = describeParameters((scope, input) =>
    vit(scope, input({ shape: [1, 224, 224, 3] }), configuration)
  );
  const parameters = initializeParameters(specifications, randomKey(0));
  const optimizer = adamW({ weightDecay: 0.05 }).initial(parameters);
  const drawn = drawnLike({ parameters, optimizer });
  disposeTree([parameters, optimizer]);
  return drawn;
}

function drawnLike(tree: TensorTree, path = ""): TensorTree {
  return Object.fromEntries(
    Object.entries(tree).map(([name, value]) => {
      const full = `${path}/${name}`;
      if (!(value instanceof tf.Tensor)) {
        return [name, drawnLike(value as TensorTree, full)];
      }
      return [name, random.normal(foldIn(randomKey(0), full), value.shape)];
    }),
  );
}

/** How much a state is. */
export function sizeOf(state: TensorTree): { bytes: number; tensors: number } {
  let [bytes, tensors] = [0, 0];
  walkTree(state, (_, { size }) => {
    bytes += 4 * size;
    tensors++;
  });
  return { bytes, tensors };
}

/** Copies all elements out of TensorFlow, once. */
export function copyState(state: TensorTree): void {
  walkTree(state, (_, tensor) => void tensor.dataSync());
}

/** The path of the first tensor in which two states differ in any bit. */
export function firstDifferentTensor(
  state: TensorTree,
  other: TensorTree,
): string | undefined {
  const others = new Map<string, Float32Array>();
  walkTree(other, (path, tensor) => {
    others.set(path, tensor.dataSync() as Float32Array);
  });
  let different: string | undefined;
  walkTree(state, (path, tensor) => {
    const bits = new Uint32Array(tensor.dataSync().buffer);
    const found = others.get(path);
    others.delete(path);
    if (different !== undefined) return;
    const same = found !== undefined && found.length === bits.length &&
      new Uint32Array(found.buffer).every((word, k) => word === bits[k]);
    if (!same) different = path;
  });
  return different ?? others.keys().next().value;
}
