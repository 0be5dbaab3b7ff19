import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { RepriseError } from '../errors.js';
import { type GenerateOptions, numberChecks } from '../generate-options.js';
import { gpuLayersCheck } from '../model.js';
import { type Check, invalid } from '../options.js';
import { sizeChecks } from '../session-options.js';

/** A number checked as the API checks it, under the name it has on the command line. */
export function numberOption(flags: string, description: string, check: Check<number>): Option {
	const flag = flags.split(' ')[0] ?? flags;
	return new Option(flags, description).argParser((raw) => check(toNumber(raw), flag));
}

function toNumber(raw: string): number | string {
	const value = raw.trim() === '' ? Number.NaN : Number(raw);
	return Number.isNaN(value) ? raw : value;
}

function collect(value: string, before: string[] | undefined): string[] {
	return [...(before ?? []), value];
}

function draftMode(raw: string): NonNullable<GenerateOptions['draft']> {
	if (raw === 'auto' || raw === 'off') return raw;
	const size = toNumber(raw);
	if (typeof size === 'string') throw invalid("'auto', 'off' or a number of tokens", '--draft', raw);
	return { size: numberChecks.draftSize(size, '--draft') };
}

export interface ModelFlags {
	contextLength?: number;
	threads?: number;
	gpuLayers?: number;
	memory?: string;
}

export function addModelOptions(command: Command): Command {
	return command
		.addOption(
			numberOption(
				'--context-length <n>',
				'tokens of context (default: the model’s, at most 4096)',
				sizeChecks.contextLength,
			),
		)
		.addOption(numberOption('--threads <n>', 'CPU threads', sizeChecks.threads))
		.addOption(
			numberOption('--gpu-layers <n>', 'layers to put on the GPU, -1 for all (default: -1)', gpuLayersCheck),
		)
		.option('--memory <file>', 'remember what is said in this file, and draft from what earlier runs said');
}

export interface GenerateFlags {
	maxTokens?: number;
	temperature?: number;
	topK?: number;
	topP?: number;
	minP?: number;
	repeatPenalty?: number;
	seed?: number;
	stop?: string[];
	grammar?: string;
	draft?: GenerateOptions['draft'];
	reference?: string[];
	showDrafts?: boolean;
	json?: boolean;
}

export function addGenerateOptions(command: Command): Command {
	return addSamplingOptions(command)
		.option('--show-drafts', 'mark the text that came from a draft')
		.option('--json', 'print JSON: the text and every metric');
}

export function addSamplingOptions(command: Command): Command {
	return command
		.addOption(numberOption('--max-tokens <n>', 'most tokens to say (default: 1024)', numberChecks.maxTokens))
		.addOption(
			numberOption(
				'--temperature <t>',
				'0 always takes the best token, higher is more varied (default: 0)',
				numberChecks.temperature,
			),
		)
		.addOption(numberOption('--top-k <n>', 'sample among the best n tokens only', numberChecks.topK))
		.addOption(
			numberOption('--top-p <p>', 'sample among the fewest tokens of this probability', numberChecks.topP),
		)
		.addOption(
			numberOption(
				'--min-p <p>',
				'sample among tokens this times as probable as the best',
				numberChecks.minP,
			),
		)
		.addOption(
			numberOption(
				'--repeat-penalty <x>',
				'divide the scores of recent tokens by x',
				numberChecks.repeatPenalty,
			),
		)
		.addOption(numberOption('--seed <n>', 'repeat a sampled text (default: random)', numberChecks.seed))
		.option('--stop <text>', 'end before this text; may be given again', collect)
		.option('--grammar <file>', 'a GBNF grammar the text must follow')
		.addOption(
			new Option('--draft <mode>', 'auto, off, or a number of tokens a pass (default: auto)').argParser(
				draftMode,
			),
		)
		.option('--reference <file>', 'a text that outputs may repeat; may be given again', collect);
}

/** The API's options of these flags; files are read. */
export async function toGenerateOptions(flags: GenerateFlags): Promise<GenerateOptions> {
	const { grammar, reference: _, showDrafts: __, json: ___, ...same } = flags;
	const given = Object.fromEntries(Object.entries(same).filter(([, value]) => value !== undefined));
	return grammar === undefined ? given : { ...given, grammar: await readText(grammar, '--grammar') };
}

/** The text of a file, `-` for standard input. Rejects with `OPTION_INVALID` where it is none. */
export async function readText(path: string, flag: string): Promise<string> {
	if (path === '-') return readStream(process.stdin);
	const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
		const reason =
			error.code === 'ENOENT'
				? 'there is no such file'
				: error.code === 'EISDIR'
					? 'it is a directory'
					: error.message;
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected a text file for ${flag} but ${path} cannot be read: ${reason}`,
		);
	});
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		throw new RepriseError('TEXT_INVALID', `Expected UTF-8 text for ${flag} but ${path} holds other bytes`);
	}
}
