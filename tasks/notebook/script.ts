/**
 * Makes a notebook of a script in the percent format that VS Code and jupytext know, because
 * a page of code is easier to write and review as a .ts file than as JSON:
 *
 *     // %% [markdown]
 *     // # A title
 *     // %%
 *     const answer = 42;
 *     // %% tags=["raises-exception"]
 *     answer();
 */
import { type Cell, KERNEL_SPEC, type Notebook } from "./format.ts";

const CELL_MARK = /^\/\/ %%[ \t]*(\[markdown\])?[ \t]*(?:tags=(\[.*\]))?.*\n?/gm;

/** The notebook of a percent script; what stands above the first mark is a code cell too. */
export function notebookFromScript(script: string): Notebook {
  const marks = [...script.matchAll(CELL_MARK)];
  const starts = [
    { at: 0, end: 0, isMarkdown: false, metadata: {} },
    ...marks.map((mark) => ({
      at: mark.index,
      end: mark.index + mark[0].length,
      isMarkdown: mark[1] !== undefined,
      metadata: mark[2] === undefined ? {} : { tags: JSON.parse(mark[2]) },
    })),
  ];
  const cells = starts.flatMap(({ end, isMarkdown, metadata }, index): Cell[] => {
    const text = script.slice(end, starts[index + 1]?.at).trim();
    if (text === "") return [];
    return isMarkdown
      ? [{
        cell_type: "markdown",
        metadata,
        source: text.replaceAll(/^\/\/ ?/gm, ""),
      }]
      : [{
        cell_type: "code",
        metadata,
        source: text,
        outputs: [],
        execution_count: null,
      }];
  });
  cells.forEach((cell, index) => cell.id = `cell-${index + 1}`);
  return {
    cells,
    metadata: { kernelspec: KERNEL_SPEC, language_info: { name: "typescript" } },
    nbformat: 4,
    nbformat_minor: 5,
  };
}
