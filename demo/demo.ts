import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { createColors } from 'picocolors';
import { draftMarking, hasColors } from '../lib/cli/drafts.js';
import { javascript, loadModel, type Session, type Verifier } from '../lib/index.js';
import { compare, type Measured } from './measure.js';
import { type Scene, scenes } from './scenes.js';

const runs = 15;
const colored = hasColors(process.stdout);
const { bold, dim } = createColors(colored);
const { mark, legend } = draftMarking(colored);
const print = (line = '') => process.stdout.write(`${line}\n`);
const indent = (text: string) => text.replace(/^/gm, '  ');

async function show(
	session: Session,
	verify: Verifier,
	{ title, start, turns, answer }: Scene,
): Promise<void> {
	print(`\n${bold(title)}`);
	const chat = session.chat({ messages: start });
	for (const { content } of start) print(dim(indent(content)));
	for (const turn of turns) {
		print(`\n${dim(indent(`> ${turn}`))}`);
		const generation = chat.send(turn, { maxTokens: 400 });
		let marked = '';
		for await (const { segments } of generation) marked += mark(segments);
		print(indent(marked));
	}
	if (answer === undefined) return;
	const task = { id: title, prompt: turns.join('\n'), answer: `${answer}` };
	const { signal } = new AbortController();
	const { outcome, message } = await verify(chat.messages.at(-1)?.content ?? '', { task, signal });
	print(`\n  ${outcome}: ${message}`);
}

function row(title: string, { off, auto }: Record<'off' | 'auto', Measured>): string[] {
	return [
		title,
		auto.tokensPerPass.toFixed(2),
		auto.tokensPerSecond.toFixed(0),
		off.tokensPerSecond.toFixed(0),
		`${(auto.tokensPerSecond / off.tokensPerSecond).toFixed(2)}×`,
		off.texts.join() === auto.texts.join() ? 'yes' : 'no',
	];
}

const path = fileURLToPath(new URL('../models/tiny-edit-1m.gguf', import.meta.url));
await using model = await loadModel(path);
// A model this small has too little work in a pass to share it between threads.
await using session = await model.createSession({ contextLength: 2048, threads: 1 });
print(
	`${model.info.metadata['general.name']}, ${(model.info.parameters / 1e6).toFixed(1)} million parameters`,
);
print(legend);
await using verify = javascript();
for (const scene of scenes) await show(session, verify, scene);

const table = new Table({
	head: ['', 'tokens per pass', 'tokens/s', 'without drafts', 'speed', 'same text'],
	style: colored ? {} : { head: [], border: [] },
	colAligns: ['left', 'right', 'right', 'right', 'right', 'left'],
});
for (const scene of scenes) table.push(row(scene.title, await compare(session, scene, runs)));
print(`\n${table}`);
print(`Medians of ${runs} runs each way, taken in turns. Without drafts a pass gives one token.`);
