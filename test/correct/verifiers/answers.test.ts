import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exact, numeric } from '../../../lib/correct/verifiers/answers.js';
import { lastNumber } from '../../../lib/correct/verifiers/support/comparison.js';
import { verify } from '../../support/verify.js';

describe('exact', () => {
	test.each([
		['the same text', {}, 'Paris', 'pass'],
		['other white space', {}, '  New\n York ', 'pass'],
		['other case', {}, 'paris', 'fail'],
		['other case, ignored', { ignoreCase: true }, 'PARIS', 'pass'],
		['white space that is kept', { whitespace: 'keep' }, 'Paris ', 'fail'],
		['more than the answer', {}, 'It is Paris.', 'fail'],
		['another way to write the same letters', {}, 'Zu\u0308rich', 'pass'],
	] as const)('judges %s', async (_, options, answer, outcome) => {
		const right = {
			Paris: 'Paris',
			paris: 'Paris',
			'Zu\u0308rich': 'Z\u00fcrich',
			'  New\n York ': 'New York',
		};
		const task = { answer: right[answer as keyof typeof right] ?? 'Paris' };
		expect(await verify(exact(options), answer, task)).toMatchObject({ outcome });
	});

	test('tells the answer only where that is asked for', async () => {
		expect(await verify(exact(), 'Rome', { answer: 'Paris' })).toEqual({
			outcome: 'fail',
			message: 'That is not the answer.',
		});
		expect(await verify(exact({ tellAnswer: true }), 'Rome', { answer: 'Paris' })).toEqual({
			outcome: 'fail',
			message: 'That is not the answer. The answer is Paris.',
		});
	});

	test('compares with another field of the task where that is asked for', async () => {
		const capital = exact({ expected: ({ capital }) => capital as string });
		expect(await verify(capital, 'Paris', { capital: 'Paris', answer: 'Rome' })).toEqual({ outcome: 'pass' });
		await expect(verify(capital, 'Paris')).rejects.toMatchObject({ code: 'OPTION_INVALID' });
		await expect(verify(capital, 'Paris', { capital: 3 })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
	});
});

describe('numeric', () => {
	test.each([
		['The total is 1,234.5 dollars.', '1234.5', 'pass'],
		['First 12, then 7.', '7', 'pass'],
		['7, because 12 - 5 = 7 and not 12', '7', 'fail'],
		['-3', '-3', 'pass'],
		['10-3', '3', 'pass'],
		['\u22123', '-3', 'pass'],
		['about 6.02e23', '6.02e23', 'pass'],
		['50%', '50', 'pass'],
		['x2', '2', 'fail'],
		['1000000.5', '1000000', 'pass'],
		['10.1', '10', 'fail'],
	])('finds in %j the number %s: %s', async (answer, right, outcome) => {
		expect(await verify(numeric(), answer, { answer: right })).toMatchObject({ outcome });
	});

	test.each([
		['The total is USD25.', '25'],
		['EUR1,234.50', '1234.5'],
		['usd25', '25'],
		['Rs25', '25'],
		['Rs.500', '500'],
		['kr.500', '500'],
		['руб.500', '500'],
		['No.5', '5'],
		['approx.3.5', '3.5'],
		['US$25', '25'],
		['£1,000,000.99', '1000000.99'],
		['-$25', '-25'],
		['-USD 25', '-25'],
		['$-25', '-25'],
		['25USD', '25'],
		['x=25', '25'],
		['#25', '25'],
		['答案25元', '25'],
		['so _25_', '25'],
		['so **25**', '25'],
		['\u201325', '-25'],
		['10\u201325', '25'],
		['1_000', '1000'],
		['10^6', '1000000'],
		['10\u2076', '1000000'],
		['10**6', '1000000'],
		['6.02 \\times 10^{23}', '6.02e23'],
		['5\u00d710\u207b\u00b3', '0.005'],
		['12.5%', '12.5'],
		['3/4', '4'],
	])('reads %j as %s', async (answer, right) => {
		expect(await verify(numeric({ tolerance: 0 }), answer, { answer: right })).toEqual({ outcome: 'pass' });
	});

	test.each(['x2', 'A4', 'H2O', 'GPT4', 'step3', 'v2.0', 'x_25', 'all5'])(
		'takes the digits of the name %s for none',
		async (name) => {
			expect(await verify(numeric(), `It is 7, see ${name}`, { answer: '7' })).toEqual({ outcome: 'pass' });
		},
	);

	test.each([
		['groups of thousands', `1,${'111,'.repeat(1e5)}1111`],
		['digits', `x${'1'.repeat(1e6)}`],
		['spaces', `1${' '.repeat(1e6)}`],
		['numbers', '5 '.repeat(5e5)],
	])('reads a long run of %s in time that grows with its length', async (_, text) => {
		expect(await verify(numeric(), `${text} 7`, { answer: '7' })).toEqual({ outcome: 'pass' });
	});

	test('has a tolerance, relative to numbers above 1', async () => {
		const rough = numeric({ tolerance: 0.01 });
		expect(await verify(rough, '101', { answer: '100' })).toEqual({ outcome: 'pass' });
		expect(await verify(rough, '0.005', { answer: '0' })).toEqual({ outcome: 'pass' });
		expect(await verify(rough, '102', { answer: '100' })).toMatchObject({ outcome: 'fail' });
	});

	test('says what is wrong', async () => {
		expect(await verify(numeric(), 'none', { answer: '3' })).toMatchObject({
			message: 'There is no number in the answer.',
		});
		expect(await verify(numeric({ tellAnswer: true }), 'It is 4', { answer: '3' })).toMatchObject({
			message: '4 is not the answer. The answer is 3.',
		});
	});

	test('needs a number to compare with', async () => {
		await expect(verify(numeric(), '3', { answer: 'three' })).rejects.toMatchObject({
			code: 'OPTION_INVALID',
		});
		await expect(verify(numeric(), '3')).rejects.toMatchObject({ code: 'OPTION_INVALID' });
	});
});

test('the last number is read as JavaScript and people write it', () => {
	fc.assert(
		fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(99), (value, before) => {
			expect(lastNumber(`${before} and ${value}.`)).toBe(value === 0 ? 0 : value);
			expect(lastNumber(`${before}, ${Math.trunc(value % 1e15).toLocaleString('en')} pears`)).toBe(
				Math.trunc(value % 1e15),
			);
		}),
	);
});
