import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { TemplateOptions } from '../chat.js';
import { isRepriseError, messageOf, RepriseError } from '../errors.js';
import type { GenerateOptions } from '../generate-options.js';
import { filePath } from '../options.js';
import type { JsonSchema } from '../schema/json-schema.js';
import { jsonSchemaCheck } from '../schema/output-format.js';
import { type Flags, type Given, pick, switchFlag, toOption } from './flag.js';
import {
	generateFlags,
	loadFlags,
	referenceFlag,
	samplingFlags,
	sessionFlags,
	templateFlags,
} from './flags.js';

export type ModelFlags = Given<typeof loadFlags> &
	Given<typeof sessionFlags> &
	Given<typeof referenceFlag> &
	Given<typeof templateFlags>;
export type SamplingFlags = Given<typeof samplingFlags>;
export type GenerateFlags = Given<typeof generateFlags>;

export type PrintFlags = Given<typeof printFlags>;

export const printFlags = {
	showDrafts: switchFlag('--show-drafts', 'mark the text that came from a draft'),
	json: switchFlag('--json', 'print JSON: the text and every metric'),
};

/** Adds a table of flags to a command, under a heading of its help where they are not the command's own. */
export function addFlags(command: Command, table: Flags, heading?: string): Command {
	for (const flag of Object.values(table)) {
		const option = toOption(flag);
		command.addOption(heading === undefined ? option : option.helpGroup(heading));
	}
	return command;
}

/** The model, its session with references, and the template of its chats. */
export function addModelOptions(command: Command): Command {
	addFlags(command, { ...sessionFlags, ...referenceFlag, ...templateFlags }, 'Session:');
	return addFlags(command, loadFlags, 'Model:');
}

export const addSamplingOptions = (command: Command): Command => addFlags(command, samplingFlags, 'Text:');

export const addGenerateOptions = (command: Command): Command => addFlags(command, generateFlags, 'Text:');

export const addPrintOptions = (command: Command): Command => addFlags(command, printFlags);

/** The API's options of these flags; files are read. */
export async function toSamplingOptions(flags: SamplingFlags): Promise<Omit<GenerateOptions, 'prediction'>> {
	const { grammar, jsonSchema, ...given } = pick(samplingFlags, flags);
	return {
		...given,
		...(grammar !== undefined && { grammar: await readText(grammar, '--grammar') }),
		...(jsonSchema !== undefined && { jsonSchema: await readJson(jsonSchema, '--json-schema') }),
	};
}

/** The value of a JSON file. Rejects with `OPTION_INVALID` where it is none. */
async function readJson(path: string, flag: string): Promise<JsonSchema> {
	const text = await readText(path, flag);
	try {
		return jsonSchemaCheck(JSON.parse(text), flag);
	} catch (error) {
		if (isRepriseError(error)) throw error;
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected JSON for ${flag} but ${path} cannot be parsed: ${messageOf(error)}`,
		);
	}
}

export async function toGenerateOptions(flags: GenerateFlags): Promise<GenerateOptions> {
	const { prediction, renderSpecial } = flags;
	return {
		...(await toSamplingOptions(flags)),
		...(renderSpecial !== undefined && { renderSpecial }),
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
