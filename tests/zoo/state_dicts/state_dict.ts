/**
 * Names and shapes of small networks as other libraries save them, and tensors to go with them.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describeParameters, type Scope } from "../../../lib/nn/scope.ts";
import type { Placeholder } from "../../../lib/engine/mod.ts";
import { elementSizes, type StoredTensor } from "../../../lib/zoo/element_types.ts";
import { applyKeyMap } from "../../../lib/zoo/key_maps/key_map.ts";
import type { KeyMap } from "../../../lib/zoo/key_maps/key_rules.ts";
import { referenceShape } from "../../../lib/zoo/layout.ts";
import { namingFor, namingOf, type Project } from "../../../lib/zoo/namings.ts";
import { withoutDerivedBuffers } from "../../../lib/zoo/key_maps/derived_buffers.ts";

/** Tensors by name. */
export type StateDict = Map<string, StoredTensor>;

/** Tensors of these names and shapes, whose bytes differ from place to place. */
export function stateDict(
  keys: Iterable<readonly [string, readonly number[]]>,
): StateDict {
  let seed = 1;
  return new Map([...keys].map(([name, shape]) => {
    const data = new Uint8Array(shape.reduce((product, axis) => product * axis, 1));
    for (let i = 0; i < data.length; i++) {
      seed = seed * 16_807 % 0x7fff_ffff; // Park and Miller's generator
      data[i] = seed;
    }
    return [name, { shape: [...shape], dtype: "U8", data }];
  }));
}

/** A small network of a library, by the name of its file here. */
export async function libraryDict(name: string): Promise<StateDict> {
  const path = new URL(`${name}.json`, import.meta.url);
  const { keys }: { keys: [string, number[]][] } = JSON.parse(
    await Deno.readTextFile(path),
  );
  return stateDict(keys);
}

/** What a model of the kit asks for, in PyTorch's layout. */
export function kitDict(
  forward: (scope: Scope, input: Placeholder) => unknown,
): StateDict {
  return stateDict(
    [...describeParameters(forward)].map(([name, { shape, layout }]) =>
      [name, referenceShape(shape, layout)] as const
    ),
  );
}

function applied(map: KeyMap | undefined, tensors: StateDict): StateDict {
  return map === undefined ? tensors : applyKeyMap(map, tensors);
}

/** Under the kit's names, whosever it is. */
export function toKit(tensors: StateDict): StateDict {
  return applied(namingOf(tensors).toKit(tensors), tensors);
}

/** Under a project's names. */
export function toProject(kit: StateDict, project: Project): StateDict {
  return applied(namingFor(kit, project).fromKit(kit), kit);
}

/** Names and shapes, in the order of the names. */
export function shapesOf(tensors: StateDict): [string, number[]][] {
  return [...tensors].map(([name, { shape }]): [string, number[]] => [name, shape])
    .sort(([one], [other]) => one < other ? -1 : 1);
}

function withoutBuffers(tensors: StateDict): StateDict {
  return new Map(
    [...tensors].filter(([name]) =>
      withoutDerivedBuffers(name) !== undefined && !name.endsWith("attn_mask")
    ),
  );
}

/** Asserts that two are the same in names, shapes and values; buffers that the kit makes may differ. */
export function assertSame(actual: StateDict, expected: StateDict): void {
  assertEquals(shapesOf(actual), shapesOf(expected));
  for (const [name, { dtype, data }] of withoutBuffers(expected)) {
    const found = actual.get(name)!;
    assertEquals(found.dtype, dtype, name);
    assertEquals(found.data.length * elementSizes[dtype], data.byteLength, name);
    assertEquals(found.data, data, name);
  }
}

/** Asserts that a library's network is known, is the kit's, and comes back as it was. */
export async function assertKnown(
  file: string,
  project: Project,
  kit: StateDict,
): Promise<void> {
  const theirs = await libraryDict(file);
  assertEquals(namingOf(theirs).project, project);
  const ours = toKit(theirs);
  assertEquals(shapesOf(ours), shapesOf(kit));
  assertSame(toProject(ours, project), theirs);
}
