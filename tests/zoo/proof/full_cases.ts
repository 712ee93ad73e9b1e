/**
 * Models of full size, as published.
 *
 * @module
 */
import { clipVariant } from "../../../lib/backbones/clip_variants.ts";
import { convNextVariant } from "../../../lib/backbones/convnext.ts";
import { resnetVariant } from "../../../lib/backbones/resnet.ts";
import { swinVariant } from "../../../lib/backbones/swin.ts";
import { vitVariant } from "../../../lib/backbones/vit.ts";
import { type LibraryName, type ProofCase, publishedForms } from "./case.ts";
import {
  classifierForward,
  clipForward,
  clipVisionForward,
  maeForward,
} from "./kit_models.ts";

const classes = 1000;
const imageSize = 224;

function fullCase(
  library: LibraryName,
  given: Pick<ProofCase, "name" | "model" | "own" | "forward"> & Partial<ProofCase>,
): ProofCase {
  return {
    ...given,
    name: `${given.name}, ${library}`,
    library,
    size: "full",
    configuration: given.configuration ?? labelled[library],
    imageSize,
    batch: 2,
    files: publishedForms[library],
  };
}

/** Of ImageNet-1k; a configuration of transformers has two classes by itself. */
const labelled = { timm: {}, transformers: { num_labels: classes } } as const;

const vit = vitVariant("B/16", imageSize);
const clip = clipVariant("B/16");

/** ViT-B/16 of both libraries in every run, the others with `--full`. */
export const fullCases: readonly ProofCase[] = [
  fullCase("transformers", {
    name: "ViT-B/16",
    model: "ViTForImageClassification",
    own: "official",
    forward: classifierForward({ kind: "vit", ...vit, epsilon: 1e-12 }, classes),
    twin: "ViT-B/16, timm",
  }),
  fullCase("timm", {
    name: "ViT-B/16",
    model: "vit_base_patch16_224",
    own: "official",
    forward: classifierForward({ kind: "vit", ...vit }, classes),
    twin: "ViT-B/16, transformers",
  }),
  fullCase("transformers", {
    name: "MAE ViT-B/16",
    model: "ViTMAEForPreTraining",
    isSavedOtherwise: true, // its decoder's layers, since transformers 5
    own: "official",
    configuration: {},
    isLong: true,
    forward: maeForward({
      backbone: { ...vit, epsilon: 1e-12 },
      decoder: { epsilon: 1e-12 },
    }),
  }),
  fullCase("transformers", {
    name: "CLIP ViT-B/16",
    model: "CLIPModel",
    own: "openai",
    configuration: { vision_config: { patch_size: 16 } },
    isLong: true,
    forward: clipForward(clip),
  }),
  fullCase("timm", {
    name: "CLIP ViT-B/16's image tower",
    model: "vit_base_patch16_clip_quickgelu_224",
    own: "openai",
    configuration: { num_classes: clip.vision.embedWidth },
    zero: ["head.bias"],
    isLong: true,
    forward: clipVisionForward(clip.vision),
  }),
  ...(["transformers", "timm"] as const).flatMap((library): ProofCase[] => {
    const other = library === "timm" ? "transformers" : "timm";
    const isTimm = library === "timm";
    return [
      fullCase(library, {
        name: "ResNet-50",
        model: isTimm ? "resnet50" : "ResNetForImageClassification",
        isLong: true,
        own: "openmixup",
        forward: classifierForward({ kind: "resnet", ...resnetVariant(50) }, classes),
        twin: `ResNet-50, ${other}`,
      }),
      fullCase(library, {
        name: "ConvNeXt-T",
        model: isTimm ? "convnext_tiny" : "ConvNextForImageClassification",
        isLong: true,
        own: "openmixup",
        forward: classifierForward(
          { kind: "convnext", ...convNextVariant("T") },
          classes,
        ),
        twin: `ConvNeXt-T, ${other}`,
      }),
      fullCase(library, {
        name: "Swin-B",
        model: isTimm ? "swin_base_patch4_window7_224" : "SwinForImageClassification",
        configuration: isTimm ? {} : {
          embed_dim: 128,
          depths: [2, 2, 18, 2],
          num_heads: [4, 8, 16, 32],
          num_labels: classes,
        },
        isLong: true,
        own: "openmixup",
        forward: classifierForward(
          { kind: "swin", ...swinVariant("B", imageSize) },
          classes,
        ),
        twin: `Swin-B, ${other}`,
      }),
    ];
  }),
];
