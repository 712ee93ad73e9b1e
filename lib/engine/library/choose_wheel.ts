/**
 * Picks the one wheel to fetch among those that the indexes offer, and the checksum that it must
 * have. A wheel without a known checksum is never taken.
 *
 * @module
 */
import { compare, satisfies } from "@renovatebot/pep440";
import type { Target } from "./machine.ts";
import type { Offer, WheelLink } from "./package_index.ts";
import type { PipConfig } from "./pip_config.ts";
import type { Requirement } from "./requirements.ts";
import { listed, SetupError } from "./setup_error.ts";
import { shown } from "./web.ts";
import { fits } from "./wheel_name.ts";

/** A wheel to fetch. */
export interface ChosenWheel {
  readonly link: WheelLink;
  readonly sha256: string;
}

/** What to look for. */
export interface WheelWish {
  readonly requirement: Requirement;
  readonly target: Target;
  /** sha256 by file name, from mimkit's source. */
  readonly pinned: Readonly<Record<string, string>>;
  /** Whether a checksum that only the index states is not enough. */
  readonly onlyPinned: boolean;
}

function noWheel(wish: WheelWish, offer: Offer, config: PipConfig): SetupError {
  const { requirement, target } = wish;
  const what =
    `${requirement.project}${requirement.range} for ${target.os} on ${target.arch}`;
  if (offer.failures.length > 0 && offer.links.length === 0) {
    const first = offer.failures[0];
    if (offer.failures.length === 1 && first !== undefined) return first;
    const reasons = listed(
      offer.failures.map((failure) => failure.message.replace(/\.$/, "")),
    );
    return new SetupError(`Found no ${what}: ${reasons}.`);
  }
  const places = listed([...config.indexes, ...config.findLinks].map(shown));
  const versions = [...new Set(offer.links.map((link) => link.name.version))].sort(
    compare,
  );
  const has = versions.length === 0
    ? "does not have the project"
    : `has releases up to ${versions.at(-1)}, but no wheel that fits`;
  return new SetupError(
    `Found no ${what}: the index (${places || "none"}) ${has}; set PIP_INDEX_URL or ` +
      "PIP_EXTRA_INDEX_URL to one that has it, such as https://pypi.org/simple.",
  );
}

/** The best wheel on offer for `wish`, or a one-sentence error that says why there is none. */
export function chooseWheel(
  wish: WheelWish,
  offer: Offer,
  config: PipConfig,
): ChosenWheel {
  const { requirement: { range }, target, pinned } = wish;
  const candidates = offer.links.filter((link) =>
    fits(link.name.platforms, target) &&
    (range === "" || satisfies(link.name.version, range)) &&
    (!link.yanked || range.startsWith("=="))
  );
  if (candidates.length === 0) throw noWheel(wish, offer, config);

  const isPinned = (link: WheelLink): boolean => pinned[link.file] !== undefined;
  const honest = candidates.filter((link) =>
    !isPinned(link) || link.sha256 === undefined || link.sha256 === pinned[link.file]
  );
  const [liar] = candidates;
  if (honest.length === 0 && liar !== undefined) {
    throw new SetupError(
      `${
        shown(liar.url)
      } is offered with the sha256 ${liar.sha256}, but the ${liar.file} that ` +
        `its authors published has ${pinned[liar.file]}: do not trust this index; set ` +
        "PIP_INDEX_URL to another one.",
    );
  }
  const known = honest.filter((link) =>
    isPinned(link) || (!wish.onlyPinned && link.sha256 !== undefined)
  );
  known.sort((one, other) =>
    Number(isPinned(other)) - Number(isPinned(one)) ||
    compare(other.name.version, one.name.version) ||
    (one.file < other.file ? -1 : one.file > other.file ? 1 : 0)
  );
  const best = known[0];
  const sha256 = best && (pinned[best.file] ?? best.sha256);
  if (best === undefined || sha256 === undefined) {
    throw new SetupError(
      `${
        honest[0]?.file
      } is on offer, but its checksum is not known to mimkit, so it cannot be ` +
        "verified: set PIP_INDEX_URL to an index with the original wheels, such as " +
        "https://pypi.org/simple.",
    );
  }
  return { link: best, sha256 };
}
