/**
 * SavedModels in Python's TensorFlow, and from it, with a Python that has it:
 * `MIMKIT_TENSORFLOW_PYTHON=venv/bin/python deno task test tests/engine/saved_model_python_test.ts`.
 */
import { assertEquals, assertLess } from "@std/assert";
import { openSavedModel, saveModel, type Tensor, tf } from "../../lib/engine/mod.ts";

const python = Deno.env.get("MIMKIT_TENSORFLOW_PYTHON");
const script = new URL("saved_model_python.py", import.meta.url).pathname;
const title = "Python's TensorFlow and mimkit run each other's SavedModels";

async function run(...given: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(python!, {
    args: [script, ...given],
  }).output();
  const text = new TextDecoder();
  assertEquals(code, 0, text.decode(stderr));
  return text.decode(stdout);
}

function given(values: Tensor, dtype: string) {
  return { images: { dtype, values: values.arraySync() } };
}

/** A tensor of four axes. */
type Four = ReturnType<typeof tf.tensor4d>;

function network(
  parameters: Record<string, Tensor>,
  images: Tensor,
): Record<string, Tensor> {
  const [batch, height, width] = images.shape as [number, number, number];
  const { kernel, weight } = parameters as { kernel: Tensor; weight: Tensor };
  const maps = tf.conv2d(images as Four, kernel as Four, 1, "same").relu();
  const tokens = maps.reshape([batch, height * width, 4]);
  const attention = tf.matMul(tokens, tokens, false, true).softmax();
  const features = tf.matMul(attention, tokens).mean(1);
  return { features, logits: tf.matMul(features, weight) };
}

Deno.test({
  name: python === undefined
    ? `${title}: NOT RUN, since MIMKIT_TENSORFLOW_PYTHON is not the path of a Python with tensorflow`
    : title,
  ignore: python === undefined,
  async fn(t) {
    const folder = await Deno.makeTempDir({ prefix: "mimkit-saved-model-" });
    try {
      for (const batch of [1, 7]) {
        await t.step(`Python calls mimkit's with a batch of ${batch}`, async () => {
          const parameters = {
            kernel: tf.randomNormal([3, 3, 3, 4], 0, 0.3, "float32", 1),
            weight: tf.randomNormal([4, 5], 0, 1, "float32", 2),
          };
          const shape = [null, 6, 5, 3];
          await saveModel(`${folder}/model`, {
            parameters,
            signatures: {
              serving_default: {
                inputs: { images: { shape } },
                run: (parameters, { images }) => network(parameters, images!),
              },
              pixels: {
                inputs: { images: { shape, dtype: "uint8" } },
                run: (parameters, { images }) =>
                  network(parameters, images!.toFloat().div(255)),
              },
            },
          }, { overwrite: true });
          const pixels = tf.randomUniform([batch, 6, 5, 3], 0, 256, "int32", 3);
          const images = pixels.toFloat().div(255);
          await Deno.writeTextFile(
            `${folder}/given.json`,
            JSON.stringify({
              serving_default: given(images, "float32"),
              pixels: given(pixels, "uint8"),
            }),
          );
          const expected = network(parameters, images);
          const { results, variables } = JSON.parse(await run("call", folder));
          assertEquals(variables, ["kernel:0", "weight:0"]);
          for (const signature of ["serving_default", "pixels"]) {
            for (const [name, values] of Object.entries(expected)) {
              const actual = tf.tensor2d(results[signature][name]);
              assertEquals(actual.shape, values.shape);
              assertLess(actual.sub(values).abs().max().dataSync()[0]!, 1e-5);
            }
          }
        });
      }
      await t.step("mimkit calls Python's", async () => {
        await Deno.remove(`${folder}/model`, { recursive: true });
        await run("write", folder);
        const model = openSavedModel(`${folder}/model`);
        assertEquals(model.signatures, {
          serving_default: {
            inputs: {
              x: { dtype: "float32", shape: [null, 3] },
              pixels: { dtype: "uint8", shape: [null] },
            },
            outputs: {
              y: { dtype: "float32", shape: [null, 3] },
              count: { dtype: "int64", shape: [] },
            },
          },
        });
        const x = tf.tensor2d([[1, 2, 3]]);
        const { y, count } = await model.run({ x, pixels: tf.zeros([4], "int32") });
        assertEquals([...y!.dataSync()], [2, 4, 6]);
        assertEquals([count!.dtype, count!.dataSync()[0]], ["int32", 4]);
        model.dispose();
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
