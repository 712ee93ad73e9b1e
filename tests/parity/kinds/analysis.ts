/** What networks do with images: Fourier spectra of features, multi-order interactions. */
import { z } from "zod";
import {
  featureVariance,
  logAmplitudeMap,
  relativeLogAmplitudes,
  tokensToMap,
} from "../../../lib/analysis/fourier.ts";
import {
  type InteractionReward,
  interactionReward,
  interactionsOf,
  interactionStrength,
} from "../../../lib/analysis/interaction.ts";
import {
  interactionOrder,
  playerMasks,
  type PlayerPair,
  showPlayers,
} from "../../../lib/analysis/interaction_players.ts";
import { gelu, type Tensor, tf } from "../../../lib/engine/mod.ts";
import { convolution } from "../../../lib/nn/convolution.ts";
import { linear } from "../../../lib/nn/linear.ts";
import { describeParameters, type Scope, scope } from "../../../lib/nn/scope.ts";
import {
  configOf,
  type GoldenCase,
  images,
  input,
  numbersOf,
  stored,
  withPrefix,
} from "../golden_case.ts";
import { computation, type Kinds } from "../kind.ts";
import { parametersOf } from "../reference.ts";

/** The curve of a map; one that is not square has none. */
function curveOf(name: string, map: Tensor): [string, Tensor][] {
  const square = map.shape[1] === map.shape[2];
  return square ? [[`out/delta_log_amplitude/${name}`, relativeLogAmplitudes(map)]] : [];
}

/** Every input of the case is a feature map or, of rank 3, tokens. */
function fourier(golden: GoldenCase) {
  const features = Object.fromEntries(
    [...withPrefix(golden, "in/")].map(([name, { shape }]) => [
      name,
      shape.length === 3 ? tokensToMap(input(golden, name)) : images(golden, name),
    ]),
  );
  return computation(features, (features) =>
    Object.fromEntries(
      Object.entries(features).flatMap(([name, map]): [string, Tensor][] => [
        ...curveOf(name, map),
        [`out/variance/${name}`, featureVariance(map)],
        [`out/log_amplitude_shifted/${name}`, logAmplitudeMap(map)],
      ]),
    ));
}

const size = z.int().positive();
const interactionConfig = z.object({
  grid: size,
  pairs: size,
  contexts: size,
  ratios: z.array(z.number()),
  classes: size,
  width: size,
});
const rewards: InteractionReward[] = ["normal", "modified", "yi"];

/** The tiny classifier of these cases: two strided convolutions, a mean and a linear layer. */
function tinyClassifier(
  scope: Scope,
  images: Tensor,
  { width, classes }: z.infer<typeof interactionConfig>,
): Tensor {
  const strided = { filters: width, kernel: 3, stride: 2, padding: 1 };
  const first = convolution(scope.at("conv"), images, strided).tanh();
  const second = gelu(convolution(scope.at("conv2"), first, strided));
  return linear(scope.at("fc"), second.mean([1, 2]), classes);
}

/** A stored list of whole numbers as rows of `length`. */
function rowsOf(numbers: ArrayLike<number>, length: number): number[][] {
  const all = Array.from(numbers);
  return Array.from(
    { length: all.length / length },
    (_, row) => all.slice(row * length, (row + 1) * length),
  );
}

function interaction(golden: GoldenCase) {
  const config = configOf(golden, interactionConfig);
  const { grid, ratios } = config;
  const pictures = images(golden, "images");
  const labels = Array.from(numbersOf(stored(golden, "in/labels")));
  const pairs = rowsOf(numbersOf(stored(golden, "in/pairs")), 2)
    .map(([first, second]): PlayerPair => [first!, second!]);
  const contextsOf = (ratio: number): ArrayLike<number>[] => {
    const order = interactionOrder(grid, ratio);
    return order === 0
      ? Array.from({ length: pairs.length * config.contexts }, () => [])
      : rowsOf(numbersOf(stored(golden, `in/contexts/${ratio}`)), order);
  };
  const specifications = describeParameters((scope, placeholder) =>
    tinyClassifier(scope, placeholder({ shape: pictures.shape }), config)
  );
  const parameters = parametersOf(golden, specifications);
  return computation({ pictures, parameters }, ({ pictures, parameters }) => {
    const outputs: Record<string, Tensor> = {};
    const modified = ratios.map((ratio) => {
      const contexts = contextsOf(ratio);
      const found = new Map(rewards.map((reward) => [reward, [] as Tensor[]]));
      pairs.forEach((pair, index) => {
        const at = Math.floor(index / config.pairs);
        const start = index * config.contexts;
        const masks = playerMasks(
          pair,
          contexts.slice(start, start + config.contexts),
          grid,
        );
        const shown = showPlayers(
          tf.squeeze(pictures.slice([at], [1]), [0]),
          tf.tensor2d(masks, [masks.length / grid ** 2, grid ** 2]),
          grid,
        );
        const logits = tinyClassifier(scope(parameters), shown, config);
        for (const reward of rewards) {
          const won = interactionReward(logits, labels[at]!, reward);
          found.get(reward)!.push(interactionsOf(won));
        }
      });
      const shape = [labels.length, config.pairs, config.contexts];
      for (const reward of rewards) {
        outputs[`out/interaction_${reward}/${ratio}`] = tf.concat(found.get(reward)!)
          .reshape(shape);
      }
      return outputs[`out/interaction_modified/${ratio}`]!;
    });
    return { ...outputs, "out/strength": interactionStrength(modified) };
  });
}

/** The kinds of cases about analyses. */
export const analysisKinds: Kinds = {
  "fourier-analysis": fourier,
  "multi-order-interaction": interaction,
};
