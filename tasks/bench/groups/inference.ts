/**
 * The group `inference`: how many images a second a ViT-B/16 classifies in float32, one and 32 at a
 * time, eager and jitted, and in PyTorch from the same weights.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import {
  type Compiler,
  disposeTree,
  jit,
  random,
  randomKey,
  type Tensor,
  tf,
} from "../../../lib/engine/mod.ts";
import { scope } from "../../../lib/nn/scope.ts";
import {
  loadParameters,
  readSafetensors,
  writeSafetensors,
} from "../../../lib/zoo/mod.ts";
import { streamSafetensors } from "../../../lib/zoo/safetensors_writer.ts";
import type { Contender, GroupContext } from "../group.ts";
import type { PythonModule } from "../python_module.ts";
import type { GroupResult, Measurement, Target } from "../results.ts";
import { alternate, samplesOf } from "../rounds.ts";
import { ratioOf, spreadOf } from "../statistics.ts";
import { useThreads } from "../threads.ts";
import { matrixProducts } from "./matrix_products.ts";
import { imageSize, logitsOf, vitSpecifications, vitTensors } from "./vit_weights.ts";

const batches = [1, 32] as const;
/** Batches of a timed round: about a second's work each. */
const roundBatches: Record<(typeof batches)[number], number> = { 1: 10, 32: 1 };

const limit = 1.3;
/** Of logits, which are of the order of 1. */
const tolerance = 1e-4;

const compilers = ["graph", "xla"] as const satisfies Compiler[];

interface InferenceContender extends Contender {
  /** Of the first image, to be compared. */
  logits: ArrayLike<number>;
  dispose?: () => void;
}

const label = (who: string, batch: number): string => `${who}, batch ${batch}`;

async function ourContenders(
  weights: string,
  images: Tensor,
  log: (line: string) => void,
): Promise<{ contenders: InferenceContender[]; dispose: () => void }> {
  const { tensors } = await readSafetensors(weights);
  const { parameters } = loadParameters(vitSpecifications(), tensors);
  const model = (images: Tensor): Tensor => logitsOf(scope(parameters), images);
  const contenders: InferenceContender[] = [];
  for (const batch of batches) {
    const given = images.slice([0], [batch]);
    // As deno task predict does it: few pictures eagerly, many compiled.
    const ways = batch === 1 ? ["eager", ...compilers] as const : compilers;
    for (const way of ways) {
      const name = label(way === "eager" ? "mimkit eager" : `mimkit jit ${way}`, batch);
      log(`${name}: first batch`);
      const jitted = way === "eager" ? undefined : jit(model, { compiler: way });
      const once = async (): Promise<ArrayLike<number>> => {
        const logits = jitted === undefined
          ? tf.tidy(() => model(given))
          : await jitted(given);
        const values = await logits.data();
        logits.dispose();
        return values as Float32Array;
      };
      const logits = (await once()) as Float32Array;
      contenders.push({
        name,
        logits,
        dispose: () => jitted?.dispose(),
        async round() {
          const count = roundBatches[batch];
          const started = performance.now();
          for (let done = 0; done < count; done++) await once();
          return (performance.now() - started) / count / batch;
        },
      });
    }
  }
  return { contenders, dispose: () => disposeTree(parameters) };
}

async function torchContenders(
  torch: PythonModule,
  setting: { weights: string; images: string; threads: number },
  log: (line: string) => void,
): Promise<{ contenders: InferenceContender[]; absent: string[] }> {
  await torch.call("prepare", setting);
  const contenders: InferenceContender[] = [];
  const absent: string[] = [];
  for (const batch of batches) {
    for (const compiled of [false, true]) {
      const name = label(compiled ? "torch compile" : "torch eager", batch);
      log(`${name}: first batch${compiled ? " (compiling takes about a minute)" : ""}`);
      try {
        const logits = await torch.call<number[]>("first", { compiled, batch });
        const count = roundBatches[batch];
        contenders.push({
          name,
          logits,
          round: () =>
            torch.call<number>("time_round", { compiled, batch, batches: count }),
        });
      } catch (error) {
        if (!compiled) throw error;
        absent.push(`${name} did not take part: ${(error as Error).message}`);
      }
    }
  }
  return { contenders, absent };
}

/**
 * Compares the logits of all with those of the first of their batch.
 *
 * @throws {Error} that names the first who computes something else.
 */
export function compareLogits(
  contenders: readonly Pick<InferenceContender, "name" | "logits">[],
): string {
  const reference = contenders[0]!;
  let worst = 0;
  for (const { name, logits } of contenders) {
    const classes = Math.min(logits.length, reference.logits.length);
    for (let index = 0; index < classes; index++) {
      const difference = Math.abs(logits[index]! - reference.logits[index]!);
      if (!(difference <= tolerance)) {
        throw new Error(
          `${name} does not compute what ${reference.name} computes: logit ${index} is ` +
            `${logits[index]} instead of ${
              reference.logits[index]
            }; there is nothing to time.`,
        );
      }
      worst = Math.max(worst, difference);
    }
  }
  return `all logits of the first image within ${worst.toExponential(1)} of each other`;
}

/** The faster of our compilers against PyTorch, eager and compiled. */
export function inferenceTargets(measurements: readonly Measurement[]): Target[] {
  return batches.flatMap((batch) => {
    const [ours] = compilers.map((compiler) => label(`mimkit jit ${compiler}`, batch))
      .toSorted((one, other) =>
        spreadOf(samplesOf(measurements, one)!).median -
        spreadOf(samplesOf(measurements, other)!).median
      );
    return ["torch eager", "torch compile"].map((who): Target => {
      const theirs = label(who, batch);
      const other = samplesOf(measurements, theirs);
      const target: Target = {
        text: `${ours} against ${theirs}`,
        ...{ better: "at least", limit, value: null, unit: "×" },
      };
      if (other === undefined) return target;
      const { value, least, most } = ratioOf(samplesOf(measurements, ours!)!, other);
      return { ...target, value, range: [least, most] };
    });
  });
}

/** The products of an image without anything else, at TensorFlow's rate: no network is faster. */
async function productsAlone(): Promise<InferenceContender & { dispose(): void }> {
  const [batch] = batches.toReversed() as [number];
  const sizes = { width: 768, blocks: 12, tokens: 197, batch };
  const products = await matrixProducts(sizes); // a training step's: three for each
  return {
    name: `${products.name}, batch ${batch}`,
    logits: [],
    round: async () => await products.round() / 3 / batch,
    dispose: products.dispose,
  };
}

async function temporaryFolder(): Promise<string> {
  const dir = fileURLToPath(new URL("../../../.cache", import.meta.url));
  await Deno.mkdir(dir, { recursive: true });
  return await Deno.makeTempDir({ dir, prefix: "bench-inference-" });
}

/** Milliseconds of an image. */
export async function measureInference(
  { flags, threads, peers, log }: GroupContext,
): Promise<GroupResult> {
  useThreads(threads);
  const folder = await temporaryFolder();
  const shape = [batches.at(-1)!, imageSize, imageSize, 3];
  const images = random.normal(randomKey(1), shape);
  try {
    log("writing the weights and the images");
    const weights = `${folder}/weights.safetensors`;
    await streamSafetensors(weights, vitTensors(), () => ({}));
    const data = images.dataSync() as Float32Array<ArrayBuffer>;
    const imageFile = `${folder}/images.safetensors`;
    await writeSafetensors(imageFile, { images: { shape, dtype: "F32", data } });
    const ours = await ourContenders(weights, images, log);
    const contenders = [...ours.contenders];
    const notes: string[] = [];
    await using torch = peers.has("torch")
      ? await peers.start("torch", "torch_inference")
      : null;
    if (torch !== null) {
      const setting = { weights, images: imageFile, threads };
      const theirs = await torchContenders(torch, setting, log);
      contenders.push(...theirs.contenders);
      notes.push(...theirs.absent);
    }
    notes.push(compareLogits(contenders));
    const { repeats } = flags;
    const products = await productsAlone();
    contenders.push(products);
    const measurements = await alternate(contenders, { repeats, unit: "ms", log });
    products.dispose();
    ours.contenders.forEach(({ dispose }) => dispose?.());
    ours.dispose();
    return {
      group: "inference",
      title: "milliseconds of an image, ViT-B/16 at 224 pixels, float32",
      settings: { imageSize },
      measurements,
      targets: inferenceTargets(measurements),
      notes,
    };
  } finally {
    images.dispose();
    await Deno.remove(folder, { recursive: true });
  }
}
