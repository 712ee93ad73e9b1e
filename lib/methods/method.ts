/**
 * What every masked image modelling method gives to a trainer and to a picture.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import type { Mask } from "../maskers/mask.ts";

/** The result of one forward pass, by name; methods add what else happens inside. */
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
  /** What there is to see; computed only when asked for. */
  pictures(): MethodPictures;
}

/** What there is to see of a batch; images are `(B, H, W, C)`, normalised as the input is. */
export interface MethodPictures {
  /** What the network saw: removed patches grey, filled, or mixed with the partner. */
  input: Tensor;
  /** Predicted where the method predicts, the original elsewhere; none for feature targets. */
  reconstruction?: Tensor;
  /** The other image of each pair, and what was made of it. */
  partner?: { images: Tensor; reconstruction: Tensor };
  /** How much each patch matters to the masker, `(B, N)`. */
  importance?: Tensor;
  /** Of each patch, `(B, N)`, where it is not that of the reconstructed pixels. */
  error?: Tensor;
}

/** What masked autoencoders with a transformer decoder also tell. */
export interface AutoencoderOutput extends MethodOutput {
  encoderBlocks: Tensor[];
  decoderBlocks: Tensor[];
}
