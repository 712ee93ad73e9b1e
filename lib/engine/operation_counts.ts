/**
 * How many inputs and outputs an operation has: checked before a call, since TensorFlow reads and
 * writes as many as it is told.
 *
 * @module
 */
import type { CheckedAttribute } from "./attributes.ts";
import type { OperationDefinition } from "./operations.ts";
import { groupInputs } from "./recording.ts";

/** A value of any kind for an error text, cut to a line or so. */
export function briefly(value: unknown): string {
  return Deno.inspect(value, { depth: 1, iterableLimit: 8, strAbbreviateSize: 60 });
}

// More outputs than any operation of a sensible size has; a bound on what is allocated for them.
export const mostOutputs = 4096;

/** How many outputs an operation has, or undefined where a default of TensorFlow's decides. */
function outputCountOf(
  operation: OperationDefinition,
  attributes: readonly CheckedAttribute[],
  inputs: readonly number[],
): number | undefined {
  if (!operation.hasListOutput) return operation.outputs.length;
  const groups = groupInputs(operation, attributes, inputs);
  let count = 0;
  for (const { lengthAttribute, typeListAttribute } of operation.outputs) {
    const name = lengthAttribute || typeListAttribute;
    const given = attributes.find((attribute) => attribute.name === name);
    const input = operation.inputs.findIndex((argument) =>
      name === argument.lengthAttribute || name === argument.typeListAttribute
    );
    if (name === "") count++;
    else if (given?.kind === "int") count += Number(given.value);
    else if (given?.kind === "list(type)") count += given.value.length;
    else if (input >= 0) count += groups[input]!.items.length;
    else return undefined;
  }
  return count;
}

/** Checks the number of inputs and outputs, without which memory would be read or written wrongly. */
export function checkCounts(
  operation: OperationDefinition,
  attributes: readonly CheckedAttribute[],
  inputs: readonly number[],
  outputCount: number,
): void {
  if (operation.hasListInput || inputs.length !== operation.inputs.length) {
    const groups = groupInputs(operation, attributes, inputs);
    operation.inputs.forEach(({ name, lengthAttribute, typeListAttribute }, position) => {
      const { items, isList } = groups[position]!;
      const { minimum } =
        operation.attributes.get(lengthAttribute || typeListAttribute) ??
          { minimum: 0 };
      if (isList && items.length < minimum) {
        throw new Error(
          `${operation.name}: ${name} takes at least ${minimum} tensors, got ${items.length}`,
        );
      }
    });
  }
  if (!Number.isInteger(outputCount) || outputCount < 0 || outputCount > mostOutputs) {
    throw new Error(
      `${operation.name}: the number of outputs must be a whole number up to ${mostOutputs}, ` +
        `got ${briefly(outputCount)}`,
    );
  }
  const expected = outputCountOf(operation, attributes, inputs);
  if (expected !== undefined && outputCount !== expected) {
    throw new Error(
      `${operation.name} has ${expected} outputs, ${outputCount} were asked for`,
    );
  }
}
