/**
 * What optimisers have in common: they are pure functions from parameters, gradients and their own
 * state to new parameters and new state, to be called inside a jitted step.
 *
 * @module
 */
import { type Tensor, tf } from "../../engine/mod.ts";
import type { Parameters } from "../../nn/scope.ts";

/** How a parameter differs from the others in an update. */
export interface ParameterGroup {
  /** Multiplies the learning rate (layer-wise decay). */
  learningRateScale: number;
  weightDecay: number;
}

/** Groups by parameter name, as the functions of parameter_groups/ make them. */
export type ParameterGroups = ReadonlyMap<string, ParameterGroup>;

/** One value per parameter for each of the optimiser's moments, such as `momentum`. */
export type OptimizerState<Moment extends string> = Record<Moment, Parameters>;

/** What an update reads. */
export interface UpdateInput<Moment extends string> {
  parameters: Parameters;
  /** For the parameters to change; those without a gradient stay as they are. */
  gradients: Parameters;
  state: OptimizerState<Moment>;
  /** A scalar tensor inside a jitted step: a plain number would be recorded as a constant. */
  learningRate: Tensor | number;
  /** 1 for the first update; a scalar tensor inside a jitted step. */
  step: Tensor | number;
}

/** What an update gives. */
export interface UpdateResult<Moment extends string> {
  parameters: Parameters;
  state: OptimizerState<Moment>;
}

/** An optimiser. */
export interface Optimizer<Moment extends string = string> {
  /** The state before the first update; pass the parameters to be trained. */
  initial(parameters: Parameters): OptimizerState<Moment>;
  update(input: UpdateInput<Moment>): UpdateResult<Moment>;
}

/** What every optimiser takes. */
export interface GroupOptions {
  /** Learning-rate scale and weight decay by parameter. Default: scale 1, `weightDecay`. */
  groups?: ParameterGroups;
  /** For parameters that are in no group. Default: 0. */
  weightDecay?: number;
}

/** One parameter's update. */
export interface ParameterUpdate<Moment extends string> {
  name: string;
  parameter: Tensor;
  gradient: Tensor;
  moments: Record<Moment, Tensor>;
  /** The learning rate with the group's scale, a scalar. */
  learningRate: Tensor;
  /** The group's weight decay, a scalar. */
  weightDecay: Tensor;
  /** Whether the group has weight decay at all. */
  decays: boolean;
}

/** A parameter's new value and new moments. */
export type UpdatedParameter<Moment extends string> = {
  parameter: Tensor;
  moments: Record<Moment, Tensor>;
};

/** A scalar of a number; a tensor as float32. */
export function scalar(value: Tensor | number): Tensor {
  return typeof value === "number" ? tf.scalar(value) : value.cast("float32");
}

function momentOf(state: Parameters | undefined, moment: string, name: string): Tensor {
  const found = state?.[name];
  if (found === undefined) {
    throw new Error(
      `The optimiser's state has no ${moment} for "${name}": make it with initial() of the ` +
        "parameters that have gradients",
    );
  }
  return found;
}

/**
 * An optimiser from the names of its moments and the update of one parameter.
 *
 * @param prepare computes once per step what all parameters share.
 */
export function optimizerOf<Moment extends string>(
  momentNames: readonly Moment[],
  { groups, weightDecay = 0 }: GroupOptions,
  prepare: (
    step: Tensor,
    gradients: Parameters,
  ) => (update: ParameterUpdate<Moment>) => UpdatedParameter<Moment>,
): Optimizer<Moment> {
  const perMoment = <Value>(value: (moment: Moment) => Value): Record<Moment, Value> =>
    Object.fromEntries(momentNames.map((moment) => [moment, value(moment)])) as Record<
      Moment,
      Value
    >;
  return {
    initial: (parameters) =>
      perMoment(() =>
        Object.fromEntries(
          Object.entries(parameters).map((
            [name, value],
          ) => [name, tf.zeros(value.shape)]),
        )
      ),
    update({ parameters, gradients, state, learningRate, step }) {
      const rate = scalar(learningRate);
      const scaled = shared((scale) => rate.mul(scale));
      const decays = shared((decay) => tf.scalar(decay));
      const updateOne = prepare(scalar(step), gradients);
      const updated: UpdateResult<Moment> = {
        parameters: { ...parameters },
        state: perMoment((moment) => ({ ...state[moment] })),
      };
      for (const [name, gradient] of Object.entries(gradients)) {
        const parameter = parameters[name];
        if (parameter === undefined) {
          throw new Error(`There is a gradient for "${name}", which is no parameter`);
        }
        const group = groups?.get(name) ?? { learningRateScale: 1, weightDecay };
        const result = updateOne({
          name,
          parameter,
          gradient,
          moments: perMoment((moment) => momentOf(state[moment], moment, name)),
          learningRate: scaled(group.learningRateScale),
          weightDecay: decays(group.weightDecay),
          decays: group.weightDecay !== 0,
        });
        updated.parameters[name] = result.parameter;
        for (const moment of momentNames) {
          const values: Parameters = updated.state[moment];
          values[name] = result.moments[moment];
        }
      }
      return updated;
    },
  };
}

/** Computes a value once for each number: few groups differ, however many parameters there are. */
function shared(compute: (value: number) => Tensor): (value: number) => Tensor {
  const made = new Map<number, Tensor>();
  return (value) => {
    const tensor = made.get(value) ?? compute(value);
    made.set(value, tensor);
    return tensor;
  };
}
