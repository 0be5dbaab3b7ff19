import type { Drafter } from '../../lib/replay/drafter.js';
import { createDrafter, type DrafterName } from '../../lib/replay/drafters.js';

/** The integers from `first` to `last`. */
export function range(first: number, last: number): number[] {
	return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Drafted and accepted tokens of each verify pass of a turn, after the output's first token. */
export function passesOf(
	drafter: Drafter,
	prompt: readonly number[],
	output: readonly number[],
	passCost = 0.1,
): Array<[drafted: number, accepted: number]> {
	const truth = Int32Array.from(output);
	drafter.append(Int32Array.from(prompt), 'prompt');
	drafter.append(truth.subarray(0, 1), 'output');
	const passes: Array<[number, number]> = [];
	for (let offset = 1; offset < truth.length; ) {
		const { drafted, accepted } = drafter.step(truth, offset, passCost);
		passes.push([drafted, accepted]);
		offset += accepted + 1;
	}
	return passes;
}

/** The same for a drafter that knows no conversation yet. */
export function coldPasses(
	name: DrafterName,
	prompt: readonly number[],
	output: readonly number[],
	passCost = 0.1,
): Array<[drafted: number, accepted: number]> {
	return passesOf(createDrafter(name), prompt, output, passCost);
}

/** As many passes that drafted nothing. */
export function plainPasses(count: number): Array<[drafted: number, accepted: number]> {
	return Array.from({ length: count }, () => [0, 0]);
}
