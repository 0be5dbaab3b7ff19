// Writes the tables of what passes cost, one file of docs/ for each processor: every shape, type and number of threads
// asked for.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { randomModel } from '../test/support/models.js';
import { type Measured, measure } from './pass-cost/measure.js';
import { type Processor, processors } from './pass-cost/programs.js';
import { described, markdown, prefillTable, summaryTable } from './pass-cost/tables.js';
import { integers, oneOfEach, positive, runCommand } from './support.js';

const shapes = ['qwen2-0.5b', 'qwen2-1.5b'] as const;
const types = ['q4_0', 'q8_0', 'q4_k_m'] as const;

interface Flags {
	shapes: Array<(typeof shapes)[number]>;
	types: Array<(typeof types)[number]>;
	cpus: Processor[];
	threads: number[];
	rows: number[];
	depths: number[];
	prefill: number[];
	runs: number;
	fresh?: boolean;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const kept = join(root, 'build', 'pass-cost');
const tablesOf = (processor: Processor) => join(root, 'docs', `pass-cost-${processor}.md`);
const [begin, end] = ['<!-- pass-cost -->', '<!-- end of pass-cost -->'];

/** The file's text with what stands between the marks replaced; the marks come at its end where it has none. */
function withTables(text: string, tables: string): string {
	const [from, to] = [text.indexOf(begin), text.indexOf(end)];
	const section = `${begin}\n\n${tables}\n\n${end}`;
	if (from < 0 || to < from) return `${text.trimEnd()}\n\n${section}\n`;
	return text.slice(0, from) + section + text.slice(to + end.length);
}

interface Cell {
	shape: (typeof shapes)[number];
	type: (typeof types)[number];
	processor: Processor;
	threads: number;
	states: string;
}

/** Takes what was measured before, unless it shall be measured again. */
async function measuredOnce(flags: Flags, cell: Cell): Promise<Measured> {
	const { shape, type, processor, threads, states } = cell;
	const file = join(kept, `${shape}-${type}-${processor}-${threads}.json`);
	if (!flags.fresh && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Measured;
	console.error(`measuring ${shape} ${type}, ${processor}, ${threads} threads`);
	const { rows, depths, prefill, runs } = flags;
	const measured = await measure({
		...{ rows, depths, prefill, runs, threads, processor, states },
		model: await randomModel(shape, 0, type),
		flashAttention: 'on',
		ops: false,
	});
	writeFileSync(file, JSON.stringify(measured, null, '\t'));
	return measured;
}

function section(title: string, measured: Measured): string {
	const tables = [summaryTable(measured), prefillTable(measured)].filter(({ rows }) => rows.length > 0);
	return [`## ${title}: ${described(measured)}`, ...tables.map(markdown)].join('\n\n');
}

const command = new Command('pass-cost-tables')
	.description(
		'Measures as pass-cost does, and writes docs/pass-cost-*.md. What was measured before is taken from build/pass-cost/.',
	)
	.option('--shapes <name,…>', shapes.join(', '), oneOfEach(shapes), [...shapes])
	.option('--types <type,…>', types.join(', '), oneOfEach(types), [...types])
	.option('--cpus <kind,…>', processors.join(', '), oneOfEach(processors), ['avx512', 'avx2'])
	.option('--threads <n,…>', 'CPU threads', integers(1), [1, 2])
	.option('--rows <n,…>', 'rows of the passes', integers(1), [1, 2, 4, 8, 12, 16, 24, 32])
	.option('--depths <n,…>', 'tokens in the cache', integers(0), [0, 1024, 4096, 8192])
	.option('--prefill <n,…>', 'prompts to time, in tokens', integers(1), [512])
	.option('--runs <n>', 'runs of each kind, taken in turn', positive, 5)
	.addOption(new Option('--fresh', 'measure again what was measured before'))
	.action(async (flags: Flags) => {
		mkdirSync(kept, { recursive: true });
		const sections = new Map<Processor, string[]>();
		for (const shape of flags.shapes)
			for (const type of flags.types) {
				// Caches that one program fills, and others of the same model take.
				const states = mkdtempSync(join(kept, 'states-'));
				try {
					for (const processor of flags.cpus)
						for (const threads of flags.threads) {
							const measured = await measuredOnce(flags, { shape, type, processor, threads, states });
							const of = [...(sections.get(processor) ?? []), section(`${shape}, ${type}`, measured)];
							sections.set(processor, of);
							const file = tablesOf(processor);
							const text = existsSync(file) ? readFileSync(file, 'utf8') : '# What a pass costs\n';
							writeFileSync(file, withTables(text, of.join('\n\n')));
						}
				} finally {
					rmSync(states, { recursive: true });
				}
			}
	});

await runCommand(command);
