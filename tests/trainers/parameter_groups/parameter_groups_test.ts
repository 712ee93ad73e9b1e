import { assertAlmostEquals, assertEquals } from "@std/assert";
import { vit } from "../../../lib/backbones/vit.ts";
import { classifier, pool } from "../../../lib/heads/classifier.ts";
import { describeParameters } from "../../../lib/nn/scope.ts";
import {
  layerDecayGroups,
  mmpretrainLayerDecayGroups,
  mmpretrainWeightDecayGroups,
  weightDecayGroups,
} from "../../../lib/trainers/parameter_groups/mod.ts";

function specificationsWith(positions: "fixed" | "learned") {
  const size = { imageSize: 16, patchSize: 8, width: 8, depth: 12, heads: 2 };
  return describeParameters((scope, input) => {
    const images = input({ shape: [1, 16, 16, 3] });
    const { tokens } = vit(scope, images, { ...size, positions });
    classifier(scope, pool(scope, tokens, "patches"), 3);
  });
}

Deno.test("weightDecayGroups() decays the class token and leaves out fixed positions", () => {
  const groups = weightDecayGroups(specificationsWith("fixed"), 0.05);
  const decay = (name: string) => groups.get(name)?.weightDecay;
  assertEquals(decay("cls_token"), 0.05);
  assertEquals(decay("blocks.0.attn.qkv.weight"), 0.05);
  assertEquals(decay("blocks.0.attn.qkv.bias"), 0);
  assertEquals(decay("blocks.0.norm1.weight"), 0);
  assertEquals(decay("pos_embed"), undefined);
});

Deno.test("layerDecayGroups() slows layers down by their distance from the head", () => {
  const options = { depth: 12, layerDecay: 0.5, weightDecay: 0.05 };
  const groups = layerDecayGroups(specificationsWith("learned"), options);
  const scale = (name: string) => groups.get(name)!.learningRateScale;
  assertEquals(scale("head.weight"), 1);
  assertEquals(scale("fc_norm.weight"), 1);
  assertEquals(scale("blocks.11.mlp.fc2.weight"), 0.5);
  assertEquals(scale("blocks.1.mlp.fc2.weight"), 0.5 ** 11); // not block 11's
  assertAlmostEquals(scale("patch_embed.proj.weight"), 0.5 ** 13);
  assertEquals(groups.get("pos_embed")!.weightDecay, 0);
  assertEquals(groups.get("cls_token")!.weightDecay, 0);
});

Deno.test("mmpretrain's groups decide by its names and are filed under the kit's", () => {
  const specifications = specificationsWith("learned");
  const nameOf = (name: string) =>
    name.startsWith("head")
      ? name.replace("head", "head.fc")
      : `backbone.${name.replace("blocks", "layers").replace(/norm(\d)/, "ln$1")}`;
  const pretraining = mmpretrainWeightDecayGroups(
    specifications,
    { weightDecay: 0.05 },
    nameOf,
  );
  assertEquals(pretraining.get("cls_token")!.weightDecay, 0);
  assertEquals(pretraining.get("blocks.3.norm1.weight")!.weightDecay, 0);
  assertEquals(pretraining.get("blocks.3.mlp.fc1.weight")!.weightDecay, 0.05);
  const options = {
    backbone: { kind: "vit", depth: 12 },
    layerDecay: 0.5,
    weightDecay: 0.05,
  } as const;
  const finetuning = mmpretrainLayerDecayGroups(specifications, options, nameOf);
  assertEquals(finetuning.get("blocks.0.norm1.weight"), {
    learningRateScale: 0.5 ** 12,
    weightDecay: 0,
  });
  assertEquals(finetuning.get("head.weight"), {
    learningRateScale: 1,
    weightDecay: 0.05,
  });
});
