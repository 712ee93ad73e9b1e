/**
 * Sizes that grow with the batch, computed when a graph runs.
 *
 * @module
 */
import { DataType } from "../dtypes.ts";
import { intValue, tensorValue, typeValue } from "./attribute_values.ts";
import { type GraphNode, graphNode } from "./graph_def.ts";

/** Where a run's batch is to be read off: an axis of an input. */
export interface BatchSource {
  node: string;
  axis: number;
  /** The input's element type. */
  dataType: number;
}

/** slope · batch + offset */
export interface Size {
  slope: number;
  offset: number;
}

/** Makes nodes that compute sizes; the same size is computed once. */
export interface SizeNodes {
  /** The name of a node that gives the size, a scalar. */
  of(size: Size): string;
  /** Adds a node of that name that gives sizes as a list, as shapes are. */
  list(name: string, sizes: readonly Size[]): void;
}

/** A Const of whole numbers. */
export function integerConstant(
  name: string,
  integers: readonly number[],
  shape: readonly number[] = [integers.length],
): GraphNode {
  return graphNode(name, "Const", [], {
    dtype: typeValue(DataType.int32),
    value: tensorValue({ dataType: DataType.int32, shape, integers }),
  });
}

/**
 * Nodes that compute sizes, under names that begin with "batch/".
 *
 * @param add takes the nodes, each after those that it reads.
 */
export function sizeNodes(
  { node, axis, dataType }: BatchSource,
  add: (node: GraphNode) => void,
): SizeNodes {
  const made = new Set<string>();
  const int32 = typeValue(DataType.int32);
  const once = (name: string, make: () => GraphNode): string => {
    if (!made.has(name)) {
      made.add(name);
      add(make());
    }
    return name;
  };
  const number = (value: number): string =>
    once(
      `batch/number_${value}`,
      () => integerConstant(`batch/number_${value}`, [value], []),
    );
  const batch = (): string =>
    once("batch/size", () => {
      add(graphNode("batch/shape", "Shape", [node], {
        T: typeValue(dataType),
        out_type: int32,
      }));
      add(integerConstant("batch/axis", [axis]));
      add(integerConstant("batch/end", [axis + 1]));
      add(integerConstant("batch/step", [1]));
      const inputs = ["batch/shape", "batch/axis", "batch/end", "batch/step"];
      return graphNode("batch/size", "StridedSlice", inputs, {
        Index: int32,
        T: int32,
        shrink_axis_mask: intValue(1),
      });
    });
  const of = ({ slope, offset }: Size): string => {
    if (slope === 0) return number(offset);
    const times = slope === 1 ? batch() : once(
      `batch/times_${slope}`,
      () =>
        graphNode(`batch/times_${slope}`, "Mul", [batch(), number(slope)], { T: int32 }),
    );
    const name = `${times}_plus_${offset}`;
    return offset === 0 ? times : once(
      name,
      () => graphNode(name, "AddV2", [times, number(offset)], { T: int32 }),
    );
  };
  const list = (name: string, sizes: readonly Size[]): void =>
    add(graphNode(name, "Pack", sizes.map(of), {
      N: intValue(sizes.length),
      T: int32,
      axis: intValue(0),
    }));
  return { of, list };
}
