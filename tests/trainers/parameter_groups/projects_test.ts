import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { zeros } from "../../../lib/nn/initializers.ts";
import {
  mixmimLayer,
  mixmimLayerDecayGroups,
  type MmpretrainBackbone,
  mmpretrainLayer,
  mmpretrainLayerDecayGroups,
  type OpenmixupBackbone,
  openmixupGroups,
  openmixupLayer,
  openmixupLayerDecayGroups,
  openmixupRules,
  type Specifications,
} from "../../../lib/trainers/parameter_groups/mod.ts";

/** Parameters by name with their numbers of axes; a name with "frozen" is not trained. */
function parameters(axes: Record<string, number>): Specifications {
  return new Map(
    Object.entries(axes).map(([name, count]) => [name, {
      shape: Array(count).fill(2),
      layout: "plain",
      initial: zeros,
      trainable: !name.includes("frozen"),
    }]),
  );
}

Deno.test("mixmimLayer() gives the downsampling to the next block, and the head one below", () => {
  const layer = (name: string) => mixmimLayer(name, [2, 2, 18, 2]);
  assertEquals(layer("patch_embed.proj.weight"), { layer: 0, last: 25 });
  assertEquals(layer("layers.1.blocks.0.mlp.fc1.bias").layer, 3);
  assertEquals(layer("layers.0.downsample.reduction.weight").layer, 3);
  assertEquals(layer("layers.3.blocks.1.norm1.weight").layer, 24);
  assertEquals(layer("norm.weight").layer, 24);
  assertEquals(layer("head.weight").layer, 24);
});

Deno.test("mixmimLayerDecayGroups() decays matrices, tables of positions among them", () => {
  const groups = mixmimLayerDecayGroups(
    parameters({
      "layers.0.blocks.1.attn.relative_position_bias_table": 2,
      "layers.0.blocks.1.attn.qkv.bias": 1,
      "frozen": 3,
    }),
    { depths: [2, 2], layerDecay: 0.5, weightDecay: 0.05 },
  );
  assertEquals([...groups.values()], [
    { learningRateScale: 0.125, weightDecay: 0.05 },
    { learningRateScale: 0.125, weightDecay: 0 },
  ]);
});

Deno.test("mmpretrainLayer() counts each backbone's layers as mmpretrain does", () => {
  const layers = (backbone: MmpretrainBackbone, names: string[]) =>
    names.map((name) => mmpretrainLayer(name, backbone).layer);
  const staged = [
    "backbone.patch_embed.projection.weight",
    "backbone.stages.1.blocks.0.attn.w_msa.qkv.weight",
    "backbone.stages.1.downsample.reduction.weight",
    "backbone.norm3.weight",
    "head.fc.weight",
  ];
  assertEquals(layers({ kind: "swin", depths: [2, 2, 6, 2] }, staged), [0, 3, 4, 13, 13]);
  const mixmim = staged.map((name) => name.replace("stages", "layers"));
  assertEquals(
    layers({ kind: "mixmim", depths: [2, 2, 6, 2] }, mixmim),
    [0, 3, 4, 12, 13],
  );
  const residual = [
    ...["backbone.bn1.weight", "backbone.layer1.2.conv1.weight"],
    ...["backbone.layer2.7.conv1.weight", "backbone.layer3.35.conv1.weight"],
    ...["backbone.layer4.0.conv1.weight", "head.fc.bias"],
  ];
  assertEquals(
    layers({ kind: "resnet", depths: [3, 8, 36, 3] }, residual),
    [0, 1, 3, 12, 13, 14],
  );
  const convnext = [
    ...["backbone.downsample_layers.0.0.weight", "backbone.stages.2.26.gamma"],
    ...["backbone.downsample_layers.3.1.weight", "backbone.stages.3.0.gamma"],
    ...["backbone.norm3.weight", "head.fc.weight"],
  ];
  assertEquals(
    layers({ kind: "convnext", depths: [3, 3, 27, 3] }, convnext),
    [0, 11, 12, 12, 13, 13],
  );
});

Deno.test("mmpretrainLayerDecayGroups() refuses a ResNet that it has no rule for", () => {
  const backbone = { kind: "resnet", depths: [2, 2, 2, 2] } as const;
  assertThrows(
    () =>
      mmpretrainLayerDecayGroups(parameters({ "backbone.conv1.weight": 4 }), {
        ...{ backbone, layerDecay: 0.7, weightDecay: 0.05 },
      }),
    Error,
    "no rule for a ResNet with [2,2,2,2] blocks; it has for [3,4,6,3], [3,4,23,3]",
  );
});

Deno.test("openmixupLayer() counts each backbone's layers as openmixup does", () => {
  const layers = (backbone: OpenmixupBackbone, names: string[]) =>
    names.map((name) => openmixupLayer(name, backbone).layer);
  const vit = [
    "backbone.pos_embed",
    "backbone.layers.11.ln1.bias",
    "backbone.fc_norm.bias",
  ];
  assertEquals(layers({ kind: "vit", depth: 12 }, vit), [0, 12, 13]);
  const swin = [
    ...["backbone.patch_embed.norm.weight", "backbone.stages.1.blocks.1.norm1.weight"],
    ...["backbone.stages.1.downsample.norm.weight", "head.fc.weight"],
  ];
  assertEquals(layers({ kind: "swin", depths: [2, 2, 6, 2] }, swin), [0, 4, 4, 13]);
});

Deno.test("openmixupLayerDecayGroups() finds 'bias' anywhere, norms by their names", () => {
  const names = {
    "backbone.layers.1.attn.relative_position_bias_table": 2,
    "backbone.layers.1.attn.qkv.weight": 2,
    "backbone.fc_norm.weight": 1,
  };
  const backbone = { kind: "vit", depth: 2 } as const;
  const options = { backbone, layerDecay: 0.5, weightDecay: 0.05 };
  const groups = openmixupLayerDecayGroups(parameters(names), options);
  assertEquals([...groups.values()], [
    { learningRateScale: 0.5, weightDecay: 0 },
    { learningRateScale: 0.5, weightDecay: 0.05 },
    { learningRateScale: 1, weightDecay: 0 },
  ]);
});

Deno.test("openmixupLayerDecayGroups() lets rules change the rate of a ViT's head alone", () => {
  const specifications = parameters({
    "backbone.layers.1.attn.qkv.weight": 2,
    "head.fc.weight": 2,
  });
  const ratesOf = (backbone: OpenmixupBackbone) => {
    const rules = [{ pattern: /weight/, learningRateScale: 0.1 }];
    const options = { backbone, layerDecay: 0.5, weightDecay: 0.05, rules };
    const groups = openmixupLayerDecayGroups(specifications, options);
    return [...groups.values()].map(({ learningRateScale }) => learningRateScale);
  };
  assertEquals(ratesOf({ kind: "vit", depth: 2 }), [0.5, 0.1]);
  assertEquals(ratesOf({ kind: "swin", depths: [1, 1] }), [1, 1]);
});

Deno.test("openmixupGroups() trains A2MIM's mask token slowly; later rules override", () => {
  const specifications = parameters({
    "backbone.mask_token": 4,
    "backbone.mask_gamma": 4,
    "backbone.layer1.0.bn1.weight": 1,
    "backbone.conv1.weight": 4,
  });
  const rules = openmixupRules["a2mim-resnet-pretraining"];
  const groups = openmixupGroups(specifications, { weightDecay: 0.05, rules });
  assertEquals(groups.get("backbone.mask_token"), {
    learningRateScale: 0.1,
    weightDecay: 0,
  });
  assertEquals(groups.get("backbone.layer1.0.bn1.weight")!.weightDecay, 0);
  assertEquals(groups.get("backbone.conv1.weight"), {
    learningRateScale: 1,
    weightDecay: 0.05,
  });
  // The scale of the mask token: only ConvNeXt's recipe has a rule for it.
  const gammaOf = (model: "resnet" | "convnext") =>
    openmixupGroups(specifications, {
      weightDecay: 0.05,
      rules: openmixupRules[`a2mim-${model}-pretraining`],
    }).get("backbone.mask_gamma");
  assertEquals(gammaOf("resnet"), { learningRateScale: 1, weightDecay: 0.05 });
  assertEquals(gammaOf("convnext"), { learningRateScale: 0.1, weightDecay: 0 });
  const overridden = openmixupGroups(specifications, {
    weightDecay: 0.05,
    rules: [...rules, { pattern: /mask_token/, weightDecay: 0.2 }],
  });
  assertAlmostEquals(overridden.get("backbone.mask_token")!.weightDecay, 0.2);
  assertAlmostEquals(overridden.get("backbone.mask_token")!.learningRateScale, 0.1);
});
