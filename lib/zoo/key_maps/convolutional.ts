/**
 * How projects name networks of stages: ResNet, ConvNeXt and Swin.
 *
 * @module
 */
import type { Naming } from "./naming.ts";
import { convNextNamings } from "./convnext.ts";
import { resnetNamings } from "./resnet.ts";
import { swinNamings } from "./swin.ts";

/** All of them; of those that recognize a checkpoint the first is meant. */
export const convolutionalNamings: readonly Naming[] = [
  ...resnetNamings,
  ...convNextNamings,
  ...swinNamings,
];
