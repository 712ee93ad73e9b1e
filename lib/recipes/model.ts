/**
 * The networks of a recipe: a backbone by the name of its variant, and what differs from it.
 *
 * @module
 */

/** A backbone: a variant by name, and what differs from it. */
export type BackboneSection =
  | {
    kind: "vit";
    /** Size and patch, such as "B/16". */
    variant: string;
    dropPathRate?: number | undefined;
    rematerialize?: boolean | undefined;
    width?: number | undefined;
    depth?: number | undefined;
    heads?: number | undefined;
    mlpRatio?: number | undefined;
    qkvBias?: "all" | "off" | "query-value" | undefined;
    relativePositions?: boolean | undefined;
    positions?: "learned" | "fixed" | undefined;
    layerScale?: number | undefined;
    finalNorm?: boolean | undefined;
  }
  | {
    kind: "mixmim";
    variant: "B" | "L" | "H";
    dropPathRate?: number | undefined;
    rematerialize?: boolean | undefined;
    patchSize?: number | undefined;
    width?: number | undefined;
    depths?: number[] | undefined;
    heads?: number[] | undefined;
    windows?: number[] | undefined;
    rewrite?: "mmpretrain" | undefined;
  }
  | {
    kind: "resnet";
    variant: "18" | "34" | "50" | "101" | "152" | "200";
    dropPathRate?: number | undefined;
    rematerialize?: boolean | undefined;
    depths?: number[] | undefined;
    stem?: "strided" | "full-size" | undefined;
    stemChannels?: number | undefined;
    baseChannels?: number | undefined;
  }
  | {
    kind: "convnext";
    variant: "T" | "S" | "B";
    dropPathRate?: number | undefined;
    rematerialize?: boolean | undefined;
    depths?: number[] | undefined;
    widths?: number[] | undefined;
    stemSize?: number | undefined;
    layerScale?: number | undefined;
  }
  | {
    kind: "swin";
    variant: "T" | "S" | "B";
    dropPathRate?: number | undefined;
    rematerialize?: boolean | undefined;
    patchSize?: number | undefined;
    width?: number | undefined;
    depths?: number[] | undefined;
    heads?: number[] | undefined;
    window?: number | undefined;
    padSmallMaps?: boolean | undefined;
  }
  | {
    /** What the kit cannot build: the recipe is there to be read. */
    kind: "missing";
    variant: string;
    dropPathRate?: number | undefined;
    rematerialize?: boolean | undefined;
  };

/** A decoder of masked autoencoders. */
export interface DecoderSection {
  width: number;
  depth: number;
  heads: number;
  epsilon?: number | undefined;
}

/** Where a mask token enters. */
export interface TokenSection {
  kind: "replace" | "add";
  layer: number;
  /** First value of the masked features' factor. */
  scale?: number | undefined;
}

/** A loss of each pixel. */
export interface RegressionSection {
  kind: "l1" | "focal-l1";
  alpha?: number | undefined;
  gamma?: number | undefined;
}

/** What SimMIM and A2MIM share. */
interface MapSection {
  backbone: BackboneSection;
  token: TokenSection;
  /** Fills masked pixels with the image's mean colour. */
  fill: boolean;
  /** Between the backbone and the pixels; the kit has the linear one. */
  head: "linear" | "depthwise-convolution";
}

/** The network of pretraining, by its method. */
export type PretextSection =
  | {
    kind: "mae" | "mixmim";
    backbone: BackboneSection;
    decoder: DecoderSection;
    normalizePixels: boolean;
  }
  | {
    kind: "milan";
    backbone: BackboneSection;
    decoder: DecoderSection;
    decoderKind: "prompting" | "plain";
  }
  | { kind: "simmim" } & MapSection
  | {
    kind: "a2mim";
    regression: RegressionSection;
    unmaskWeight: number;
    fourier: {
      /** 0 for none. */
      weight: number;
      focal: boolean;
      replacement: "mixed" | "target" | "prediction" | "mean";
      unmaskWeight: number;
      reweight: boolean;
    };
  } & MapSection;

/** A network with a classifier. */
export interface ClassifierSection {
  kind: "classifier" | "linear-probe";
  backbone: BackboneSection;
  /** Without it the data set's. */
  classes?: number | undefined;
  pooling: "class-token" | "patches" | "all-tokens";
  /** Batch normalisation without affine before the classifier. */
  normalizeFeatures: boolean;
  /** Deviation of the classifier's first weights. */
  headDeviation: number;
}

/** The two towers of a tiny CLIP. */
export interface ContrastiveSection {
  kind: "clip";
  patchSize: number;
  width: number;
  layers: number;
  textLayers: number;
}

/** Which patches are removed. */
export type MaskerSection =
  | { kind: "random" | "semantic" | "mix"; ratio: number }
  | {
    kind: "block";
    ratio: number;
    /** Pixels of a square's side. */
    cellPixels: number;
  };

/** Who tells features and importance. */
export type TeacherSection =
  | { kind: "released"; variant: "B/32" | "B/16" | "L/14" }
  | {
    /** Trained here, by another recipe. */
    kind: "trained";
    recipe: string;
    /** Instead of that recipe's. */
    steps?: number | undefined;
  };
