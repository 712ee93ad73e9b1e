/**
 * A folder for what a test writes, which is gone when the test is over.
 *
 * @module
 */

/** Makes a temporary folder; `using` removes it. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "mimkit-zoo-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}
