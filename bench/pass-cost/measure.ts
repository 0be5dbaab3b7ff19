import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../summary.js';
import { type Circumstances, load } from '../support.js';
import { type FlashAttention, type OpTimes, PassProgram, type Times } from './pass-program.js';
import { type Build, buildProgram, builds, type Processor } from './programs.js';

export interface Settings {
	model: string;
	rows: readonly number[];
	depths: readonly number[];
	/** Tokens of prompts to time. */
	prefill: readonly number[];
	threads: number;
	runs: number;
	processor: Processor;
	flashAttention: FlashAttention;
	/** Whether to time passes by operation, too. */
	ops: boolean;
	/** A folder in which filled caches are kept for the next measurement of the model (default: a new one). */
	states?: string;
}

/** Milliseconds of passes of one size, medians over the runs. */
export interface PassCost {
	rows: number;
	/** With our kernels. */
	ms: number;
	/** With llama.cpp's own. */
	upstreamMs: number;
}

/** Milliseconds of one kind of operation in a pass. */
export interface OpCost {
	rows: number;
	op: string;
	ms: number;
	upstreamMs: number;
}

export interface DepthCost {
	/** Tokens in the cache. */
	depth: number;
	passes: PassCost[];
	ops?: OpCost[];
}

export interface Measured extends Circumstances {
	model: string;
	processor: Processor;
	flashAttention: FlashAttention;
	prefill: Array<{ tokens: number; ms: number; upstreamMs: number }>;
	depths: DepthCost[];
}

/** Times both builds in turn, so that what slows the machine down slows both. */
export async function measure(
	settings: Settings,
	onProgress: (done: string) => void = () => {},
): Promise<Measured> {
	const { model, rows, depths, prefill, threads, runs, processor, flashAttention } = settings;
	const programs = builds.map(
		(kernels) => [kernels, buildProgram('reprise-pass-cost', kernels, processor)] as const,
	);
	const before = load();
	const context = 256 * Math.ceil((Math.max(...depths, ...prefill) + Math.max(...rows)) / 256);
	const clock = threads === 1 ? 'cpu' : 'wall';
	const ms = ({ cpuMs, wallMs }: Times) => (clock === 'cpu' ? cpuMs : wallMs);

	const ownStates = settings.states ? null : mkdtempSync(join(tmpdir(), 'reprise-pass-cost-'));
	const states = settings.states ?? (ownStates as string);
	const start = (program: string) =>
		new PassProgram(program, model, context, threads, flashAttention, states);
	const started: Array<[Build, PassProgram]> = programs.map(([kernels, path]) => [kernels, start(path)]);
	try {
		/** The medians of what each build took, over all runs. */
		const inTurn = async (once: (program: PassProgram) => Promise<Times>) => {
			const taken: Record<Build, number[]> = { ours: [], upstream: [] };
			return {
				again: async () => {
					for (const [kernels, program] of started) taken[kernels].push(ms(await once(program)));
					started.reverse();
				},
				medians: () => ({ ms: median(taken.ours), upstreamMs: median(taken.upstream) }),
			};
		};
		const prompts = await Promise.all(
			prefill.map(async (tokens) => ({ tokens, ...(await inTurn((program) => program.prompt(tokens))) })),
		);
		for (let run = 0; run < runs; run++) for (const prompt of prompts) await prompt.again();
		if (prefill.length > 0) onProgress('prompts');

		const costs: DepthCost[] = [];
		for (const depth of depths) {
			for (const [, program] of started) await program.fill(depth);
			const sizes = await Promise.all(
				rows.map(async (count) => ({ rows: count, ...(await inTurn((program) => program.pass(count))) })),
			);
			for (let run = 0; run < runs; run++) for (const size of sizes) await size.again();
			const passes = sizes.map(({ rows, medians }) => ({ rows, ...medians() }));
			costs.push({
				depth,
				passes,
				...(settings.ops ? { ops: await operations(started, rows, runs, ms) } : {}),
			});
			onProgress(`depth ${depth}`);
		}
		return {
			...{ model, processor, threads, runs, flashAttention, clock, load: [before, load()] },
			prefill: prompts.map(({ tokens, medians }) => ({ tokens, ...medians() })),
			depths: costs,
		};
	} finally {
		for (const [, program] of started) program[Symbol.dispose]();
		if (ownStates) rmSync(ownStates, { recursive: true });
	}
}

async function operations(
	started: ReadonlyArray<[Build, PassProgram]>,
	rows: readonly number[],
	runs: number,
	ms: (times: Times) => number,
): Promise<OpCost[]> {
	const costs: OpCost[] = [];
	for (const count of rows) {
		const taken: Record<Build, OpTimes[]> = { ours: [], upstream: [] };
		for (let run = 0; run < runs; run++)
			for (const [kernels, program] of started) taken[kernels].push(...(await program.ops(count)));
		const of = (kernels: Build, op: string) => {
			const times = taken[kernels].filter((one) => one.op === op).map(ms);
			return times.length > 0 ? median(times) : 0;
		};
		for (const op of new Set([...taken.upstream, ...taken.ours].map((one) => one.op)))
			costs.push({ rows: count, op, ms: of('ours', op), upstreamMs: of('upstream', op) });
	}
	return costs;
}
