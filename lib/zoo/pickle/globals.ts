/**
 * The allow-list: which of Python's globals a checkpoint may name, and what stands for them here.
 * Nothing in it can run anything: a function is one that is written below, which only puts together
 * what it was given, and a class is a name on plain data.
 *
 * The names are those that checkpoints of PyTorch, OpenMMLab, timm and detectron2 hold beside their
 * tensors: command lines, configurations, paths, dates, logs.
 *
 * @module
 */
import { CheckpointError, quoted } from "./checkpoint_error.ts";
import { addEntries } from "./objects.ts";
import { arrayFromBuffer, latin1Bytes, numpyElementType, numpyScalar } from "./numpy.ts";
import {
  entriesOf,
  kindOf,
  type Pickled,
  type PickledDict,
  type PickledGlobal,
} from "./pickled.ts";

/** What stands for a function's call. */
export type Call = (given: readonly Pickled[]) => Pickled;

/** Globals by name; null for a class or constant that is no more than its name. */
export type Globals = Readonly<Record<string, Call | null>>;

function refuse(what: string): CheckpointError {
  return new CheckpointError(`its pickle ${what}, which no checkpoint does`);
}

function itemsIn(value: Pickled | undefined): Pickled[] {
  if (value === undefined) return [];
  if (typeof value === "object" && value !== null) {
    if (value.kind === "list" || value.kind === "tuple" || value.kind === "set") {
      return value.items;
    }
  }
  throw refuse(`makes a collection of ${kindOf(value)}`);
}

// What is given is not copied: a pickle may give one long list a million times.
const list: Call = ([items]) => ({ kind: "list", items: itemsIn(items) });
const tuple: Call = ([items]) => ({ kind: "tuple", items: itemsIn(items) });
const set: Call = ([items]) => ({ kind: "set", items: itemsIn(items) });

const dictsOfPairs = new WeakMap<readonly Pickled[], PickledDict>();

/** An OrderedDict, of nothing, of pairs (as Python 2 pickles it) or of a dict. */
function dict([given]: readonly Pickled[]): PickledDict {
  const entries = entriesOf(given);
  if (entries !== undefined) return { kind: "dict", entries };
  const pairs = itemsIn(given);
  const known = dictsOfPairs.get(pairs);
  if (known !== undefined) return known;
  const made: PickledDict = { kind: "dict", entries: undefined };
  addEntries(made, pairs.flatMap((pair) => itemsIn(pair).slice(0, 2)));
  dictsOfPairs.set(pairs, made);
  return made;
}

/** `_codecs.encode(text, "latin1")`: how protocol 2 has Python 3's bytes. */
function encode([text, encoding]: readonly Pickled[]): Pickled {
  if (encoding === "latin1" || encoding === "latin-1") {
    if (typeof text === "string") return latin1Bytes(text);
    if (typeof text === "object" && text?.kind === "bytes") return text;
  }
  throw refuse("encodes something that is no Latin-1 text");
}

/** The bytes that `bytearray` and `bytes` are given, or none. */
function bytes([given, encoding]: readonly Pickled[]): Pickled {
  if (given === undefined) return latin1Bytes("");
  if (typeof given === "object" && given?.kind === "bytes") return given;
  return encode([given, encoding ?? null]);
}

/** A class's method within its module; real ones take 60 letters. */
const longestName = 1000;

/** `getattr(Class, "method")`: how logs name a class's function. It stays a name. */
function attribute([owner, name]: readonly Pickled[]): Pickled {
  const isName = typeof owner === "object" && owner?.kind === "global" &&
    typeof name === "string" && owner.name.length + name.length < longestName;
  if (!isName) throw refuse(`takes an attribute of ${kindOf(owner)}`);
  return { kind: "global", name: `${owner.name}.${name}` };
}

/** `copyreg._reconstructor(class, base, state)`: an object as protocol 0 makes it. */
function reconstruct([global, , state]: readonly Pickled[]): Pickled {
  if (typeof global !== "object" || global?.kind !== "global" || global.call) {
    throw refuse(`reconstructs ${kindOf(global)}`);
  }
  const entries = entriesOf(state);
  return {
    kind: "object",
    global,
    given: [],
    state: undefined,
    items: undefined,
    entries: entries && { kind: "dict", entries },
  };
}

const emptyArray: Call = () => ({ kind: "array", tensor: undefined });

/** Values of classes that are a kind of dict with a function for what is missing. */
const defaultDict: Call = ([, given]) => dict(given === undefined ? [] : [given]);

/** Globals of Python, numpy and the libraries that write notes into checkpoints. */
export const plainGlobals: Globals = {
  "collections.OrderedDict": dict,
  "collections.Counter": dict,
  "collections.defaultdict": defaultDict,
  "collections.deque": list,
  "builtins.dict": dict,
  "builtins.list": list,
  "builtins.tuple": tuple,
  "builtins.set": set,
  "builtins.frozenset": set,
  "builtins.bytearray": bytes,
  "builtins.bytes": bytes,
  "builtins.getattr": attribute,
  "builtins.object": null,
  "builtins.complex": null,
  "builtins.slice": null,
  "builtins.range": null,
  "builtins.int": null,
  "builtins.long": null,
  "builtins.float": null,
  "builtins.bool": null,
  "builtins.str": null,
  "builtins.type": null,
  "_codecs.encode": encode,
  "copyreg._reconstructor": reconstruct,
  "argparse.Namespace": null,
  "types.SimpleNamespace": null,
  "datetime.datetime": null,
  "datetime.date": null,
  "datetime.time": null,
  "datetime.timedelta": null,
  "datetime.timezone": null,
  "decimal.Decimal": null,
  "fractions.Fraction": null,
  "uuid.UUID": null,
  "pathlib.PosixPath": null,
  "pathlib.WindowsPath": null,
  "pathlib.PurePosixPath": null,
  "pathlib.PureWindowsPath": null,
  "pathlib.Path": null,
  "pathlib._local.PosixPath": null,
  "pathlib._local.WindowsPath": null,
  "pathlib._local.Path": null,
  "numpy.ndarray": null,
  "numpy.dtype": numpyElementType,
  "numpy.core.multiarray._reconstruct": emptyArray,
  "numpy.core.multiarray.scalar": numpyScalar,
  "numpy.core.numeric._frombuffer": arrayFromBuffer,
  "numpy.bool_": null,
  "numpy.float16": null,
  "numpy.float32": null,
  "numpy.float64": null,
  "numpy.int32": null,
  "numpy.int64": null,
  "numpy.uint8": null,
  "yacs.config.CfgNode": null,
  "fvcore.common.config.CfgNode": null,
  "detectron2.config.config.CfgNode": null,
  "easydict.EasyDict": null,
  "addict.addict.Dict": null,
  "addict.Dict": null,
  "mmcv.utils.config.ConfigDict": null,
  "mmengine.config.config.ConfigDict": null,
  "mmengine.config.config.Config": null,
  "mmengine.logging.history_buffer.HistoryBuffer": null,
  "mmengine.logging.message_hub.MessageHub": null,
  "pytorch_lightning.utilities.parsing.AttributeDict": null,
  "lightning_fabric.utilities.data.AttributeDict": null,
  "lightning.fabric.utilities.data.AttributeDict": null,
};

/** Python 2's and numpy 2's other names for the same modules. */
function moduleOf(module: string): string {
  if (module === "__builtin__") return "builtins";
  if (module === "copy_reg") return "copyreg";
  return module.replace(/^numpy\._core\b/, "numpy.core");
}

/** How to go on with a file that names something unknown, for its message. */
const wayOut = "if you trust the file, convert it in Python: " +
  "safetensors.torch.save_file(weights, PATH), where weights are the tensors by name in " +
  "torch.load(FILE, weights_only=False)";

/**
 * Makes the function that looks names up in an allow-list.
 *
 * @param more names beside {@linkcode plainGlobals}.
 */
export function finderOf(
  more: Globals = {},
): (module: string, name: string) => PickledGlobal {
  const found = new Map<string, PickledGlobal>();
  return (module, name) => {
    const full = `${moduleOf(module)}.${name}`;
    const known = found.get(full);
    if (known !== undefined) return known;
    const table = [plainGlobals, more].find((globals) => Object.hasOwn(globals, full));
    if (table === undefined) {
      throw new CheckpointError(
        `it names Python's ${
          quoted(full).slice(1, -1)
        }, which is not on the list of what is ` +
          `known to do no harm, so mimkit does not read it; ${wayOut}`,
      );
    }
    const call = table[full];
    const global: PickledGlobal = {
      kind: "global",
      name: full,
      ...(call ? { call } : {}),
    };
    found.set(full, global);
    return global;
  };
}
