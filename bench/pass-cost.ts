// What a pass of several rows costs beside one row, with our kernels and with llama.cpp's own.
import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { type QuantisationName, quantisationNames } from '../scripts/gguf/quantisation.js';
import type { ShapeName } from '../scripts/gguf/shapes.js';
import { randomModel } from '../test/support/models.js';
import { type Measured, measure } from './pass-cost/measure.js';
import { type FlashAttention, flashAttentions } from './pass-cost/pass-program.js';
import { type Processor, processors } from './pass-cost/programs.js';
import { described, opTable, passTable, prefillTable } from './pass-cost/tables.js';
import { printTable } from './summary.js';
import { addModelOption, integers, modelPath, positive, runCommand } from './support.js';

const shapes = ['qwen2-0.5b', 'qwen2-1.5b'] as const satisfies readonly ShapeName[];

interface Flags {
	model?: string;
	shape?: ShapeName;
	type?: QuantisationName;
	rows: number[];
	depths: number[];
	prefill: number[];
	threads: number;
	runs: number;
	cpu: Processor;
	flashAttention: FlashAttention;
	ops?: boolean;
	json?: boolean;
}

/** What --json prints: everything, and for one depth `passes` on top, as `reprise replay --pass-cost` reads them. */
function toJson(measured: Measured): string {
	const [only, ...more] = measured.depths;
	const passes = more.length === 0 && only ? { passes: only.passes } : {};
	return JSON.stringify({ ...measured, ...passes }, null, '\t');
}

function print(measured: Measured, flags: Flags): void {
	console.log(`${basename(measured.model)}, ${described(measured)}\n`);
	const show = ({ head, rows }: { head: string[]; rows: string[][] }) => printTable(head, rows);
	if (measured.prefill.length > 0) show(prefillTable(measured));
	for (const depth of measured.depths) {
		console.log(`\n${depth.depth} tokens in the cache`);
		show(passTable(depth));
		if (flags.ops) show(opTable(depth));
	}
}

const command = addModelOption(new Command('pass-cost'))
	.description(
		"Milliseconds of a pass by its rows, with our kernels and with llama.cpp's own, taken in turn.",
	)
	.addOption(
		new Option('--shape <name>', 'a shape with random weights instead of --model')
			.choices(shapes)
			.conflicts('model'),
	)
	.addOption(
		new Option('--type <type>', "types of the shape's matrices")
			.choices(quantisationNames)
			.conflicts('model'),
	)
	.option('--rows <n,…>', 'rows of the passes', integers(1), [1, 2, 4, 8, 12, 16, 24, 32])
	.option('--depths <n,…>', 'tokens in the cache', integers(0), [0, 1024, 4096])
	.option('--prefill <n,…>', 'prompts to time, in tokens', integers(1), [])
	.option('--threads <n>', 'CPU threads', positive, 1)
	.option('--runs <n>', 'runs of each kind, taken in turn', positive, 5)
	.addOption(
		new Option('--cpu <kind>', 'what the code is made for; avx512 is AVX-512 with VNNI and without AMX')
			.choices(processors)
			.default('native'),
	)
	.addOption(
		new Option('--flash-attention <way>', 'how attention is computed').choices(flashAttentions).default('on'),
	)
	.option('--ops', 'milliseconds by operation, too')
	.option('--json', 'print JSON; with one depth, a file for `reprise replay --pass-cost`')
	.action(async (flags: Flags) => {
		const named = flags.shape ?? (flags.type ? 'qwen2-0.5b' : undefined);
		const model = named ? await randomModel(named, 0, flags.type) : await modelPath(flags);
		const measured = await measure(
			{ ...flags, model, processor: flags.cpu, ops: flags.ops ?? false },
			(done) => console.error(`measured: ${done}`),
		);
		if (flags.json) console.log(toJson(measured));
		else print(measured, flags);
	});

await runCommand(command);
