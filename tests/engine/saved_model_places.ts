/**
 * Places and functions for the tests of SavedModels.
 *
 * @module
 */
import { assertEquals, assertLess, assertRejects } from "@std/assert";
import {
  type OpenedSavedModel,
  openSavedModel,
  saveModel,
  type ServedFunction,
  type Tensor,
} from "../../lib/engine/mod.ts";

/** What a SavedModel serves. */
export type Run = ServedFunction["run"];

/** Compares shapes and values. */
export function assertClose(actual: Tensor, expected: Tensor, tolerance: number): void {
  assertEquals(actual.shape, expected.shape);
  const distance = actual.toFloat().sub(expected.toFloat()).abs().max().dataSync()[0]!;
  assertLess(distance, tolerance);
}

/** A folder that is there as long as the test runs. */
export function folder(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "mimkit-saved-model-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Saves a function of `x` alone, whose first axis is the batch, and opens it again. */
export async function served(
  path: string,
  shape: (number | null)[],
  run: (x: Tensor) => Tensor,
): Promise<OpenedSavedModel> {
  await saveModel(path, {
    parameters: {},
    signatures: {
      serving_default: {
        inputs: { x: { shape } },
        run: (_, { x }) => ({ y: run(x!) }),
      },
    },
  });
  return openSavedModel(path);
}

/** The message with which a function is refused; nothing is written then. */
export async function refusal(
  run: Run,
  shape: (number | null)[] = [null, 3],
): Promise<string> {
  using place = folder();
  const signatures = { serving_default: { inputs: { x: { shape } }, run } };
  const { message } = await assertRejects(
    () => saveModel(`${place.path}/model`, { parameters: {}, signatures }),
    Error,
  );
  assertEquals(await Array.fromAsync(Deno.readDir(place.path)), []);
  return message;
}
