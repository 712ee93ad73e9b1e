/**
 * How far a long phase is, as the line of a live display: one line that changes in place under a
 * notebook's cell.
 *
 * @module
 */
import type { LiveDisplay } from "../plots/live_display.ts";
import { remainingTime, type StartProgress } from "./progress.ts";
import { describeUpdate, formatDuration } from "./progress_line.ts";

// Milliseconds between lines: as often as an eye follows.
const lineInterval = 250;
const barWidth = 24;

/**
 * Shows progress in the line of a live display; its picture stays the caller's.
 *
 * @example
 * ```ts
 * import { liveProgress } from "./live_progress.ts";
 * import { liveDisplay } from "../plots/live_display.ts";
 * const progress = liveProgress(liveDisplay())("MAE", 300, 0);
 * progress.update({ step: 300, loss: 0.61, imagesPerSecond: 900 });
 * await progress.stop(); // MAE ████████████████████████ 300/300, loss 0.6100, 900 img/s, …
 * ```
 */
export function liveProgress(live: LiveDisplay): StartProgress {
  return (phase, total, done) => {
    const began = performance.now();
    const remaining = remainingTime(total);
    let step = done;
    let detail = "compiling …";
    let shown = -Infinity;
    let sent = Promise.resolve();

    const line = (ending: string): string => {
      const full = Math.round(step / total * barWidth);
      const bar = "█".repeat(full) + "░".repeat(barWidth - full);
      return [`${phase} ${bar} ${step}/${total}`, detail, ending]
        .filter((part) => part !== "").join(", ");
    };
    // One after the other, so that no line overtakes a later one.
    const send = (text: string): void => {
      shown = performance.now();
      sent = sent.then(() => live.update({ line: text }));
      sent.catch(() => {}); // stop() reports it
    };

    send(line(""));
    return {
      update(update) {
        step = update.step;
        detail = describeUpdate(update);
        const left = remaining(step);
        if (performance.now() - shown >= lineInterval) send(line(`${left} left`));
      },
      async stop() {
        const took = formatDuration((performance.now() - began) / 1000);
        send(line(`${step < total ? "stopped after" : "done in"} ${took}`));
        await sent;
      },
    };
  };
}
