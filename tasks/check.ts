/**
 * `deno task check`: format, lint, and type check of every TypeScript file and of every notebook's
 * code cells.
 *
 * @module
 */
import { runDeno, testConfiguration } from "./offline.ts";

if (import.meta.main) {
  const configuration = await testConfiguration();
  const config = ["--config", configuration];
  const steps: [string, string[]][] = [
    ["format", ["fmt", "--check", "--quiet"]],
    ["lint", ["lint", "--quiet"]],
    ["types", ["check", "--quiet", ...config, "lib", "tasks", "tests"]],
    ["notebooks", [
      ...["run", "--quiet", ...config, "--allow-run", "--allow-read"],
      ...["--allow-write=notebooks", "tasks/notebooks.ts", "check", ...config],
    ]],
  ];
  const failed: string[] = [];
  for (const [name, args] of steps) {
    const code = await runDeno(...args);
    console.log(`${name}: ${code === 0 ? "clean" : "failed"}`);
    if (code !== 0) failed.push(name);
  }
  Deno.exit(failed.length === 0 ? 0 : 1);
}
