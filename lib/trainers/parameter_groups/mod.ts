/**
 * Which parameters decay, and how much slower the early layers learn. Every project has its own
 * conventions: MAE, MILAN and MixMIM look at the number of axes, mmpretrain and openmixup at names.
 *
 * @module
 */
export {
  type Groups,
  type LayerPosition,
  type NameInProject,
  type Specifications,
} from "./groups.ts";
export {
  layerDecayGroups,
  type LayerDecayOptions,
  vitLayer,
  weightDecayGroups,
} from "./mae.ts";
export {
  mixmimLayer,
  mixmimLayerDecayGroups,
  type MixmimLayerDecayOptions,
} from "./mixmim.ts";
export {
  type MmpretrainBackbone,
  mmpretrainLayer,
  mmpretrainLayerDecayGroups,
  type MmpretrainLayerDecayOptions,
  mmpretrainWeightDecayGroups,
  type MmpretrainWeightDecayOptions,
} from "./mmpretrain.ts";
export {
  type NameRule,
  type OpenmixupBackbone,
  type OpenmixupGroupOptions,
  openmixupGroups,
  openmixupLayer,
  openmixupLayerDecayGroups,
  type OpenmixupLayerDecayOptions,
  openmixupRules,
} from "./openmixup.ts";
