/**
 * Where the weights are in what a checkpoint holds: training scripts put them beside epochs,
 * optimizers and command lines, under names of their own.
 *
 * @module
 */
import type { CheckpointOptions, JsonRecord } from "./checkpoint_reader.ts";
import { CheckpointError, quoted } from "./checkpoint_error.ts";
import {
  entriesOf,
  kindOf,
  type Pickled,
  type StridedTensor,
  tensorOf,
} from "./pickled.ts";
import { type CheckedTensor, checkTensor } from "./strided.ts";
import { notesOf } from "./to_json.ts";

/** Names of the dict of weights: OpenMMLab's and timm's, the papers' own scripts', other trainers'. */
const modelLevels = [
  "state_dict",
  "model",
  "model_state",
  "model_state_dict",
  "module",
  "net",
  "network",
];

/** Names of the dict of averaged weights: timm's, the papers' own scripts', OpenMMLab's. */
const emaLevels = ["state_dict_ema", "model_ema", "ema_state_dict", "ema", "ema_model"];

/** Tensors by name, and what was beside them. */
export interface FoundWeights {
  level: string | undefined;
  tensors: Map<string, CheckedTensor>;
  metadata: JsonRecord;
}

type Entries = ReadonlyMap<Pickled, Pickled>;

function holdsTensors(entries: Entries | undefined): boolean {
  for (const [name, value] of entries ?? []) {
    if (typeof name === "string" && tensorOf(value) !== undefined) return true;
  }
  return false;
}

/** What is in a dict, for messages. */
function contents(entries: Entries): string {
  const names = [...entries.keys()].filter((key) => typeof key === "string");
  const more = names.length > 8 ? ` and ${names.length - 8} more` : "";
  return names.length === 0
    ? "nothing that has a name"
    : names.slice(0, 8).map(quoted).join(", ") + more;
}

function chooseLevel(
  root: Entries,
  { which = "model", level }: CheckpointOptions,
): string | undefined {
  const holding = (name: string) => holdsTensors(entriesOf(root.get(name)));
  if (level !== undefined) {
    if (holding(level)) return level;
    throw new CheckpointError(
      `it has no weights under ${quoted(level)}; it holds ${contents(root)}`,
    );
  }
  const found = (which === "ema" ? emaLevels : modelLevels).find(holding);
  if (found !== undefined) return found;
  if (which === "model" && holdsTensors(root)) return undefined;
  const wanted = which === "ema" ? "moving average of weights" : "weights";
  const wayOut = root.size === 0
    ? ""
    : ': if one of them is meant, name it as the level, as in { level: "teacher" }';
  throw new CheckpointError(
    `it has no ${wanted} where checkpoints have them; it holds ${
      contents(root)
    }${wayOut}`,
  );
}

function nameOf(key: Pickled): string {
  if (typeof key === "string") return key;
  throw new CheckpointError(`its weights have a tensor under ${kindOf(key)}, not a name`);
}

/**
 * Finds the weights in what a pickle described.
 *
 * @throws {CheckpointError} when there are none, or one of them does not lie in its storage.
 */
export function findWeights(value: Pickled, options: CheckpointOptions): FoundWeights {
  const root = entriesOf(value);
  if (root === undefined) {
    throw new CheckpointError(`it holds ${kindOf(value)}, not weights by their names`);
  }
  const level = chooseLevel(root, options);
  const weights = level === undefined ? root : entriesOf(root.get(level))!;
  const tensors = new Map<string, CheckedTensor>();
  const beside: [Pickled, Pickled][] = [];
  for (const [key, value] of weights) {
    const tensor: StridedTensor | undefined = tensorOf(value);
    if (tensor === undefined) beside.push([key, value]);
    else tensors.set(nameOf(key), checkTensor(nameOf(key), tensor));
  }
  const others = level === undefined ? [] : [...root].filter(([key]) => key !== level);
  return { level, tensors, metadata: notesOf([...others, ...beside]) };
}
