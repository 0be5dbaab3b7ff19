import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pathOnDisk } from './asar.js';
import { isRepriseError, messageOf, RepriseError } from './errors.js';
import { nearest } from './nearest.js';
import { wellFormed } from './text.js';

/** Returns the value, checked and completed, or throws `OPTION_INVALID` with the option's name. */
export type Check<T> = (value: unknown, name: string) => T;

/** Shows a value in an error. It never throws, whatever a getter or a proxy does. */
export function describe(value: unknown): string {
	try {
		return described(value);
	} catch {
		return `a value (${typeof value}) that cannot be read`;
	}
}

function described(value: unknown): string {
	if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
	if (Array.isArray(value)) return `an array of ${value.length}`;
	if (typeof value === 'bigint') return `${value}n`;
	if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
	if (typeof value === 'object' && value !== null) {
		const name: unknown = value.constructor?.name;
		return `an object (${typeof name === 'string' ? name.slice(0, 40) : 'Object'})`;
	}
	return String(value);
}

export function invalid(expected: string, name: string, value: unknown): RepriseError {
	return new RepriseError(
		'OPTION_INVALID',
		`Expected ${expected} for ${name} but received ${describe(value)}`,
	);
}

/** What `check` gives. A value that throws where it is read, as a revoked proxy does, is `OPTION_INVALID` too. */
export function checked<T>(check: Check<T>, value: unknown, name: string): T {
	return readable(() => check(value, name), name);
}

function readable<T>(read: () => T, name: string): T {
	try {
		return read();
	} catch (error) {
		if (isRepriseError(error)) throw error;
		throw new RepriseError('OPTION_INVALID', `Reading ${name} threw: ${messageOf(error)}`, { cause: error });
	}
}

export function integer(min: number, max: number): Check<number> {
	return (value, name) => {
		if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max)
			return value as number;
		throw invalid(`an integer in ${min}…${max}`, name, value);
	};
}

export function number(min: number, max: number): Check<number> {
	return (value, name) => {
		if (Number.isFinite(value) && (value as number) >= min && (value as number) <= max)
			return value as number;
		throw invalid(
			max === Infinity ? `a number of at least ${min}` : `a number in ${min}…${max}`,
			name,
			value,
		);
	};
}

export const boolean: Check<boolean> = (value, name) => {
	if (typeof value === 'boolean') return value;
	throw invalid('true or false', name, value);
};

/** Takes an object that is no array; `expected` says in errors what it should be. */
export function object(expected = 'an object'): Check<Record<string, unknown>> {
	return (value, name) => {
		if (typeof value === 'object' && value !== null && !Array.isArray(value))
			return value as Record<string, unknown>;
		throw invalid(expected, name, value);
	};
}

/** Takes a string that has a UTF-8 form. */
export const text: Check<string> = (value, name) => {
	if (typeof value === 'string') return wellFormed(value, name);
	throw invalid('a string', name, value);
};

/** Takes an array whose entries the check takes. */
export function listOf<T>(check: Check<T>): Check<T[]> {
	return (value, name) => {
		if (!Array.isArray(value)) throw invalid('an array', name, value);
		return Array.from(value, (entry: unknown, index) => check(entry, `${name}[${index}]`));
	};
}

/**
 * The path of a file, from a path or a `file:` URL, a string or an object; `~` at the beginning is the user's
 * home folder. What is named `~` or `file:` indeed is reached as `./~`.
 */
export const filePath: Check<string> = (value, name) => {
	const given = isUrl(value) ? value.href : value;
	if (typeof given !== 'string' || given === '' || given.includes('\0'))
		throw invalid('the path of a file', name, value);
	if (isUrl(value) || /^file:\//i.test(given)) return fromFileUrl(given, name);
	return /^~($|[\\/])/.test(given) ? join(homedir(), given.slice(1)) : given;
};

/**
 * The path of a file or folder that others than Node's `fs` open, which alone reads inside an asar archive of
 * Electron: what the packager has unpacked is taken from beside the archive, all else is refused.
 */
export const diskPath: Check<string> = (value, name) => {
	const path = filePath(value, name);
	const found = pathOnDisk(path);
	if (found !== null) return found;
	throw new RepriseError(
		'OPTION_INVALID',
		`Expected a path on the disk for ${name} but received ${path}, which is inside an asar archive: native code ` +
			'cannot open it. Ship the file with extraResources and pass join(process.resourcesPath, NAME), or unpack ' +
			"it with asarUnpack; what is written belongs into app.getPath('userData')",
	);
};

/** Whether `value` is a `URL` of any realm. */
function isUrl(value: unknown): value is { readonly href: string } {
	if (typeof value !== 'object' || value === null) return false;
	const { href, protocol } = value as { href?: unknown; protocol?: unknown };
	return typeof href === 'string' && typeof protocol === 'string';
}

function fromFileUrl(url: string, name: string): string {
	try {
		const path = fileURLToPath(url);
		if (path.includes('\0')) throw new Error('it holds a NUL character');
		return path;
	} catch (error) {
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected the path of a file or a file: URL for ${name} but received ${describe(url)}: ${messageOf(error)}`,
			{ cause: error },
		);
	}
}

export function oneOf<T extends string>(...choices: readonly T[]): Check<T> {
	return (value, name) => {
		const choice = choices.find((known) => known === value);
		if (choice !== undefined) return choice;
		throw invalid(`one of ${choices.map((known) => `'${known}'`).join(', ')}`, name, value);
	};
}

/** Takes a function; the caller is responsible for what it takes and returns. */
export function callback<T extends (...args: never[]) => unknown>(): Check<T> {
	return (value, name) => {
		if (typeof value === 'function') return value as T;
		throw invalid('a function', name, value);
	};
}

/**
 * An `AbortSignal` of any realm: that of a test environment or of an Electron context is of another class
 * than Node's.
 */
export const abortSignal: Check<AbortSignal> = (value, name) => {
	if (typeof value === 'object' && value !== null) {
		const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
		if (
			typeof aborted === 'boolean' &&
			typeof addEventListener === 'function' &&
			typeof removeEventListener === 'function'
		)
			return value as AbortSignal;
	}
	throw invalid('an AbortSignal', name, value);
};

export function optional<T>(check: Check<T>): Check<T | undefined> {
	return (value, name) => (value === undefined ? undefined : check(value, name));
}

/** Takes `fallback` where the option is not given; a function is called for it. */
export function withDefault<T>(check: Check<T>, fallback: T | (() => T)): Check<T> {
	return (value, name) => {
		if (value !== undefined) return check(value, name);
		return typeof fallback === 'function' ? (fallback as () => T)() : fallback;
	};
}

/** What `readOptions` gives for these checks. */
export type Read<C> = { [Name in keyof C]: C[Name] extends Check<infer T> ? T : never };

/** A check for each option of the interface that is given; any checks, where that is not known. */
type ChecksOf<Given> = unknown extends Given
	? unknown
	: { [Name in keyof NonNullable<Given>]-?: Check<unknown> };

/** Checks an options object whole: unknown names are errors, since a misspelt option would have no effect. */
export function readOptions<C extends Record<string, Check<unknown>>, Given = unknown>(
	checks: C & ChecksOf<Given>,
	given: Given,
	of: string,
): Read<C> {
	const whole = `the options of ${of}`;
	const values = checked(object(), given === undefined ? {} : given, whole);
	const known = Object.keys(checks);
	for (const name of readable(() => Object.keys(values), whole))
		if (!known.includes(name)) throw unknownOption(name, known, of);
	return Object.fromEntries(
		Object.entries(checks).map(([name, check]) => [name, readable(() => check(values[name], name), name)]),
	) as Read<C>;
}

/** The calls that take an option, by its name. */
const callsOf = new Map<string, string[]>();

/** Notes whose options these are: where one is given to another call, the error says where it belongs. */
export function optionsOf<C extends Record<string, Check<unknown>>>(call: string, checks: C): C {
	for (const name of Object.keys(checks)) callsOf.set(name, [...(callsOf.get(name) ?? []), call]);
	return checks;
}

function unknownOption(name: string, known: readonly string[], of: string): RepriseError {
	const calls = callsOf.get(name);
	const meant = nearest(name, known);
	const hint = calls
		? `it belongs to ${calls.join(', ')}`
		: meant
			? `did you mean ${meant}?`
			: `it knows ${known.join(', ')}`;
	return new RepriseError('OPTION_INVALID', `${of} has no option ${describe(name)}: ${hint}`);
}
