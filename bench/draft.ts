// What drafting itself costs: micro benchmarks of the suffix index and of the drafter, without a model.
import { add, suite } from 'benny';
import { Command } from 'commander';
import { addon } from '../lib/addon.js';
import { Choices } from '../test/support/choices.js';
import { positive, printTable, runCommand } from './support.js';
import { editedCopy, repetitiveTokens } from './token-stream.js';

const vocabularySize = 151_936; // Qwen2's
const appended = 64;
const answerLength = 256;

interface Flags {
	tokens: number;
	seconds: number;
}

/** Lengths of text: 10⁴, 10⁵, … up to `most`. */
function lengths(most: number): number[] {
	const powers = [];
	for (let length = 1e4; length <= most; length *= 10) powers.push(length);
	return powers;
}

/** Seconds of each case on average, and the margin of error in percent, by name. */
async function measure(
	name: string,
	cases: ReadonlyMap<string, () => void>,
	{ seconds }: Flags,
): Promise<Map<string, { mean: number; margin: number }>> {
	const added = [...cases].map(([caseName, test]) =>
		add(caseName, test, { maxTime: seconds, minSamples: 3 }),
	);
	const { results } = await suite(name, ...added);
	return new Map(
		results.map((result) => [result.name, { mean: result.details.mean, margin: result.margin }]),
	);
}

const plusMinus = (value: number, margin: number) => `${value.toFixed(0)} ± ${margin.toFixed(1)} %`;

async function measureSuffixIndex(flags: Flags): Promise<void> {
	const sizes = lengths(flags.tokens);
	const cases = new Map<string, () => void>();
	const bytes = new Map<number, number>();
	for (const length of sizes) {
		const text = repetitiveTokens(length, vocabularySize, 1);
		const index = new addon.SuffixIndex();
		index.append(text);
		bytes.set(length, index.bytes / length);
		const more = editedCopy(text, appended, vocabularySize, new Choices(length, 'more'));
		cases.set(`build ${length}`, () => new addon.SuffixIndex().append(text));
		cases.set(`append ${length}`, () => {
			index.append(more);
			index.truncate(length);
		});
	}
	const results = await measure('SuffixIndex', cases, flags);
	const nanoseconds = (name: string, tokens: number) => {
		const result = results.get(name);
		return result ? plusMinus((1e9 * result.mean) / tokens, result.margin) : '';
	};
	printTable(
		[
			'tokens',
			'append from empty, ns a token',
			`append ${appended} and truncate, ns a token`,
			'bytes a token',
		],
		sizes.map((length) => [
			length,
			nanoseconds(`build ${length}`, length),
			nanoseconds(`append ${length}`, appended),
			(bytes.get(length) ?? Number.NaN).toFixed(1),
		]),
	);
}

async function measureDrafter(flags: Flags): Promise<void> {
	const sizes = lengths(flags.tokens);
	const passCosts = [0.02, 0.3];
	const cases = new Map<string, () => void>();
	const tallies = new Map<string, { steps: number; tokens: number; drafted: number; micros: number }>();
	for (const length of sizes) {
		const text = repetitiveTokens(length, vocabularySize, 2);
		for (const passCost of passCosts) {
			const name = `${length} at ${passCost}`;
			const drafter = new addon.Drafter();
			drafter.append(text, 'prompt');
			const choices = new Choices(length, 'answers');
			const answers = Array.from({ length: 16 }, () =>
				editedCopy(text, answerLength, vocabularySize, choices),
			);
			const tally = { steps: 0, tokens: 0, drafted: 0, micros: 0 };
			tallies.set(name, tally);
			let next = 0;
			cases.set(name, () => {
				const answer = answers[next++ % answers.length] as Int32Array;
				for (let offset = 0; offset < answer.length; ) {
					const { drafted, accepted, micros } = drafter.step(answer, offset, passCost);
					offset += accepted + 1;
					tally.steps++;
					tally.drafted += drafted;
					tally.micros += micros;
				}
				tally.tokens += answer.length;
				drafter.truncate(length);
			});
		}
	}
	const results = await measure('Drafter.step', cases, flags);
	printTable(
		['tokens', 'pass cost', 'tokens/pass', 'drafted/pass', 'drafting, µs a pass', 'step in all, ns a token'],
		sizes.flatMap((length) =>
			passCosts.map((passCost) => {
				const name = `${length} at ${passCost}`;
				const { steps, tokens, drafted, micros } = tallies.get(name) ?? {
					steps: 0,
					tokens: 0,
					drafted: 0,
					micros: 0,
				};
				const { mean, margin } = results.get(name) ?? { mean: Number.NaN, margin: Number.NaN };
				return [
					length,
					passCost,
					(tokens / steps).toFixed(2),
					(drafted / steps).toFixed(1),
					(micros / steps).toFixed(1),
					plusMinus((1e9 * mean) / answerLength, margin),
				];
			}),
		),
	);
}

await runCommand(
	new Command('draft')
		.description('Micro benchmarks of the suffix index and the drafter on text that repeats itself.')
		.option('--tokens <n>', 'the longest text, from 10,000 on in steps of ten times', positive, 1_000_000)
		.option('--seconds <n>', 'seconds of a case', positive, 2)
		.action(async (flags: Flags) => {
			if (flags.tokens < 1e4) throw new Error('Expected at least 10,000 for --tokens');
			await measureSuffixIndex(flags);
			await measureDrafter(flags);
		}),
);
