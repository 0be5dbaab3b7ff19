import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRepriseError } from '../lib/errors.js';
import {
	abortSignal,
	boolean,
	type Check,
	callback,
	describe as describeValue,
	filePath,
	integer,
	number,
	oneOf,
	optional,
	optionsOf,
	readOptions,
	text,
	withDefault,
} from '../lib/options.js';

const checks = {
	maxDraft: withDefault(integer(1, 256), 64),
	temperature: withDefault(number(0, 100), 0),
	signal: optional(abortSignal),
};

describe('readOptions', () => {
	test('takes what is given and completes the rest', () => {
		expect(readOptions(checks, { maxDraft: 3 }, 'generate')).toEqual({ maxDraft: 3, temperature: 0 });
		expect(readOptions(checks, undefined, 'generate')).toEqual({ maxDraft: 64, temperature: 0 });
	});

	test('treats undefined as not given', () => {
		expect(readOptions(checks, { maxDraft: undefined }, 'generate').maxDraft).toBe(64);
	});

	test('suggests the option that a misspelt name is nearest to', () => {
		expect(() => readOptions(checks, { temprature: 1 } as unknown, 'generate')).toThrow(
			expect.objectContaining({
				code: 'OPTION_INVALID',
				message: 'generate has no option "temprature": did you mean temperature?',
			}),
		);
	});

	test('says which calls know an option that this one does not', () => {
		optionsOf('build', { temperatures: integer(0, 1), warmth: integer(0, 1) });
		optionsOf('heat', { warmth: integer(0, 1) });
		const refused = (given: unknown) => expect(() => readOptions(checks, given, 'generate'));
		// Even where a name of its own is near.
		refused({ temperatures: 1 }).toThrow('generate has no option "temperatures": it belongs to build');
		refused({ warmth: 1 }).toThrow('generate has no option "warmth": it belongs to build, heat');
	});

	test('lists the options where no name is near', () => {
		expect(() => readOptions(checks, { verbose: 1 } as unknown, 'generate')).toThrow(
			'generate has no option "verbose": it knows maxDraft, temperature, signal',
		);
	});

	test.each([[null], [[]], ['fast'], [3]])('refuses %j in place of an object', (given) => {
		expect(() => readOptions(checks, given, 'generate')).toThrow(
			'Expected an object for the options of generate',
		);
	});
});

describe('a value of the wrong kind or range is named with its option', () => {
	const cases: Array<[check: Check<unknown>, value: unknown, message: string]> = [
		[integer(1, 256), 0, 'Expected an integer in 1…256 for maxDraft but received 0'],
		[integer(1, 256), 257, 'Expected an integer in 1…256 for maxDraft but received 257'],
		[integer(1, 256), 1.5, 'Expected an integer in 1…256 for maxDraft but received 1.5'],
		[integer(1, 256), '8', 'Expected an integer in 1…256 for maxDraft but received "8"'],
		[integer(1, 256), null, 'Expected an integer in 1…256 for maxDraft but received null'],
		[integer(1, 256), 8n, 'Expected an integer in 1…256 for maxDraft but received 8n'],
		[number(0, 2), Number.NaN, 'Expected a number in 0…2 for maxDraft but received NaN'],
		[number(0, 2), Number.POSITIVE_INFINITY, 'Expected a number in 0…2 for maxDraft but received Infinity'],
		[boolean, 'yes', 'Expected true or false for maxDraft but received "yes"'],
		[text, 7, 'Expected a string for maxDraft but received 7'],
		[filePath, '', 'Expected the path of a file for maxDraft but received ""'],
		[filePath, 'a\0b', 'Expected the path of a file for maxDraft but received "a\\u0000b"'],
		[oneOf('auto', 'off'), 'on', "Expected one of 'auto', 'off' for maxDraft but received \"on\""],
		[callback(), {}, 'Expected a function for maxDraft but received an object (Object)'],
		[abortSignal, () => {}, 'Expected an AbortSignal for maxDraft but received a function'],
	];
	test.each(cases)('%# %o', (check, value, message) => {
		expect(() => check(value, 'maxDraft')).toThrow(
			expect.objectContaining({ code: 'OPTION_INVALID', message }),
		);
	});
});

describe('whatever a value does when it is read', () => {
	const revoked = (target: object) => {
		const { proxy, revoke } = Proxy.revocable(target, {});
		revoke();
		return proxy;
	};
	const throwing = (name: string) =>
		Object.defineProperty({}, name, {
			enumerable: true,
			get() {
				throw Object.create(null);
			},
		});
	// Made in the property alone: fast-check reads what it generates.
	const hostile = fc.oneof(
		fc
			.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withSparseArray: true })
			.map((value) => () => value),
		fc.constantFrom({}, [], () => {}).map((target) => () => revoked(target)),
		fc
			.constantFrom('constructor', 'href', 'aborted', 'length', 'maxDraft')
			.map((name) => () => throwing(name)),
		fc.anything().map((name) => () => ({ constructor: { name } })),
		fc.constant(() => ({ constructor: { name: Symbol('name') } })),
		fc.anything().map((value) => () => ({ constructor: value, maxDraft: value, signal: revoked({}) })),
	);

	test('it is described', () => {
		fc.assert(fc.property(hostile, (make) => typeof describeValue(make()) === 'string'));
	});

	test('options give what they are or OPTION_INVALID', () => {
		const read = (given: unknown) => {
			try {
				readOptions(checks, given, 'generate');
				return true;
			} catch (error) {
				return isRepriseError(error) && error.code === 'OPTION_INVALID';
			}
		};
		fc.assert(
			fc.property(hostile, (make) => read(make()) && read({ maxDraft: make() }) && read({ signal: make() })),
		);
	});
});

test('a long string is cut in the message', () => {
	expect(() => integer(1, 2)('x'.repeat(10_000), 'size')).toThrow(/^.{0,120}$/);
});
