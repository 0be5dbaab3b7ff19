// Real decoding of recorded answers: prompts, drafts, verify passes and the cost model are as ever, and what
// the model chooses is what a larger model once said.
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { RecordedModel, type RecordedSession } from '../lib/bench/recorded-model.js';
import { Progress } from '../lib/cli/progress.js';
import { RepriseError } from '../lib/errors.js';
import type { Metrics } from '../lib/metrics.js';
import { type Conversation, readConversations } from '../lib/replay/conversations.js';
import { renderConversation, type Turn } from '../lib/replay/render.js';
import { concatTokens } from '../lib/tokens.js';
import { type PassSize, passSizes } from './pass-sizes.js';
import { median, printTable } from './summary.js';
import { addModelOption, modelPath, positive, runCommand } from './support.js';

/** Room for the drafted tokens of a pass. */
const spareContext = 256;

interface Flags {
	model?: string;
	conversations: number;
	turn?: number;
	maxTokens?: number;
	threads: number;
	json?: boolean;
}

/** One answer, decoded without and with drafts. */
interface Sample {
	dataset: string;
	model: string;
	/** From 1 on. */
	turn: number;
	off: Metrics;
	auto: Metrics;
}

/** One turn of a data set. */
interface Row {
	dataset: string;
	/** Who said the answers. */
	model: string;
	turn: number;
	conversations: number;
	/** Tokens that verify passes gave: all of the answers but their first, which comes with the prompt. */
	tokens: number;
	tokensPerPass: number;
	/** Medians over the conversations. */
	tokensPerSecondOff: number;
	tokensPerSecondAuto: number;
	ratioOfMedians: number;
	/** Time of all passes without drafts by that with drafts. */
	ratioOfTimes: number;
}

interface Recording {
	conversation: Conversation;
	turns: Turn[];
}

async function readRecordings(
	paths: readonly string[],
	{ conversations }: Flags,
	{ model }: RecordedModel,
): Promise<Recording[]> {
	const recordings: Recording[] = [];
	for (const path of paths) {
		let count = 0;
		for await (const conversation of readConversations(path)) {
			recordings.push({ conversation, turns: renderConversation(conversation, model) });
			if (++count === conversations) break;
		}
	}
	return recordings;
}

const sizeOf = ({ turns }: Recording) =>
	turns.reduce((sum, { prompt, output }) => sum + prompt.length + output.length, 0);

/**
 * Decodes the answers of a conversation in a session without and one with drafts, turn about. Each session keeps
 * its cache from turn to turn; answers of turns that are left out become part of the next prompt. `startsWith`
 * says which session is first: what goes on beside should meet both alike.
 */
async function decode(
	{ conversation: { dataset, model }, turns }: Recording,
	sessions: Record<'off' | 'auto', RecordedSession>,
	{ turn: only, maxTokens }: Flags,
	startsWith: 'off' | 'auto',
): Promise<Sample[]> {
	const samples: Sample[] = [];
	let context: Int32Array = new Int32Array();
	for (const [index, { prompt, output }] of turns.entries()) {
		context = concatTokens(context, prompt);
		const answer = output.subarray(0, maxTokens);
		if (index + 1 === (only ?? index + 1) && answer.length > 1) {
			const say = (draft: 'off' | 'auto') => sessions[draft].say(context, answer, { draft });
			const before = startsWith === 'auto' ? await say('auto') : null;
			const off = await say('off');
			const auto = before ?? (await say('auto'));
			samples.push({ dataset, model, turn: index + 1, off, auto });
		}
		context = concatTokens(context, output);
	}
	return samples;
}

function toRows(samples: readonly Sample[]): Row[] {
	const groups = new Map<string, Sample[]>();
	for (const sample of samples) {
		const key = JSON.stringify([sample.dataset, sample.model, sample.turn]);
		groups.set(key, [...(groups.get(key) ?? []), sample]);
	}
	const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
	return [...groups.values()].map((group) => {
		const { dataset, model, turn } = group[0] as Sample;
		const tokens = sum(group.map(({ auto }) => auto.passTokens));
		const tokensPerSecondOff = median(group.map(({ off }) => off.tokensPerSecond));
		const tokensPerSecondAuto = median(group.map(({ auto }) => auto.tokensPerSecond));
		return {
			dataset,
			model,
			turn,
			conversations: group.length,
			tokens,
			tokensPerPass: tokens / sum(group.map(({ auto }) => auto.passes)),
			tokensPerSecondOff,
			tokensPerSecondAuto,
			ratioOfMedians: tokensPerSecondAuto / tokensPerSecondOff,
			ratioOfTimes: sum(group.map(({ off }) => off.decodeMs)) / sum(group.map(({ auto }) => auto.decodeMs)),
		};
	});
}

const note =
	'The choices are recorded ones, whatever the logits of the model say: all else, from prompt to verify pass, is real. ' +
	'With random weights the model’s own candidates (Token Recycling) never help.';

function print(rows: readonly Row[], sizes: readonly PassSize[]): void {
	console.log(`${note}\n`);
	printTable(
		[
			'',
			'turn',
			'conversations',
			'tokens',
			'tokens/pass',
			'tokens/s off',
			'tokens/s auto',
			'gain (medians)',
			'gain (all time)',
		],
		rows.map((row) => [
			`${row.dataset} · ${row.model}`,
			row.turn,
			row.conversations,
			row.tokens,
			row.tokensPerPass.toFixed(2),
			row.tokensPerSecondOff.toFixed(1),
			row.tokensPerSecondAuto.toFixed(1),
			row.ratioOfMedians.toFixed(2),
			row.ratioOfTimes.toFixed(2),
		]),
	);
	const passes = sizes.reduce((sum, size) => sum + size.passes, 0);
	console.log('\nPasses with drafts on by size, and what the cost table expects of one at the end.');
	printTable(
		['rows', 'expected ms', 'passes', 'share', 'measured ms'],
		sizes.map((size) => [
			size.rows,
			size.expectedMs?.toFixed(1) ?? '',
			size.passes,
			`${((100 * size.passes) / passes).toFixed(1)} %`,
			size.meanMs?.toFixed(1) ?? '',
		]),
	);
}

async function run(paths: string[], flags: Flags): Promise<void> {
	await using recorded = await RecordedModel.load(await modelPath(flags));
	const recordings = await readRecordings(paths, flags, recorded);
	const contextLength = spareContext + Math.max(...recordings.map(sizeOf));
	const samples: Sample[] = [];
	let costTable: Array<{ rows: number; ms: number }> = [];
	const progress = new Progress('decoding', 'conversations');
	try {
		for (const [index, recording] of recordings.entries()) {
			progress.update(index, recordings.length);
			const options = { contextLength, threads: flags.threads };
			await using off = await recorded.createSession(options);
			await using auto = await recorded.createSession(options);
			samples.push(...(await decode(recording, { off, auto }, flags, index % 2 === 0 ? 'off' : 'auto')));
			costTable = await auto.costTable();
		}
	} finally {
		progress.stop();
	}
	if (samples.length === 0)
		throw new RepriseError(
			'OPTION_INVALID',
			'No answer of two tokens or more was decoded; choose another --turn or a greater --max-tokens',
		);
	const rows = toRows(samples);
	const sizes = passSizes(
		samples.map(({ auto }) => auto),
		costTable,
	);
	if (flags.json) console.log(JSON.stringify({ note, rows, passSizes: sizes }, null, 2));
	else print(rows, sizes);
}

await runCommand(
	addModelOption(new Command('recorded'))
		.description('Decodes the answers of recorded conversations, with drafts off and on, turn about.')
		.argument('<file...>', 'JSON Lines: dataset, model, template, system, turns of user and assistant')
		.option('--conversations <n>', 'take the first n of each file', positive, 2)
		.option('--turn <n>', 'decode this turn alone, the first being 1 (default: all)', positive)
		.option('--max-tokens <n>', 'most tokens of an answer to decode (default: all)', positive)
		.option('--threads <n>', 'CPU threads', positive, availableParallelism())
		.option('--json', 'print JSON: the rows of both tables')
		.action(run),
);
