/**
 * Parameters and FLOPs as papers and repositories published them, and why some are not what one
 * counts.
 *
 * @module
 */

/** A number with the digits that were published. */
export interface PublishedFigure {
  value: string;
  /** Why it is not what is counted here, where it is not. */
  because?: string;
}

/** What was published of an architecture. */
export interface PublishedFigures {
  source: string;
  /** In millions. */
  parameters: PublishedFigure;
  /** In billions. */
  flops?: PublishedFigure;
}

const unmasked =
  "published is the encoder over all patches of an image, without mask and decoder";
const features = "published is up to the features, without the last linear layer";
const unpooled =
  "published is without the norm of the pooled patches, and up to the features";

function openMmlab(
  folder: string,
  parameters: string | PublishedFigure,
  flops: string | PublishedFigure,
): PublishedFigures {
  const figure = (given: string | PublishedFigure): PublishedFigure =>
    typeof given === "string" ? { value: given } : given;
  return {
    source: `mmpretrain, configs/${folder}/metafile.yml`,
    parameters: figure(parameters),
    flops: figure(flops),
  };
}

function milanReadme(
  parameters: PublishedFigure,
  flops: PublishedFigure,
): PublishedFigures {
  return { source: "mmpretrain, configs/milan/README.md", parameters, flops };
}

function mixmimReadme(parameters: string, flops: PublishedFigure): PublishedFigures {
  return { source: "MixMIM, README.md", parameters: { value: parameters }, flops };
}

function a2mimReadme(parameters: string): PublishedFigures {
  return { source: "A2MIM, README.md", parameters: { value: parameters } };
}

/** Published figures by the name of the architecture. */
export const publishedFigures: Readonly<Record<string, PublishedFigures>> = {
  "mae-official-pretrain-vit-base-p16": openMmlab("mae", "111.90784", {
    value: "17.581972224",
    because: unmasked,
  }),
  "mae-official-pretrain-vit-large-p16": openMmlab("mae", "329.541888", {
    value: "61.603111936",
    because: unmasked,
  }),
  "mae-official-pretrain-vit-huge-p14": openMmlab("mae", "657.074508", {
    value: "167.40074112",
    because: unmasked,
  }),
  "mae-official-finetune-vit-huge-p14": openMmlab(
    "mae",
    { value: "632.04324", because: unpooled },
    { value: "167.39909632", because: unpooled },
  ),
  "milan-official-finetune-vit-base-p16": milanReadme(
    { value: "86.57" },
    { value: "17.58" },
  ),
  "milan-official-linprobe-vit-base-p16": milanReadme(
    { value: "86.57" },
    { value: "17.58" },
  ),
  "milan-official-finetune-vit-large-p16": openMmlab(
    "mae",
    { value: "304.324584", because: unpooled },
    { value: "61.602103296", because: unpooled },
  ),
  "milan-official-linprobe-vit-large-p16": openMmlab("mae", "304.326632", {
    value: "61.60311296",
    because: features,
  }),
  "milan-mmpretrain-pretrain-vit-base-p16": milanReadme(
    {
      value: "111.91",
      because:
        "published is with a decoder_embed of 1024×512 weights, which does not fit " +
        "the 768-wide encoder: embed_dim was left at its default (see literal-config); the " +
        "authors' model has 111.78 M",
    },
    { value: "17.58", because: unmasked },
  ),
  "milan-mmpretrain-pretrain-vit-base-p16-literal-config": milanReadme(
    { value: "111.91" },
    { value: "17.58", because: unmasked },
  ),
  "milan-mmpretrain-finetune-vit-base-p16": openMmlab(
    "milan",
    { value: "86.56612", because: unpooled },
    { value: "17.581215744", because: unpooled },
  ),
  "milan-mmpretrain-linprobe-vit-base-p16": openMmlab("milan", "86.567656", {
    value: "17.581972992",
    because: features,
  }),
  "mixmim-base-classifier": mixmimReadme("88", {
    value: "16.3",
    because: "published is rounded down",
  }),
  "mixmim-base-384-classifier": mixmimReadme("89.6", { value: "52.6" }),
  "mixmim-large-classifier": mixmimReadme("197", { value: "35.9" }),
  "mixmim-large-384-classifier": mixmimReadme("199", { value: "112" }),
  "mmpretrain-mixmim-base-pretrain": openMmlab("mixmim", "114.665784", {
    value: "16.351906816",
    because: unmasked,
  }),
  "mmpretrain-mixmim-base_3rdparty_in1k": openMmlab("mixmim", "88.344352", {
    value: "16.351906816",
    because: features,
  }),
  "simmim-swin-base-192-pretrain": openMmlab("simmim", "89.874104", {
    value: "18.832161792",
    because: "published is the encoder at 224 pixels, though the model is for 192",
  }),
  "simmim-swin-base-192-classifier": openMmlab("simmim", "87.750176", {
    value: "11.30397696",
    because: features,
  }),
  "swin-base-classifier": openMmlab("simmim", "87.768224", {
    value: "15.466852352",
    because: features,
  }),
  "a2mim-vit-small-classifier": a2mimReadme("48.8"),
  "a2mim-vit-base-classifier": a2mimReadme("86.7"),
  "a2mim-vit-large-classifier": a2mimReadme("304.6"),
  "a2mim-resnet50-classifier": a2mimReadme("25.6"),
  "a2mim-resnet101-classifier": a2mimReadme("44.5"),
  "a2mim-resnet152-classifier": a2mimReadme("60.2"),
  "a2mim-resnet200-classifier": a2mimReadme("64.7"),
  "a2mim-convnext-small-classifier": a2mimReadme("50.2"),
  "a2mim-convnext-base-classifier": a2mimReadme("88.6"),
};

/** Whether a count rounds to what was published; `unit` is a million or a billion. */
export function agrees({ value }: PublishedFigure, count: number, unit: number): boolean {
  const digits = value.split(".")[1]?.length ?? 0;
  return (count / unit).toFixed(digits) === value;
}
