// Lets a model edit a file by tools: node edit-agent.mjs model.gguf FILE "Rename total to sum."
// What the model reads by a tool it can quote for next to nothing: watch the tokens per pass.
import { readFile, writeFile } from 'node:fs/promises';
import { loadModel } from 'reprise';
import { z } from 'zod';

const [path = 'model.gguf', file = 'notes.txt', task = 'Mend the spelling.'] = process.argv.slice(2);

/** The tools, for one file alone: what the model asks for is not to be trusted. */
const tools = {
	read_file: {
		description: 'The text of the file.',
		handler: () => readFile(file, 'utf8'),
	},
	replace_text: {
		description: 'Replaces a text that stands once in the file by another.',
		parameters: z.object({ old: z.string().min(1), new: z.string() }),
		handler: async ({ old, new: text }) => {
			const before = await readFile(file, 'utf8');
			if (before.split(old).length !== 2)
				throw new Error('That text does not stand once in the file; read it again');
			await writeFile(
				file,
				before.replace(old, () => text),
			);
			return 'done';
		},
	},
};

const model = await loadModel(path);
const session = await model.createSession({ contextLength: 8192 });
const chat = session.chat({
	system: 'You edit files by your tools. Say what you have done when you are through.',
});
const reply = chat.send(task, {
	tools,
	temperature: 0,
	maxTokens: 1000,
	signal: AbortSignal.timeout(600_000),
});

const turns = [];
try {
	for await (const { round, metrics, delta } of reply) {
		turns[round] = metrics;
		process.stdout.write(delta.content ?? '');
	}
} catch (error) {
	// Of a model that was not made for tools this says so.
	console.error(error.message);
	process.exitCode = 1;
}
for (const [turn, { outputTokens, tokensPerPass }] of turns.entries())
	console.log(`\nturn ${turn + 1}: ${outputTokens} tokens, ${tokensPerPass.toFixed(2)} per pass`);

await session.dispose();
await model.dispose();
