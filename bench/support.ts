import { loadavg } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { RandomBytes } from '../scripts/gguf/random-bytes.js';
import { randomModel } from '../test/support/models.js';

export interface BenchOptions {
	model?: string;
	tokens: number;
	runs: number;
	threads: number;
	context: number;
}

/** A flag's value: an integer from 1 on. */
export function positive(value: string): number {
	const number = Number(value);
	if (!Number.isInteger(number) || number < 1)
		throw new InvalidArgumentError('Expected an integer from 1 on.');
	return number;
}

/** A flag's value: comma-separated integers from `least` on; each is taken once, in order. */
export function integers(least: number): (value: string) => number[] {
	return (value) => {
		const numbers = value.split(',').map(Number);
		if (!numbers.every((number) => Number.isInteger(number) && number >= least))
			throw new InvalidArgumentError(`Expected integers from ${least} on, with commas between.`);
		return [...new Set(numbers)].sort((a, b) => a - b);
	};
}

/** A flag's value: some of `known`, with commas between. */
export function oneOfEach<Name extends string>(known: readonly Name[]): (value: string) => Name[] {
	return (value) =>
		value.split(',').map((part) => {
			const name = known.find((one) => one === part);
			if (!name) throw new InvalidArgumentError(`Expected some of ${known.join(', ')}.`);
			return name;
		});
}

export function addModelOption(command: Command): Command {
	return command.option(
		'--model <gguf>',
		'model to run (default: Qwen2 0.5B, Q4_0, random weights; written once, 352 MB)',
	);
}

/** The model asked for, or the default, which is written on first use. */
export async function modelPath({ model }: { model?: string }): Promise<string> {
	return model ?? (await randomModel('qwen2-0.5b'));
}

/** Runs the command line; errors become one line and a non-zero exit. */
export async function runCommand(command: Command): Promise<void> {
	try {
		await command.parseAsync();
	} catch (error) {
		command.error(`${command.name()}: ${error instanceof Error ? error.message : error}`);
	}
}

/** A benchmark's command line; `defaults` are the options' defaults. */
export async function runBench(
	name: string,
	description: string,
	defaults: Required<Omit<BenchOptions, 'model'>>,
	action: (modelPath: string, options: BenchOptions) => Promise<void>,
): Promise<void> {
	await runCommand(
		addModelOption(new Command(name))
			.description(description)
			.option('--tokens <n>', 'tokens to say in a run', positive, defaults.tokens)
			.option('--runs <n>', 'runs of each kind, taken in turn', positive, defaults.runs)
			.option('--threads <n>', 'CPU threads', positive, defaults.threads)
			.option('--context <n>', 'tokens of context', positive, defaults.context)
			.action(async (options: BenchOptions) => action(await modelPath(options), options)),
	);
}

/** The system's load: processes that want a processor, on average over a minute. */
export const load = (): number => loadavg()[0] ?? 0;

/** How something was measured. */
export interface Circumstances {
	threads: number;
	runs: number;
	/** `cpu`: processor time of the only thread, which other processes take little of; `wall`: time on the clock. */
	clock: 'cpu' | 'wall';
	load: [before: number, after: number];
}

/** The parts of a line that says how something was measured. */
export function circumstances({ threads, runs, clock, load }: Circumstances): string[] {
	return [
		`${threads} thread${threads === 1 ? '' : 's'}`,
		clock === 'cpu' ? 'processor time' : 'time on the clock',
		`medians of ${runs}`,
		`load ${load.map((value) => value.toFixed(1)).join(' to ')}`,
	];
}

/** `count` tokens without structure: nothing in them to copy. */
export function randomTokens(count: number, vocabularySize: number, seed: number): Int32Array {
	const bytes = new RandomBytes(seed, 'prompt').next(4 * count);
	return Int32Array.from({ length: count }, (_, i) => bytes.readUInt32LE(4 * i) % vocabularySize);
}
