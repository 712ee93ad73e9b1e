/**
 * What every masked image modelling method gives to a trainer and to a picture.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import type { Mask } from "../maskers/mask.ts";

/** The result of one forward pass, by name. */
export interface MethodOutput {
  /** A scalar. */
  loss: Tensor;
  /** What the head predicted. */
  prediction: Tensor;
  /** What it should have predicted. */
  target: Tensor;
  mask: Mask;
  /** The encoder's normalised output. */
  latent: Tensor;
  encoderBlocks: Tensor[];
  decoderBlocks: Tensor[];
}
