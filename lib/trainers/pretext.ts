/**
 * Pretext tasks: a method with its masker and its teacher, as one function of images and a key. Any
 * masker goes with any method, as far as there is somebody to tell what is important.
 *
 * @module
 */
import { strideAtLayer } from "../backbones/feature_map.ts";
import { mixmimStride } from "../backbones/mixmim_variants.ts";
import type { Key, Tensor } from "../engine/mod.ts";
import type { Mask } from "../maskers/mask.ts";
import { drawMask, type Masker } from "../maskers/masker.ts";
import { a2mim, type A2mimConfiguration } from "../methods/a2mim.ts";
import { mae, type MaeConfiguration } from "../methods/mae.ts";
import type { MethodOutput } from "../methods/method.ts";
import { milan, type MilanConfiguration } from "../methods/milan.ts";
import { mixmim, type MixmimConfiguration } from "../methods/mixmim.ts";
import { simmim, type SimmimConfiguration } from "../methods/simmim.ts";
import type { Teacher } from "../methods/teacher.ts";
import type { Scope } from "../nn/scope.ts";

/** A method ready to run: images and a key in, loss and named intermediates out. */
export type Pretext = (scope: Scope, images: Tensor, key: Key) => MethodOutput;

/** What a mask is drawn from. */
interface MaskSource {
  masker: Masker;
  /** Pixels of a cell's side. */
  stride: number;
  importance?: Tensor;
}

function maskOf(
  images: Tensor,
  key: Key,
  { masker, stride, importance }: MaskSource,
): Mask {
  const [batch, height, width] = images.shape as [number, number, number, number];
  const request = { batch, rows: height / stride, columns: width / stride };
  return drawMask(
    masker,
    key,
    importance === undefined ? request : { ...request, importance },
  );
}

/** A method of images and a mask, with the masks that somebody draws for it. */
function masked(
  { masker, stride, teacher }: Omit<MaskSource, "importance"> & {
    teacher: Teacher | undefined;
  },
  method: (scope: Scope, images: Tensor, mask: Mask) => MethodOutput,
): Pretext {
  return (scope, images, key) => {
    // Only a semantic masker asks the teacher.
    const told = masker.kind === "semantic" && teacher !== undefined
      ? { importance: teacher(images).importance }
      : {};
    const mask = maskOf(images, key, { masker, stride, ...told });
    return seenWith(method(scope, images, mask), told);
  };
}

/** The output of a method with what its masker was told, for the pictures. */
function seenWith<Output extends MethodOutput>(
  output: Output,
  told: { importance?: Tensor },
): Output {
  return { ...output, pictures: () => ({ ...output.pictures(), ...told }) };
}

/**
 * MAE: a random masker with a ratio of 0.75 is the paper's.
 *
 * @param teacher for a semantic masker.
 */
export function maePretext(
  configuration: MaeConfiguration,
  masker: Masker,
  teacher?: Teacher,
): Pretext {
  const stride = configuration.backbone.patchSize;
  return masked(
    { masker, stride, teacher },
    (scope, images, mask) => mae(scope, images, mask, configuration),
  );
}

/** MILAN, which predicts a teacher's features: a semantic masker of 0.75 is the paper's. */
export function milanPretext(
  configuration: MilanConfiguration,
  teacher: Teacher,
  masker: Masker,
): Pretext {
  const stride = configuration.backbone.patchSize;
  return (scope, images, key) => {
    const { features, importance } = teacher(images);
    const mask = maskOf(images, key, { masker, stride, importance });
    const target = { kind: "features", features } as const;
    return seenWith(milan(scope, images, mask, target, configuration), { importance });
  };
}

/**
 * SimMIM: a block masker in squares of 32 pixels with a ratio of 0.6 is the paper's. The mask's
 * patches are the cells of the map at the token's layer.
 *
 * @param teacher for a semantic masker, with as many patches.
 */
export function simmimPretext(
  configuration: SimmimConfiguration,
  masker: Masker,
  teacher?: Teacher,
): Pretext {
  const { backbone, layer = 0 } = configuration;
  return masked(
    { masker, stride: strideAtLayer(backbone, layer), teacher },
    (scope, images, mask) => simmim(scope, images, mask, configuration),
  );
}

/** A2MIM, with masks as in {@linkcode simmimPretext}. */
export function a2mimPretext(
  configuration: A2mimConfiguration,
  masker: Masker,
  teacher?: Teacher,
): Pretext {
  const { backbone, token } = configuration;
  return masked(
    { masker, stride: strideAtLayer(backbone, token.layer), teacher },
    (scope, images, mask) => a2mim(scope, images, mask, configuration),
  );
}

/**
 * MixMIM: a mix masker with a ratio of 0.5 is the paper's. Whatever the masker, one mask is drawn for
 * the whole batch, over the cells of the last stage.
 */
export function mixmimPretext(
  configuration: MixmimConfiguration,
  masker: Masker,
): Pretext {
  const stride = mixmimStride(configuration.backbone);
  return (scope, images, key) => {
    const [, height, width] = images.shape as [number, number, number, number];
    const request = { batch: 1, rows: height / stride, columns: width / stride };
    return mixmim(scope, images, drawMask(masker, key, request), configuration);
  };
}
