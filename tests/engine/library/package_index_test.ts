import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { chooseWheel } from "../../../lib/engine/library/choose_wheel.ts";
import { SetupError } from "../../../lib/engine/library/mod.ts";
import {
  readHtmlLinks,
  readJsonLinks,
  type WheelLink,
} from "../../../lib/engine/library/package_index.ts";
import { readPipConfig } from "../../../lib/engine/library/pip_config.ts";
import { readExtra } from "../../../lib/engine/library/requirements.ts";
import { openWeb } from "../../../lib/engine/library/web.ts";
import { fits, parseWheelName } from "../../../lib/engine/library/wheel_name.ts";

const page = new URL("https://index.example/simple/a-project/");
const checksum = "0123456789abcdef".repeat(4);
const linux = { os: "linux", arch: "x86_64", build: "cpu", glibc: "2.28" } as const;
const nothing = readPipConfig((name) =>
  name === "PIP_CONFIG_FILE" ? "/dev/null" : undefined
);

Deno.test("readHtmlLinks() reads addresses, checksums and withdrawals", () => {
  const links = readHtmlLinks(
    `<base href="https://files.example/deep/"><h1>Links</h1>
     <A class=x HREF='../a_project-1.0-py3-none-manylinux2014_x86_64.whl#sha256=${checksum}'>a</A>
     <a href="/a.project-2.0-py3-none-any.whl?x=1&amp;y=2" data-yanked="broken">b</a>
     <a href="a-project-2.0.tar.gz">source</a><a name="no address">c</a>`,
    page,
  );
  assertEquals(
    links.map((link) => [link.url.href, link.sha256, link.yanked, link.name.project]),
    [
      [
        "https://files.example/a_project-1.0-py3-none-manylinux2014_x86_64.whl",
        checksum,
        false,
        "a-project",
      ],
      [
        "https://files.example/a.project-2.0-py3-none-any.whl?x=1&y=2",
        undefined,
        true,
        "a-project",
      ],
    ],
  );
});

Deno.test("readJsonLinks() reads the same from JSON, and refuses other JSON", () => {
  const file = "a_project-1.0-py3-none-any.whl";
  const entry = {
    filename: file,
    url: "../f.whl",
    hashes: { sha256: checksum },
    yanked: "x",
  };
  const [link] = readJsonLinks(JSON.stringify({ files: [entry] }), page);
  assertEquals(link?.url.href, "https://index.example/simple/f.whl");
  assertEquals([link?.sha256, link?.yanked], [checksum, true]);
  assertThrows(() => readJsonLinks('{"files":[{"filename":3}]}', page));
});

Deno.test("parseWheelName() takes build numbers and refuses what is no wheel", () => {
  assertEquals(parseWheelName("A_b-1.0-2build-py3-none-x.y.whl"), {
    project: "a-b",
    version: "1.0",
    platforms: ["x", "y"],
  });
  for (const file of ["a-1.0.tar.gz", "a-1.0.whl", "a-1-2-3-4-5-6.whl"]) {
    assertEquals(parseWheelName(file), undefined, file);
  }
});

Deno.test("fits() weighs system, processor and glibc", () => {
  const aarch64 = { ...linux, arch: "aarch64" } as const;
  const mac = { os: "darwin", arch: "aarch64", build: "cpu", glibc: "" } as const;
  assert(fits(["manylinux_2_27_x86_64"], linux));
  assert(fits(["manylinux2014_x86_64", "manylinux_2_17_x86_64"], linux));
  assert(!fits(["manylinux_2_34_x86_64"], linux), "newer glibc than there is");
  assert(!fits(["manylinux_2_27_aarch64"], linux));
  assert(!fits(["win_amd64"], linux));
  assert(!fits(["musllinux_1_2_x86_64"], linux));
  assert(fits(["manylinux_2_27_aarch64"], aarch64));
  assert(fits(["macosx_12_0_arm64"], mac));
  assert(!fits(["macosx_12_0_x86_64"], mac));
});

Deno.test("readExtra() takes the requirements of one extra with their ranges", () => {
  const metadata = [
    "Metadata-Version: 2.4",
    "Requires-Dist: numpy>=1.26.0",
    'Requires-Dist: Nvidia_cuDNN.cu12[x] <10.0,>=9.3 ; extra == "and-cuda"',
    "Requires-Dist: nvidia-nccl-cu12 (>=2.27); extra == 'and-cuda'",
    'Requires-Dist: other>=1; (python_version < "3.13") and extra == "gcs"',
    "",
    'Requires-Dist: in-the-description; extra == "and-cuda"',
  ].join("\n");
  assertEquals(readExtra(metadata, "and-cuda"), [
    { project: "nvidia-cudnn-cu12", range: "<10.0,>=9.3" },
    { project: "nvidia-nccl-cu12", range: ">=2.27" },
  ]);
});

function link(file: string, sha256: string | undefined, yanked = false): WheelLink {
  const name = parseWheelName(file);
  assert(name !== undefined);
  return { file, name, url: new URL(file, page), sha256, yanked };
}

Deno.test("chooseWheel() prefers a pinned release, then the newest that is not withdrawn", () => {
  const of = (version: string) => `lib-${version}-py3-none-manylinux2014_x86_64.whl`;
  const links = [
    link(of("12.9"), checksum),
    link(of("12.10"), checksum),
    link(of("12.11"), checksum, true),
    link(of("12.12"), undefined),
    link(of("13.0"), checksum),
  ];
  const wish = {
    requirement: { project: "lib", range: "<13.0,>=12.5" },
    target: linux,
    pinned: {},
    onlyPinned: false,
  };
  const choose = (pinned: Record<string, string>) =>
    chooseWheel({ ...wish, pinned }, { links, failures: [] }, nothing).link.file;
  assertEquals(choose({}), of("12.10"));
  assertEquals(choose({ [of("12.9")]: checksum }), of("12.9"));
  assertEquals(choose({ [of("12.12")]: checksum }), of("12.12"));
  const forged = links.filter(({ sha256 }) => sha256 !== undefined);
  assertThrows(
    () =>
      chooseWheel(
        { ...wish, pinned: Object.fromEntries(forged.map(({ file }) => [file, "0"])) },
        { links: forged, failures: [] },
        nothing,
      ),
    SetupError,
    "do not trust this index",
  );
});

Deno.test("openWeb() refuses an index without https unless its host is trusted", async () => {
  const url = new URL("http://mirror.invalid/simple/");
  const web = openWeb(nothing);
  await assertRejects(() => web.get(url), SetupError, "PIP_TRUSTED_HOST=mirror.invalid");
  web.close();
});

Deno.test("openWeb() says that pip's certificate is not there", () => {
  assertThrows(
    () => openWeb({ ...nothing, certificate: "/no/such/certificate.pem" }),
    SetupError,
    "unset PIP_CERT",
  );
});
