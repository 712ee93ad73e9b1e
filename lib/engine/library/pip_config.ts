/**
 * pip's settings: where a user or an organisation has said that Python packages come from (a
 * mirror, a proxy, a certificate). Whoever has made `pip install` work has made mimkit work.
 *
 * Read as pip reads them (https://pip.pypa.io/en/stable/topics/configuration/): files for all
 * users, for this user, for this virtual environment, then `PIP_CONFIG_FILE`; in them the
 * section `[global]`, then `[install]`; then `PIP_*` variables.
 *
 * @module
 */
import { type Environment, homeFolder } from "./environment.ts";
import { isNotFound, SetupError } from "./setup_error.ts";

/** Where packages come from, and how to reach it. */
export interface PipConfig {
  /** Simple indexes, the main one first. */
  readonly indexes: readonly URL[];
  /** Pages or folders with links to wheels. */
  readonly findLinks: readonly URL[];
  /** Hosts that may be reached without https. */
  readonly trustedHosts: readonly string[];
  /** Path of a PEM file with further root certificates. */
  readonly certificate: string | undefined;
  readonly proxy: string | undefined;
  /** How long a server may stay silent. */
  readonly timeoutSeconds: number;
}

/** The index that pip uses where none is configured. */
export const defaultIndex = "https://pypi.org/simple";

// pip's own default for --timeout.
const defaultTimeoutSeconds = 15;

/** The values of one configuration file by `section.name`. */
export type ConfigValues = ReadonlyMap<string, string>;

// pip accepts index_url, --index-url and Index-URL for index-url.
function normalized(name: string): string {
  return name.trim().toLowerCase().replace(/^--/, "").replaceAll("_", "-");
}

/**
 * Reads the text of a pip configuration file, in the dialect of Python's configparser: `name =
 * value` or `name: value`, `#` and `;` comments, and values that go on in indented lines.
 *
 * @example
 * ```ts
 * import { parsePipConfig } from "./pip_config.ts";
 *
 * const values = parsePipConfig("[global]\nindex-url = https://mirror.example/simple\n");
 * console.log(values.get("global.index-url")); // https://mirror.example/simple
 * ```
 */
export function parsePipConfig(text: string): ConfigValues {
  const values = new Map<string, string>();
  let section = "";
  let last: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const header = line.match(/^\[([^\]]+)\]/);
    const pair = line.match(/^([^\s=:][^=:]*)[=:](.*)$/);
    if (header) {
      section = normalized(header[1] ?? "");
      last = undefined;
    } else if (/^\s/.test(line) && last !== undefined) {
      values.set(last, `${values.get(last)}\n${line.trim()}`.trim());
    } else if (pair) {
      last = `${section}.${normalized(pair[1] ?? "")}`;
      values.set(last, (pair[2] ?? "").trim());
    }
  }
  return values;
}

/** The configuration files that pip would read, the strongest last. */
export function pipConfigFiles(
  environment: Environment,
  os: string = Deno.build.os,
): string[] {
  const named = environment("PIP_CONFIG_FILE");
  if (named === "/dev/null") return []; // pip's documented way to read no file at all
  const home = homeFolder(environment);
  const files = os === "darwin" ? ["/Library/Application Support/pip/pip.conf"] : [];
  for (const folder of (environment("XDG_CONFIG_DIRS") ?? "/etc/xdg").split(":")) {
    files.push(`${folder}/pip/pip.conf`);
  }
  files.push("/etc/pip.conf");
  if (home !== undefined) {
    files.push(`${home}/.pip/pip.conf`);
    files.push(`${environment("XDG_CONFIG_HOME") ?? `${home}/.config`}/pip/pip.conf`);
    if (os === "darwin") files.push(`${home}/Library/Application Support/pip/pip.conf`);
  }
  const virtualEnvironment = environment("VIRTUAL_ENV");
  if (virtualEnvironment !== undefined) files.push(`${virtualEnvironment}/pip.conf`);
  if (named !== undefined) files.push(named);
  return files;
}

function readIfThere(file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    // Another user's file is no more ours to read than pip's.
    if (isNotFound(error) || error instanceof Deno.errors.PermissionDenied) return "";
    throw error;
  }
}

/** A setting that names a place: an address, or a path on this machine. */
function asUrl(place: string, setting: string, environment: Environment): URL {
  const home = homeFolder(environment);
  const path = home !== undefined && place.startsWith("~/")
    ? home + place.slice(1)
    : place;
  const url = /^[a-z][a-z0-9+.-]*:/i.test(path)
    ? URL.parse(path)
    : URL.parse(path, `file://${Deno.cwd()}/`);
  if (url !== null && ["http:", "https:", "file:"].includes(url.protocol)) return url;
  throw new SetupError(
    `pip's ${setting} is "${place}": mimkit reads https://, http:// and file:// addresses; ` +
      `set PIP_${setting.toUpperCase().replaceAll("-", "_")} to one.`,
  );
}

/** pip's settings for this environment; with none, PyPI. */
export function readPipConfig(
  environment: Environment,
  os: string = Deno.build.os,
): PipConfig {
  const values = new Map<string, string>();
  for (const file of pipConfigFiles(environment, os)) {
    for (const [name, value] of parsePipConfig(readIfThere(file))) {
      values.set(name, value);
    }
  }
  const setting = (name: string): string | undefined =>
    environment(`PIP_${name.toUpperCase().replaceAll("-", "_")}`) ??
      values.get(`install.${name}`) ?? values.get(`global.${name}`);
  const places = (name: string): URL[] =>
    (setting(name) ?? "").split(/\s+/).filter((place) => place !== "")
      .map((place) => asUrl(place, name, environment));
  const noIndex = /^(1|true|yes|on)$/i.test(setting("no-index") ?? "");
  const timeout = Number(setting("timeout") ?? setting("default-timeout"));
  const index = setting("index-url") ?? setting("pypi-url") ?? defaultIndex;
  return {
    indexes: noIndex
      ? []
      : [asUrl(index, "index-url", environment), ...places("extra-index-url")],
    findLinks: places("find-links"),
    trustedHosts: (setting("trusted-host") ?? "").split(/\s+/).filter((host) =>
      host !== ""
    ),
    certificate: setting("cert"),
    proxy: setting("proxy"),
    timeoutSeconds: timeout > 0 ? timeout : defaultTimeoutSeconds,
  };
}
