import { readFile } from 'node:fs/promises';
import type { Verifier } from '../correct/verifier.js';
import { exact, numeric } from '../correct/verifiers/answers.js';
import { command } from '../correct/verifiers/command.js';
import { javascript } from '../correct/verifiers/javascript.js';
import { jsonSchema } from '../correct/verifiers/json-schema.js';
import { regex } from '../correct/verifiers/regex.js';
import { RepriseError } from '../errors.js';
import { nearest } from '../nearest.js';
import { filePath, text } from '../options.js';
import { toNumber } from './flag.js';

interface NamedVerifier {
	/** How it is written, and what it does. */
	usage: string;
	create: (argument: string | undefined) => Verifier | Promise<Verifier>;
}

const named: Record<string, NamedVerifier> = {
	js: {
		usage:
			'js — run the JavaScript of the answer and compare what it prints; js:FILE — run the tests in FILE after it',
		create: async (file) => javascript(file === undefined ? {} : { tests: await readArgument(file, 'js') }),
	},
	command: {
		usage:
			'command:LINE — run a command, its words split at spaces or given as a JSON array; {file} or {file.ext} holds the answer',
		create: (line) => {
			const [file, ...args] = words(required(line, 'command'));
			return command(file ?? '', { arguments: args });
		},
	},
	shell: {
		usage: 'shell:LINE — run a command by the shell',
		create: (line) => command(required(line, 'shell'), { shell: true }),
	},
	'json-schema': {
		usage: 'json-schema:FILE — the answer is JSON that fits the schema in FILE',
		create: async (file) =>
			jsonSchema(readJson(await readArgument(required(file, 'json-schema'), 'json-schema'))),
	},
	regex: {
		usage: 'regex:PATTERN — the pattern is found in the answer',
		create: (pattern) => regex(required(pattern, 'regex')),
	},
	exact: {
		usage: 'exact — the answer is the task’s answer',
		create: (argument) => exact(none(argument, 'exact')),
	},
	numeric: {
		usage: 'numeric — the last number of the answer is the task’s; numeric:TOLERANCE',
		create: (tolerance) =>
			numeric(tolerance === undefined ? {} : { tolerance: toNumber(tolerance) as number }),
	},
};

/** The names that `verifierFromName` knows. */
export const verifierNames: readonly string[] = Object.keys(named);

/** A line for each verifier of `verifierFromName`, for a help text. */
export const verifierUsage: readonly string[] = Object.values(named).map(({ usage }) => usage);

/**
 * A verifier by the name and argument it has on the command line, such as `js` or `command:lean {file.lean}`.
 * Rejects with `OPTION_INVALID`.
 */
export async function verifierFromName(name: string): Promise<Verifier> {
	const [, kind = '', argument] = /^([^:]*)(?::(.*))?$/s.exec(text(name, 'verifier')) ?? [];
	const found = Object.hasOwn(named, kind) ? named[kind] : undefined;
	if (found) return found.create(argument);
	const meant = nearest(kind, verifierNames);
	throw optionInvalid(
		`There is no verifier ${JSON.stringify(kind)}: ${meant ? `did you mean ${meant}?` : `there are ${verifierNames.join(', ')}`}`,
	);
}

function optionInvalid(message: string, cause?: unknown): RepriseError {
	return new RepriseError('OPTION_INVALID', message, { cause });
}

function required(argument: string | undefined, of: string): string {
	if (argument?.trim()) return argument;
	throw optionInvalid(`The verifier ${of} needs an argument: ${named[of]?.usage}`);
}

function none(argument: string | undefined, of: string): undefined {
	if (argument !== undefined)
		throw optionInvalid(`The verifier ${of} takes no argument: ${named[of]?.usage}`);
}

function words(line: string): string[] {
	if (!line.trim().startsWith('[')) return line.trim().split(/\s+/);
	const parsed = readJson(line);
	if (Array.isArray(parsed) && parsed.length > 0 && parsed.every((word) => typeof word === 'string'))
		return parsed;
	throw optionInvalid(`Expected a JSON array of strings for command but received ${line}`);
}

function readJson(raw: string) {
	try {
		return JSON.parse(raw);
	} catch (error) {
		throw optionInvalid(`Expected JSON: ${(error as Error).message}`, error);
	}
}

async function readArgument(file: string, of: string): Promise<string> {
	try {
		return await readFile(filePath(file, of), 'utf8');
	} catch (error) {
		throw optionInvalid(`The verifier ${of} cannot read ${file}: ${(error as Error).message}`, error);
	}
}
