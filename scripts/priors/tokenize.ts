// Writes recorded conversations as tokens, for fit.cc: tokenize.ts VOCABULARY.gguf OUT FILE.jsonl…
import { writeFile } from 'node:fs/promises';
import { loadModel } from '../../lib/index.js';
import { readConversations } from '../../lib/replay/conversations.js';
import { renderConversation } from '../../lib/replay/render.js';

const [vocabulary, out, ...files] = process.argv.slice(2);
if (vocabulary === undefined || out === undefined || files.length === 0)
	throw new Error('Expected VOCABULARY.gguf OUT FILE.jsonl…');

await using model = await loadModel(vocabulary, { vocabOnly: true });
const parts: Int32Array[] = [];
for (const [dataset, file] of files.entries()) {
	let question = 0;
	for await (const conversation of readConversations(file)) {
		const turns = renderConversation(conversation, model);
		parts.push(Int32Array.of(dataset, question++, turns.length));
		for (const { prompt, output } of turns)
			parts.push(Int32Array.of(prompt.length), prompt, Int32Array.of(output.length), output);
	}
}
await writeFile(
	out,
	Buffer.concat(
		parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
	),
);
