import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  ensureLibrary,
  findLibrary,
  SetupError,
} from "../../../lib/engine/library/mod.ts";
import {
  everythingIn,
  isolated,
  linuxMachine,
  makeWheel,
  pin,
  servePackages,
  temporaryFolder,
} from "./package_server.ts";

Deno.test("ensureLibrary() takes NVIDIA's wheels that the extra and-cuda names", async () => {
  using folder = temporaryFolder();
  const tensorflow = await makeWheel(
    "tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl",
    {
      "tensorflow/libtensorflow_cc.so.2": "cc",
      "tensorflow/libtensorflow_framework.so.2": "framework",
      "tensorflow-2.21.0.dist-info/METADATA": [
        "Requires-Dist: numpy>=1.26.0",
        'Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5; extra == "and-cuda"',
        'Requires-Dist: nvidia-cuda-runtime-cu12<13.0,>=12.5; extra == "and-cuda"',
        "",
      ].join("\n"),
    },
  );
  const cublas = (version: string) =>
    makeWheel(`nvidia_cublas_cu12-${version}-py3-none-manylinux2014_x86_64.whl`, {
      "nvidia/cublas/lib/libcublas.so.12": version,
      "nvidia/cublas/lib/libcublasLt.so.12": version,
      "nvidia/cublas/include/cublas.h": "not wanted",
    });
  const runtime = await makeWheel(
    "nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux_2_27_x86_64.whl",
    { "nvidia/cuda_runtime/lib/libcudart.so.12": "runtime" },
  );
  const wheels = [
    tensorflow,
    await cublas("12.4.1"),
    await cublas("12.10.0"),
    await cublas("12.9.9"),
    await cublas("13.0.1"),
    runtime,
  ];
  await using server = servePackages(wheels);
  const variables = { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path };
  const library = await ensureLibrary(isolated(variables, {
    machine: linuxMachine(1),
    pinnedChecksums: pin(tensorflow),
  }));
  const root = `${folder.path}/tensorflow/2.21.0-gpu-linux-x86_64`;
  assertEquals(library.build, "gpu");
  assertEquals(library.preload, [
    `${root}/nvidia/cuda_runtime/lib/libcudart.so.12`,
    `${root}/nvidia/cublas/lib/libcublasLt.so.12`,
    `${root}/nvidia/cublas/lib/libcublas.so.12`,
  ]);
  assertEquals(Deno.readTextFileSync(library.preload[2]!), "12.10.0");
  assert(!everythingIn(root).some((path) => path.endsWith(".h")));
});

Deno.test("ensureLibrary() does not fetch NVIDIA's finished wheels a second time", async () => {
  using folder = temporaryFolder();
  const tensorflow = await makeWheel(
    "tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl",
    {
      "tensorflow/libtensorflow_cc.so.2": "cc",
      "tensorflow-2.21.0.dist-info/METADATA":
        'Requires-Dist: nvidia-nccl-cu12>=2.0; extra == "and-cuda"\n',
    },
  );
  const nccl = await makeWheel(
    "nvidia_nccl_cu12-2.27.7-py3-none-manylinux_2_27_x86_64.whl",
    {
      "nvidia/nccl/lib/libnccl.so.2": "nccl",
    },
  );
  const options = { machine: linuxMachine(1), pinnedChecksums: pin(tensorflow) };
  {
    await using server = servePackages([tensorflow]);
    const variables = { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path };
    await assertRejects(
      () => ensureLibrary(isolated(variables, options)),
      SetupError,
      "nvidia-nccl-cu12>=2.0",
    );
    assertEquals(findLibrary(isolated(variables, options)), undefined);
  }
  await using server = servePackages([tensorflow, nccl]);
  const variables = { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path };
  await ensureLibrary(isolated(variables, options));
  assertEquals(server.requests.filter((path) => path.endsWith(".whl")), [
    `/files/${nccl.file}`,
  ]);
});
