import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  findRecipes,
  forImages,
  recipe,
  recipeGroups,
  recipeNames,
} from "../../lib/recipes/catalogue.ts";
import { obstacleOf } from "../../lib/recipes/obstacle.ts";
import { renderFlags, renderRecipe, whereFrom } from "../../lib/recipes/render.ts";
import { renderList } from "../../lib/recipes/render_list.ts";

Deno.test("recipeNames holds the small recipes and the papers'", () => {
  const wanted = [
    ...["clip-tiny", "mae-tiny", "simmim-tiny", "milan-tiny", "mixmim-tiny"],
    ...["a2mim-tiny-vit", "a2mim-tiny-resnet", "a2mim-tiny-convnext"],
    ...["finetune-tiny", "linear-tiny"],
    "milan_vit-base-p16_16xb256-amp-coslr-400e_in1k",
    "vit-base-p16_milan-pre_8xb128-coslr-100e_in1k",
    "vit-base-p16_milan-pre_8xb2048-linear-coslr-100e_in1k",
    "mixmim_mixmim-base_16xb128-coslr-300e_in1k",
    "mixmim-base_mixmim-pre_8xb128-coslr-100e_in1k",
    "r200_l3_sz224_init_8xb256_cos_ep300",
    "r50_rsb_a3_ft_sz160_4xb512_cos_fp16_ep100",
  ];
  assertEquals(wanted.filter((name) => !recipeNames.includes(name)), []);
  assertEquals(recipeNames.length, 10 + 166);
  assertEquals(new Set(recipeNames).size, recipeNames.length);
});

Deno.test("recipe() answers an unknown name with near ones", () => {
  assertThrows(
    () => recipe("mae-tyny"),
    Error,
    'There is no recipe "mae-tyny": did you mean "mae-tiny"? `deno task recipes` lists all',
  );
  assertThrows(
    () => recipe("rsb_a2"),
    Error,
    "r101_rsb_a2_ft_sz224_8xb256_cos_fp16_ep300",
  );
  assertThrows(
    () => recipe("vit-base_milan_linear"), // all of its parts, in another order
    Error,
    'did you mean "vit-base-p16_milan-pre_8xb2048-linear-coslr-100e_in1k"?',
  );
  for (const name of ["toString", "__proto__", "", "-", "constructor"]) {
    const { message } = assertThrows(() => recipe(name), Error, "There is no recipe");
    assert(!message.includes("did you mean"), message);
  }
});

Deno.test("findRecipes() looks at name, task, method, network, data and group", () => {
  assertEquals(findRecipes(["MILAN", "finetune", "ViT-L"]), [
    "milan_official_vit-l_finetune_100e",
  ]);
  const probes = findRecipes(["resnet-18", "cifar100", "linear"]);
  assertEquals(probes.length, 2);
  assertEquals(findRecipes(["milan", "resnet"]), []);
  assertEquals(findRecipes([]), [...recipeNames]);
  assertEquals(recipeGroups.flatMap(({ names }) => names), [...recipeNames]);
});

Deno.test("obstacleOf() says what the kit has not, of four recipes", () => {
  const blocked = recipeNames.filter((name) => obstacleOf(recipe(name)) !== undefined);
  assertEquals(blocked, [
    "moganet_s_l3_sz224_init_8xb256_cos_ep300",
    "imagenet100/deit_small_l0_mlp_sz192_4xb256_accu2_cos_ep800",
    "beit_base_p16_ft_sz224_8xb128_cos_ep100",
    "r50_mhead_sz224_4xb64_step_ep90",
  ]);
  assertMatch(
    renderRecipe(recipe(blocked[1]!)),
    /cannot be run: the kit has no depthwise/,
  );
});

Deno.test("renderList() has a line for each recipe, in its group", () => {
  const text = renderList(["mae-tiny", "mae_official_vit-h_finetune_50e"]);
  assertEquals(text.split("\n").map((line) => line.trim().split("  ")[0]), [
    ...["Small data, on any machine", "pretrain", "mae-tiny", ""],
    ...["MAE, by its authors", "finetune", "mae_official_vit-h_finetune_50e"],
  ]);
  assertMatch(text, /finetune_50e {2}ViT-H\/14 {2}224 px {2}50 epochs, batch 1024/);
});

Deno.test("recipe() gives a copy: nobody changes the catalogue", () => {
  const first = recipe("mae-tiny");
  first.optimizer.lr = 5;
  first.sources["epochs"] = "nowhere";
  assertEquals(recipe("mae-tiny").optimizer.lr, 1e-3);
  const paper = recipe("mae_official_vit-b_pretrain_800e");
  paper.data.transform.flip = 1;
  paper.notes.push("wrong");
  assertEquals(recipe(paper.name).data.transform.flip, 0.5);
  assert(!recipe(paper.name).notes.includes("wrong"));
});

Deno.test("forImages() fits the small recipes alone", () => {
  const large = forImages(recipe("milan-tiny"), 64);
  assertEquals([large.data.dataset, large.data.imageSize], ["emoji", 64]);
  assertEquals(large.name, "milan-tiny");
  const paper = recipe("mae_official_vit-b_pretrain_800e");
  assertEquals(forImages(paper, 64), paper);
});

Deno.test("whereFrom() looks around a value that has no source of its own", () => {
  const chosen = recipe("milan_official_vit-b_pretrain_400e");
  assertEquals(whereFrom(chosen, "masker.ratio"), "MILAN/PRETRAIN.sh:9");
  assertEquals(whereFrom(chosen, "teacher.variant"), "MILAN/models_milan.py:118");
  assertEquals(whereFrom(chosen, "data.dataset"), undefined);
  assertEquals(
    recipe("mixmim_official_mixmim_large_pretrain").sources["what this does not state"],
    "as in mixmim_official_mixmim_base_pretrain_600e",
  );
});

Deno.test("conflicts of the sources are notes", () => {
  const noted = (name: string): string => recipe(name).notes.join("\n");
  assertMatch(noted("r152_l3_sz224_init_8xb256_cos_ep300"), /r152 Fourier weight/);
  assertMatch(noted("vit_base_l0_sz224_8xb128_accu2_step_ep800"), /84\.2.*84\.3/);
  assertMatch(
    noted("milan_vit-base-p16_16xb256-amp-coslr-400e_in1k"),
    /decoder width.*1024/,
  );
  assertMatch(noted("swin-large-w14_8xb256-coslr-100e_in1k"), /T_max/);
});

Deno.test("renderRecipe() shows every value with its source", () => {
  const text = renderRecipe(recipe("milan_official_vit-b_pretrain_400e"));
  assertMatch(text, /--epochs +400 +MILAN\/PRETRAIN\.sh:10/);
  assertMatch(text, /--optimizer\.lr +1\.5e-4 +MILAN\/PRETRAIN\.sh:12/);
  assertMatch(text, /learning rate for batches of 4096: 0\.0024/);
  assertMatch(text, /values without a source: MILAN\/PRETRAIN\.sh/);
  for (const name of recipeNames) {
    assert(!/undefined|NaN|\[object/.test(renderRecipe(recipe(name))), name);
  }
});

Deno.test("renderFlags() lists what can be set, with values and meanings", () => {
  const text = renderFlags(recipe("mae-tiny"));
  assertMatch(text, /--masker\.ratio N +share of the patches that is removed \[0\.75\]/);
  assertMatch(
    text,
    /--masker\.kind TEXT +one of random, semantic, mix, block \[random\]/,
  );
  assertMatch(text, /--ema\.momentum N +how much of the average/);
  assertMatch(text, /These take "none": .*--ema,/);
});
