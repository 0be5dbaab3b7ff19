// What drafting itself costs: micro benchmarks of the suffix index and of the drafter, without a model.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { addon } from '../lib/addon.js';
import { Choices } from '../test/support/choices.js';
import { type Case, measureCases } from './cases.js';
import { positive, runCommand } from './support.js';
import { editedCopy, repetitiveTokens } from './token-stream.js';

const vocabularySize = 151_936; // Qwen2's
const passageLength = 128;
/** What a draft token adds to a pass, in passes without a draft: a data-centre GPU, two CPU cores. */
const passCosts = [0.02, 0.3];

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

/** A text of `length` tokens, and passages that go on after it in turn. */
class Sample {
	readonly text: Int32Array;
	readonly #passages: Int32Array[];
	#next = 0;

	constructor(length: number, passageLength: number) {
		this.text = repetitiveTokens(length, vocabularySize, 1);
		const choices = new Choices(length, 'passages');
		this.#passages = Array.from({ length: 64 }, () =>
			editedCopy(this.text, passageLength, vocabularySize, choices),
		);
	}

	passage(): Int32Array {
		return this.#passages[this.#next++ % this.#passages.length] as Int32Array;
	}
}

const nanoseconds = (seconds: number, margin: number) =>
	`${(1e9 * seconds).toFixed(0)} ± ${margin.toFixed(1)} %`;

function suffixIndexCases(length: number): Case[] {
	const sample = new Sample(length, passageLength);
	const index = new addon.SuffixIndex();
	index.append(sample.text);
	const bytes = index.bytes / length;
	const window = new addon.SuffixIndex();
	window.append(sample.text);
	let appended = 0;
	let runs = 0;
	let slid = 0;
	let slides = 0;
	return [
		{
			name: `append all ${length}`,
			run: () => new addon.SuffixIndex().append(sample.text),
			row: (seconds, margin) => ['all', length, nanoseconds(seconds / length, margin), bytes.toFixed(1)],
		},
		{
			name: `append a passage to ${length}`,
			run: () => {
				const passage = sample.passage();
				index.append(passage);
				index.truncate(length);
				appended += passage.length;
				runs++;
			},
			row: (seconds, margin) => [
				'a passage, and take it back',
				length,
				nanoseconds((seconds * runs) / appended, margin),
				'',
			],
		},
		{
			name: `append a passage to the last ${length}`,
			run: () => {
				const passage = sample.passage();
				window.append(passage);
				window.evict(window.length - length);
				slid += passage.length;
				slides++;
			},
			row: (seconds, margin) => [
				'a passage, and forget as many',
				length,
				nanoseconds((seconds * slides) / slid, margin),
				(window.bytes / length).toFixed(1),
			],
		},
	];
}

/** Opening a saved index and asking it for its longest match. */
function openingCase(length: number, folder: string): Case {
	const path = join(folder, `${length}`);
	const index = new addon.SuffixIndex();
	index.append(new Sample(length, passageLength).text);
	index.save(path);
	return {
		name: `open ${length}`,
		run: () => {
			const opened = new addon.SuffixIndex();
			opened.open(path);
			opened.longestMatch();
		},
		row: (seconds, margin) => [length, `${(1e3 * seconds).toFixed(1)} ± ${margin.toFixed(1)} %`],
	};
}

function drafterCase(length: number, passCost: number): Case {
	const sample = new Sample(length, passageLength);
	const drafter = new addon.Drafter();
	drafter.append(sample.text, 'prompt');
	const sum = { runs: 0, steps: 0, tokens: 0, drafted: 0, micros: 0 };
	return {
		name: `${length} at ${passCost}`,
		run: () => {
			const answer = sample.passage();
			for (let offset = 0; offset < answer.length; ) {
				const { drafted, accepted, micros } = drafter.step(answer, offset, passCost);
				offset += accepted + 1;
				sum.steps++;
				sum.drafted += drafted;
				sum.micros += micros;
			}
			drafter.truncate(length);
			sum.tokens += answer.length;
			sum.runs++;
		},
		row: (seconds, margin) => [
			length,
			passCost,
			(sum.tokens / sum.steps).toFixed(2),
			(sum.drafted / sum.steps).toFixed(1),
			(sum.micros / sum.steps).toFixed(1),
			nanoseconds((seconds * sum.runs) / sum.tokens, margin),
		],
	};
}

/** Microseconds that a wait of `micros` takes: more where the machine did something else meanwhile. */
function wait(micros: number): number {
	const start = performance.now();
	let passed = 0;
	while (passed < micros) passed = 1000 * (performance.now() - start);
	return passed;
}

/**
 * Drafts of a size that was asked for, wherever in a text that goes on: what one takes, most and at worst. Beside it
 * the least of three more drafts at the same place, and a wait of 15 µs, which shows what of the worst is the machine's.
 */
function sizeCase(length: number, nodes: number): Case {
	const sample = new Sample(length, passageLength);
	const drafter = new addon.Drafter();
	drafter.append(sample.text, 'prompt');
	const micros: number[] = [];
	const again: number[] = [];
	const waits: number[] = [];
	return {
		name: `${nodes} nodes at ${length}`,
		run: () => {
			const answer = sample.passage();
			for (let offset = 0; offset < answer.length; offset += 8) {
				const draft = drafter.draft(nodes);
				if (draft.drafted === nodes) {
					micros.push(draft.micros);
					again.push(Math.min(...[1, 2, 3].map(() => drafter.draft(nodes).micros)));
					waits.push(wait(15));
				}
				drafter.append(answer.subarray(offset, offset + 8), 'output');
			}
			drafter.truncate(length);
		},
		row: () => {
			const at = (times: readonly number[], share: number) =>
				times.toSorted((a, b) => a - b)[Math.floor(share * times.length)]?.toFixed(1) ?? '-';
			const own = [0.5, 0.9, 0.99].map((share) => at(micros, share));
			return [length, nodes, micros.length, ...own, at(again, 0.99), at(waits, 0.99)];
		},
	};
}

await runCommand(
	new Command('draft')
		.description('Micro benchmarks of the suffix index and the drafter on text that repeats itself.')
		.option('--tokens <n>', 'the longest text, from 10,000 on in steps of ten times', positive, 1_000_000)
		.option('--seconds <n>', 'seconds of a case', positive, 2)
		.action(async (flags: Flags) => {
			if (flags.tokens < 1e4) throw new Error('Expected at least 10,000 for --tokens');
			const sizes = lengths(flags.tokens);
			await measureCases(
				'SuffixIndex.append',
				['appended', 'tokens of text', 'ns a token', 'bytes a token'],
				sizes.flatMap(suffixIndexCases),
				flags,
			);
			const folder = await mkdtemp(join(tmpdir(), 'reprise-'));
			try {
				const cases = sizes.map((length) => openingCase(length, folder));
				await measureCases('SuffixIndex.open', ['tokens of text', 'ms'], cases, flags);
			} finally {
				await rm(folder, { recursive: true });
			}
			await measureCases(
				'Drafter.step',
				[
					'tokens of text',
					'pass cost',
					'tokens/pass',
					'drafted/pass',
					'drafting, µs/pass',
					'step in all, ns a token',
				],
				sizes.flatMap((length) => passCosts.map((passCost) => drafterCase(length, passCost))),
				flags,
			);
			await measureCases(
				'Drafter.draft',
				[
					'tokens of text',
					'nodes',
					'drafts',
					'median, µs',
					'90 %',
					'99 %',
					'again, 99 %',
					'a wait of 15 µs, 99 %',
				],
				sizes.map((length) => sizeCase(length, 32)),
				flags,
			);
		}),
);
