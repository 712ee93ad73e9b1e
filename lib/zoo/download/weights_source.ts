/**
 * Where the files of released weights come from, in few words for those that publish many.
 *
 * @module
 */
import type { Checksum } from "../../engine/library/transfer_error.ts";

export type { Checksum };

/** Where a file of weights comes from. */
export type WeightsSource =
  | {
    /** A server that gives the file to programs. */
    readonly kind: "download";
    readonly url: string;
    /** The file's name in the cache. */
    readonly file: string;
    /** Undefined where its authors state none. */
    readonly checksum?: Checksum;
  }
  | {
    /** A page that only a browser gets through, such as Google Drive's. */
    readonly kind: "by-hand";
    readonly url: string;
    /** The name under which to save it. */
    readonly file: string;
    readonly checksum?: Checksum;
  };

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * A file of OpenMMLab. The names of most end in the first digits of their sha256
 * (`publish_model.py`).
 *
 * @param path below https://download.openmmlab.com/
 *
 * @example
 * ```ts
 * import { openMmlab } from "./weights_source.ts";
 * const source = openMmlab("mmclassification/v0/mixmim/mixmim-base_3rdparty_in1k_20221206-e40e2c8c.pth");
 * console.log(source.checksum); // { algorithm: "sha256", hex: "e40e2c8c" }
 * ```
 */
export function openMmlab(path: string): WeightsSource {
  const hex = path.match(/_\d{8}-([0-9a-f]{8})\.pth$/)?.[1];
  return {
    kind: "download",
    url: `https://download.openmmlab.com/${path}`,
    file: lastPart(path),
    ...(hex === undefined ? {} : { checksum: { algorithm: "sha256", hex } }),
  };
}

/**
 * A file of the release `a2mim-in1k-weights` that Westlake's two projects have on GitHub.
 *
 * @example
 * ```ts
 * import { westlake } from "./weights_source.ts";
 * console.log(westlake("A2MIM", "simmim_r50_sz224_8xb256_cos_fp16_ep300_full.pth").kind); // "download"
 * ```
 */
export function westlake(project: "A2MIM" | "openmixup", file: string): WeightsSource {
  const release = "releases/download/a2mim-in1k-weights";
  const url = `https://github.com/Westlake-AI/${project}/${release}/${file}`;
  return { kind: "download", url, file };
}

/**
 * A file of MAE's authors.
 *
 * @param path below https://dl.fbaipublicfiles.com/mae/
 * @param md5 the first digits of the checksum, as far as published.
 *
 * @example
 * ```ts
 * import { metaMae } from "./weights_source.ts";
 * console.log(metaMae("pretrain/mae_pretrain_vit_base.pth", "8cad7c").file); // "mae_pretrain_vit_base.pth"
 * ```
 */
export function metaMae(path: string, md5?: string): WeightsSource {
  return {
    kind: "download",
    url: `https://dl.fbaipublicfiles.com/mae/${path}`,
    file: lastPart(path),
    ...(md5 === undefined ? {} : { checksum: { algorithm: "md5", hex: md5 } }),
  };
}

/**
 * A CLIP of OpenAI, whose addresses hold the sha256.
 *
 * @example
 * ```ts
 * import { openai } from "./weights_source.ts";
 * console.log(openai("5806e77cd80f", "ViT-B-16.pt").file); // "ViT-B-16.pt"
 * ```
 */
export function openai(sha256: string, file: string): WeightsSource {
  return {
    kind: "download",
    url: `https://openaipublic.azureedge.net/clip/models/${sha256}/${file}`,
    file,
    checksum: { algorithm: "sha256", hex: sha256 },
  };
}

/**
 * A file on Google Drive, which no program gets without a browser's help.
 *
 * @param file the name to save it under.
 *
 * @example
 * ```ts
 * import { googleDrive } from "./weights_source.ts";
 * console.log(googleDrive("18UYGG_1r5SJyAgj1ykOfoqECdVBoFLoz", "milan.pth").kind); // "by-hand"
 * ```
 */
export function googleDrive(id: string, file: string): WeightsSource {
  return {
    kind: "by-hand",
    url: `https://drive.google.com/file/d/${id}/view?usp=sharing`,
    file,
  };
}
