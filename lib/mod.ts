/**
 * mimkit: masked image modelling in TypeScript.
 *
 * @module
 */
export * from "./engine/mod.ts";
export * from "./nn/mod.ts";
export * from "./backbones/mod.ts";
export * from "./maskers/mod.ts";
export * from "./heads/mod.ts";
export * from "./losses/mod.ts";
export * from "./methods/mod.ts";
export * from "./data/mod.ts";
export * from "./analysis/mod.ts";
export * from "./trainers/mod.ts";
export * from "./recipes/mod.ts";
export * from "./runs/mod.ts";
export * from "./zoo/mod.ts";
export * from "./plots/mod.ts";
