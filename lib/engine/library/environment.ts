/**
 * Where set-up reads its settings from, so that a test can give others than the process's own.
 *
 * @module
 */

/** Looks up an environment variable; an empty one counts as not set. */
export type Environment = (name: string) => string | undefined;

/** The environment of this process. */
export const processEnvironment: Environment = (name) => Deno.env.get(name) || undefined;

/** The user's home folder, or undefined where the environment does not name one. */
export function homeFolder(environment: Environment): string | undefined {
  return environment("HOME");
}
