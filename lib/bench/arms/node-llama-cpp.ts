import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RepriseError } from '../../errors.js';
import type { Arm, ArmFamily } from '../arm.js';
import { NodeArm } from './node-arm.js';

/** As it comes, and with the drafts that it copies from the prompt. */
export const nodeLlamaCppFamily: ArmFamily = {
	name: 'node-llama-cpp',
	arms: (peers) => [nodeLlamaCpp(peers, false), nodeLlamaCpp(peers, true)],
};

function nodeLlamaCpp(folder: string, lookup: boolean): Arm {
	return {
		name: lookup ? 'node-llama-cpp:lookup' : 'node-llama-cpp',
		refusal: () => {
			if (existsSync(join(folder, 'node_modules', 'node-llama-cpp', 'package.json'))) return null;
			throw new RepriseError(
				'OPTION_INVALID',
				`There is no node_modules/node-llama-cpp in ${folder}: "npx tsx bench/peers/get.ts node-llama-cpp --out ${folder}" in a clone of Reprise's repository installs it`,
			);
		},
		start: (options) =>
			NodeArm.start({
				...{ file: 'node-llama-cpp-arm', url: import.meta.url },
				...{ settings: { folder, lookup }, options },
			}),
	};
}
