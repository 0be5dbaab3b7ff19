import { type Arm, type ArmFamily, type ArmOptions, floor, ours } from '../arm.js';
import { NodeArm } from './node-arm.js';

/** Reprise itself, in a process of its own. */
class RepriseArm implements Arm {
	readonly name: string;
	readonly #draft: 'auto' | 'off';

	constructor(name: string, draft: 'auto' | 'off') {
		this.name = name;
		this.#draft = draft;
	}

	refusal(): null {
		return null;
	}

	start(options: ArmOptions): Promise<NodeArm> {
		return NodeArm.start({
			file: 'reprise-arm',
			url: import.meta.url,
			settings: { draft: this.#draft },
			options,
		});
	}
}

export const repriseFamily: ArmFamily = { name: ours, arms: () => [new RepriseArm(ours, 'auto')] };

/** Drafts off: llama.cpp one token at a time, on the same library and kernels. */
export const plainFamily: ArmFamily = { name: floor, arms: () => [new RepriseArm(floor, 'off')] };
