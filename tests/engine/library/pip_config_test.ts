import { assertEquals, assertThrows } from "@std/assert";
import {
  parsePipConfig,
  pipConfigFiles,
  readPipConfig,
} from "../../../lib/engine/library/pip_config.ts";
import { SetupError } from "../../../lib/engine/library/mod.ts";
import { temporaryFolder } from "./package_server.ts";

function environment(variables: Readonly<Record<string, string>>) {
  return (name: string) => variables[name];
}

Deno.test("parsePipConfig() reads pip's dialect of ini files", () => {
  const values = parsePipConfig(
    [
      "# a comment",
      "[global]",
      "Index_URL: https://one.example/simple",
      "extra-index-url =",
      "    https://two.example/simple",
      "  ; a comment in between",
      "    https://three.example/simple?a=b",
      "",
      "[install]",
      "timeout = 60",
    ].join("\r\n"),
  );
  assertEquals(Object.fromEntries(values), {
    "global.index-url": "https://one.example/simple",
    "global.extra-index-url":
      "https://two.example/simple\nhttps://three.example/simple?a=b",
    "install.timeout": "60",
  });
});

Deno.test("readPipConfig() is PyPI where nothing is configured", () => {
  const config = readPipConfig(environment({ PIP_CONFIG_FILE: "/dev/null" }));
  assertEquals(config.indexes.map(String), ["https://pypi.org/simple"]);
  assertEquals(config.findLinks, []);
  assertEquals(config.certificate, undefined);
  assertEquals(config.timeoutSeconds, 15);
});

Deno.test("readPipConfig() prefers variables to files, and [install] to [global]", () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/pip.conf`;
  Deno.writeTextFileSync(
    file,
    [
      "[install]",
      "index-url = https://install.example/simple",
      "[global]",
      "index-url = https://global.example/simple",
      "cert = /from/file.pem",
      "proxy = http://proxy.example:3128",
      "find-links = /wheels https://links.example/page",
      "trusted-host = one.example",
      "    two.example",
    ].join("\n"),
  );
  const config = readPipConfig(environment({
    PIP_CONFIG_FILE: file,
    PIP_CERT: "/from/variable.pem",
    PIP_EXTRA_INDEX_URL: "https://a.example/simple file:///b/simple",
    PIP_DEFAULT_TIMEOUT: "90",
  }));
  assertEquals(config.indexes.map(String), [
    "https://install.example/simple",
    "https://a.example/simple",
    "file:///b/simple",
  ]);
  assertEquals(config.certificate, "/from/variable.pem");
  assertEquals(config.proxy, "http://proxy.example:3128");
  assertEquals(config.findLinks.map(String), [
    "file:///wheels",
    "https://links.example/page",
  ]);
  assertEquals(config.trustedHosts, ["one.example", "two.example"]);
  assertEquals(config.timeoutSeconds, 90);
});

Deno.test("readPipConfig() lets the user's file overrule the one of all users", () => {
  using folder = temporaryFolder();
  const write = (path: string, index: string) => {
    Deno.mkdirSync(path.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(
      path,
      `[global]\nindex-url = https://${index}.example/simple\n`,
    );
  };
  const variables: Record<string, string> = {
    HOME: `${folder.path}/home`,
    XDG_CONFIG_DIRS: `${folder.path}/everyone`,
  };
  const index = () => readPipConfig(environment(variables), "linux").indexes[0]?.hostname;
  write(`${folder.path}/everyone/pip/pip.conf`, "everyone");
  write(`${folder.path}/home/.pip/pip.conf`, "legacy");
  assertEquals(index(), "legacy.example");
  write(`${folder.path}/home/.config/pip/pip.conf`, "user");
  assertEquals(index(), "user.example");
  variables["VIRTUAL_ENV"] = `${folder.path}/venv`;
  write(`${folder.path}/venv/pip.conf`, "venv");
  assertEquals(index(), "venv.example");
  variables["PIP_CONFIG_FILE"] = `${folder.path}/named.conf`;
  write(`${folder.path}/named.conf`, "named");
  assertEquals(index(), "named.example");
  variables["PIP_INDEX_URL"] = "https://variable.example/simple";
  assertEquals(index(), "variable.example");
});

Deno.test("pipConfigFiles() knows the places of macOS", () => {
  const files = pipConfigFiles(environment({ HOME: "/Users/me" }), "darwin");
  assertEquals(files.at(0), "/Library/Application Support/pip/pip.conf");
  assertEquals(files.at(-1), "/Users/me/Library/Application Support/pip/pip.conf");
});

Deno.test("readPipConfig() refuses an address that it cannot read", () => {
  assertThrows(
    () =>
      readPipConfig(environment({
        PIP_CONFIG_FILE: "/dev/null",
        PIP_INDEX_URL: "ssh://host/simple",
      })),
    SetupError,
    'pip\'s index-url is "ssh://host/simple"',
  );
});
