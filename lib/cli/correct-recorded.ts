import { type RecordedRow, recordedRounds } from '../correct/evaluation/recorded-rounds.js';
import { loadModel } from '../model.js';
import { type Conversation, readConversations } from '../replay/conversations.js';
import { makeTable, percent, quality, qualityHead } from './correct-table.js';
import { onInterrupt } from './interrupt.js';
import { modelPath } from './model-path.js';

export interface RecordedFlags {
	recorded: string;
	passCost?: number;
	json?: boolean;
}

/** The rounds of recorded corrections; of the model the vocabulary is enough. */
export async function runRecorded(
	vocab: string,
	{ recorded, passCost = 0.1, json }: RecordedFlags,
): Promise<void> {
	const interrupt = onInterrupt();
	const { signal } = interrupt;
	try {
		await using vocabulary = await loadModel(await modelPath(vocab, signal), { vocabOnly: true, signal });
		const conversations: Conversation[] = [];
		for await (const conversation of readConversations(recorded)) conversations.push(conversation);
		const rows = await recordedRounds(conversations, vocabulary, { passCost, signal });
		process.stdout.write(`${json ? JSON.stringify(rows, null, 2) : toTable(rows)}\n`);
	} finally {
		interrupt.release();
	}
}

function toTable(rows: readonly RecordedRow[]): string {
	const speed = ['tokens', 'passes', 'tokens/pass', 'accepted'];
	const head = ['round', ...qualityHead, ...speed, 'prompt tokens', 'read anew'];
	const table = makeTable(head);
	let heading = '';
	for (const row of rows) {
		const of = `${row.dataset} · ${row.model}`;
		if (of !== heading) table.push([{ content: of, colSpan: head.length, hAlign: 'left' }]);
		heading = of;
		table.push([
			String(row.round),
			...quality(row.measures, row.round === 1),
			String(row.tokens),
			String(row.passes),
			row.tokensPerPass.toFixed(2),
			percent(row.acceptedShare),
			String(row.promptTokens),
			String(row.rereadTokens),
		]);
	}
	return table.toString();
}
