/**
 * Checkpoints from PyTorch and back, with the PyTorch of the machine:
 * `MIMKIT_TORCH_PYTHON=venv/bin/python deno task test tests/zoo/torch_roundtrip_test.ts`.
 */
import { assertEquals } from "@std/assert";
import { toFloat32 } from "../../lib/zoo/element_types.ts";
import { writeDetectron2 } from "../../lib/zoo/detectron2_writer.ts";
import { writeTorch } from "../../lib/zoo/torch/torch_writer.ts";
import {
  compareFile,
  describe,
  type Described,
  expectedFiles,
} from "./checkpoint_cases.ts";
import { temporaryFolder } from "./temporary_folder.ts";
import { everyTensor, notes } from "./written_tensors.ts";

const python = Deno.env.get("MIMKIT_TORCH_PYTHON");
const script = new URL("torch_roundtrip.py", import.meta.url).pathname;
const name = python === undefined
  ? "PyTorch reads and writes the same checkpoints: NOT RUN, since MIMKIT_TORCH_PYTHON is not " +
    "the path of a Python with torch and numpy"
  : "PyTorch reads and writes the same checkpoints";

async function run(...given: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(python!, {
    args: [script, ...given],
  }).output();
  const text = new TextDecoder();
  assertEquals(code, 0, text.decode(stderr));
  return text.decode(stdout);
}

/** Writes files here, and says in written.json what PyTorch must find in them. */
async function writeFiles(folder: string): Promise<void> {
  const described: Record<string, Described> = {};
  for (const [name, tensor] of Object.entries(everyTensor)) {
    described[name] = describe(tensor);
  }
  const f32 = { ...everyTensor.bf16!, dtype: "F32" as const };
  const widened = describe({ ...f32, data: toFloat32(everyTensor.bf16!) });
  const written: Record<string, unknown> = {};
  for (const level of ["state_dict", "model", null]) {
    const name = `${level}.pth`;
    const options = level === null ? {} : { level, metadata: notes };
    await writeTorch(`${folder}/${name}`, everyTensor, options);
    written[name] = { level, metadata: notes, tensors: described };
  }
  const metadata = { __author__: "mimkit", matching_heuristics: true };
  await writeDetectron2(`${folder}/model.pkl`, everyTensor);
  written["model.pkl"] = {
    level: "model",
    metadata,
    tensors: { ...described, bf16: widened },
  };
  await Deno.writeTextFile(`${folder}/written.json`, JSON.stringify(written));
}

Deno.test({
  name,
  ignore: python === undefined,
  async fn(t) {
    using folder = temporaryFolder();
    await t.step("mimkit reads PyTorch's", async (t) => {
      await run("write", folder.path);
      for (const [name, expected] of Object.entries(await expectedFiles(folder.path))) {
        await t.step(name, () => compareFile(`${folder.path}/${name}`, expected));
      }
    });
    await t.step("PyTorch reads mimkit's", async () => {
      await writeFiles(folder.path);
      assertEquals((await run("check", folder.path)).split(" ")[0], "4");
    });
  },
});
