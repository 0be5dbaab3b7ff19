import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { TemplateOptions } from '../chat.js';
import { RepriseError } from '../errors.js';
import type { GenerateOptions } from '../generate-options.js';
import { filePath } from '../options.js';
import {
	type Flag,
	type Given,
	generateFlags,
	loadFlags,
	pick,
	referenceFlag,
	samplingFlags,
	sessionFlags,
	templateFlags,
	toOption,
} from './flags.js';

export type ModelFlags = Given<typeof loadFlags> &
	Given<typeof sessionFlags> &
	Given<typeof referenceFlag> &
	Given<typeof templateFlags>;
export type SamplingFlags = Given<typeof samplingFlags>;
export type GenerateFlags = Given<typeof generateFlags>;

export interface PrintFlags {
	showDrafts?: boolean;
	json?: boolean;
}

/** Adds a table of flags to a command, under a heading of its help. */
function addFlags(command: Command, heading: string, table: Record<string, Flag<unknown>>): Command {
	for (const flag of Object.values(table)) command.addOption(toOption(flag).helpGroup(heading));
	return command;
}

/** The model, its session with references, and the template of its chats. */
export function addModelOptions(command: Command): Command {
	addFlags(command, 'Session:', { ...sessionFlags, ...referenceFlag, ...templateFlags });
	return addFlags(command, 'Model:', loadFlags);
}

export const addSamplingOptions = (command: Command): Command => addFlags(command, 'Text:', samplingFlags);

export const addGenerateOptions = (command: Command): Command => addFlags(command, 'Text:', generateFlags);

export function addPrintOptions(command: Command): Command {
	return command
		.option('--show-drafts', 'mark the text that came from a draft')
		.option('--json', 'print JSON: the text and every metric');
}

/** The API's options of these flags; files are read. */
export async function toSamplingOptions(flags: SamplingFlags): Promise<Omit<GenerateOptions, 'prediction'>> {
	const { grammar, ...given } = pick(samplingFlags, flags);
	return grammar === undefined ? given : { ...given, grammar: await readText(grammar, '--grammar') };
}

export async function toGenerateOptions(flags: GenerateFlags): Promise<GenerateOptions> {
	const { prediction, special } = flags;
	return {
		...(await toSamplingOptions(flags)),
		...(special !== undefined && { special }),
		...(prediction !== undefined && { prediction: await readText(prediction, '--prediction') }),
	};
}

export async function toTemplateOptions(flags: Given<typeof templateFlags>): Promise<TemplateOptions> {
	const { template, ...given } = pick(templateFlags, flags);
	return template === undefined ? given : { ...given, template: await readText(template, '--template') };
}

/** The text of a file, `-` for standard input. Rejects with `OPTION_INVALID` where it is none. */
export async function readText(path: string, flag: string): Promise<string> {
	if (path === '-') return readStream(process.stdin);
	const bytes = await readFile(filePath(path, flag)).catch((error: NodeJS.ErrnoException) => {
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
