/**
 * Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"),
 * a random function of (key, counter) from integer operations: unlike TensorFlow's own stateless
 * generators it gives the same bits eagerly, in graph functions and under XLA.
 *
 * @module
 */
import { drop, type Raw, raw, rawConstant, rawInPlaceOf } from "./raw_operations.ts";

/** Two uint32 tensors of shapes that broadcast: a key, a counter or a result. */
export type Words = readonly [Raw, Raw];

// Table 2 of the paper, for words of 32 bits; and Skein's key-schedule constant.
const rotations = [[13, 15, 26, 6], [17, 29, 16, 24]] as const;
const keyParity = 0x1BD11BDA;
const roundsBetweenKeys = 4;

/** Keys added after every fourth round: [for the first word, for the second] five times. */
function keySchedule(key: Words): { first: Words; later: Words[] } {
  const parity = rawConstant("uint32", [], [keyParity]);
  const last = rawInPlaceOf("BitwiseXor", raw("BitwiseXor", key), [parity]);
  drop(parity);
  const words = [key[0], key[1], last] as const;
  const later = [1, 2, 3, 4, 5].map((round): Words => {
    const number = rawConstant("uint32", [], [round]);
    const second = raw("AddV2", [words[(round + 1) % 3]!, number]);
    drop(number);
    return [raw("Identity", [words[round % 3]!]), second];
  });
  drop(last);
  return { first: key, later };
}

/** One round: add, rotate, exclusive or. Uses its input up. */
function mix([first, second]: Words, left: Raw, right: Raw): Words {
  const sum = rawInPlaceOf("AddV2", first, [second]);
  const low = raw("RightShift", [second, right]);
  const high = rawInPlaceOf("LeftShift", second, [left]);
  const rotated = rawInPlaceOf("BitwiseOr", high, [low]);
  drop(low);
  return [sum, rawInPlaceOf("BitwiseXor", rotated, [sum])];
}

/**
 * Encrypts counters with a key.
 *
 * @param key two uint32 scalars, which stay alive.
 * @param counter two uint32 tensors of broadcastable shapes, which stay alive.
 * @returns two uint32 tensors of the counters' shape, which the caller drops.
 */
export function threefry(key: Words, counter: Words): Words {
  const { first, later } = keySchedule(key);
  let words: Words = [
    raw("AddV2", [counter[0], first[0]]),
    raw("AddV2", [counter[1], first[1]]),
  ];
  const distances = rotations.map((group) =>
    group.map((bits) =>
      [
        rawConstant("uint32", [], [bits]),
        rawConstant("uint32", [], [32 - bits]),
      ] as const
    )
  );
  later.forEach((injected, group) => {
    for (let round = 0; round < roundsBetweenKeys; round++) {
      words = mix(words, ...distances[group % 2]![round]!);
    }
    words = [
      rawInPlaceOf("AddV2", words[0], [injected[0]]),
      rawInPlaceOf("AddV2", words[1], [injected[1]]),
    ];
    drop(...injected);
  });
  distances.flat().forEach((pair) => drop(...pair));
  return words;
}
