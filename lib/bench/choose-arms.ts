import { RepriseError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { Arm, ArmFamily } from './arm.js';
import { llamaServerFamily, serverByName } from './arms/llama-server.js';
import { nodeLlamaCppFamily } from './arms/node-llama-cpp.js';
import { plainFamily, repriseFamily } from './arms/reprise.js';

/** What Reprise is measured against; itself is always there. */
const families: readonly ArmFamily[] = [plainFamily, nodeLlamaCppFamily, llamaServerFamily];

export const familyNames = families.map(({ name }) => name);

/**
 * Reprise and the arms of these names, of which each may be a family's or one arm's; `FAMILY:plain` is the arm of a
 * family that has nothing set, and `server=FOLDER` one that no family has. Throws `OPTION_INVALID` where there is no such arm.
 */
export function chooseArms(names: readonly string[], peers: string): Arm[] {
	const chosen = names.flatMap((name) => armsOf(name, peers));
	const arms = [...repriseFamily.arms(peers), ...chosen];
	return arms.filter(({ name }, at) => arms.findIndex((other) => other.name === name) === at);
}

function armsOf(name: string, peers: string): readonly Arm[] {
	const family = families.find((one) => one.name === name);
	if (family) return family.arms(peers);
	const all = [repriseFamily, ...families].flatMap((one) => one.arms(peers));
	const arm = all.find((one) => one.name === name) ?? all.find((one) => `${one.name}:plain` === name);
	const server = arm ?? serverByName(name, peers);
	if (server) return [server];
	const known = [...familyNames, ...all.map((one) => one.name)];
	const meant = nearest(name, known);
	const hint = meant ? `did you mean ${meant}?` : `there are ${[...new Set(known)].join(', ')}`;
	throw new RepriseError('OPTION_INVALID', `--against knows no ${name}: ${hint}`);
}
