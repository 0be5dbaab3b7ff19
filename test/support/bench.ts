import type { BenchResults, Cell, Sample } from '../../lib/bench/results.js';

/** A run of which only some figures matter. */
export const sample = (figures: Partial<Sample> = {}): Sample => ({
	promptTokens: 256,
	outputTokens: 101,
	firstTokenMs: 10,
	decodeMs: 100,
	totalMs: 110,
	processorMs: 110,
	passes: 100,
	drafted: 0,
	accepted: 0,
	parts: null,
	passesByRows: null,
	...figures,
});

/** A cell whose runs decode so many tokens a second. */
export const cell = (arm: string, speeds: readonly number[], place: Partial<Cell> = {}): Cell => ({
	workload: 'rewrite',
	context: 256,
	arm,
	samples: speeds.map((speed) => sample({ outputTokens: 101, decodeMs: 100_000 / speed })),
	...place,
});

/** The results of a benchmark of which only some parts matter. */
export const results = (parts: Partial<BenchResults> = {}): BenchResults => ({
	format: 1,
	command: 'reprise bench model.gguf',
	began: '2026-01-01T00:00:00.000Z',
	ended: '2026-01-01T00:10:00.000Z',
	machine: {
		cpu: 'A processor',
		processors: 2,
		memoryBytes: 2 ** 34,
		system: 'Linux 6.1',
		node: 'v20.17.0',
		load: { before: 0.1, after: 1 },
	},
	model: {
		file: 'model.gguf',
		name: 'A model',
		architecture: 'llama',
		parameters: 1_000_000,
		quantisation: 'Q4_0',
		bytes: 2_000_000,
	},
	choices: 'own',
	threads: 1,
	tokens: 128,
	runs: 5,
	arms: [],
	cells: [],
	skipped: [],
	agreement: [],
	...parts,
});
