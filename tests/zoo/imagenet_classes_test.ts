import { assertEquals, assertMatch } from "@std/assert";
import { imagenetClasses } from "../../lib/zoo/imagenet_classes.ts";

Deno.test("imagenetClasses has a thousand classes, each once, in order", () => {
  assertEquals(imagenetClasses.length, 1000);
  const ids = imagenetClasses.map(({ id }) => id);
  const names = imagenetClasses.map(({ name }) => name);
  assertEquals(new Set(ids).size, 1000);
  assertEquals(new Set(names).size, 1000);
  assertEquals(ids, ids.toSorted());
  for (const { id, name } of imagenetClasses) {
    assertMatch(id, /^n\d{8}$/);
    assertMatch(name, /^[A-Za-z][A-Za-z' .()-]*[a-z)A-Z]$/);
  }
});

Deno.test("imagenetClasses knows its classes by number", () => {
  const known: [number, string, string][] = [
    [0, "n01440764", "tench"],
    [1, "n01443537", "goldfish"],
    [65, "n01751748", "sea snake"],
    [134, "n02012849", "crane (bird)"],
    [207, "n02099601", "golden retriever"],
    [264, "n02113186", "Cardigan"],
    [281, "n02123045", "tabby"],
    [474, "n02963159", "cardigan"],
    [517, "n03126707", "crane (machine)"],
    [638, "n03710637", "maillot (tights)"],
    [639, "n03710721", "maillot (bathing suit)"],
    [817, "n04285008", "sports car"],
    [999, "n15075141", "toilet tissue"],
  ];
  for (const [number, id, name] of known) {
    assertEquals(imagenetClasses[number], { id, name });
  }
});
