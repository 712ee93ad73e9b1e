/**
 * Does nothing until it is asked to stop, then says so and rests: for so many milliseconds as its
 * argument says.
 *
 * @module
 */
import {
  Interrupted,
  unlessStopped,
  whileInterruptible,
} from "../../lib/trainers/interrupt.ts";

const never = new Promise<never>(() => {});

await whileInterruptible(async (interruption) => {
  console.error("ready");
  const rest = setTimeout(() => {}, 600_000); // a promise alone keeps no process alive
  try {
    await unlessStopped(never, interruption, "reading");
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    clearTimeout(rest);
    console.error(`${error.message}, requested: ${interruption.requested}`);
    await new Promise((resolve) => setTimeout(resolve, Number(Deno.args[0])));
    Deno.exit(error.exitStatus);
  }
});
