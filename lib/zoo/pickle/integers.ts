/**
 * Python's integers of any length, as numbers where they are exact.
 *
 * @module
 */
import { CheckpointError, damaged, quoted } from "./checkpoint_error.ts";

/** A number where that is exact. */
export function exact(value: bigint): number | bigint {
  const small = value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
  return small ? Number(value) : value;
}

/** Two's complement, little-endian, of any length. */
export function integerOfBytes(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (let index = bytes.length - 1; index >= 0; index--) {
    value = value << 8n | BigInt(bytes[index]!);
  }
  return exact(BigInt.asIntN(8 * bytes.length, value));
}

/** A number in decimal digits, "00" and "01" for false and true as protocol 0 has them. */
export function numberOfLine(line: string): number | bigint | boolean {
  if (line === "00" || line === "01") return line === "01";
  if (/^-?\d{1,300}L?$/.test(line)) return exact(BigInt(line.replace("L", "")));
  if (/^-?(\d+(\.\d*)?(e[-+]?\d+)?)$/.test(line)) return Number(line);
  if (line === "nan") return NaN;
  if (line === "inf" || line === "-inf") return line === "inf" ? Infinity : -Infinity;
  throw new CheckpointError(`its pickle has ${quoted(line)} for a number: ${damaged}`);
}
