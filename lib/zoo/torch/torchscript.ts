/**
 * The parameters of a TorchScript archive, by their names. Its pickle is a module object whose
 * attributes are parameters, buffers, numbers and further modules; its code is not looked at.
 *
 * @module
 */
import { CheckpointError, damaged, quoted } from "../pickle/checkpoint_error.ts";
import type { FoundWeights } from "../pickle/find_weights.ts";
import { entriesOf, kindOf, type Pickled, tensorOf } from "../pickle/pickled.ts";
import { checkTensor } from "../pickle/strided.ts";
import { notesOf } from "../pickle/to_json.ts";

/** Modules within modules; a real one has ten. */
const deepest = 100;

/** Attributes of all modules; a real one has ten thousand. */
const mostNames = 100_000;

/** Letters in a name. */
const longestName = 1000;

/** What every module has and no one asks for. */
const machinery = new Set(["training", "_is_full_backward_hook"]);

/**
 * Collects a module's tensors as `state_dict()` names them: "visual.conv1.weight".
 *
 * @throws {CheckpointError} when the archive holds no module, or modules that hold one another.
 */
export function findModuleWeights(root: Pickled): FoundWeights {
  const tensors: FoundWeights["tensors"] = new Map();
  const beside: [Pickled, Pickled][] = [];
  const around = new Set<Pickled>();
  let names = 0;

  function collect(module: Pickled, prefix: string) {
    if (around.has(module) || around.size > deepest) {
      throw new CheckpointError(`its module ${quoted(prefix)} holds itself: ${damaged}`);
    }
    around.add(module);
    const attributes = typeof module === "object" && module?.kind === "object"
      ? entriesOf(module.state)
      : undefined;
    if (attributes === undefined) {
      throw new CheckpointError(`it holds ${kindOf(module)} in place of a module`);
    }
    for (const [key, value] of attributes) {
      const name = `${prefix}${typeof key === "string" ? key : kindOf(key)}`;
      // A module that many hold, which many hold, makes more names than there is memory.
      if (name.length > longestName || ++names > mostNames) {
        throw new CheckpointError(
          `its modules make more names than a network has: ${damaged}`,
        );
      }
      const tensor = tensorOf(value);
      if (tensor !== undefined) tensors.set(name, checkTensor(name, tensor));
      else if (
        typeof value === "object" && value?.kind === "object" &&
        value.global.name.startsWith("__torch__.")
      ) collect(value, `${name}.`);
      else if (prefix === "" && !machinery.has(name)) beside.push([key, value]);
    }
    around.delete(module);
  }

  collect(root, "");
  return { level: undefined, tensors, metadata: notesOf(beside) };
}
