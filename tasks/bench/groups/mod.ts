/**
 * The groups by name. Their code is loaded when they run: TensorFlow starts only for those that
 * need it.
 *
 * @module
 */
import type { Group } from "../group.ts";

/** All groups, in the order in which they run. */
export const groups = {
  step: {
    description: "A transformer training step with AdamW: eager, jitted, and the peers'.",
    run: async (context) => (await import("./step.ts")).measureStep(context),
  },
  operation: {
    description: "What one small eager operation costs beyond its arithmetic.",
    run: async (context) => (await import("./operation.ts")).measureOperation(context),
  },
  startup: {
    description: "From the start of the process to the first step of a tiny MAE.",
    run: async (context) => (await import("./startup.ts")).measureStartup(context),
  },
  methods: {
    description: "Pretraining steps of MixMIM-B, A2MIM ResNet-50 and ConvNeXt-T; long.",
    isLong: true,
    run: async (context) => (await import("./methods.ts")).measureMethods(context),
  },
  data: {
    description: "Photographs per second of the loader, and of PyTorch's; long.",
    isLong: true,
    run: async (context) => (await import("./data.ts")).measureData(context),
  },
  wait: {
    description: "The share of a ViT-B/16 pretraining step that waits for data; long.",
    isLong: true,
    run: async (context) => (await import("./wait.ts")).measureWait(context),
  },
  checkpoint: {
    description: "Saving and loading a ViT-B/16 with AdamW's moments, a gigabyte; long.",
    isLong: true,
    run: async (context) => (await import("./checkpoint.ts")).measureCheckpoint(context),
  },
  load: {
    description: "Loading a ViT-B/16 checkpoint of PyTorch in a new process; long.",
    isLong: true,
    run: async (context) => (await import("./load.ts")).measureLoad(context),
  },
  inference: {
    description: "Images per second of a ViT-B/16, one and 32 at a time; long.",
    isLong: true,
    run: async (context) => (await import("./inference.ts")).measureInference(context),
  },
  prediction: {
    description: "From the start of deno task predict to its first prediction; long.",
    isLong: true,
    run: async (context) => (await import("./prediction.ts")).measurePrediction(context),
  },
  memory: {
    description: "Memory over many steps of a small pretraining on photographs; long.",
    isLong: true,
    run: async (context) => (await import("./memory.ts")).measureMemory(context),
  },
} as const satisfies Record<string, Group>;

/** The name of a group. */
export type GroupName = keyof typeof groups;

/** The names of all groups. */
export const groupNames = Object.keys(groups) as GroupName[];

/** The names of those that run when none is asked for. */
export const shortGroupNames: GroupName[] = groupNames.filter((name) => {
  const group: Group = groups[name];
  return group.isLong !== true;
});
