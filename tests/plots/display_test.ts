/** What a notebook receives, and what a terminal sees instead. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  currentNotebook,
  displayBundle,
  imageGrid,
  lineFigure,
  liveDisplay,
  show,
} from "../../lib/plots/mod.ts";

const figure = lineFigure({ title: "loss", series: [{ name: "MAE", y: [2, 1] }] });
const png = await imageGrid([[{
  pixels: new Uint8Array(4),
  height: 2,
  width: 2,
  channels: 1,
}]], { scale: 1 });

/** A notebook that only remembers. */
function fakeNotebook() {
  const sent: { kind: string; content: Record<string, unknown> }[] = [];
  return {
    sent,
    broadcast(kind: string, content: Record<string, unknown>) {
      sent.push({ kind, content });
      return Promise.resolve();
    },
  };
}

Deno.test("displayBundle() holds plotly JSON, PNG and text", async () => {
  const bundle = await displayBundle(figure, { width: 300, height: 200 });
  assertEquals(Object.keys(bundle), [
    "application/vnd.plotly.v1+json",
    "image/png",
    "text/plain",
  ]);
  assert(String(bundle["image/png"]).startsWith("iVBORw0KGgo"));
  assertStringIncludes(String(bundle["text/plain"]), "loss");
  assertEquals(JSON.parse(JSON.stringify(bundle)), bundle);
});

Deno.test("displayBundle() of PNG bytes has no plotly JSON", async () => {
  const bundle = await displayBundle(png);
  assertEquals(Object.keys(bundle), ["image/png", "text/plain"]);
  assertEquals(bundle["text/plain"], "picture, 22 × 22 pixels");
  await assertRejects(() => displayBundle(new Uint8Array(40)), Error, "no PNG");
});

Deno.test("show() sends one output, figures at half their pixels", async () => {
  const notebook = fakeNotebook();
  await show(figure, { notebook, width: 300, height: 200 });
  assertEquals(notebook.sent.length, 1);
  assertEquals(notebook.sent[0]?.kind, "display_data");
  assertEquals(notebook.sent[0]?.content.metadata, {
    "image/png": { width: 300, height: 200 },
  });
});

Deno.test("show() prints a line where there is no notebook", async () => {
  assertEquals(currentNotebook(), undefined);
  const lines: string[] = [];
  await show(figure, { print: (line) => lines.push(line) });
  await show(png, { print: (line) => lines.push(line) });
  assertEquals(lines, ['figure "loss" · lines · MAE', "picture, 22 × 22 pixels"]);
});

Deno.test("liveDisplay() replaces its line and its picture in place", async () => {
  const notebook = fakeNotebook();
  const live = liveDisplay({ notebook });
  await live.update({ line: "step 1 <of> 2" });
  await live.update({ line: "step 2", picture: png });
  await live.update({ picture: png });
  assertEquals(notebook.sent.map(({ kind }) => kind), [
    "display_data",
    "update_display_data",
    "display_data",
    "update_display_data",
  ]);
  const ids = notebook.sent.map(({ content }) =>
    (content.transient as { display_id: string }).display_id
  );
  assertEquals(ids[0], ids[1]);
  assertEquals(ids[2], ids[3]);
  assert(ids[0] !== ids[2]);
  const [first] = notebook.sent;
  const data = first?.content.data as Record<string, string>;
  assertStringIncludes(data["text/html"] ?? "", "step 1 &lt;of&gt; 2");
});

Deno.test("liveDisplay() prints lines where there is no notebook", async () => {
  const lines: string[] = [];
  const live = liveDisplay({ print: (line) => lines.push(line) });
  await live.update({ line: "step 1", picture: png });
  await live.update({ picture: png });
  assertEquals(lines, ["step 1"]);
});
