/**
 * What is compared: small networks, and what pretrains each of them.
 *
 * @module
 */

/** A way to pretrain, by its recipe. */
export interface ComparedMethod {
  name: string;
  recipe: string;
  /** Fields of the recipe that are other ones here. */
  fields?: Readonly<Record<string, string>>;
}

/** Methods that pretrain the same network: their rows can be compared with each other. */
export interface ComparedNetwork {
  name: string;
  /** The baselines have the network of the first. */
  methods: readonly [ComparedMethod, ...ComparedMethod[]];
}

const withoutFourier = { "model.fourier.weight": "0" };

function fourier(recipe: string): readonly [ComparedMethod, ComparedMethod] {
  return [
    { name: "A2MIM", recipe },
    { name: "A2MIM without Fourier loss", recipe, fields: withoutFourier },
  ];
}

/** The networks and their methods. */
export const comparedNetworks: readonly ComparedNetwork[] = [
  {
    name: "ViT",
    methods: [
      { name: "MAE", recipe: "mae-tiny" },
      { name: "SimMIM", recipe: "simmim-tiny" },
      { name: "MILAN", recipe: "milan-tiny" },
      ...fourier("a2mim-tiny-vit"),
    ],
  },
  { name: "MixMIM", methods: [{ name: "MixMIM", recipe: "mixmim-tiny" }] },
  { name: "ResNet", methods: fourier("a2mim-tiny-resnet") },
  { name: "ConvNeXt", methods: fourier("a2mim-tiny-convnext") },
];

/**
 * The networks with those methods alone whose recipes are named.
 *
 * @throws {Error} when a name is none of the recipes that are compared.
 */
export function chooseMethods(names: readonly string[]): readonly ComparedNetwork[] {
  if (names.length === 0) return comparedNetworks;
  const known = new Set(
    comparedNetworks.flatMap(({ methods }) => methods.map(({ recipe }) => recipe)),
  );
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new Error(
      `"${unknown}" is not compared: name some of ${[...known].join(", ")}`,
    );
  }
  return comparedNetworks.flatMap(({ name, methods }) => {
    const [first, ...rest] = methods.filter(({ recipe }) => names.includes(recipe));
    return first === undefined ? [] : [{ name, methods: [first, ...rest] as const }];
  });
}
