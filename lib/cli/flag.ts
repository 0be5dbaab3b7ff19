import { Option } from 'commander';
import { type Check, invalid } from '../options.js';

/** A flag whose name in camel case is that of its value: of an option of the API, or of a command. */
export interface Flag<T> {
	/** As commander writes them: `--top-k <n>`. */
	readonly flags: string;
	readonly description: string;
	/** Checks what was given as the API does, under the flag's name. Missing where the flag takes no value. */
	parse?(raw: string, flag: string, before: T | undefined): T;
	/** What may be given, where the help lists it. */
	readonly choices?: readonly string[];
	/** What the value is without the flag, and how the help writes it where that is not as it is. */
	readonly default?: T;
	readonly shownDefault?: string;
	/** The command cannot do without it. */
	readonly required?: boolean;
}

export type Flags = Readonly<Record<string, Flag<unknown>>>;

type Value<F> = F extends Flag<infer T> ? T : never;
/** The names of flags that always have a value. */
type Always<F extends Flags> = {
	[Name in keyof F]: F[Name] extends { default: unknown } | { required: true } ? Name : never;
}[keyof F];

/** What a table of flags gives, by their names. */
export type Given<F extends Flags> = { [Name in Exclude<keyof F, Always<F>>]?: Value<F[Name]> } & {
	[Name in Always<F>]: Value<F[Name]>;
};

export function toOption<T>(flag: Flag<T>): Option {
	const option = new Option(flag.flags, flag.description);
	const name = flag.flags.split(' ')[0] ?? flag.flags;
	const { parse } = flag;
	if (parse) option.argParser<T>((raw, before) => parse(raw, name, before));
	if (flag.choices) option.choices(flag.choices);
	if (flag.default !== undefined) option.default(flag.default, flag.shownDefault);
	if (flag.required) option.makeOptionMandatory();
	return option;
}

/** Those of `given` that a table has. */
export function pick<F extends Flags>(table: F, given: Partial<Given<F>>): Given<F> {
	const named = Object.entries(given).filter(([name, value]) => name in table && value !== undefined);
	return Object.fromEntries(named) as Given<F>;
}

export function toNumber(raw: string): number | string {
	const value = raw.trim() === '' ? Number.NaN : Number(raw);
	return Number.isNaN(value) ? raw : value;
}

export const numberFlag = (flags: string, description: string, check: Check<number>): Flag<number> => ({
	flags,
	description,
	parse: (raw, flag) => check(toNumber(raw), flag),
});

export const choiceFlag = <T extends string>(
	flags: string,
	description: string,
	check: Check<T>,
): Flag<T> => ({
	flags,
	description,
	parse: (raw, flag) => check(raw, flag),
});

export const textFlag = (flags: string, description: string): Flag<string> => ({
	flags,
	description,
	parse: (raw) => raw,
});

export const jsonFlag = <T = unknown>(
	flags: string,
	description: string,
	check: (value: unknown, flag: string) => T,
): Flag<T> => ({
	flags,
	description,
	parse: (raw, flag) => check(parseJson(raw, flag), flag),
});

/** A flag that may be given again. */
export const listFlag = (flags: string, description: string): Flag<string[]> => ({
	flags,
	description: `${description}; may be given again`,
	parse: (raw, _, before = []) => [...before, raw],
});

/** Values with commas between; those given twice count once. */
export const commaFlag = <T>(
	flags: string,
	description: string,
	check: (value: string, flag: string) => T,
): Flag<T[]> => ({
	flags,
	description,
	parse: (raw, flag) => [...new Set(raw.split(',').map((value) => check(value.trim(), flag)))],
});

export const switchFlag = (flags: string, description: string): Flag<boolean> => ({ flags, description });

function parseJson(raw: string, flag: string): unknown {
	try {
		return JSON.parse(raw);
	} catch {
		throw invalid('JSON', flag, raw);
	}
}

/** A number that is in no table. */
export const numberOption = (flags: string, description: string, check: Check<number>): Option =>
	toOption(numberFlag(flags, description, check));
