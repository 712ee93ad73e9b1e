import { assertEquals } from "@std/assert";
import { namingOf } from "../../lib/zoo/namings.ts";
import { manifest } from "../manifests/manifest.ts";
import {
  assertSame,
  shapesOf,
  type StateDict,
  stateDict,
  toKit,
  toProject,
} from "./state_dicts/state_dict.ts";

async function pretrained(name: string): Promise<StateDict> {
  return stateDict(
    [...await manifest(name)].map(([key, shape]) => [
      key,
      shape.map((length) => Math.min(length, 2)),
    ]),
  );
}

/** What A2MIM's two tools make of a name: the backbone alone, then text for text. */
function a2mimName(name: string): string | undefined {
  if (!name.startsWith("backbone.")) return undefined;
  const bare = name.slice("backbone.".length);
  let renamed = bare.includes("layer") ? bare : `stem.${bare}`;
  for (const stage of [1, 2, 3, 4]) {
    renamed = renamed.replaceAll(`layer${stage}`, `res${stage + 1}`);
  }
  for (const norm of [1, 2, 3]) {
    renamed = renamed.replaceAll(`bn${norm}`, `conv${norm}.norm`);
  }
  return renamed.replaceAll("downsample.0", "shortcut")
    .replaceAll("downsample.1", "shortcut.norm");
}

for (const name of ["a2mim-resnet50-pretrain", "a2mim-resnet101-classifier"]) {
  Deno.test(`${name} gets the names that A2MIM's converters give it`, async () => {
    const kit = await pretrained(name);
    const expected = new Map(
      [...kit].flatMap(([key, tensor]) => {
        const renamed = a2mimName(key);
        return renamed === undefined ? [] : [[renamed, tensor] as const];
      }),
    );
    const theirs = toProject(kit, "detectron2");
    assertSame(theirs, expected);
    assertEquals(namingOf(theirs).project, "detectron2");
    const backbone = new Map([...kit].filter(([key]) => key.startsWith("backbone.")));
    assertSame(toKit(theirs), backbone);
  });
}

Deno.test("a backbone is found in a detector, with frozen batch norms", () => {
  const norm = ["weight", "bias", "running_mean", "running_var"];
  const detector = stateDict([
    ["backbone.bottom_up.stem.conv1.weight", [2, 3, 7, 7]],
    ...norm.map((name) => [`backbone.bottom_up.stem.conv1.norm.${name}`, [2]] as const),
    ["backbone.bottom_up.res2.0.conv1.weight", [2, 2, 1, 1]],
    ["backbone.fpn_output2.weight", [2, 2, 3, 3]],
    ["proposal_generator.anchor", [2]],
  ]);
  assertEquals(shapesOf(toKit(detector)).map(([name]) => name), [
    "backbone.bn1.bias",
    "backbone.bn1.num_batches_tracked",
    "backbone.bn1.running_mean",
    "backbone.bn1.running_var",
    "backbone.bn1.weight",
    "backbone.conv1.weight",
    "backbone.layer1.0.conv1.weight",
  ]);
});
