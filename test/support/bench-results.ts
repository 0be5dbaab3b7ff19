import type { Agreement, ArmFacts, BenchResults, Cell, Sample, Skipped } from '../../lib/bench/results.js';

/** An arm whose figures are made up: how much faster than plain decoding it is where all can be copied. */
interface MadeUpArm {
	readonly name: string;
	readonly gain: number;
	readonly tellsPasses: boolean;
	readonly startMs: number;
	/** Megabytes; null where the system does not say. */
	readonly memory: number | null;
}

const arm = (name: string, gain: number, startMs: number, memory: number | null): MadeUpArm => ({
	...{ name, gain, startMs, memory },
	tellsPasses: !name.startsWith('node-llama-cpp') && !name.startsWith('other'),
});

export const madeUpArms: readonly MadeUpArm[] = [
	arm('reprise', 4, 320, 540),
	arm('plain', 0, 315, 535),
	arm('llama-server', 0, 290, 480),
	arm('llama-server:ngram-simple', 1.2, 290, 480),
	arm('llama-server:ngram-simple@tuned', 1.6, 290, 480),
	arm('llama-server:ngram-mod', 0.8, 290, 495),
	arm('llama-server:ngram-mod@tuned', 2.4, 290, 495),
	arm('llama-server:ngram-map-k', 1.1, 290, 482),
	arm('llama-server:ngram-map-k4v', 1, 290, 482),
	arm('llama-server:ngram-cache', 0.3, 290, 482),
	arm('node-llama-cpp', 0, 610, 590),
	arm('node-llama-cpp:lookup', 0.9, 640, null),
	arm('other<server>', 1.3, 300, 505),
];

/** The share of an answer that can be copied. */
const copied: Readonly<Record<string, number>> = {
	rewrite: 0.8,
	'code-edit': 0.85,
	'json-edit': 0.95,
	quote: 0.5,
	correct: 0.9,
	chat: 0.3,
	prose: 0,
};

export interface MadeUp {
	readonly seed?: number;
	readonly choices?: 'own' | 'recorded';
	readonly runs?: number;
	readonly contexts?: readonly number[];
	readonly workloads?: readonly string[];
	readonly arms?: readonly string[];
	/** How many times faster an arm decodes than it would. */
	readonly faster?: Readonly<Record<string, number>>;
	/** How far a run lies off, as a share. */
	readonly noise?: number;
	readonly load?: BenchResults['machine']['load'];
}

/** Results that nobody has measured, with gaps as real ones have them; the same for the same arguments. */
export function madeUpResults(given: MadeUp = {}): BenchResults {
	const { choices = 'recorded', runs = 5, contexts = [256, 1024, 2048, 4096, 8192], noise = 0.03 } = given;
	const { workloads = Object.keys(copied), faster = {}, load = { before: 0.06, after: 2.1 } } = given;
	const arms = madeUpArms.filter(({ name }) => given.arms?.includes(name) ?? true);
	const random = randomNumbers(given.seed ?? 1);
	const off = () => 1 + noise * (random() + random() - 1);
	const skipped: Skipped[] = [];
	const cells: Cell[] = [];
	for (const workload of workloads)
		for (const context of contexts) {
			if (workload === 'chat' && context > 4096) {
				skipped.push({ workload, context, arm: null, reason: 'no conversation is that long' });
				continue;
			}
			for (const one of arms) {
				if (one.name === 'node-llama-cpp:lookup' && context > 4096) {
					skipped.push({ workload, context, arm: one.name, reason: 'the process ended | out of <memory>' });
					continue;
				}
				const samples = Array.from({ length: runs }, () =>
					sampleOf(one, copied[workload] ?? 0, context, off, faster[one.name] ?? 1),
				);
				cells.push({ workload, context, arm: one.name, samples });
			}
		}
	return {
		format: 1,
		command: 'reprise bench synthetic.gguf --recorded',
		began: '2026-01-02T03:04:05.000Z',
		ended: '2026-01-02T04:34:05.000Z',
		machine: {
			...{
				cpu: 'Made-up CPU <8> & co',
				processors: 2,
				memoryBytes: 8e9,
				system: 'Linux 6.1',
				node: 'v20.17.0',
			},
			load,
		},
		model: {
			...{ file: 'synthetic.gguf', name: 'Synthetic <0.5B>', architecture: 'qwen2', parameters: 494e6 },
			...{ quantisation: 'Q4_0', bytes: 352e6 },
		},
		...{ choices, threads: 2, tokens: 128, runs, cells, skipped },
		arms: arms.map((one) => factsOf(one, runs, off)),
		agreement: choices === 'own' ? arms.slice(2).map(agreementOf) : [],
	};
}

function sampleOf(one: MadeUpArm, share: number, context: number, off: () => number, faster: number): Sample {
	const outputTokens = 128;
	const promptTokens = context - Math.round(context * 0.01);
	const plainMs = 14 * (1 + context / 12_000);
	const tokensPerPass = 1 + one.gain * share * (0.7 + Math.log2(context / 256) * 0.2);
	const passes = Math.round((outputTokens - 1) / tokensPerPass);
	const rows = Math.min(16, Math.max(1, Math.round(tokensPerPass * 1.3)));
	const costOf = (count: number) => plainMs * (1 + 0.13 * (count - 1));
	const passMs = (costOf(rows) * off()) / faster;
	const decodeMs = passes * passMs;
	const firstTokenMs = promptTokens * 2.6 * (one.name.startsWith('node') ? 1.15 : 1) * off();
	const isOurs = one.name === 'reprise' || one.name === 'plain';
	const drafted = one.gain > 0 ? passes * (rows - 1) : 0;
	return {
		...{ promptTokens, outputTokens, firstTokenMs, decodeMs, totalMs: firstTokenMs + decodeMs },
		processorMs: isOurs ? (firstTokenMs + decodeMs) * 1.97 : null,
		passes: one.tellsPasses ? passes : null,
		drafted: one.tellsPasses ? drafted : null,
		accepted: one.tellsPasses ? outputTokens - 1 - passes : null,
		parts: isOurs
			? {
					drafting: one.gain > 0 ? passes * (0.02 + context * 5e-6) * off() : 0,
					sampling: passes * 0.05 * rows * off(),
					bookkeeping: passes * 0.03 * off(),
					compute: decodeMs - passes * (0.1 + 0.05 * rows),
				}
			: null,
		passesByRows: isOurs
			? [1, 2, 4, 6, 8, 12, 16]
					.filter((count) => count === 1 || one.gain > 0)
					.map((count) => ({ rows: count, passes: 4, meanMs: costOf(count) * off() }))
			: null,
	};
}

const factsOf = ({ name, startMs, memory }: MadeUpArm, runs: number, off: () => number): ArmFacts => ({
	...{ name, version: 'b1234 (made up)', cpuVariant: name === 'reprise' ? 'icelake' : null },
	settings: name === 'other<server>' ? '--flag "a|b" <c>' : '--threads 2',
	startMs: Array.from({ length: Math.min(runs, 3) }, () => startMs * off()),
	memory: memory === null ? null : { started: memory * 1e6, peak: memory * 1.2e6 },
});

const agreementOf = ({ name }: MadeUpArm, index: number): Agreement => ({
	...{ arm: name, texts: 40, equal: 40 - (index % 3), nearTies: index % 3, different: 0 },
});

/** Numbers from 0 to 1 (mulberry32). */
function randomNumbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
