/**
 * PyTorch's side of the group `methods`: the ways in which a module can run, and the file from which
 * it takes its start.
 *
 * @module
 */
import { type Tensor, tf } from "../../../lib/engine/mod.ts";
import { referenceAxes } from "../../../lib/zoo/layout.ts";
import { type StoredTensor, writeSafetensors } from "../../../lib/zoo/mod.ts";
import type { PythonModule } from "../python_module.ts";
import type { MethodModel } from "./methods_models.ts";
import { type MethodStart, optimizerSettings } from "./methods_trainer.ts";

/** One way to run a module. */
export interface TorchVariant {
  name: string;
  compiled: boolean;
  /** Memory in the order batch, height, width, channel. */
  channelsLast: boolean;
  /** `scaled_dot_product_attention` in place of the original's products and softmax. */
  fusedAttention: boolean;
}

const plain = { compiled: false, channelsLast: false, fusedAttention: false };
const compiled = { ...plain, name: "torch compile", compiled: true };

/** For convolutions: both memory layouts. */
export const layoutVariants: readonly TorchVariant[] = [
  { ...plain, name: "torch eager" },
  { ...plain, name: "torch eager channels_last", channelsLast: true },
  compiled,
];

/** For transformers: attention as the original writes it, and as PyTorch's own function. */
export const attentionVariants: readonly TorchVariant[] = [
  { ...plain, name: "torch eager" },
  { ...plain, name: "torch eager fused attention", fusedAttention: true },
  compiled,
];

/** What a module tells after its first steps. */
export interface TorchStart {
  losses: number[];
  firstStepSeconds: number;
  /** The first values of some parameters after one update, in PyTorch's layout. */
  updated: Record<string, number[]>;
}

/** A tensor of the kit in PyTorch's layout; the caller disposes it. */
export function inReferenceLayout(
  name: string,
  tensor: Tensor,
  { specifications }: MethodStart,
): Tensor {
  const axes = referenceAxes(specifications.get(name)!.layout, tensor.rank);
  return axes === undefined ? tensor.clone() : tf.transpose(tensor, axes);
}

function stored(tensor: Tensor): StoredTensor {
  const data = tensor.dataSync() as Float32Array<ArrayBuffer>;
  return { shape: tensor.shape, dtype: "F32", data };
}

/** Writes parameters under their own names, and the module's inputs as `batch/…`. */
export async function writeStart(
  path: string,
  model: MethodModel,
  start: MethodStart,
): Promise<void> {
  const tensors: Record<string, StoredTensor> = {};
  for (const [name, parameter] of Object.entries(start.parameters)) {
    const moved = inReferenceLayout(name, parameter, start);
    tensors[name] = stored(moved);
    moved.dispose();
  }
  for (const [name, tensor] of Object.entries(model.torch.inputs)) {
    tensors[`batch/${name}`] = stored(tensor);
  }
  await writeSafetensors(path, tensors);
}

/** Makes a module run its first steps. */
export async function prepareTorch(
  torch: PythonModule,
  model: MethodModel,
  variant: TorchVariant,
  setting: { tensors: string; threads: number; device: string; steps: number },
): Promise<TorchStart> {
  const { steps, ...rest } = setting;
  const { name, ...how } = variant;
  const { method, configuration, inputs } = model.torch;
  return await torch.call<TorchStart>("prepare", {
    name,
    variant: how,
    shown: model.compared,
    steps,
    setting: {
      ...rest,
      ...optimizerSettings,
      ...{ method, configuration, inputs: Object.keys(inputs) },
    },
  });
}
