/**
 * tfjs's own random functions draw in JavaScript. Under tracing their numbers would be frozen into
 * the graph and repeat at every step, so while a trace is open every JavaScript source of
 * randomness refuses.
 *
 * @module
 */
// The package and version that tf.randomNormal and its kind draw from (tfjs-core, ops/rand_util).
import seedrandomPackage from "seedrandom";
import { sourceLocation } from "./source_location.ts";

const seedrandom = seedrandomPackage as unknown as { alea: unknown };

function refuse(): never {
  throw new Error(
    `A traced function drew a random number in JavaScript${sourceLocation()}: it would be the same ` +
      "at every call; use the functions of random with a key that is an argument",
  );
}

/** Runs `body` with JavaScript's random sources refusing. */
export function withoutHostRandomness<Result>(body: () => Result): Result {
  const { alea } = seedrandom;
  const { random } = Math;
  seedrandom.alea = refuse;
  Math.random = refuse;
  try {
    return body();
  } finally {
    seedrandom.alea = alea;
    Math.random = random;
  }
}
